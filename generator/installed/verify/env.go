package verify

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Kind is how an env var differs.
type Kind string

// The kinds of differences.
const (
	// Missing: it is not there.
	Missing Kind = "missing"
	// Other: it does not read the key that the release reads.
	Other Kind = "other"
	// Stale: an older release read it, this one does not.
	Stale Kind = "stale"
)

// Difference is one env var that is not as the release has it.
type Difference struct {
	Kind Kind
	// Var is what the release has; for a Stale one, what the older release had.
	Var releases.EnvVar
	// Entry is what is there, nil where it is Missing.
	Entry *yaml.Node
}

// compare compares the env of a place: required must be there, and what is there
// of allowed must be right.
func (r *Report) compare(place wiring.Place, required, allowed releases.Env) {
	r.pinned = append(r.pinned, pinnedPlace{place, allowed})
	p := Place{Place: place, Twice: wiring.Twice(place.Env())}
	for _, v := range allowed {
		entry := wiring.Named(p.Env(), v.Name)
		switch {
		case entry == nil && slices.Contains(required, v):
			p.Differences = append(p.Differences, Difference{Missing, v, nil})
		case entry == nil || wiring.Reads(entry, v):
		default:
			p.Differences = append(p.Differences, Difference{Other, v, entry})
		}
	}
	older := r.older(place)
	for _, v := range older {
		entry := wiring.Named(p.Env(), v.Name)
		if envNamed(allowed, v.Name) || entry == nil || !wiring.Reads(entry, v) {
			continue
		}
		p.Differences = append(p.Differences, Difference{Stale, v, entry})
	}
	for _, n := range p.Env() {
		name := manifest.Text(n, "name")
		r.compared[n] = envNamed(allowed, name) || envNamed(older, name)
	}
	if len(p.Differences)+len(p.Twice) > 0 {
		r.Places = append(r.Places, p)
	}
}

// older are the env vars that older releases read in a place.
func (r *Report) older(p wiring.Place) releases.Env {
	var env releases.Env
	for _, line := range releases.Lines() {
		if line == r.Release.Line {
			break
		}
		for _, w := range releases.Load(line).Workloads {
			if w.Name != p.Object.Name() {
				continue
			}
			for _, v := range envOf(w, p) {
				if !envNamed(env, v.Name) {
					env = append(env, v)
				}
			}
		}
	}
	return env
}

func envNamed(env releases.Env, name string) bool {
	return slices.ContainsFunc(env, func(v releases.EnvVar) bool { return v.Name == name })
}

// issues are the differences of a place; those that are missing, and those that
// are stale, in one issue each.
func (p Place) issues() diag.Issues {
	var issues diag.Issues
	for _, d := range p.Differences {
		if d.Kind == Other {
			issues = append(issues, p.Object.Issue(d.Entry, p.String(), "env var %s is %s: it must be %s", d.Var.Name, wiring.SourceOf(d.Entry), wiring.Pin(d.Var)))
		}
	}
	if names, _ := p.listed(Missing); names != "" {
		issue := p.Object.Issue(p.Node, p.String(), "env vars are missing: %s", names)
		if p.Field.IsHook() {
			issue.Severity = diag.Warning
			issue.Message += "; the hook takes those of the container " + p.Container
		}
		issues = append(issues, issue)
	}
	if names, first := p.listed(Stale); names != "" {
		issue := p.Object.Issue(first, p.String(), "env vars have no reader in this release: %s", names)
		issue.Severity = diag.Warning
		issue.Hint = "remove them before the keys go: a pod that refers to a missing key does not start"
		issues = append(issues, issue)
	}
	for _, name := range p.Twice {
		issue := p.Object.Issue(wiring.Named(p.Env(), name), p.String(), "env var %s is there more than once: the pod gets the last one, and a patch can change another", name)
		issue.Severity = diag.Warning
		issue.Hint = "leave one"
		issues = append(issues, issue)
	}
	return issues
}

// listed names the differences of a kind, with the keys, and returns the first one.
func (p Place) listed(kind Kind) (names string, first *yaml.Node) {
	for _, d := range p.Differences {
		if d.Kind != kind {
			continue
		}
		if names == "" {
			first = d.Entry
		} else {
			names += ", "
		}
		names += d.Var.Name + " (" + d.Var.String() + ")"
	}
	return names, first
}

// traps warns of env vars of apisonator that undo what the Secrets say.
func (r *Report) traps(p wiring.Place, env releases.Env) {
	if !envNamed(env, "CONFIG_QUEUES_MASTER_NAME") {
		return
	}
	for _, n := range p.Env() {
		literal := wiring.SourceOf(n).From == wiring.Literal
		for _, issue := range rule.CheckEnv(r.Release, manifest.Text(n, "name"), manifest.Text(n, "value"), literal) {
			issue.Pos, issue.Path = manifest.Position(p.Object.File, n), p.String()
			r.Remarks = append(r.Remarks, issue)
		}
	}
}
