package rule

import (
	"net/netip"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// sentinelNameRules are about the names of Sentinels. Up to 2.7 both programs go on
// to the next Sentinel after a refused connection only, and not where a name does
// not resolve (apisonator, extensions/redis.rb; porta, redis_hacks.rb).
var sentinelNameRules = []Rule{
	{
		Name: "sentinel-name-resolves", Subject: OfSpec, Level: diag.Note,
		applies: func(rel releases.Release) bool {
			return rel.Clients.Apisonator.UnresolvedSentinelStops || rel.Clients.Porta.UnresolvedSentinelStops
		},
		Requires: "the name of each Sentinel resolves at any time, also while that Sentinel is down",
		Reason:   "a name that does not resolve stops every program of these releases, wherever it stands in the list",
		checkSpec: func(p *specPass) {
			for _, d := range p.groups() {
				if hasName(d.Plain().Sentinels.Hosts) {
					p.hinted(d.Sentinels.Hosts.Place,
						"a headless service drops the name of a pod that is down: give each Sentinel a Service of its own, set publishNotReadyAddresses, or use IP addresses",
						"each name must resolve even while its Sentinel is down: in 3scale %s one that does not stops all pods", p.Release)
				}
			}
		},
	},
}

// hasName reports whether one of the addresses is not an IP address.
func hasName(hosts []redis.Address) bool {
	for _, h := range hosts {
		if _, err := netip.ParseAddr(h.Host); err != nil {
			return true
		}
	}
	return false
}
