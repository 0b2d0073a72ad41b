package explain

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// destination is in which fields of keys a field of a connection ends up.
type destination struct {
	below  string
	fields []string
}

// written says in which keys a field of a connection ends up, by the beginning of its
// path below the connection. A user name or a password of its own key wins over the URL.
var written = []destination{
	{"sentinels.username", []string{"sentinelHosts", "sentinelUsername"}},
	{"sentinels.password", []string{"sentinelHosts", "sentinelPassword"}},
	{"sentinels.role", []string{"sentinelRole"}},
	{"sentinels.hosts", []string{"sentinelHosts"}},
	{"host", []string{"url"}},
	{"port", []string{"url"}},
	{"db", []string{"url"}},
	{"masterGroup", []string{"url"}},
	{"username", []string{"url", "username"}},
	{"password", []string{"url", "password"}},
	{"namespace", []string{"namespace"}},
	{"tls.ca", []string{"url", "ca"}},
	{"tls.certificate", []string{"url", "certificate"}},
	{"tls.key", []string{"url", "key"}},
}

// ofField explains a field of the spec: the keys that say it.
func ofField(l spec.Leaf, rels []releases.Release) Topic {
	t := Topic{Name: l.Path, Kind: Field, About: l.Doc, Values: l.Enum}
	databases, below := connectionOf(l.Path)
	i := slices.IndexFunc(written, func(d destination) bool { return below == d.below || strings.HasPrefix(below, d.below+".") })
	if i < 0 {
		return t
	}
	t.Spans = spans(rels, func(rel releases.Release) (Span, bool) {
		into := keysOf(rel, databases, written[i].fields)
		if len(into) == 0 {
			return Span{}, false
		}
		s := Span{Facts: []string{"Stands in " + strings.Join(into, ", ") + "."}}
		s.Restart = restart(rel, reads(rel, func(r Read) bool { return slices.Contains(into, r.From) }))
		return s, true
	})
	return t
}

// connectionOf are the databases that a field of a connection is about, and its path
// below the connection.
func connectionOf(path string) (databases []string, below string) {
	if below, ok := strings.CutPrefix(path, "spec.redis."); ok {
		return redis.Names, below
	}
	rest, ok := strings.CutPrefix(path, "spec.databases.")
	if !ok {
		return nil, ""
	}
	name, below, _ := strings.Cut(rest, ".")
	return []string{name}, below
}

// keysOf are secret/KEY of the fields of databases.
func keysOf(rel releases.Release, databases, fields []string) []string {
	var all []string
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if slices.Contains(databases, k.Database) && slices.Contains(fields, k.Field) {
				all = append(all, s.Name+"/"+k.Name)
			}
		}
	}
	return all
}
