package wiring

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Apply patches the workloads of the release among the objects: env vars and
// pod-template annotations. It returns a new list, whose other objects are those
// that came in. A workload, container or hook of the pin that is missing is an
// Issue, all of them in one run.
func Apply(objects []manifest.Object, rel releases.Release, order Order, annotations Annotations) ([]manifest.Object, error) {
	patched := slices.Clone(objects)
	var issues diag.Issues
	for _, w := range rel.Workloads {
		found := false
		for i, o := range objects {
			if o.Kind() != w.Kind || o.Name() != w.Name {
				continue
			}
			found = true
			copied := manifest.Object{Node: manifest.Clone(o.Node), File: o.File}
			patched[i], issues = copied, append(issues, wire(copied, w, order, annotations[w.Name])...)
		}
		if !found {
			issues = append(issues, missing(objects, rel, w))
		}
	}
	if err := issues.Err(); err != nil {
		return nil, err
	}
	return patched, nil
}

// missing says that there is no such workload, and which object could be meant.
// One that the release knows by its own name is none.
func missing(objects []manifest.Object, rel releases.Release, w releases.Workload) diag.Issue {
	issue := diag.Issue{Path: w.Kind + "/" + w.Name, Message: "is required: the release reads Redis there"}
	named := map[string]manifest.Object{}
	for _, o := range objects {
		known := slices.Contains(rel.InternalRedis, o.String()) || slices.ContainsFunc(rel.Workloads, func(k releases.Workload) bool { return k.Name == o.Name() })
		if o.Kind() == w.Kind && !known {
			named[o.Name()] = o
		}
	}
	names := slices.Sorted(maps.Keys(named))
	if o, ok := named[diag.Nearest(w.Name, names)]; ok {
		issue.Pos = manifest.Position(o.File, manifest.Field(o.Node, "metadata", "name"))
		issue.Hint = diag.DidYouMean(w.Name, names)
	}
	return issue
}

// wire changes one object, and says what it lacks.
func wire(o manifest.Object, w releases.Workload, order Order, annotations map[string]string) diag.Issues {
	template, path := PodTemplate(o), PodTemplatePath(w.Kind)
	if template == nil || template.Kind != yaml.MappingNode {
		return diag.Issues{o.Issue(o.Node, o.String()+": "+dotted(path...), "is required")}
	}
	var issues diag.Issues
	for _, want := range PinnedPlaces(w) {
		p, issue := locate(o, w, want)
		if issue != nil {
			issues = append(issues, *issue)
			continue
		}
		env := manifest.Sequence(Merged(p.Env(), want.Env, order)...)
		if old := manifest.Field(p.Node, "env"); old != nil && old.Kind == yaml.SequenceNode {
			env.Style, env.Line, env.Column = old.Style, old.Line, old.Column
		}
		manifest.Set(p.Node, env, "env")
	}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		manifest.Set(template, manifest.Scalar(annotations[key]), "metadata", "annotations", key)
	}
	return issues
}

// locate finds a place of the pin in an object, or says what is there instead.
func locate(o manifest.Object, w releases.Workload, want Pinned) (Place, *diag.Issue) {
	if p, found := findPlace(o, want.Field, want.Container); found {
		return p, nil
	}
	var issue diag.Issue
	if want.Field.IsHook() {
		path := HookPath(o, want.Field)
		at := manifest.Field(o.Node, path...)
		container := manifest.Text(at, "containerName")
		if at == nil {
			at = o.Node
		}
		issue = o.Issue(at, o.String()+": "+dotted(append(path, "containerName")...), "must be %s: the release reads Redis in that hook", want.Container)
		if container != "" {
			issue.Hint = "was it renamed? it is " + container
		}
		return Place{}, &issue
	}
	path := append(PodTemplatePath(w.Kind), "spec", string(want.Field))
	at := manifest.Field(o.Node, path...)
	if at == nil {
		at = PodTemplate(o)
	}
	issue = o.Issue(at, o.String()+": "+dotted(path...), "must have one named %s: the release reads Redis there", want.Container)
	issue.Hint = renamed(want.Container, Strangers(o, want.Field, w))
	return Place{}, &issue
}

// renamed offers what a missing container could be called now.
func renamed(name string, others []string) string {
	if near := diag.DidYouMean(name, others); near != "" || len(others) == 0 {
		return near
	}
	return fmt.Sprintf("was it renamed? the pin does not know %s", strings.Join(others, ", "))
}
