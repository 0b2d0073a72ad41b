package verify

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/rule"
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
func (r *Report) compare(p Place, required, allowed releases.Env) {
	for _, v := range allowed {
		entry := find(p.Env(), v.Name)
		switch {
		case entry == nil && slices.Contains(required, v):
			p.Differences = append(p.Differences, Difference{Missing, v, nil})
		case entry == nil || reads(entry, v):
		default:
			p.Differences = append(p.Differences, Difference{Other, v, entry})
		}
	}
	for _, v := range r.older(p) {
		entry := find(p.Env(), v.Name)
		if envNamed(allowed, v.Name) || entry == nil || !reads(entry, v) {
			continue
		}
		p.Differences = append(p.Differences, Difference{Stale, v, entry})
	}
	if len(p.Differences) > 0 {
		r.Places = append(r.Places, p)
	}
}

// older are the env vars that older releases read in a place.
func (r *Report) older(p Place) releases.Env {
	var env releases.Env
	for _, line := range releases.Lines() {
		if line == r.Release.Line {
			break
		}
		for _, w := range releases.Load(line).Workloads {
			if w.Name != p.Workload.Name() {
				continue
			}
			for _, v := range pinnedEnv(w, p) {
				if !envNamed(env, v.Name) {
					env = append(env, v)
				}
			}
		}
	}
	return env
}

func pinnedEnv(w releases.Workload, p Place) releases.Env {
	switch p.Field {
	case InitContainers:
		return envOf(w.InitContainers, p.Container)
	case PreHook:
		if w.PreHook == nil {
			return nil
		}
		return w.PreHook.Env
	default:
		return envOf(w.Containers, p.Container)
	}
}

func envNamed(env releases.Env, name string) bool {
	return slices.ContainsFunc(env, func(v releases.EnvVar) bool { return v.Name == name })
}

// find gives the entry of a name that the kubelet takes, the last one.
func find(list *yaml.Node, name string) *yaml.Node {
	var entry *yaml.Node
	for _, n := range manifest.Items(list) {
		if manifest.Text(n, "name") == name {
			entry = n
		}
	}
	return entry
}

// reads reports whether an entry reads the key, which must be there.
func reads(entry *yaml.Node, v releases.EnvVar) bool {
	ref := manifest.Field(entry, "valueFrom", "secretKeyRef")
	return ref != nil && manifest.Text(entry, "value") == "" && manifest.Text(ref, "optional") != "true" &&
		manifest.Text(ref, "name") == v.Secret && manifest.Text(ref, "key") == v.Key
}

// Source says where an entry takes its value from, never the value.
func Source(entry *yaml.Node) string {
	from := manifest.Field(entry, "valueFrom")
	ref := manifest.Field(from, "secretKeyRef")
	switch {
	case ref != nil && manifest.Text(ref, "optional") == "true":
		return "read from " + manifest.Text(ref, "name") + "/" + manifest.Text(ref, "key") + ", which may be missing"
	case ref != nil:
		return "read from " + manifest.Text(ref, "name") + "/" + manifest.Text(ref, "key")
	case from != nil && len(from.Content) > 0:
		return "read from a " + from.Content[0].Value
	default:
		return "a literal value (***)"
	}
}

// issues are the differences of a place; those that are missing, and those that
// are stale, in one issue each.
func (p Place) issues() diag.Issues {
	var issues diag.Issues
	for _, d := range p.Differences {
		if d.Kind == Other {
			issues = append(issues, p.Workload.Issue(d.Entry, p.String(), "env var %s is %s: it must be read from %s", d.Var.Name, Source(d.Entry), d.Var))
		}
	}
	if names, _ := p.listed(Missing); names != "" {
		issue := p.Workload.Issue(p.Node, p.String(), "env vars are missing: %s", names)
		if p.Field.IsHook() {
			issue.Severity = diag.Warning
			issue.Message += "; the hook takes those of the container " + p.Container
		}
		issues = append(issues, issue)
	}
	if names, first := p.listed(Stale); names != "" {
		issue := p.Workload.Issue(first, p.String(), "env vars have no reader in this release: %s", names)
		issue.Severity = diag.Warning
		issue.Hint = "remove them before the keys go: a pod that refers to a missing key does not start"
		issues = append(issues, issue)
	}
	return issues
}

// listed names the differences of a kind, with the keys, and gives the first one.
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
func (r *Report) traps(p Place, env releases.Env) {
	if !envNamed(env, "CONFIG_QUEUES_MASTER_NAME") {
		return
	}
	for _, n := range manifest.Items(p.Env()) {
		literal := manifest.Field(n, "valueFrom") == nil
		for _, issue := range rule.CheckEnv(r.Release, manifest.Text(n, "name"), manifest.Text(n, "value"), literal) {
			issue.Pos, issue.Path = manifest.Position(p.Workload.File, n), p.String()
			r.Remarks = append(r.Remarks, issue)
		}
	}
}
