package wiring

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Field is where in a workload env vars stand.
type Field string

// The fields: two lists of the pod, and the hooks of a DeploymentConfig. Env of
// ephemeral containers is left alone: no template can hold them.
const (
	Containers     Field = "containers"
	InitContainers Field = "initContainers"
	PreHook        Field = "pre"
	MidHook        Field = "mid"
	PostHook       Field = "post"
)

var (
	lists = []Field{Containers, InitContainers}
	hooks = []Field{PreHook, MidHook, PostHook}
)

// IsHook reports whether the field is a hook, whose env the server replaces as a
// whole: the API type gives that list no merge key (openshift/api, apps/v1).
func (f Field) IsHook() bool { return slices.Contains(hooks, f) }

// Place is a container, an init container or a hook of an object.
type Place struct {
	Object manifest.Object
	Field  Field
	// Container is its name; a hook has that of the container that it copies.
	Container string
	// Node is the container, or the execNewPod of a hook.
	Node *yaml.Node
	// index is the position in the list; hooks have none.
	index int
}

// String names the workload and the place in it.
func (p Place) String() string { return p.Object.String() + "/" + p.Field.name(p.Container) }

// name is what people call a place in a workload.
func (f Field) name(container string) string {
	switch {
	case f == InitContainers:
		return "init container " + container
	case f.IsHook():
		return string(f) + " hook in " + container
	default:
		return container
	}
}

// Env are the env vars as they stand.
func (p Place) Env() []*yaml.Node { return manifest.Items(manifest.Field(p.Node, "env")) }

// Places returns every place of an object where env can stand: the containers,
// the init containers, and the hooks of the strategy that is in force. It works
// for all kinds with a pod template; other objects have no places.
func Places(o manifest.Object) []Place {
	var places []Place
	for _, field := range lists {
		for i, n := range manifest.Items(manifest.Field(PodTemplate(o), "spec", string(field))) {
			places = append(places, Place{o, field, manifest.Text(n, "name"), n, i})
		}
	}
	for _, hook := range hooks {
		if n := manifest.Field(o.Node, HookPath(o, hook)...); n != nil {
			places = append(places, Place{o, hook, manifest.Text(n, "containerName"), n, 0})
		}
	}
	return places
}

// findPlace returns the place of an object with that field and container.
func findPlace(o manifest.Object, field Field, container string) (Place, bool) {
	places := Places(o)
	i := slices.IndexFunc(places, func(p Place) bool { return p.Field == field && p.Container == container })
	if i < 0 {
		return Place{}, false
	}
	return places[i], true
}

// kinds are the API and the pod template of the kinds that run pods.
var kinds = map[string]struct {
	apiVersion  string
	podTemplate []string
}{
	"DeploymentConfig": {"apps.openshift.io/v1", specTemplate},
	"Deployment":       {"apps/v1", specTemplate},
	"StatefulSet":      {"apps/v1", specTemplate},
	"DaemonSet":        {"apps/v1", specTemplate},
	"ReplicaSet":       {"apps/v1", specTemplate},
	"Job":              {"batch/v1", specTemplate},
	"CronJob":          {"batch/v1", []string{"spec", "jobTemplate", "spec", "template"}},
	"Pod":              {"v1", nil},
}

var specTemplate = []string{"spec", "template"}

// PodTemplatePath leads to the pod template of a kind. A kind that nobody knows
// can have one where most have it.
func PodTemplatePath(kind string) []string {
	if k, known := kinds[kind]; known {
		return slices.Clone(k.podTemplate)
	}
	return slices.Clone(specTemplate)
}

// PodTemplate returns the pod template of an object, nil where it has none.
func PodTemplate(o manifest.Object) *yaml.Node {
	return manifest.Field(o.Node, PodTemplatePath(o.Kind())...)
}

// StrategyPath leads to the parameters of the strategy that a DeploymentConfig
// rolls by. Only their hooks run, and only their timeout counts.
func StrategyPath(o manifest.Object) []string {
	params := "rollingParams"
	if manifest.Text(o.Node, "spec", "strategy", "type") == "Recreate" {
		params = "recreateParams"
	}
	return []string{"spec", "strategy", params}
}

// HookPath leads to the pod of a hook.
func HookPath(o manifest.Object, hook Field) []string {
	return append(StrategyPath(o), string(hook), "execNewPod")
}

// Pinned is a place as a pin has it.
type Pinned struct {
	Field     Field
	Container string
	Env       releases.Env
}

// PinnedPlaces returns the places of a workload of a pin.
func PinnedPlaces(w releases.Workload) []Pinned {
	var places []Pinned
	for i, containers := range [][]releases.Container{w.Containers, w.InitContainers} {
		for _, c := range containers {
			places = append(places, Pinned{lists[i], c.Name, c.Env})
		}
	}
	for i, hook := range []*releases.Container{w.PreHook, w.MidHook, w.PostHook} {
		if hook != nil {
			places = append(places, Pinned{hooks[i], hook.Name, hook.Env})
		}
	}
	return places
}

// Strangers are the names of the containers in a list of a workload that its pin
// does not know: one that the pin misses may have been renamed.
func Strangers(o manifest.Object, field Field, w releases.Workload) []string {
	var names []string
	for _, p := range Places(o) {
		known := slices.ContainsFunc(PinnedPlaces(w), func(k Pinned) bool { return k.Field == field && k.Container == p.Container })
		if p.Field == field && !known {
			names = append(names, p.Container)
		}
	}
	return names
}

// dotted is a path for people.
func dotted(path ...string) string { return strings.Join(path, ".") }
