package rule

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// elastiCacheTLSRules are about ElastiCache with in-transit encryption, whose
// primary endpoint begins with "master." where that of plain Redis has the label
// "ng".
var elastiCacheTLSRules = []Rule{
	{
		Name: "elasticache-tls-endpoint", Subject: OfBoth, Allowable: true,
		applies:  func(rel releases.Release) bool { return !speaksTLS(rel) },
		Requires: "the host is not an endpoint of ElastiCache with in-transit encryption",
		Reason:   "it takes TLS only, which these releases can't speak without a tunnel beside the pods",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if isTLSEndpoint(d.Host.Value) {
					p.hinted(d.Host.Place, "turn in-transit encryption off, or end TLS at a tunnel beside the pods and name that as the host",
						"is an endpoint with in-transit encryption, and 3scale %s can't speak TLS", p.Release)
				}
			}
		},
	},
	{
		Name: "elasticache-endpoint-needs-tls", Subject: OfBoth, Allowable: true, applies: speaksTLS,
		Requires: "a connection to an endpoint of ElastiCache with in-transit encryption has TLS",
		Reason:   "it takes TLS only, where encryption is required and not just preferred",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if isTLSEndpoint(d.Host.Value) && !d.TLS.Said {
					p.hinted(d.Host.Place, sayTLS, "is an endpoint with in-transit encryption, which takes TLS only")
				}
			}
		},
	},
	{
		Name: "elasticache-auth-needs-tls", Subject: OfBoth, applies: speaksTLS,
		Requires: "an AUTH token comes with TLS",
		Reason:   "ElastiCache takes an AUTH token over TLS only",
		checkSpec: func(p *specPass) {
			for _, d := range p.elastiCache() {
				if d.Password.Value.IsSet() && !d.TLS.Said {
					p.hinted(d.Password.Place, sayTLS, "an AUTH token needs TLS: ElastiCache takes none without")
				}
			}
		},
	},
}

const sayTLS = "say tls: {ca: {fromFile: ...}} beside it, with the certificates of Amazon's authorities"

func isTLSEndpoint(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".cn")
	return strings.HasPrefix(host, "master.") && strings.HasSuffix(host, ".cache.amazonaws.com")
}
