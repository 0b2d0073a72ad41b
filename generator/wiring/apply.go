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

// Order is where the env vars of the pin stand after a merge. All other env
// vars keep their order either way.
type Order int

const (
	// PinFirst puts them first, in the order of the pin, as Kustomize does.
	PinFirst Order = iota
	// InPlace leaves them where they are and puts new ones last, as the API
	// server does.
	InPlace
)

// Apply patches the workloads of the release among the objects: env vars and
// pod-template annotations. It gives a new list, whose other objects are those
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
			p := patcher{object: manifest.Object{Node: manifest.Clone(o.Node), File: o.File}, order: order}
			p.workload(w, annotations[w.Name])
			patched[i], issues = p.object, append(issues, p.issues...)
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

// patcher patches one object and collects what it lacks.
type patcher struct {
	object manifest.Object
	order  Order
	issues diag.Issues
}

func (p *patcher) workload(w releases.Workload, annotations map[string]string) {
	template := manifest.Field(p.object.Node, "spec", "template")
	if template == nil || template.Kind != yaml.MappingNode {
		p.issue(p.object.Node, "spec.template", "is required")
		return
	}
	p.containers(template, "containers", w.Containers)
	p.containers(template, "initContainers", w.InitContainers)
	if w.PreHook != nil {
		p.hook(*w.PreHook)
	}
	if len(annotations) == 0 {
		return
	}
	for i, a := 0, texts(annotations).Content; i < len(a); i += 2 {
		manifest.Set(template, a[i+1], "metadata", "annotations", a[i].Value)
	}
}

func (p *patcher) containers(template *yaml.Node, field string, pinned []releases.Container) {
	list := manifest.Field(template, "spec", field)
	var others []string
	for _, c := range manifest.Items(list) {
		name := manifest.Text(c, "name")
		if !slices.ContainsFunc(pinned, func(c releases.Container) bool { return c.Name == name }) {
			others = append(others, name)
		}
	}
	for _, c := range pinned {
		if n := manifest.Named(list, c.Name); n != nil {
			manifest.Set(n, mergedEnv(manifest.Field(n, "env"), c.Env, p.order), "env")
			continue
		}
		at := list
		if at == nil {
			at = template
		}
		p.issue(at, "spec.template.spec."+field, "must have one named "+c.Name+": the release reads Redis there")
		p.issues[len(p.issues)-1].Hint = renamed(c.Name, others)
	}
}

// renamed offers what a missing container could be called now.
func renamed(name string, others []string) string {
	if near := diag.DidYouMean(name, others); near != "" || len(others) == 0 {
		return near
	}
	return "was it renamed? the pin does not know " + strings.Join(others, ", ")
}

func (p *patcher) hook(c releases.Container) {
	pod, issue := hookPod(p.object, c)
	if issue != nil {
		p.issues = append(p.issues, *issue)
		return
	}
	manifest.Set(pod, mergedEnv(manifest.Field(pod, "env"), c.Env, p.order), "env")
}

// hookPod finds the pod of the pre hook; its container must be the pin's.
func hookPod(o manifest.Object, c releases.Container) (*yaml.Node, *diag.Issue) {
	at, path := o.Node, o.String()+": "+strings.Join(hookPath, ".")
	pod := manifest.Field(o.Node, hookPath...)
	if pod != nil {
		at = pod
	}
	if name := manifest.Text(pod, "containerName"); name != c.Name {
		issue := o.Issue(at, path+".containerName", "must be %s: the release reads Redis in that hook", c.Name)
		if name != "" {
			issue.Hint = "was it renamed? it is " + name
		}
		return nil, &issue
	}
	return pod, nil
}

func (p *patcher) issue(at *yaml.Node, path, message string) {
	p.issues = append(p.issues, p.object.Issue(at, fmt.Sprintf("%s: %s", p.object, path), "%s", message))
}

// mergedEnv is the env of a container with every env var of the pin once.
func mergedEnv(list *yaml.Node, env releases.Env, order Order) *yaml.Node {
	merged := sequence()
	if list != nil && list.Kind == yaml.SequenceNode {
		merged.Style, merged.Line, merged.Column = list.Style, list.Line, list.Column
	}
	var first []*yaml.Node
	for _, v := range env {
		if n := manifest.Named(list, v.Name); n != nil && wired(n, v) {
			first = append(first, n)
		} else {
			first = append(first, entry(v))
		}
	}
	placed := map[string]bool{}
	if order == PinFirst {
		merged.Content = append(merged.Content, first...)
		for _, v := range env {
			placed[v.Name] = true
		}
	}
	for _, n := range manifest.Items(list) {
		name := manifest.Text(n, "name")
		i := slices.IndexFunc(env, func(v releases.EnvVar) bool { return v.Name == name })
		switch {
		case i < 0:
			merged.Content = append(merged.Content, n)
		case !placed[name]:
			merged.Content, placed[name] = append(merged.Content, first[i]), true
		}
	}
	for i, v := range env {
		if !placed[v.Name] {
			merged.Content = append(merged.Content, first[i])
		}
	}
	return merged
}
