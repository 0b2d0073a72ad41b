package verify

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Now is a Redis that workloads use for a database now.
type Now struct {
	// Workloads use it; all that is not named elsewhere where they are none.
	Workloads []string
	// Readers are all workloads with a place that uses it, as Kind/name: once a place.
	Readers []string
	// Reading is what they make of their values, nil where the export does not show
	// these: they come from a ConfigMap or another Secret.
	Reading *clients.Reading
	// Source is where values come from that the export does not show.
	Source string
}

// Now returns what the workloads use for a database now. An env var with a literal
// value, or that reads something else, wins over the Secrets.
func (r *Report) Now(database string) []Now {
	usual := Now{Reading: r.reading(r.Export.Values, database, "")}
	var all []Now
	for _, place := range r.pinned {
		if !r.readsURL(place.env, database) {
			continue
		}
		name := place.Object.String()
		own, differs := r.own(place, database)
		if !differs || own.same(usual) {
			usual.Readers = append(usual.Readers, name)
			continue
		}
		i := slices.IndexFunc(all, own.same)
		if i < 0 {
			all, i = append(all, own), len(all)
		}
		all[i].Readers = append(all[i].Readers, name)
		if name := place.Object.Name(); !slices.Contains(all[i].Workloads, name) {
			all[i].Workloads = append(all[i].Workloads, name)
		}
	}
	if len(usual.Readers) > 0 || len(all) == 0 {
		all = append([]Now{usual}, all...)
	}
	return all
}

// Where says in words where it is.
func (r *Report) Where(n Now) string {
	if n.Reading == nil {
		return "unknown: " + n.Source
	}
	return r.Display.Where(*n.Reading)
}

// reading is what a program makes of values: the given one, or the owner of the
// data.
func (r *Report) reading(values clients.Values, database string, client clients.Client) *clients.Reading {
	readings := clients.Readings(values, r.Release)
	for i := range readings {
		if readings[i].Database == database && (client == "" || readings[i].Client == client) {
			return &readings[i]
		}
	}
	return nil
}

// pinnedPlace is a place with the env that the release has there.
type pinnedPlace struct {
	wiring.Place
	env releases.Env
}

// own is what a place uses for a database where its env says something else than
// the release.
func (r *Report) own(place pinnedPlace, database string) (Now, bool) {
	differs := false
	for _, v := range place.env {
		entry := wiring.Named(place.Env(), v.Name)
		if entry == nil || r.Release.Key(v.Secret, v.Key).Database != database || wiring.SourceOf(entry) == wiring.Pin(v) {
			continue
		}
		if _, known := r.value(entry); !known {
			return Now{Source: v.Name + " is " + wiring.SourceOf(entry).String()}, true
		}
		differs = true
	}
	if !differs {
		return Now{}, false
	}
	client := clients.Porta
	if envNamed(place.env, "CONFIG_QUEUES_MASTER_NAME") {
		client = clients.Apisonator
	}
	values := r.valuesOf(place)
	reading := r.reading(values, database, client)
	if reading == nil {
		reading = r.reading(values, database, "")
	}
	return Now{Reading: reading}, true
}

// value is the value of an env var, if the export shows it.
func (r *Report) value(entry *yaml.Node) (string, bool) {
	switch s := wiring.SourceOf(entry); s.From {
	case wiring.Literal:
		return manifest.Text(entry, "value"), true
	case wiring.SecretKey:
		value, there := r.Export.Values[s.Secret][s.Key]
		return value, there
	default:
		return "", false
	}
}

// valuesOf are the values of the Secrets with those of a place in their stead.
func (r *Report) valuesOf(place pinnedPlace) clients.Values {
	values := clients.Values{}
	for secret, keys := range r.Export.Values {
		values[secret] = maps.Clone(keys)
	}
	for _, v := range place.env {
		entry := wiring.Named(place.Env(), v.Name)
		if entry == nil || wiring.SourceOf(entry) == wiring.Pin(v) {
			continue
		}
		if value, known := r.value(entry); known {
			if values[v.Secret] == nil {
				values[v.Secret] = map[string]string{}
			}
			values[v.Secret][v.Key] = value
		}
	}
	return values
}

// ownValues are the values of the places that have their own: a Display has to
// know their passwords.
func (r *Report) ownValues() []clients.Values {
	var all []clients.Values
	for _, place := range r.pinned {
		if slices.ContainsFunc(place.env, func(v releases.EnvVar) bool {
			entry := wiring.Named(place.Env(), v.Name)
			return entry != nil && wiring.SourceOf(entry).From == wiring.Literal
		}) {
			all = append(all, r.valuesOf(place))
		}
	}
	return all
}

// same reports whether two lead to one database, or to one source that is not
// known. What is shown of two can be the same: a mask hides what differs.
func (n Now) same(other Now) bool {
	if n.Reading == nil || other.Reading == nil {
		return n.Reading == other.Reading && n.Source == other.Source
	}
	return !Moves(*n.Reading, *other.Reading) && Clear(*n.Reading) == Clear(*other.Reading)
}

// Moves reports whether two programs use different databases.
func Moves(now, then clients.Reading) bool {
	if !Clear(now) || !Clear(then) {
		return Clear(now) != Clear(then)
	}
	x, y := now.Connection(), then.Connection()
	return x.Endpoint() != y.Endpoint() || x.DB != y.DB || x.Namespace != y.Namespace
}

func (r *Report) readsURL(env releases.Env, database string) bool {
	return slices.ContainsFunc(env, func(v releases.EnvVar) bool {
		k := r.Release.Key(v.Secret, v.Key)
		return k.Database == database && k.Field == "url"
	})
}

// SameServer reports whether two connections can lead to one Redis. In doubt they
// do: a Service has a short and a long name, and Sentinels are listed in part.
func SameServer(a, b redis.Connection) bool {
	if a.MasterGroup != "" && b.MasterGroup != "" {
		return a.MasterGroup == b.MasterGroup && slices.ContainsFunc(a.Sentinels.Hosts, func(x redis.Address) bool {
			return slices.ContainsFunc(b.Sentinels.Hosts, func(y redis.Address) bool { return sameHost(x.Host, y.Host) })
		})
	}
	return a.MasterGroup == b.MasterGroup && a.Port == b.Port && sameHost(a.Host, b.Host)
}

func sameHost(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}
