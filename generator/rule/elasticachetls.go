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
		applies:  func(rel releases.Release) bool { return !rel.Clients.Porta.TLS },
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
}

func isTLSEndpoint(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".cn")
	return strings.HasPrefix(host, "master.") && strings.HasSuffix(host, ".cache.amazonaws.com")
}
