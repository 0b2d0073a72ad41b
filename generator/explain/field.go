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
	// needs is a field that the release has a key for, where not each can say it: there
	// is TLS, for one, only where the Secrets have keys for the CA.
	needs string
}

// written says in which keys a field of a connection ends up, by the beginning of its
// path below the connection. A user name or a password of its own key wins over the URL.
var written = []destination{
	{"sentinels.username", []string{"sentinelHosts", "sentinelUsername"}, "sentinelUsername"},
	{"sentinels.password", []string{"sentinelHosts", "sentinelPassword"}, ""},
	{"sentinels.role", []string{"sentinelRole"}, ""},
	{"sentinels.hosts", []string{"sentinelHosts"}, ""},
	{"host", []string{"url"}, ""},
	{"port", []string{"url"}, ""},
	{"db", []string{"url"}, ""},
	{"masterGroup", []string{"url"}, ""},
	{"username", []string{"url", "username"}, "username"},
	{"password", []string{"url", "password"}, ""},
	{"namespace", []string{"namespace"}, ""},
	{"tls.ca", []string{"url", "ca"}, "ca"},
	{"tls.certificate", []string{"url", "certificate"}, "certificate"},
	{"tls.key", []string{"url", "key"}, "key"},
}

// ofField explains a field of the spec: the fields below it, and the keys that say it.
func ofField(n spec.Node, rels []releases.Release) Topic {
	t := Topic{Name: n.Path, Kind: Field, About: n.Doc, Values: n.Enum}
	for _, f := range n.Fields {
		t.Fields = append(t.Fields, Below{f.Name, f.Doc})
	}
	if databases, _ := connectionOf(n.Path); databases == nil {
		return t
	}
	t.Spans = spans(rels, func(rel releases.Release) (Span, bool) {
		var s Span
		for _, below := range n.All() {
			s.Keys = append(s.Keys, keysOf(rel, below.Path)...)
		}
		s.Keys = unique(s.Keys)
		s.Restart = restart(rel, reads(rel, func(r Read) bool { return slices.Contains(s.Keys, r.From) }))
		return s, len(s.Keys) > 0
	})
	return t
}

// connectionOf are the databases that a field of a connection is about, and its path
// below the connection.
func connectionOf(path string) (databases []string, below string) {
	if path == "spec.redis" || path == "spec.databases" {
		return redis.Names, ""
	}
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

// keysOf are secret/KEY of a release in which a field of a connection ends up.
func keysOf(rel releases.Release, path string) []string {
	databases, below := connectionOf(path)
	i := slices.IndexFunc(written, func(d destination) bool { return below == d.below || strings.HasPrefix(below, d.below+".") })
	if i < 0 {
		return nil
	}
	var all []string
	able := written[i].needs == ""
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			able = able || k.Field == written[i].needs
			if slices.Contains(databases, k.Database) && slices.Contains(written[i].fields, k.Field) {
				all = append(all, s.Name+"/"+k.Name)
			}
		}
	}
	if !able {
		return nil
	}
	return all
}
