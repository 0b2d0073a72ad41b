package explain

import (
	"maps"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Side is one of two things that are compared.
type Side struct {
	Name    string
	Release releases.Release
	// Settings are what it says beside the values, by a name for people.
	Settings map[string]string
	// Values are those of the Secrets, by secret/KEY.
	Values map[string]Value
}

// Value is what a key holds.
type Value struct {
	// Text is for people: a mask stands in the place of a secret.
	Text string
	// Exact is the whole value, where it is known.
	Exact secret.Value
	// Behind are the references that lead to its secrets, where it is not.
	Behind []string
}

// Difference is what changes from one side to another, and what that means.
type Difference struct {
	From      string     `json:"from"`
	To        string     `json:"to"`
	Settings  []Setting  `json:"settings"`
	Keys      []Change   `json:"keys"`
	Databases []Movement `json:"databases"`
	// Restart are the workloads that must restart.
	Restart []string `json:"restart"`
}

// Setting is a setting beside the values that changes.
type Setting struct {
	Name    string   `json:"name"`
	Before  string   `json:"before"`
	After   string   `json:"after"`
	Restart []string `json:"restart,omitempty"`
}

// The settings that restart pods when they change.
const (
	Release = "spec.release"
	Token   = "spec.rollout.token"
	Async   = "spec.apiManager.async"
)

// restarted are the workloads that a setting restarts: the env vars of the pods are
// those of the release, and a token is an annotation of theirs.
func restarted(setting string, rel releases.Release) []string {
	switch {
	case setting == Release, setting == Token && !rel.Operated():
		return restart(rel, reads(rel, func(Read) bool { return true }))
	case setting != Async:
		return nil
	}
	return restart(rel, reads(rel, func(r Read) bool {
		return slices.ContainsFunc(rel.Settings, func(s releases.Setting) bool {
			_, sets := s.On[r.Env]
			return s.Switch == releases.SwitchAsync && sets
		})
	}))
}

// Change is a key whose value changes.
type Change struct {
	Key string `json:"key"`
	// Before and After are for people; nil where the key is not there.
	Before *string `json:"before"`
	After  *string `json:"after"`
	// Note says what the texts do not show.
	Note  string `json:"note,omitempty"`
	About string `json:"about"`
	// Facts say what happens without the key.
	Facts   []string `json:"facts,omitempty"`
	Restart []string `json:"restart,omitempty"`
}

// Movement are programs that end up elsewhere.
type Movement struct {
	Database string   `json:"database"`
	Programs []string `json:"programs"`
	Before   []string `json:"before"`
	After    []string `json:"after"`
}

// Empty reports whether nothing changes.
func (d Difference) Empty() bool { return len(d.Settings)+len(d.Keys)+len(d.Databases) == 0 }

// Between compares two sides. No secret is in what it returns.
func Between(from, to Side) Difference {
	d := Difference{From: from.Name, To: to.Name, Settings: []Setting{}, Keys: []Change{}, Databases: movements(from, to), Restart: []string{}}
	settings := func(s Side) map[string]string {
		all := map[string]string{Release: s.Release.String()}
		maps.Copy(all, s.Settings)
		return all
	}
	before, after := settings(from), settings(to)
	if from.Release.Covers(to.Release) {
		delete(before, Release)
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		was, said := before[name]
		if !said || was == after[name] {
			continue
		}
		changed := Setting{name, was, after[name], restarted(name, to.Release)}
		d.Settings = append(d.Settings, changed)
		d.Restart = append(d.Restart, changed.Restart...)
	}
	for _, name := range keys([]releases.Release{from.Release, to.Release}) {
		if c, changed := changeOf(name, from, to); changed {
			d.Keys = append(d.Keys, c)
			d.Restart = append(d.Restart, c.Restart...)
		}
	}
	d.Restart = unique(d.Restart)
	return d
}

// changeOf compares one key.
func changeOf(name string, from, to Side) (Change, bool) {
	before, was := from.Values[name]
	after, is := to.Values[name]
	c := Change{Key: name}
	switch {
	case !was && !is:
		return c, false
	case !was || !is:
		if before.Text+after.Text == "" && optional(name, from.Release, to.Release) {
			return c, false // pods start without it, and read the same
		}
	case before.Exact.Known() && after.Exact.Known() && before.Behind == nil && after.Behind == nil:
		if before.Exact.Reveal() == after.Exact.Reveal() {
			return c, false
		}
		if before.Text == after.Text {
			c.Note = "only the secret changes"
		}
	case before.Text == after.Text && slices.Equal(before.Behind, after.Behind):
		return c, false
	case before.Text == after.Text || masked(before) && masked(after):
		c.Note = "the secret is not compared: it is behind " + strings.Join(unique(slices.Concat(before.Behind, after.Behind)), ", ")
	}
	if was {
		c.Before = &before.Text
	}
	if is {
		c.After = &after.Text
	}
	secretName, key, _ := strings.Cut(name, "/")
	if to.Release.Key(secretName, key).Name == "" {
		c.About = ofKey(name, []releases.Release{from.Release}).About
		c.Facts = []string{"No program of 3scale " + to.Release.String() + " reads it."}
		return c, true
	}
	topic := ofKey(name, []releases.Release{to.Release})
	c.About, c.Facts, c.Restart = topic.About, topic.Spans[0].Facts, topic.Spans[0].Restart
	return c, true
}

func masked(v Value) bool { return strings.Contains(v.Text, secret.Mask) }

// optional reports whether pods start without a key in each release that has it.
func optional(name string, rels ...releases.Release) bool {
	secretName, short, _ := strings.Cut(name, "/")
	return !slices.ContainsFunc(rels, func(rel releases.Release) bool {
		key := rel.Key(secretName, short)
		return key.Name != "" && !key.Optional
	})
}

// movements are the programs that end up elsewhere.
func movements(from, to Side) []Movement {
	all := []Movement{}
	for _, database := range redis.Names {
		before, after := from.ends(database), to.ends(database)
		for _, program := range unique(slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))) {
			m := Movement{database, []string{program}, before[program], after[program]}
			i := slices.IndexFunc(all, func(o Movement) bool {
				return o.Database == database && slices.Equal(o.Before, m.Before) && slices.Equal(o.After, m.After)
			})
			switch {
			case slices.Equal(m.Before, m.After):
			case i >= 0:
				all[i].Programs = append(all[i].Programs, program)
			default:
				all = append(all, m)
			}
		}
	}
	return all
}

// ends are where each program ends up with the values of a database.
func (s Side) ends(database string) map[string][]string {
	if !slices.Contains(redis.Used(s.Release), database) {
		return nil
	}
	masked, hidden := clients.Values{}, false
	for _, own := range s.Release.Secrets {
		masked[own.Name] = map[string]string{}
		for _, k := range own.Keys {
			v, there := s.Values[own.Name+"/"+k.Name]
			if there {
				masked[own.Name][k.Name] = v.Text
			}
			address := k.Field == "url" || k.Field == "sentinelHosts"
			hidden = hidden || k.Database == database && address && v.Text == secret.Mask
		}
	}
	all := map[string][]string{}
	for _, end := range clients.Ends(masked, s.Release, database) {
		for _, program := range end.Programs {
			all[program] = end.Where
			if hidden {
				all[program] = []string{"an address that is not shown: it could be a password"}
			}
		}
	}
	return all
}
