package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// pemFiles writes a fresh authority, and a certificate by it that is valid for some days,
// with its key: pem DAYS ca.pem client.pem client-key.pem.
func pemFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: pem DAYS CA CERTIFICATE KEY")
	}
	valid, err := time.ParseDuration(args[0] + "h")
	ts.Check(err)
	valid *= 24
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().AddDate(9, 0, 0), IsCA: true, BasicConstraintsValid: true}
	client := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "client"}, NotAfter: time.Now().Add(valid)}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	write := func(name, kind string, der []byte, err error) {
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	write(args[1], "CERTIFICATE", der, err)
	der, err = x509.CreateCertificate(rand.Reader, client, ca, key.Public(), caKey)
	write(args[2], "CERTIFICATE", der, err)
	der, err = x509.MarshalPKCS8PrivateKey(key)
	write(args[3], "PRIVATE KEY", der, err)
}
