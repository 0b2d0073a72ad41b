package rule

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// material is what the PEM texts of a connection hold.
type material struct {
	ca, certificate chain
	key             privateKey
}

// chain are certificates; that of a client begins with its own.
type chain struct {
	at           spec.Place
	certificates []*x509.Certificate
	err          error
}

// privateKey is the public half of a private key.
type privateKey struct {
	at     spec.Place
	public interface{ Equal(crypto.PublicKey) bool }
	err    error
}

// materialOf reads the PEM texts of a connection. What is not known, and a token of a
// golden file, holds nothing.
func materialOf(d resolve.Database) material {
	tls := d.TLS.Value
	m := material{ca: chain{at: tls.CA.Place}, certificate: chain{at: tls.Certificate.Place}, key: privateKey{at: tls.Key.Place}}
	if text := readable(tls.CA); text != "" {
		m.ca.certificates, m.ca.err = parseCertificates(text)
	}
	if text := readable(tls.Certificate); text != "" {
		m.certificate.certificates, m.certificate.err = parseCertificates(text)
	}
	if text := readable(tls.Key); text != "" {
		m.key.public, m.key.err = parseKey(text)
	}
	return m
}

func readable(f spec.Field[secret.Value]) string {
	if !f.Value.Final() || GoldenToken.MatchString(f.Value.Reveal()) {
		return ""
	}
	return f.Value.Reveal()
}

// The parse errors quote nothing of the text.
var (
	errNoCertificate   = errors.New("must be PEM certificates")
	errNotACertificate = errors.New("must hold certificates only: another kind of PEM block stands there")
	errNoKey           = errors.New("must be a PEM private key")
	errPassphrase      = errors.New("must be a private key without a passphrase: 3scale has none for it")
)

func parseCertificates(text string) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, errNotACertificate
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errNoCertificate
		}
		found = append(found, c)
	}
	if len(found) == 0 {
		return nil, errNoCertificate
	}
	return found, nil
}

// parseKey reads a private key in the forms that OpenSSL and Go know: PKCS #1, PKCS #8
// and SEC 1.
func parseKey(text string) (interface{ Equal(crypto.PublicKey) bool }, error) {
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case !strings.HasSuffix(block.Type, "PRIVATE KEY"):
			continue // as EC PARAMETERS
		case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return nil, errPassphrase
		}
		for _, parse := range []func([]byte) (any, error){
			x509.ParsePKCS8PrivateKey,
			func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
			func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
		} {
			if key, err := parse(block.Bytes); err == nil {
				if signer, ok := key.(crypto.Signer); ok {
					public, _ := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
					return public, nil
				}
			}
		}
	}
	return nil, errNoKey
}

// lasting is the certificate that is valid longest, of authorities any of which will do.
func (c chain) lasting() *x509.Certificate {
	return slices.MaxFunc(c.certificates, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
}

// leadsTo reports whether the chain of a client's certificate ends at one of the
// authorities. A self-signed one is not meant to.
func (c chain) leadsTo(authorities chain) bool {
	leaf := c.certificates[0]
	if bytes.Equal(leaf.RawIssuer, leaf.RawSubject) && leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) == nil {
		return true
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(),
		CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	for _, a := range authorities.certificates {
		options.Roots.AddCert(a)
	}
	for _, i := range c.certificates[1:] {
		options.Intermediates.AddCert(i)
	}
	_, err := leaf.Verify(options)
	var unknown x509.UnknownAuthorityError
	return !errors.As(err, &unknown)
}
