package rule

import (
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// profileRules are about what one kind of Redis lacks.
var profileRules = []Rule{
	{
		Name: "internal-namespaces-only", Subject: OfSpec,
		Requires: "with the profile internal a spec says nothing of Redis but the namespaces of system and messageBus",
		Reason:   "the values are those of the template",
		checkSpec: func(p *specPass) {
			if p.Profile.Reach != profiles.InTemplate {
				return
			}
			for _, d := range p.Databases {
				for _, at := range d.Connection.Said() {
					p.found(at, "profile internal takes its values from the template: only the namespaces of system and messageBus can be set")
				}
			}
		},
	},
	{
		Name: "redis-enterprise-endpoints", Subject: OfBoth,
		Requires: "backendStorage, backendQueues and system each have an endpoint of their own",
		Reason:   "an endpoint of Redis Enterprise is one database",
		checkSpec: func(p *specPass) {
			if !p.Profile.SingleDB {
				return
			}
			first := map[string]string{}
			for _, name := range []string{redis.BackendStorage, redis.BackendQueues, redis.System} {
				d := p.database(name)
				if d.Host.Value == "" {
					continue
				}
				endpoint := d.Plain().Endpoint()
				if other, ok := first[endpoint]; ok {
					p.found(d.Host.Place, "%s needs an endpoint of its own: this one is that of %s", name, other)
				}
				first[endpoint] = name
			}
		},
	},
	{
		Name: "redis-enterprise-message-bus-endpoint", Subject: OfBoth, Level: diag.Warning, applies: releases.Release.ReadsMessageBus,
		Requires: "the message bus shares the endpoint of system, or has a fourth one",
		Reason:   "the databases of apisonator are not for porta's keys",
		checkSpec: func(p *specPass) {
			bus := p.database(redis.MessageBus)
			for _, name := range []string{redis.BackendStorage, redis.BackendQueues} {
				if p.Profile.SingleDB && bus.Host.Value != "" && bus.Plain().Endpoint() == p.database(name).Plain().Endpoint() {
					p.found(bus.Host.Place, "is the endpoint of %s: the message bus belongs to that of system", name)
				}
			}
		},
	},
	{
		Name: "redis-enterprise-db", Subject: OfBoth,
		Requires: "db is 0",
		Reason:   "a database of Redis Enterprise has no other index: every call fails with DB index is out of range",
		checkSpec: func(p *specPass) {
			for _, d := range p.Databases {
				if p.Profile.SingleDB && d.DB.Value != 0 {
					p.found(d.DB.Place, "must be 0: a database of Redis Enterprise has no other index")
				}
			}
		},
	},
	{
		Name: "elasticache-auth-token", Subject: OfBoth, Allowable: true, applies: func(rel releases.Release) bool { return !speaksTLS(rel) },
		Requires: "there is no AUTH token",
		Reason:   "ElastiCache takes an AUTH token over TLS only, which these releases can't speak without a tunnel beside the pods",
		checkSpec: func(p *specPass) {
			for _, d := range p.elastiCache() {
				if d.Password.Value.IsSet() {
					p.found(d.Password.Place, "an AUTH token needs TLS, which 3scale %s can't speak", p.Release)
				}
			}
		},
	},
	{
		Name: "elasticache-cluster-endpoint", Subject: OfBoth,
		Requires: "the host is not the configuration endpoint of a cluster",
		Reason:   "no client of 3scale speaks Redis Cluster",
		checkSpec: func(p *specPass) {
			for _, d := range p.elastiCache() {
				if hasLabel(d.Host.Value, "clustercfg") {
					p.found(d.Host.Place, "is the configuration endpoint of a cluster, which 3scale can't use: cluster mode must be disabled")
				}
			}
		},
	},
	{
		Name: "elasticache-reader-endpoint", Subject: OfBoth,
		Requires: "the host is not a reader endpoint",
		Reason:   "3scale writes, and a replica refuses writes",
		checkSpec: func(p *specPass) {
			for _, d := range p.elastiCache() {
				if first, _, _ := strings.Cut(d.Host.Value, "."); hasLabel(d.Host.Value, "replica") || strings.HasSuffix(first, "-ro") {
					p.found(d.Host.Place, "is a reader endpoint, which refuses writes: use the primary endpoint")
				}
			}
		},
	},
	{
		Name: "elasticache-node-endpoint", Subject: OfBoth, Level: diag.Warning,
		Requires: "the host is not the endpoint of a node",
		Reason:   "it does not follow a failover",
		checkSpec: func(p *specPass) {
			for _, d := range p.elastiCache() {
				if first, _, _ := strings.Cut(d.Host.Value, "."); nodeLabel.MatchString(first) {
					p.found(d.Host.Place, "is the endpoint of a node, which does not follow a failover: use the primary endpoint")
				}
			}
		},
	},
}

// nodeLabel is the first label of a node's endpoint: prod-001.
var nodeLabel = regexp.MustCompile(`-\d{3}$`)

func hasLabel(host, label string) bool {
	for l := range strings.SplitSeq(host, ".") {
		if l == label {
			return true
		}
	}
	return false
}

// elastiCache returns the databases, where they are on ElastiCache.
func (p *specPass) elastiCache() []resolve.Database {
	if !p.Profile.ElastiCache {
		return nil
	}
	return p.Databases
}
