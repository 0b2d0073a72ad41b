package graph

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// FromSpec returns the Graph of a spec. The values have a mask in place of each
// secret, which every program reads as it stands: no secret need be known.
func FromSpec(c *generator.Checked) *Graph {
	b := &builder{release: c.Release, show: display{
		address:   func(clients.Reading) bool { return true },
		namespace: func(text string) string { return text },
	}}
	b.Title = c.Metadata.Name.Value
	b.Subtitle = "3scale " + c.Release.String() + ", profile " + c.Profile.Name
	values := clients.Values{}
	for _, s := range c.Secrets {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			values[s.Name][f.Key] = f.Mask()
		}
	}
	readings := clients.Readings(values, c.Release)
	for _, name := range redis.Used(c.Release) {
		s := keysOf(c.Release, name, values)
		i := slices.IndexFunc(c.Databases, func(d resolve.Database) bool { return d.Name == name })
		s.Details = detailsOfSpec(c.Databases[i].Plain())
		b.source(s, of(readings, name), b.readersIn(name))
	}
	for _, w := range c.Release.Workloads {
		b.pods(b.programOf(w), Workload{w.Kind, w.Name, b.noteOf(w)}, func(string) []string { return nil })
	}
	b.operator()
	b.collide()
	return &b.Graph
}

// of are the readings of one database.
func of(readings []clients.Reading, database string) []clients.Reading {
	var own []clients.Reading
	for _, r := range readings {
		if r.Database == database {
			own = append(own, r)
		}
	}
	return own
}

// keysOf is the Source of a database in the Secrets: the keys that have a value. The
// URL is always there.
func keysOf(rel releases.Release, database string, values clients.Values) Source {
	source := Source{Database: database}
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if k.Database == database && (k.Field == "url" || values[s.Name][k.Name] != "") {
				source.Secret = s.Name
				source.Keys = append(source.Keys, k.Name)
			}
		}
	}
	return source
}

// readersIn are the workloads of the release that read the URL of a database.
func (b *builder) readersIn(database string) []string {
	var names []string
	for _, w := range b.release.Workloads {
		for _, v := range b.env(w) {
			if k := b.release.Key(v.Secret, v.Key); k.Database == database && k.Field == "url" {
				names = append(names, w.Kind+"/"+w.Name)
				break
			}
		}
	}
	return names
}

// env are all env vars of a workload of the release.
func (b *builder) env(w releases.Workload) releases.Env {
	var env releases.Env
	for _, p := range wiring.PinnedPlaces(w) {
		env = append(env, p.Env...)
	}
	return env
}

func detailsOfSpec(c redis.Connection) []string {
	return details(c, c.Username, from("password", c.Password), from("Sentinel password", c.Sentinels.Password))
}

// from says where a password comes from. A placeholder is a text of the user's own,
// and is not shown.
func from(noun string, v secret.Value) string {
	switch v.Kind() {
	case secret.None:
		return "no " + noun
	case secret.Env:
		return noun + " from env " + v.Name()
	case secret.File:
		return noun + " from file " + v.Name()
	case secret.Remote:
		return noun + " from store key " + v.Name()
	case secret.Placeholder:
		return noun + " from a placeholder"
	default:
		return noun + " set"
	}
}
