package verify

import (
	"slices"
	"strings"

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
	// NotRead: it is not there, as after an upgrade from a release that did not have
	// it; its key may be missing, but has a value in the spec or in the Secret.
	NotRead Kind = "not read"
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
	// Entry is what is there, nil where it is Missing or NotRead.
	Entry *yaml.Node
	// keyless says that a Stale one refers to a key that the Secret lacks.
	keyless bool
}

// compare compares the env of a place: required must be there, and what is there
// of allowed must be right.
func (r *Report) compare(place wiring.Place, required, allowed releases.Env) {
	r.pinned = append(r.pinned, pinnedPlace{place, allowed})
	if p := r.differences(place, required, allowed); len(p.Differences)+len(p.Twice) > 0 {
		r.Places = append(r.Places, p)
	}
}

// differences finds what differs in a place.
func (r *Report) differences(place wiring.Place, required, allowed releases.Env) Place {
	p := Place{Place: place, Twice: twice(place), operated: r.Release.Operated()}
	for _, v := range allowed {
		entry := wiring.Named(p.Env(), v.Name)
		switch {
		case entry == nil && v.Optional && !r.hasValue(v):
			r.unneeded(place)
		case entry == nil && v.Optional:
			p.Differences = append(p.Differences, Difference{Kind: NotRead, Var: v})
		case entry == nil && slices.Contains(required, v):
			p.Differences = append(p.Differences, Difference{Kind: Missing, Var: v})
		case entry == nil || wiring.Reads(entry, v):
		default:
			p.Differences = append(p.Differences, Difference{Kind: Other, Var: v, Entry: entry})
		}
	}
	older := r.older(place)
	for _, v := range older {
		entry := wiring.Named(p.Env(), v.Name)
		if envNamed(allowed, v.Name) || entry == nil || !wiring.Reads(entry, v) {
			continue
		}
		_, there := r.Export.Values[v.Secret][v.Key]
		p.Differences = append(p.Differences, Difference{Stale, v, entry, !there && !v.Optional})
	}
	for _, n := range p.Env() {
		name := manifest.Text(n, "name")
		r.compared[n] = envNamed(allowed, name) || envNamed(older, name)
	}
	return p
}

// twice are the env vars that stand more than once in a place. The operator's own
// Jobs have some twice with one value (exports of 2.16.3).
func twice(p wiring.Place) []string {
	names := wiring.Twice(p.Env())
	if !isJob(p) {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool {
		last := wiring.Named(p.Env(), name)
		return !slices.ContainsFunc(p.Env(), func(n *yaml.Node) bool { return manifest.Text(n, "name") == name && !manifest.Equal(n, last) })
	})
}

func isJob(p wiring.Place) bool { return p.Object.Kind() == "Job" }

// hasValue reports whether the key of an env var has a value, in the Secret or in
// the spec.
func (r *Report) hasValue(v releases.EnvVar) bool {
	return r.Wanted[v.Secret][v.Key] != "" || strings.TrimSpace(r.Export.Values[v.Secret][v.Key]) != ""
}

// unneeded keeps that a workload does not read a key that nobody fills.
func (r *Report) unneeded(p wiring.Place) {
	if name := p.Object.String(); !isJob(p) && !slices.Contains(r.withoutKeys, name) {
		r.withoutKeys = append(r.withoutKeys, name)
	}
}

// upgraded notes the workloads that were made before the release had keys for
// credentials. The operator never adds their env vars.
func (r *Report) upgraded() {
	notRead := func(p Place) bool {
		return slices.ContainsFunc(p.Differences, func(d Difference) bool { return d.Kind == NotRead })
	}
	if len(r.withoutKeys) == 0 || slices.ContainsFunc(r.Places, notRead) {
		return
	}
	issue := r.manager.Issue(r.manager.Node, r.manager.String(), "the operator made %s before 3scale %s: user names and passwords must stand in the URLs, since they do not read the keys for them",
		strings.Join(r.withoutKeys, ", "), r.Release.Line)
	issue.Severity, issue.Hint = diag.Note, unreadHint
	r.Remarks = append(r.Remarks, issue)
}

// unreadHint is what helps containers that do not read keys.
const unreadHint = "`threescale-redis migrate` patches them where the spec needs the keys; with secrets.credentials: url it does not"

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
		switch {
		case d.Kind == Other:
			issues = append(issues, p.Object.Issue(d.Entry, p.String(), "env var %s is %s: it must be %s", d.Var.Name, wiring.SourceOf(d.Entry), wiring.Pin(d.Var)))
		case d.keyless:
			issues = append(issues, p.Object.Issue(d.Entry, p.String(), "env var %s refers to %s, which is missing: the pod does not start", d.Var.Name, d.Var))
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
	if names, _ := p.listed(NotRead); names != "" {
		issue := p.Object.Issue(p.Node, p.String(), "does not read what the spec or the Secret has a value for, its env vars are missing: %s", names)
		issue.Hint = unreadHint
		issues = append(issues, issue)
	}
	if names, first := p.listed(Stale); names != "" {
		issue := p.Object.Issue(first, p.String(), "env vars have no reader in this release: %s", names)
		issue.Severity = diag.Warning
		if p.operated { // it carries them along from release to release
			issue.Severity = diag.Note
		}
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
