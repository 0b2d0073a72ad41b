package rule

import (
	"crypto/x509"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// soon is how long before its end a certificate is warned of.
const soon = 30 * 24 * time.Hour

// pemRules are about what the PEM texts of TLS hold. No message quotes one.
var pemRules = []Rule{
	{
		Name: "tls-pem", Subject: OfBoth, applies: speaksTLS,
		Requires: "ca and certificate are PEM certificates, and key is a PEM private key without a passphrase",
		Reason:   "the programs stop at a file that they can't read",
		checkSpec: func(p *specPass) {
			for _, d := range p.withTLS() {
				tls := d.TLS.Value
				for _, f := range []spec.Field[secret.Value]{tls.CA, tls.Certificate, tls.Key} {
					if f.Value.IsSet() && !f.Value.Final() {
						p.unchecked(f)
					}
				}
				m := materialOf(d)
				for at, err := range map[spec.Place]error{m.ca.at: m.ca.err, m.certificate.at: m.certificate.err, m.key.at: m.key.err} {
					if err != nil {
						p.found(at, "%s", err)
					}
				}
			}
		},
	},
	{
		Name: "tls-key-fits", Subject: OfBoth, applies: speaksTLS,
		Requires: "the private key is that of the certificate",
		Reason:   "OpenSSL refuses a pair that is none, and so does the operator's check",
		checkSpec: func(p *specPass) {
			for _, d := range p.withTLS() {
				m := materialOf(d)
				if own := m.certificate.certificates; len(own) > 0 && m.key.public != nil && !m.key.public.Equal(own[0].PublicKey) {
					p.found(m.key.at, "is not the private key of the certificate")
				}
			}
		},
	},
	{
		Name: "tls-certificate-expired", Subject: OfBoth, Allowable: true, applies: speaksTLS,
		Requires: "the certificate of the client, and one of those of the authorities, is valid today",
		Reason:   "the other side refuses a certificate that is not valid",
		checkSpec: func(p *specPass) {
			for _, part := range p.dated() {
				switch {
				case p.Now.After(part.NotAfter):
					p.found(part.at, "has expired on %s", part.NotAfter.Format(time.DateOnly))
				case p.Now.Before(part.NotBefore):
					p.found(part.at, "is not valid before %s", part.NotBefore.Format(time.DateOnly))
				}
			}
		},
	},
	{
		Name: "tls-certificate-expires", Subject: OfBoth, Level: diag.Warning, applies: speaksTLS,
		Requires: "a certificate is valid for 30 days more",
		Reason:   "a changed Secret restarts no pod: the change needs time",
		checkSpec: func(p *specPass) {
			for _, part := range p.dated() {
				if left := part.NotAfter.Sub(p.Now); left >= 0 && left < soon {
					p.found(part.at, "expires on %s", part.NotAfter.Format(time.DateOnly))
				}
			}
		},
	},
	{
		Name: "tls-chain", Subject: OfBoth, Level: diag.Warning, applies: speaksTLS,
		Requires: "the certificate of the client leads to ca, or is self-signed",
		Reason:   "a server that asks for one most likely trusts the same authorities",
		checkSpec: func(p *specPass) {
			for _, d := range p.withTLS() {
				m := materialOf(d)
				if len(m.ca.certificates) > 0 && len(m.certificate.certificates) > 0 && !m.certificate.leadsTo(m.ca) {
					p.found(m.certificate.at, "does not lead to one of the certificates of ca")
				}
			}
		},
	},
}

// withTLS returns the databases with TLS whose PEM texts are meant to be some: a token
// of a golden file is none.
func (p *specPass) withTLS() []resolve.Database {
	var found []resolve.Database
	for _, d := range p.external() {
		if d.TLS.Said && !p.Tokens {
			found = append(found, d)
		}
	}
	return found
}

// dated is a certificate whose time matters.
type dated struct {
	*x509.Certificate
	at spec.Place
}

// dated are the certificates of the clients, and of their authorities those that are
// valid longest. Without a clock there are none.
func (p *specPass) dated() []dated {
	if p.Now.IsZero() {
		return nil
	}
	var found []dated
	for _, d := range p.withTLS() {
		m := materialOf(d)
		if len(m.ca.certificates) > 0 {
			found = append(found, dated{m.ca.lasting(), m.ca.at})
		}
		if len(m.certificate.certificates) > 0 {
			found = append(found, dated{m.certificate.certificates[0], m.certificate.at})
		}
	}
	return found
}
