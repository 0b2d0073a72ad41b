package probe_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// pair is a certificate and its key.
type pair struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// newPair returns a certificate that a parent signs, or that signs itself.
func newPair(t *testing.T, parent *pair, c x509.Certificate) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber, c.BasicConstraintsValid = big.NewInt(time.Now().UnixNano()), true
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(1000 * time.Hour)
	}
	c.NotBefore = c.NotAfter.Add(-2000 * time.Hour)
	if parent == nil {
		parent = &pair{&c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &c, parent.Certificate, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{made, key}
}

// joined are certificates as PEM.
func joined(pairs ...*pair) string {
	var b strings.Builder
	for _, p := range pairs {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Raw}))
	}
	return b.String()
}

func (p *pair) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

// openssl reports whether OpenSSL accepts a server with a CA file.
func openssl(t *testing.T, port int, ca string) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca")
	if err := os.WriteFile(file, []byte(ca), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("openssl", "s_client", "-connect", fmt.Sprint(realredis.Host, ":", port), "-CAfile", file, "-verify_return_error", "-brief").CombinedOutput()
	if !strings.Contains(string(out), "erif") {
		t.Fatalf("openssl did not verify: %v\n%s", err, out)
	}
	return err == nil
}

// TestRun_openssl: a CA is good where it is for OpenSSL, which apisonator and porta use.
func TestRun_openssl(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("skipped: openssl is not on the PATH")
	}
	authority := func(name string) x509.Certificate {
		return x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	}
	leaf := func(name string) x509.Certificate {
		return x509.Certificate{
			Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.ParseIP(realredis.Host)},
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
	}
	root, other := newPair(t, nil, authority("root")), newPair(t, nil, authority("other"))
	between := newPair(t, root, authority("between"))
	own := newPair(t, between, leaf("own"))
	alone := newPair(t, nil, leaf("alone"))
	past := authority("past")
	past.NotAfter = time.Now().Add(-time.Hour)
	expired := newPair(t, nil, past)
	ofExpired := newPair(t, expired, leaf("of expired"))
	none := authority("none")
	none.IsCA = false
	noCA := newPair(t, nil, none)
	ofNoCA := newPair(t, noCA, leaf("of none"))

	serve := func(key *pair, chain ...*pair) int {
		return startTLS(t, joined(root), joined(append([]*pair{key}, chain...)...), key.keyPEM(t), "no")
	}
	whole, short, self := serve(own, between), serve(own), serve(alone)
	const (
		noRoot  = "the CA is not a root: OpenSSL, and so apisonator and porta, accept only a chain that ends in a self-signed certificate"
		unknown = "the certificate is signed by an unknown authority"
	)
	for name, c := range map[string]struct {
		port int
		ca   string
		want string // what the check tls sees, "" where it is fine
	}{
		"the root":                            {whole, joined(root), ""},
		"the root, and others":                {whole, joined(other, between, root), ""},
		"the intermediate":                    {whole, joined(between), noRoot},
		"the intermediate, and another root":  {whole, joined(between, other), noRoot},
		"the certificate of the server":       {whole, joined(own), noRoot},
		"both without the root":               {whole, joined(own, between), noRoot},
		"the root, of a short chain":          {short, joined(root), unknown},
		"both, of a short chain":              {short, joined(root, between), ""},
		"the intermediate, of a short chain":  {short, joined(between), noRoot},
		"another root":                        {whole, joined(other), unknown},
		"one that signs itself":               {self, joined(alone), ""},
		"one that signs itself, and no other": {self, joined(root), unknown},
		"an expired root":                     {serve(ofExpired), joined(expired), "a certificate is valid from " + expired.NotBefore.Format(time.DateOnly) + " to " + expired.NotAfter.Format(time.DateOnly)},
		"a root that is no CA":                {serve(ofNoCA), joined(noCA), unknown},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			if c.want != "" {
				want = []string{"failed tls [system] s: " + c.want}
			}
			tls := redis.TLS{On: true, CA: secret.FromText(c.ca)}
			expect(t, probe.Prober{Timeout: 5 * time.Second}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: c.port, TLS: tls})}, map[int]string{c.port: "s"}, want)
			if accepted := openssl(t, c.port, c.ca); accepted != (c.want == "") {
				t.Errorf("OpenSSL accepts it: %t", accepted)
			}
		})
	}
}

// TestRun_noSAN: a certificate with nothing but a CN.
func TestRun_noSAN(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	p := newPair(t, nil, x509.Certificate{Subject: pkix.Name{CommonName: realredis.Host}, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature})
	port := startTLS(t, joined(p), joined(p), p.keyPEM(t), "no")
	expect(t, probe.Prober{}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port, TLS: redis.TLS{On: true, CA: secret.FromText(joined(p))}})},
		map[int]string{port: "s"}, []string{"failed tls [system] s: the certificate names no host: it has no SAN"})
}
