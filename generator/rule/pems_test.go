package rule_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// now is the clock of the tests.
var now = time.Date(2030, time.June, 15, 12, 0, 0, 0, time.UTC)

// pems are fresh PEM texts: an authority, a certificate of a client with its key in
// three forms, and others that do not go with them.
var pems = makePEMs()

type pemTexts struct {
	ca, certificate, key      string
	pkcs1, pkcs1Key           string
	sec1Key                   string
	expired, soon, later      string
	selfSigned, selfSignedKey string
	foreign, otherKey         string
	encrypted                 string
}

type signer struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func makePEMs() pemTexts {
	day := 24 * time.Hour
	ca := sign("ca", now.Add(-day), now.Add(900*day), nil, newEC())
	other := sign("other", now.Add(-day), now.Add(900*day), nil, newEC())
	client := func(by *signer, from, to time.Duration, key crypto.Signer) string {
		return certificatePEM(sign("client", now.Add(from), now.Add(to), by, key))
	}
	key, rsaKey, self := newEC(), newRSA(), sign("self", now.Add(-day), now.Add(900*day), nil, newEC())
	return pemTexts{
		ca: certificatePEM(ca), certificate: client(ca, -day, 90*day, key), key: pkcs8(key),
		pkcs1: client(ca, -day, 90*day, rsaKey), pkcs1Key: block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)),
		sec1Key: block("EC PARAMETERS", []byte{6, 0}) + block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(key))),
		expired: client(ca, -9*day, -day, key), soon: client(ca, -day, 29*day, key), later: client(ca, day, 90*day, key),
		selfSigned: certificatePEM(self), selfSignedKey: pkcs8(self.key),
		foreign: client(other, -day, 90*day, key), otherKey: pkcs8(newEC()),
		encrypted: block("ENCRYPTED PRIVATE KEY", []byte{1}),
	}
}

func sign(name string, from, to time.Time, by *signer, key crypto.Signer) *signer {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: by == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if by == nil {
		by = &signer{template, key}
	}
	der := must(x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key))
	return &signer{must(x509.ParseCertificate(der)), key}
}

func newEC() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func newRSA() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) }

func certificatePEM(s *signer) string { return block("CERTIFICATE", s.certificate.Raw) }

func pkcs8(key crypto.Signer) string {
	return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
