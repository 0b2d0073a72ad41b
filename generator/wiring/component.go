package wiring

import (
	_ "embed"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// schema is what Kustomize merges by while the Component is in the build.
//
//go:embed openapi.yaml
var schema string

// References makes a namePrefix of the user's kustomization reach the names of
// Secrets in a DeploymentConfig, which Kustomize does not look into by itself.
//
//go:embed references.yaml
var references string

// File is a file of a directory; Name is a slash-separated path in it.
type File struct {
	Name string
	Data []byte
}

// Component is the wiring of a release as a Kustomize Component, for `kustomize
// build` and `oc apply -k`. The resources are files that the caller adds; the
// kustomization.yaml that names all others is the last file.
//
// It is never a Kustomization: listed as a resource, one that carries a schema
// damages the user's own patches.
//
// The objects are those that it is meant for, where they are known. They say where
// the hooks are; without them a hook is where the templates have it, in
// rollingParams, and a guard fails the build of a DeploymentConfig that recreates
// its pods.
func Component(rel releases.Release, objects []manifest.Object, annotations Annotations, resources []string) ([]File, error) {
	patches := manifest.Sequence()
	guards := manifest.Sequence()
	var names []string
	nodes := map[string]*yaml.Node{}
	for _, w := range rel.Workloads {
		o := meant(objects, w)
		name := "patches/" + w.Name + ".yaml"
		names, nodes[name] = append(names, name), object(o, w, annotations[w.Name])
		guards.Content = append(guards.Content, guard(o, w)...)
		patches.Content = append(patches.Content, manifest.Mapping("path", manifest.Scalar(name), "target", target(w)))
	}
	const kustomization = "kustomization.yaml"
	nodes[guardsFile], nodes[kustomization] = guards, component(resources,
		"openapi", manifest.Mapping("path", manifest.Scalar("openapi.yaml")),
		"configurations", manifest.Sequence(manifest.Scalar("references.yaml")),
		"patches", patches)
	files, err := encoded(append(append([]string{guardsFile}, names...), kustomization), nodes)
	return append([]File{
		{"openapi.yaml", []byte(manifest.Marker + "\n" + schema)},
		{"references.yaml", []byte(manifest.Marker + "\n" + references)},
	}, files...), err
}

// guardsFile holds the replacements of a Component.
const guardsFile = "guards.yaml"

// encoded writes the files of a Component.
func encoded(names []string, nodes map[string]*yaml.Node) ([]File, error) {
	var files []File
	for _, name := range names {
		data, err := manifest.Encode(nodes[name])
		if err != nil {
			return nil, err
		}
		files = append(files, File{name, append([]byte(manifest.Marker+"\n"), data...)})
	}
	return files, nil
}

// component is a Component with guards, and fields of its own before them.
func component(resources []string, fields ...any) *yaml.Node {
	n := manifest.Mapping(
		"apiVersion", manifest.Scalar("kustomize.config.k8s.io/v1alpha1"),
		"kind", manifest.Scalar("Component"))
	if len(resources) > 0 {
		list := manifest.Sequence()
		for _, r := range resources {
			list.Content = append(list.Content, manifest.Scalar(r))
		}
		manifest.Set(n, list, "resources")
	}
	n.Content = append(n.Content, manifest.Mapping(fields...).Content...)
	manifest.Set(n, manifest.Sequence(manifest.Mapping("path", manifest.Scalar(guardsFile))), "replacements")
	return n
}

// meant is the object that a workload of the pin stands for: a known one, or one
// that has nothing but a name.
func meant(objects []manifest.Object, w releases.Workload) manifest.Object {
	for _, o := range objects {
		if o.Kind() == w.Kind && o.Name() == w.Name {
			return o
		}
	}
	return manifest.Object{Node: manifest.Mapping(
		"apiVersion", manifest.Scalar(kinds[w.Kind].apiVersion),
		"kind", manifest.Scalar(w.Kind),
		"metadata", manifest.Mapping("name", manifest.Scalar(w.Name)))}
}

// object is a workload's patch for Kustomize: without a namespace, since Kustomize
// refuses one that the base does not have.
func object(o manifest.Object, w releases.Workload, annotations map[string]string) *yaml.Node {
	patch := manifest.Mapping(
		"apiVersion", manifest.Scalar(kinds[w.Kind].apiVersion),
		"kind", manifest.Scalar(w.Kind),
		"metadata", manifest.Mapping("name", manifest.Scalar(w.Name)))
	for _, p := range PinnedPlaces(w) {
		if p.Field.IsHook() {
			manifest.Set(patch, wholeEnv(p.Env), append(HookPath(o, p.Field), "env")...)
		}
	}
	for key, value := range manifest.Fields(manifest.Field(Strategic(w, annotations), "spec")) {
		manifest.Set(patch, value, "spec", key.Value)
	}
	return patch
}

// guard are replacements that copy a field of every patched place onto itself.
// They change nothing, and fail the build where the object, the container or its
// image is missing: a strategic patch would add a container that was renamed, and
// replace the list of containers where the user's own openapi field keeps our
// schema out.
//
// Kustomize takes the value of a list selector as it stands in sources. In targets
// it is a regular expression that is matched with the YAML of the name, its quotes
// and comment included; no name begins or ends with a character that \W matches.
func guard(o manifest.Object, w releases.Workload) []*yaml.Node {
	var guards []*yaml.Node
	for _, p := range PinnedPlaces(w) {
		list := dotted(append(PodTemplatePath(w.Kind), "spec", string(p.Field))...)
		from, to := list+".[name="+p.Container+"].image", list+`.[name=(?m)^\W?`+p.Container+`\W?( #.*)?$].image`
		if p.Field.IsHook() {
			from = dotted(append(HookPath(o, p.Field), "containerName")...)
			to = from
		}
		source := target(w)
		manifest.Set(source, manifest.Scalar(from), "fieldPath")
		guards = append(guards, manifest.Mapping("source", source, "targets", manifest.Sequence(
			manifest.Mapping("select", target(w), "fieldPaths", manifest.Sequence(manifest.Scalar(to))))))
	}
	return guards
}

// target selects a workload in whatever namespace it is: a patch without a
// target has to name the one that stands in the base.
func target(w releases.Workload) *yaml.Node {
	return selector(kinds[w.Kind].apiVersion, w.Kind, w.Name)
}

func selector(apiVersion, kind, name string) *yaml.Node {
	group, version, _ := strings.Cut(apiVersion, "/")
	return manifest.Mapping(
		"group", manifest.Scalar(group),
		"version", manifest.Scalar(version),
		"kind", manifest.Scalar(kind),
		"name", manifest.Scalar(name))
}
