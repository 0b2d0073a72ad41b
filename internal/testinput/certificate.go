package testinput

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

// PEM are the PEM texts of a connection with TLS.
type PEM struct{ CA, Certificate, Key string }

// NewPEM returns PEM texts that fit each other and are valid for a year.
func NewPEM(t testing.TB) PEM {
	t.Helper()
	now := time.Now() //nolint:forbidigo // only tests import this package
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
	caKey := newKey(t)
	client := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "client"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	clientKey := newKey(t)
	der, err := x509.MarshalPKCS8PrivateKey(clientKey)
	if err != nil {
		t.Fatal(err)
	}
	return PEM{
		CA: signed(t, ca, ca, caKey, caKey), Certificate: signed(t, client, ca, clientKey, caKey),
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signed(t testing.TB, c, by *x509.Certificate, key, with *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, with)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// In puts the texts in the place of those of an export, which are no real ones.
func (p PEM) In(export string) string {
	encoded := base64.StdEncoding.EncodeToString
	for key, text := range map[string]string{"CA": p.CA, "CERT": p.Certificate, "KEY": p.Key} {
		var lines []string
		for line := range strings.Lines(export) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
			if name == "REDIS_SSL_"+key || name == "REDIS_SSL_QUEUES_"+key {
				line = indent + name + ": " + encoded([]byte(text)) + "\n"
			}
			lines = append(lines, line)
		}
		export = strings.Join(lines, "")
	}
	return export
}
