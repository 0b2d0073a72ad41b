package wiring

import (
	"fmt"
	"maps"
	"slices"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Kind is how one thing differs from a pin.
type Kind string

// The kinds of differences.
const (
	// Missing: the pin has it alone.
	Missing Kind = "missing"
	// Extra: the pin does not have it.
	Extra Kind = "extra"
	// Other: both have it, and the pin has it otherwise.
	Other Kind = "other"
)

// Subject is what a Difference is about.
type Subject string

// The subjects of differences.
const (
	OfSecret Subject = "secret"
	OfLabel  Subject = "label"
	OfKey    Subject = "key"
	OfPlace  Subject = "place"
	OfEnvVar Subject = "env var"
)

// Difference is one thing in which a wiring is not that of a pin. It never holds
// a value of a Secret that was read.
type Difference struct {
	Kind    Kind
	Subject Subject
	// In is the Secret or the place, such as system-app/pre hook in system-master.
	In string
	// Name is that of the label, the key or the env var.
	Name string
	// Pinned is what the pin has: the text of a label, what a key must be, where an
	// env var comes from. Found is where an env var comes from instead.
	Pinned, Found string
	// EnvVars is how many env vars a place has.
	EnvVars int
}

// String says the difference for people.
func (d Difference) String() string {
	switch d.Subject {
	case OfSecret:
		return "secret " + d.In + ": " + map[Kind]string{Missing: "is missing", Extra: "is not in the pin"}[d.Kind]
	case OfLabel:
		if d.Kind == Extra {
			return fmt.Sprintf("secret %s: label %s is not in the pin", d.In, d.Name)
		}
		return fmt.Sprintf("secret %s: label %s must be %q", d.In, d.Name, d.Pinned)
	case OfKey:
		what := map[Kind]string{Missing: "is missing", Extra: "is not in the pin", Other: "must " + d.Pinned}
		return fmt.Sprintf("secret %s: key %s %s", d.In, d.Name, what[d.Kind])
	case OfPlace:
		if d.Kind == Extra {
			return fmt.Sprintf("%s: reads %d env vars from the Secrets, but is not in the pin", d.In, d.EnvVars)
		}
		return fmt.Sprintf("%s: all %d env vars are missing", d.In, d.EnvVars)
	default:
		what := map[Kind]string{
			Missing: ", from " + d.Pinned + ", is missing",
			Extra:   ", from " + d.Found + ", is not in the pin",
			Other:   " must come from " + d.Pinned + ", not from " + d.Found,
		}
		return fmt.Sprintf("%s: env var %s%s", d.In, d.Name, what[d.Kind])
	}
}

// MarshalText writes what String says.
func (d Difference) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Diff compares a wiring with that of a pin. The order of keys, env vars and
// containers is none, and the in-template values count only where both have some.
// Keys that pods start without and transient workloads may be missing.
func Diff(found, pin releases.Wiring) []Difference {
	return append(diffSecrets(found.Secrets, pin.Secrets), diffPlaces(places(found), places(pin))...)
}

func diffSecrets(found, pinned []releases.Secret) []Difference {
	var differences []Difference
	for _, want := range pinned {
		i := slices.IndexFunc(found, func(s releases.Secret) bool { return s.Name == want.Name })
		if i < 0 {
			differences = append(differences, Difference{Kind: Missing, Subject: OfSecret, In: want.Name})
			continue
		}
		differences = append(differences, diffLabels(found[i], want)...)
		differences = append(differences, diffKeys(found[i], want)...)
	}
	for _, s := range found {
		if !slices.ContainsFunc(pinned, func(p releases.Secret) bool { return p.Name == s.Name }) {
			differences = append(differences, Difference{Kind: Extra, Subject: OfSecret, In: s.Name})
		}
	}
	return differences
}

func diffLabels(s, want releases.Secret) []Difference {
	var differences []Difference
	add := func(kind Kind, label string) {
		differences = append(differences, Difference{Kind: kind, Subject: OfLabel, In: s.Name, Name: label, Pinned: want.Labels[label]})
	}
	for _, label := range slices.Sorted(maps.Keys(want.Labels)) {
		if text, there := s.Labels[label]; !there {
			add(Missing, label)
		} else if text != want.Labels[label] {
			add(Other, label)
		}
	}
	for _, label := range slices.Sorted(maps.Keys(s.Labels)) {
		if _, pinned := want.Labels[label]; !pinned {
			add(Extra, label)
		}
	}
	return differences
}

func diffKeys(s, want releases.Secret) []Difference {
	var differences []Difference
	add := func(kind Kind, key, pinned string) {
		differences = append(differences, Difference{Kind: kind, Subject: OfKey, In: s.Name, Name: key, Pinned: pinned})
	}
	bothInternal := hasInternal(s) && hasInternal(want)
	for _, k := range want.Keys {
		i := slices.IndexFunc(s.Keys, func(found releases.Key) bool { return found.Name == k.Name })
		if i < 0 {
			if !k.Optional {
				add(Missing, k.Name, "")
			}
			continue
		}
		if s.Keys[i].Database != k.Database || s.Keys[i].Field != k.Field {
			add(Other, k.Name, fmt.Sprintf("be %s of %s", k.Field, k.Database))
		}
		if bothInternal && s.Keys[i].Internal != k.Internal {
			add(Other, k.Name, fmt.Sprintf("have the in-template value %q", k.Internal))
		}
	}
	for _, k := range s.Keys {
		if !slices.ContainsFunc(want.Keys, func(w releases.Key) bool { return w.Name == k.Name }) {
			add(Extra, k.Name, "")
		}
	}
	return differences
}

// hasInternal reports whether a Secret holds in-template values: the template
// brings the Redis pods.
func hasInternal(s releases.Secret) bool {
	return slices.ContainsFunc(s.Keys, func(k releases.Key) bool { return k.Internal != "" })
}

// place is a place of a wiring by the name that people know.
type place struct {
	kind, name string
	env        releases.Env
	transient  bool
}

// places returns everything in a wiring that has env vars.
func places(w releases.Wiring) []place {
	var all []place
	for _, o := range w.Workloads {
		for _, p := range PinnedPlaces(o) {
			all = append(all, place{o.Kind, o.Name + "/" + p.Field.name(p.Container), p.Env, o.Transient})
		}
	}
	return all
}

func diffPlaces(found, pinned []place) []Difference {
	index := func(places []place, a place) int {
		return slices.IndexFunc(places, func(b place) bool { return a.kind == b.kind && a.name == b.name })
	}
	var differences []Difference
	for _, want := range pinned {
		if i := index(found, want); i >= 0 {
			differences = append(differences, diffEnv(want.name, found[i].env, want.env)...)
		} else if !want.transient {
			differences = append(differences, Difference{Kind: Missing, Subject: OfPlace, In: want.name, EnvVars: len(want.env)})
		}
	}
	for _, p := range found {
		if index(pinned, p) < 0 {
			differences = append(differences, Difference{Kind: Extra, Subject: OfPlace, In: p.name, EnvVars: len(p.env)})
		}
	}
	return differences
}

func diffEnv(in string, found, pinned releases.Env) []Difference {
	var differences []Difference
	for _, want := range pinned {
		d := Difference{Kind: Missing, Subject: OfEnvVar, In: in, Name: want.Name, Pinned: key(want)}
		i := slices.IndexFunc(found, func(v releases.EnvVar) bool { return v.Name == want.Name })
		if i >= 0 && Pin(found[i]) == Pin(want) {
			continue
		}
		if i >= 0 {
			d.Kind, d.Found = Other, key(found[i])
		}
		differences = append(differences, d)
	}
	for _, v := range found {
		if !slices.ContainsFunc(pinned, func(p releases.EnvVar) bool { return p.Name == v.Name }) {
			differences = append(differences, Difference{Kind: Extra, Subject: OfEnvVar, In: in, Name: v.Name, Found: key(v)})
		}
	}
	return differences
}

// key is where an env var comes from, and whether it may be missing there.
func key(v releases.EnvVar) string {
	if v.Optional {
		return v.String() + ", which may be missing"
	}
	return v.String()
}
