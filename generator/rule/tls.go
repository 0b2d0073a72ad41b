package rule

import (
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// tlsRules are about which connections have TLS, and what each needs. What the PEM
// texts hold is the matter of pemRules.
var tlsRules = []Rule{
	{
		Name: "tls-unsupported", Subject: OfSpec, applies: func(rel releases.Release) bool { return !speaksTLS(rel) },
		Requires: "there is no TLS",
		Reason:   "the hiredis driver raises NotImplementedError on rediss://",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if d.TLS.Said {
					p.found(d.TLS.Place, "3scale %s can't connect with TLS: end it at a proxy beside the pods", p.Release)
				}
			}
		},
	},
	{
		Name: "tls-ca-required", Subject: OfBoth, applies: speaksTLS,
		Requires: "a connection with TLS has the certificates of its authorities",
		Reason:   "the pods read them from a file, and an empty file is no authority",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if ca := d.TLS.Value.CA; d.TLS.Said && !ca.Value.IsSet() {
					p.hinted(within(d.TLS, ca, "ca"), "for a public authority its bundle does; for ElastiCache that of Amazon", "is required: the server's certificate is checked against it")
				}
			}
		},
	},
	{
		Name: "tls-client-pair", Subject: OfBoth, applies: speaksTLS,
		Requires: "a certificate of the client has its private key, and the other way round",
		Reason:   "neither works alone",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				switch certificate, key := d.TLS.Value.Certificate, d.TLS.Value.Key; {
				case certificate.Value.IsSet() && !key.Value.IsSet():
					p.found(within(d.TLS, key, "key"), "is required beside a certificate")
				case key.Value.IsSet() && !certificate.Value.IsSet():
					p.found(within(d.TLS, certificate, "certificate"), "is required beside a key")
				}
			}
		},
	},
	{
		Name: "tls-client-certificate", Subject: OfBoth, applies: func(rel releases.Release) bool { return rel.ClientCertificate() },
		Requires: "a connection with TLS has a certificate of the client and its private key",
		Reason:   "the operator mounts both and the pods read them, even if the server asks for none",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if tls := d.TLS.Value; d.TLS.Said && !tls.Certificate.Value.IsSet() && !tls.Key.Value.IsSet() {
					p.hinted(within(d.TLS, tls.Certificate, "certificate"), "a self-signed throw-away pair does for a server that asks for none; from 2.16.4 on none is needed: say release: \"2.16.4\" where that runs",
						"is required with its key in 3scale %s, even if the server asks for none", p.Release)
				}
			}
		},
	},
	{
		Name: "tls-storage-with-system", Subject: OfBoth, applies: func(rel releases.Release) bool { return rel.StorageTLSWithSystem() },
		Requires: "backendStorage and system both have TLS, or neither",
		Reason:   "porta connects to both as the switch of system says",
		checkSpec: func(p *specPass) {
			storage, system := p.database(redis.BackendStorage), p.database(redis.System)
			if len(p.external()) > 0 && storage.TLS.Said != system.TLS.Said {
				at := storage.TLS.Place
				if storage.TLS.Said {
					at = system.TLS.Place
				}
				p.hinted(at, "give both TLS, or neither; from 2.16.4 on each is for itself: say release: \"2.16.4\" where that runs",
					"backendStorage and system must both have TLS, or neither: in 3scale %s porta connects to both as system says", p.Release)
			}
		},
	},
}

// within is the place of a field of tls; where none is said, that of tls itself.
func within(tls spec.Field[spec.TLS], field spec.Field[secret.Value], name string) spec.Place {
	if field.Said {
		return field.Place
	}
	return spec.Place{Path: tls.Path + "." + name, Pos: tls.Pos}
}

// speaksTLS reports whether every program connects with TLS: porta was the last.
func speaksTLS(rel releases.Release) bool { return rel.Clients.Porta.TLS }
