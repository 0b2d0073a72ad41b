// Package explain says what a field of the spec, a key of a Secret or an env var is: who
// reads it in which release, what happens without it, and which workloads must restart
// when it changes. All facts come from the pins and from the spec's own documentation.
package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Kind is what a name stands for.
type Kind string

// The kinds.
const (
	Field Kind = "field of the spec"
	Key   Kind = "key of a Secret"
	Env   Kind = "env var"
)

// Topic is what one name stands for.
type Topic struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// About says what it is.
	About string `json:"about"`
	// Values are all that it can be, where there are only some.
	Values []string `json:"values,omitempty"`
	// Fields are those below a field of the spec.
	Fields []Below `json:"fields,omitempty"`
	Spans  []Span  `json:"releases,omitempty"`
}

// Below is a field below another one.
type Below struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// Span is what holds for some releases.
type Span struct {
	Releases []string `json:"lines"`
	// Keys are secret/KEY that hold a field of the spec.
	Keys []string `json:"keys,omitempty"`
	// Facts are sentences.
	Facts []string `json:"facts,omitempty"`
	Reads []Read   `json:"reads,omitempty"`
	// Restart are the workloads whose pods read it when they start.
	Restart []string `json:"restart,omitempty"`
}

// Read is an env var of some containers that takes a key, or a plain value.
type Read struct {
	Env string `json:"env"`
	// From is secret/KEY, or the plain value.
	From string `json:"from"`
	// Containers are workload/container; that of a hook has the name of the hook behind it.
	Containers []string `json:"containers"`
}

// Topics returns what a name stands for in some releases. The error offers a near miss.
func Topics(name string, rels []releases.Release) ([]Topic, error) {
	var topics []Topic
	if n, ok := spec.Tree().Find(name); ok && name != "" {
		topics = append(topics, ofField(n, rels))
	}
	for _, key := range keys(rels) {
		if _, short, _ := strings.Cut(key, "/"); key == name || short == name {
			topics = append(topics, ofKey(key, rels))
		}
	}
	if slices.Contains(envs(rels), name) {
		topics = append(topics, ofEnv(name, rels))
	}
	if len(topics) == 0 {
		return nil, diag.Issues{{
			Message: fmt.Sprintf("%q is not a field of the spec, a key of the Secrets, or an env var that reads one", name),
			Hint:    diag.DidYouMean(name, Names(rels)),
		}}
	}
	return topics, nil
}

// Names are all names that Topics knows.
func Names(rels []releases.Release) []string {
	names := envs(rels)
	for _, n := range spec.Tree().All()[1:] {
		names = append(names, n.Path)
	}
	for _, key := range keys(rels) {
		_, short, _ := strings.Cut(key, "/")
		names = append(names, key, short)
	}
	return unique(names)
}

// keys are secret/KEY of the releases, each once.
func keys(rels []releases.Release) []string {
	var all []string
	for _, rel := range rels {
		for _, s := range rel.Secrets {
			for _, k := range s.Keys {
				all = append(all, s.Name+"/"+k.Name)
			}
		}
	}
	return unique(all)
}

// envs are the env vars of the releases, each once.
func envs(rels []releases.Release) []string {
	var all []string
	for _, rel := range rels {
		for _, r := range reads(rel, func(Read) bool { return true }) {
			all = append(all, r.Env)
		}
	}
	return unique(all)
}

func unique(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

// reads are the env vars of a release that are wanted, each with all its containers.
func reads(rel releases.Release, wanted func(Read) bool) []Read {
	var all []Read
	add := func(r Read) {
		if !wanted(r) {
			return
		}
		i := slices.IndexFunc(all, func(other Read) bool { return other.Env == r.Env && other.From == r.From })
		if i < 0 {
			all = append(all, r)
		} else if !slices.Contains(all[i].Containers, r.Containers[0]) {
			all[i].Containers = append(all[i].Containers, r.Containers...)
		}
	}
	for _, w := range rel.Workloads {
		for _, p := range wiring.PinnedPlaces(w) {
			for _, v := range p.Env {
				add(Read{v.Name, v.String(), []string{place(w, p)}})
			}
		}
	}
	for _, s := range rel.Settings {
		for _, at := range s.Places {
			for _, switched := range []map[string]string{s.On, s.Off} {
				for name, value := range switched {
					add(Read{name, "the value " + value, []string{at}})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Read) int { return strings.Compare(a.Env+" "+a.From, b.Env+" "+b.From) })
	return all
}

func place(w releases.Workload, p wiring.Pinned) string {
	name := w.Name + "/" + p.Container
	if p.Field.IsHook() {
		name += " (" + string(p.Field) + " hook)"
	}
	return name
}

// ofKey explains secret/KEY.
func ofKey(name string, rels []releases.Release) Topic {
	secret, short, _ := strings.Cut(name, "/")
	t := Topic{Name: name, Kind: Key}
	t.Spans = spans(rels, func(rel releases.Release) (Span, bool) {
		key := rel.Key(secret, short)
		if key.Name == "" {
			return Span{}, false
		}
		t.About = fmt.Sprintf(meaning[key.Field], key.Database)
		s := Span{Reads: reads(rel, func(r Read) bool { return r.From == name })}
		s.Restart = restart(rel, s.Reads)
		switch {
		case key.Optional:
			s.Facts = append(s.Facts, "Pods start without it.")
		case len(s.Reads) > 0:
			s.Facts = append(s.Facts, "A pod that refers to it does not start without it.")
		}
		if !slices.Contains(redis.Used(rel), key.Database) {
			s.Facts = append(s.Facts, "No program of the release uses it.")
		}
		return s, true
	})
	return t
}

// meaning is what a value says of a database, by the field of a key.
var meaning = map[string]string{
	"url":              "The URL of %s: the server, or with Sentinels the master group, and the database.",
	"sentinelHosts":    "The Sentinels of %s, with a comma between them; empty without Sentinels.",
	"sentinelRole":     "The kind of node that is asked of the Sentinels of %s: master.",
	"namespace":        "What stands before the keys that porta writes to %s.",
	"username":         "The user name for %s.",
	"password":         "The password for %s.",
	"sentinelUsername": "The user name for the Sentinels of %s.",
	"sentinelPassword": "The password for the Sentinels of %s.",
	"ca":               "The CA that signed the certificate of %s, as PEM.",
	"certificate":      "The client certificate for %s, as PEM.",
	"key":              "The private key of the client certificate for %s, as PEM.",
}

// ofEnv explains an env var.
func ofEnv(name string, rels []releases.Release) Topic {
	t := Topic{Name: name, Kind: Env, About: "Set by the operator as a plain value."}
	t.Spans = spans(rels, func(rel releases.Release) (Span, bool) {
		s := Span{Reads: reads(rel, func(r Read) bool { return r.Env == name })}
		for _, r := range s.Reads {
			secret, key, _ := strings.Cut(r.From, "/")
			if k := rel.Key(secret, key); k.Name != "" {
				t.About = fmt.Sprintf(meaning[k.Field], k.Database)
			}
		}
		s.Restart = restart(rel, s.Reads)
		return s, len(s.Reads) > 0
	})
	return t
}

// restart are the workloads whose pods read something and stay: a Job reads what is
// there when it runs.
func restart(rel releases.Release, reads []Read) []string {
	var names []string
	for _, r := range reads {
		for _, c := range r.Containers {
			name, _, _ := strings.Cut(c, "/")
			if slices.ContainsFunc(rel.Workloads, func(w releases.Workload) bool { return w.Name == name && !w.Transient }) {
				names = append(names, name)
			}
		}
	}
	return unique(names)
}

// spans puts neighbouring releases together for which the same holds.
func spans(rels []releases.Release, of func(releases.Release) (Span, bool)) []Span {
	var all []Span
	last := false
	for _, rel := range rels {
		s, ok := of(rel)
		if ok && last && same(all[len(all)-1], s) {
			all[len(all)-1].Releases = append(all[len(all)-1].Releases, rel.String())
		} else if ok {
			s.Releases = []string{rel.String()}
			all = append(all, s)
		}
		last = ok
	}
	return all
}

func same(a, b Span) bool {
	return slices.Equal(a.Keys, b.Keys) && slices.Equal(a.Facts, b.Facts) && slices.Equal(a.Restart, b.Restart) && slices.EqualFunc(a.Reads, b.Reads, func(a, b Read) bool {
		return a.Env == b.Env && a.From == b.From && slices.Equal(a.Containers, b.Containers)
	})
}
