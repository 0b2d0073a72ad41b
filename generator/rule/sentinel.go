package rule

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
)

// fewSentinels is the number below which no majority survives the loss of one.
const fewSentinels = 3

// sentinelRules are about master groups and Sentinels.
var sentinelRules = []Rule{
	{
		Name: "sentinel-group-required", Subject: OfSpec,
		Requires: "with the profile sentinel at least one database is a master group",
		Reason:   "without one the profile is self-managed",
		checkSpec: func(p *specPass) {
			if p.Profile.Reach != profiles.Sentinel {
				return
			}
			for _, d := range p.Databases {
				if d.MasterGroup.Value != "" || d.Host.Value == "" {
					return
				}
			}
			p.found(p.Spec.Profile.Place, "no database has a masterGroup: use profile self-managed")
		},
	},
	{
		Name: "sentinel-hosts-required", Subject: OfSpec,
		Requires: "a master group has Sentinels",
		Reason:   "without them the clients take the name of the group for a host name",
		checkSpec: func(p *specPass) {
			for _, d := range p.groups() {
				if len(d.Addresses) == 0 {
					p.found(d.Sentinels.Hosts.Place, "is required beside masterGroup: the Sentinels as host:port")
				}
			}
		},
	},
	{
		Name: "sentinel-beside-host", Subject: OfSpec, Level: diag.Warning,
		Requires: "with the profile sentinel every database is a master group",
		Reason:   "a database with a host of its own has no failover",
		checkSpec: func(p *specPass) {
			if p.Profile.Reach != profiles.Sentinel {
				return
			}
			for _, d := range p.Databases {
				if d.Host.Value != "" && d.MasterGroup.Value == "" {
					p.found(d.Host.Place, "%s is a server of its own: no Sentinel fails it over", d.Name)
				}
			}
		},
	},
	{
		Name: "master-group-syntax", Subject: OfSpec,
		Requires: "a masterGroup is made of letters, digits and . - _",
		Reason:   "it stands as the host of a URL, which the clients cut at other characters",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				group := d.MasterGroup
				if group.Said && (group.Value == "" || strings.IndexFunc(group.Value, func(r rune) bool { return !isNameRune(r) }) >= 0) {
					p.found(group.Place, "must be made of letters, digits and . - _")
				}
			}
		},
	},
	{
		Name: "sentinel-password-charset", Subject: OfSpec,
		Requires: "a sentinel password in the list of Sentinels is made of letters, digits and ! $ & ' ( ) * + - . : ; = _ ~",
		Reason:   "apisonator and porta do not decode it, so that any other character breaks the list or the login at every Sentinel",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if l.sentinels && !l.inKeys {
					p.charset(l.password, redis.SentinelPasswordWorks, p.elsewhere(),
						"must be made of letters, digits and ! $ & ' ( ) * + - . : ; = _ ~ only: no client decodes other characters")
				}
			}
		},
	},
	{
		Name: "sentinel-role-slave", Subject: OfBoth, Level: diag.Warning,
		Requires: "the role is master",
		Reason:   "the clients write, and a replica refuses writes",
		checkSpec: func(p *specPass) {
			for _, d := range p.groups() {
				if d.Sentinels.Role.Value == "slave" {
					p.found(d.Sentinels.Role.Place, "3scale writes to %s, which a replica refuses", d.Name)
				}
			}
		},
	},
	{
		Name: "sentinel-count", Subject: OfBoth, Level: diag.Warning,
		Requires: "there are three Sentinels or more",
		Reason:   "fewer have no majority when one is lost, and then nothing fails over",
		checkSpec: func(p *specPass) {
			for _, d := range p.groups() {
				if n := len(d.Addresses); n > 0 && n < fewSentinels {
					p.found(d.Sentinels.Hosts.Place, "%d of at least %d Sentinels: no failover when one is lost", n, fewSentinels)
				}
			}
		},
	},
	{
		Name: "sentinel-duplicate", Subject: OfBoth, Level: diag.Warning,
		Requires: "each Sentinel is named once",
		Reason:   "the clients ask it twice and never reach one that was meant",
		checkSpec: func(p *specPass) {
			for _, d := range p.groups() {
				first := map[redis.Address]int{}
				for i, a := range d.Addresses {
					// What was read back is not quoted: it could be a password in the wrong place.
					if n, ok := first[a.Value]; ok {
						p.found(a.Place, "is the same Sentinel as entry %d", n)
						continue
					}
					first[a.Value] = i + 1
				}
			}
		},
	},
	{
		Name: "placeholder-charset", Subject: OfSpec, Level: diag.Note,
		Requires: "the value behind a placeholder in a URL is made of letters, digits and ! $ & ' ( ) * - . : ; = _ ~",
		Reason:   "the program that replaces a placeholder puts the value into the URL as it is and cannot encode it",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if l.password.Value.Kind() == secret.Placeholder && !l.inKeys {
					p.found(l.password.Place, "the value must be made of letters, digits and ! $ & ' ( ) * - . : ; = _ ~ only: nothing encodes it")
				}
			}
		},
	},
}

// groups returns the databases that are master groups.
func (p *specPass) groups() []resolve.Database {
	var groups []resolve.Database
	for _, d := range p.external() {
		if d.MasterGroup.Value != "" {
			groups = append(groups, d)
		}
	}
	return groups
}
