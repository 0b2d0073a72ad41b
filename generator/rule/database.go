package rule

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// messageBusRules are about the message bus of porta.
var messageBusRules = []Rule{
	{
		Name: "message-bus-collision", Subject: OfBoth, Level: diag.Warning, applies: releases.Release.ReadsMessageBus,
		Requires: "the message bus has a database or a namespace that is not system's",
		Reason:   "both write the same keys: porta protects only a bus without a URL of its own",
		checkSpec: func(p *specPass) {
			if !p.Profile.SingleDB {
				p.messageBusCollision("give messageBus a db or a namespace of its own")
			}
		},
	},
	{
		Name: "redis-enterprise-message-bus-namespace", Subject: OfBoth, applies: releases.Release.ReadsMessageBus,
		Requires: "the message bus has a namespace that is not system's",
		Reason:   "both share one database, and there is no other index to move to",
		checkSpec: func(p *specPass) {
			if p.Profile.SingleDB {
				p.messageBusCollision("give messageBus a namespace of its own")
			}
		},
	},
	{
		Name: "message-bus-inert", Subject: OfSpec, Level: diag.Warning, applies: func(rel releases.Release) bool { return !rel.ReadsMessageBus() },
		Requires: "spec.databases.messageBus is given for releases up to 2.11.0 only",
		Reason:   "porta has no message bus from 2.11.1 on",
		checkSpec: func(p *specPass) {
			if bus := p.Spec.Databases.MessageBus; bus.Said {
				p.found(bus.Place, "has no effect: 3scale %s has no message bus", p.Release)
			}
		},
	},
}

func (p *specPass) messageBusCollision(hint string) {
	system, bus := p.database(redis.System), p.database(redis.MessageBus)
	if p.Profile.Reach == profiles.InTemplate || system.Host.Value == "" && system.MasterGroup.Value == "" || p.allInOne() {
		return
	}
	if collide(system, bus) {
		p.found(bus.Namespace.Place, "messageBus and system write the same keys: %s", hint)
	}
}

// databaseRules are about which database is where.
var databaseRules = []Rule{
	{
		Name: "system-shares-database", Subject: OfBoth, Level: diag.Warning,
		Requires: "system has a database that is not apisonator's",
		Reason:   "keys of Sidekiq and of apisonator would mix",
		checkSpec: func(p *specPass) {
			for _, name := range []string{redis.BackendStorage, redis.BackendQueues} {
				p.shared(redis.System, name)
			}
		},
	},
	{
		Name: "backend-shares-database", Subject: OfBoth, Level: diag.Warning,
		Requires: "backendStorage and backendQueues have different databases",
		Reason:   "no release is tested with both in one",
		checkSpec: func(p *specPass) {
			p.shared(redis.BackendQueues, redis.BackendStorage)
		},
	},
	{
		Name: "namespace-charset", Subject: OfSpec, applies: readsNamespace,
		Requires: "a namespace has no line break, no control character, no \" and no \\, and is not blank",
		Reason:   "porta reads it inside double quotes of a YAML file",
		checkSpec: func(p *specPass) {
			for _, d := range p.Databases {
				if n := d.Namespace; !redis.NamespaceWorks(n.Value) {
					p.found(n.Place, "must have no line break, no control character, no \" and no \\, and must not be blank")
				}
			}
		},
	},
	{
		Name: "namespace-unread", Subject: OfSpec, Level: diag.Warning,
		Requires: "only system and messageBus have a namespace",
		Reason:   "apisonator never reads one",
		checkSpec: func(p *specPass) {
			for _, d := range p.Databases {
				if d.Namespace.Value != "" && d.Name != redis.System && d.Name != redis.MessageBus {
					p.found(d.Namespace.Place, "has no effect: only porta reads a namespace, for system and messageBus")
				}
			}
		},
	},
	{
		Name: "namespace-ignored", Subject: OfBoth, Allowable: true, applies: func(rel releases.Release) bool { return !readsNamespace(rel) },
		Requires: "system has no namespace",
		Reason:   "porta ignores it from 2.14 on: the keys and queued jobs under it are lost",
		checkSpec: func(p *specPass) {
			if d := p.database(redis.System); d.Namespace.Value != "" {
				p.hinted(d.Namespace.Place, "leave it out, and rename the keys in Redis before the upgrade; if nothing is under it, say so in spec.allow",
					"porta of 3scale %s ignores it: the keys and queued jobs under it are lost", p.Release)
			}
		},
		checkValue: func(p *valuePass) {
			if v := p.Values["system-redis"]["NAMESPACE"]; strings.TrimSpace(v) != "" {
				p.found(p.at("system-redis", "NAMESPACE"), "porta of 3scale %s ignores it: the keys and queued jobs under it are lost", p.Release)
			}
		},
	},
	{
		Name: "namespace-blocks-upgrade", Subject: OfBoth, Level: diag.Warning, applies: func(rel releases.Release) bool { return rel.Clients.Porta.NamespaceUntil != "" },
		Requires: "system has no namespace",
		Reason:   "porta soon ignores it: keys and queued jobs are lost on that upgrade",
		checkSpec: func(p *specPass) {
			if d := p.database(redis.System); d.Namespace.Value != "" {
				p.found(d.Namespace.Place, "porta reads it up to %s only: keys and queued jobs are lost on the upgrade after that", p.Release.Clients.Porta.NamespaceUntil)
			}
		},
	},
}

func readsNamespace(rel releases.Release) bool { return rel.Clients.Porta.Namespace }

// shared reports that the first database is the same as the second.
func (p *specPass) shared(first, second string) {
	a, b := p.database(first), p.database(second)
	known := a.Host.Value != "" || a.MasterGroup.Value != ""
	if known && !p.Profile.SingleDB && !p.allInOne() && collide(a, b) {
		p.found(a.DB.Place, "%s and %s are the same database", first, second)
	}
}

// database returns the database with that name; the zero Database where the
// release has none.
func (p *specPass) database(name string) resolve.Database {
	for _, d := range p.Databases {
		if d.Name == name {
			return d
		}
	}
	return resolve.Database{Name: name}
}
