package connect

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// What TLS cannot begin with, and what OpenSSL does not accept.
var (
	ErrCA   = errors.New("the CA holds no certificate in PEM")
	ErrPair = errors.New("certificate and key do not belong together, or are not PEM")
	ErrRoot = errors.New("the CA holds no root of the certificate")
)

// tlsConfig returns what a TLS handshake needs, nil without TLS. Without a CA the
// system's are trusted, as in the pods.
func tlsConfig(t redis.TLS, host string) (*tls.Config, error) {
	if !t.On {
		return nil, nil
	}
	config := &tls.Config{ServerName: host}
	if t.CA.IsSet() {
		ca := []byte(t.CA.Reveal())
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(ca) {
			return nil, ErrCA
		}
		config.VerifyConnection = endsInRoot(ca)
	}
	if t.Certificate.IsSet() {
		pair, err := tls.X509KeyPair([]byte(t.Certificate.Reveal()), []byte(t.Key.Reveal()))
		if err != nil {
			return nil, ErrPair
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// endsInRoot returns a check that the chain of a server ends in a root. For Go each
// certificate of the CA ends a chain; for OpenSSL, and so for apisonator and porta, one
// that is signed by itself does.
func endsInRoot(ca []byte) func(tls.ConnectionState) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for block, rest := pem.Decode(ca); block != nil; block, rest = pem.Decode(rest) {
		switch c, err := x509.ParseCertificate(block.Bytes); {
		case err != nil: // AppendCertsFromPEM leaves it out too
		case isRoot(c):
			roots.AddCert(c)
		default:
			between.AddCert(c)
		}
	}
	return func(state tls.ConnectionState) error {
		all := between.Clone()
		for _, c := range state.PeerCertificates[1:] {
			all.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: all})
		if errors.As(err, new(x509.UnknownAuthorityError)) {
			return ErrRoot
		}
		return err
	}
}

// isRoot reports whether a certificate is signed by itself.
func isRoot(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}
