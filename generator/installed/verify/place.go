package verify

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Field is where in a workload env vars stand.
type Field string

// The fields: two lists of the pod, and the hooks of a rollout.
const (
	Containers     Field = "containers"
	InitContainers Field = "initContainers"
	PreHook        Field = "pre"
	MidHook        Field = "mid"
	PostHook       Field = "post"
)

// IsHook reports whether the field is a hook, whose env the server replaces as a
// whole.
func (f Field) IsHook() bool { return f == PreHook || f == MidHook || f == PostHook }

// Place is a container, an init container or a hook.
type Place struct {
	Workload manifest.Object
	Field    Field
	// Container is its name; a hook has that of the container that it copies.
	Container string
	// Node is the container, or the hook's pod.
	Node *yaml.Node
	// Differences are in the order of the release.
	Differences []Difference
}

// String gives the workload and the place in it.
func (p Place) String() string {
	what := map[Field]string{Containers: "", InitContainers: "init container "}
	prefix, ok := what[p.Field]
	if !ok {
		prefix = string(p.Field) + " hook in "
	}
	return p.Workload.String() + "/" + prefix + p.Container
}

// Env are the env vars as they stand, nil where there are none.
func (p Place) Env() *yaml.Node { return manifest.Field(p.Node, "env") }

// HookPath leads from a DeploymentConfig to the pod of a hook.
func HookPath(o manifest.Object, hook Field) []string {
	params := "rollingParams"
	if manifest.Text(o.Node, "spec", "strategy", "type") == "Recreate" {
		params = "recreateParams"
	}
	return []string{"spec", "strategy", params, string(hook), "execNewPod"}
}

// workload compares one workload of the release.
func (r *Report) workload(w releases.Workload) {
	o, ok := r.Export.Workload(w.Name)
	if !ok {
		r.Obstacles = append(r.Obstacles, r.missing(w))
		return
	}
	pod := manifest.Field(o.Node, "spec", "template", "spec")
	before := len(r.Places)
	r.containers(o, pod, InitContainers, w.InitContainers)
	r.containers(o, pod, Containers, w.Containers)
	r.hooks(o, w)
	if owner := operator(o); owner != "" && len(r.Places) > before {
		issue := o.Issue(o.Node, o.String(), "is owned by %s: its operator takes back changes of the environment", owner)
		r.Obstacles = append(r.Obstacles, issue)
	}
}

// missing says that a workload is not there, and which one could be meant.
func (r *Report) missing(w releases.Workload) diag.Issue {
	var names []string
	for _, o := range r.Export.Workloads {
		known := slices.Contains(r.Release.InternalRedis, o.String()) ||
			slices.ContainsFunc(r.Release.Workloads, func(k releases.Workload) bool { return k.Name == o.Name() })
		if !known {
			names = append(names, o.Name())
		}
	}
	return diag.Issue{
		Pos: diag.Position{File: r.Export.Name}, Path: w.Kind + "/" + w.Name,
		Message: "is not there: 3scale " + r.Release.String() + " reads Redis in it", Hint: diag.DidYouMean(w.Name, names),
	}
}

// strangers warns of workloads that read the Secrets and that no release knows:
// nobody patches them.
func (r *Report) strangers() {
	// What it cannot make sense of in the Secrets, other checks say.
	wiring, _ := releases.ExtractObjects(r.Export.Workloads)
	for _, w := range wiring.Workloads {
		known := slices.ContainsFunc(r.Release.Workloads, func(k releases.Workload) bool { return k.Name == w.Name })
		o, ok := r.Export.Workload(w.Name)
		if known || !ok {
			continue
		}
		issue := o.Issue(o.Node, o.String(), "reads the Secrets, but is no workload of 3scale %s: look after it yourself", r.Release)
		issue.Severity = diag.Warning
		r.Remarks = append(r.Remarks, issue)
	}
}

func operator(o manifest.Object) string {
	for _, ref := range manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")) {
		if kind := manifest.Text(ref, "kind"); kind == "APIManager" {
			return kind + "/" + manifest.Text(ref, "name")
		}
	}
	return ""
}

func (r *Report) containers(o manifest.Object, pod *yaml.Node, field Field, pinned []releases.Container) {
	list := manifest.Field(pod, string(field))
	for _, c := range pinned {
		p := Place{Workload: o, Field: field, Container: c.Name, Node: manifest.Named(list, c.Name)}
		if p.Node == nil {
			r.Obstacles = append(r.Obstacles, notThere(p, list, pinned))
			continue
		}
		r.compare(p, c.Env, c.Env)
		r.traps(p, c.Env)
	}
}

// notThere says that a container is missing, and which one could be meant.
func notThere(p Place, list *yaml.Node, pinned []releases.Container) diag.Issue {
	var others []string
	for _, c := range manifest.Items(list) {
		name := manifest.Text(c, "name")
		if !slices.ContainsFunc(pinned, func(c releases.Container) bool { return c.Name == name }) {
			others = append(others, name)
		}
	}
	at := list
	if at == nil {
		at = p.Workload.Node
	}
	issue := p.Workload.Issue(at, p.String(), "is not there: the release reads Redis in it")
	switch near := diag.Nearest(p.Container, others); {
	case near != "":
		issue.Hint = fmt.Sprintf("was it renamed? %q is there", near)
	case len(others) > 0:
		issue.Hint = "was it renamed? the release does not know " + strings.Join(others, ", ")
	}
	return issue
}

// hooks compares the hooks. A hook's pod has the env of the container that it
// copies; an entry of its own wins.
func (r *Report) hooks(o manifest.Object, w releases.Workload) {
	pins := map[Field]*releases.Container{PreHook: w.PreHook, MidHook: w.MidHook, PostHook: w.PostHook}
	for _, hook := range []Field{PreHook, MidHook, PostHook} {
		pinned := pins[hook]
		p := Place{Workload: o, Field: hook, Node: manifest.Field(o.Node, HookPath(o, hook)...)}
		p.Container = manifest.Text(p.Node, "containerName")
		copied := envOf(w.Containers, p.Container)
		switch {
		case p.Node == nil && pinned != nil:
			r.Remarks = append(r.Remarks, diag.Issue{
				Severity: diag.Warning, Pos: manifest.Position(o.File, o.Node), Path: o.String(),
				Message: fmt.Sprintf("has no %s hook, which 3scale %s has", hook, r.Release),
			})
		case p.Node == nil:
		case pinned == nil:
			r.compare(p, nil, copied)
		case p.Container != pinned.Name:
			issue := o.Issue(p.Node, p.String(), "must copy the container %s: the release reads Redis in that hook", pinned.Name)
			r.Obstacles = append(r.Obstacles, issue)
		default:
			r.compare(p, pinned.Env, pinned.Env)
		}
	}
}

func envOf(containers []releases.Container, name string) releases.Env {
	for _, c := range containers {
		if c.Name == name {
			return c.Env
		}
	}
	return nil
}
