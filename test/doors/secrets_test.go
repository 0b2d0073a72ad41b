package doors

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"time"
)

// secretFor is the secret behind a name in a spec: a PEM text where the name says
// so, else a password.
func secretFor(name string) string {
	switch base := strings.ToLower(name); {
	case strings.Contains(base, "key"):
		return pems().key
	case strings.Contains(base, "cert"), strings.HasSuffix(base, ".crt") && !strings.Contains(base, "ca"):
		return pems().certificate
	case strings.HasSuffix(base, "ca"), strings.HasSuffix(base, "ca.crt"):
		return pems().ca
	default:
		return "p-" + strings.NewReplacer("/", "-", ".", "-").Replace(name) + "-of-16-letters"
	}
}

// texts are PEM texts: an authority, and a certificate of it with its key.
type texts struct{ ca, certificate, key string }

var pems = sync.OnceValue(func() texts {
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	client := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "client"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	caKey, clientKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	block := func(kind string, data []byte) string {
		return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})))
	}
	return texts{
		ca:          block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, authority, authority, caKey.Public(), caKey))),
		certificate: block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, client, authority, clientKey.Public(), caKey))),
		key:         block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(clientKey))),
	}
})

func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}
