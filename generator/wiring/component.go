package wiring

import (
	_ "embed"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// apiVersion is that of DeploymentConfig, the kind that every template has.
const apiVersion = "apps.openshift.io/v1"

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
func Component(rel releases.Release, annotations Annotations, resources []string) ([]File, error) {
	patches := sequence()
	nodes := map[string]*yaml.Node{"guards.yaml": guards(rel)}
	names := []string{"guards.yaml"}
	for _, w := range rel.Workloads {
		name := "patches/" + w.Name + ".yaml"
		names, nodes[name] = append(names, name), object(w, annotations[w.Name])
		patches.Content = append(patches.Content, manifest.Mapping("path", manifest.Scalar(name), "target", target(w)))
	}
	const kustomization = "kustomization.yaml"
	names, nodes[kustomization] = append(names, kustomization), component(resources, patches)

	files := []File{
		{"openapi.yaml", []byte(manifest.Marker + "\n" + schema)},
		{"references.yaml", []byte(manifest.Marker + "\n" + references)},
	}
	for _, name := range names {
		data, err := manifest.Encode(nodes[name])
		if err != nil {
			return nil, err
		}
		files = append(files, File{name, append([]byte(manifest.Marker+"\n"), data...)})
	}
	return files, nil
}

func component(resources []string, patches *yaml.Node) *yaml.Node {
	n := manifest.Mapping(
		"apiVersion", manifest.Scalar("kustomize.config.k8s.io/v1alpha1"),
		"kind", manifest.Scalar("Component"))
	if len(resources) > 0 {
		list := sequence()
		for _, r := range resources {
			list.Content = append(list.Content, manifest.Scalar(r))
		}
		manifest.Set(n, list, "resources")
	}
	manifest.Set(n, manifest.Scalar("openapi.yaml"), "openapi", "path")
	manifest.Set(n, sequence(manifest.Scalar("references.yaml")), "configurations")
	manifest.Set(n, patches, "patches")
	manifest.Set(n, sequence(manifest.Mapping("path", manifest.Scalar("guards.yaml"))), "replacements")
	return n
}

// object is a workload's patch for Kustomize: target-less, so that a missing
// object fails the build, and without a namespace, since Kustomize refuses one
// that the base does not have.
func object(w releases.Workload, annotations map[string]string) *yaml.Node {
	spec := manifest.Mapping()
	o := manifest.Mapping(
		"apiVersion", manifest.Scalar(apiVersion),
		"kind", manifest.Scalar(w.Kind),
		"metadata", manifest.Mapping("name", manifest.Scalar(w.Name)),
		"spec", spec)
	if w.PreHook != nil {
		manifest.Set(o, mergeEnv(w.PreHook.Env), append(hookPath, "env")...)
	}
	manifest.Set(spec, podTemplate(w, annotations), "template")
	return o
}

// guards are replacements that copy a field of every patched container onto
// itself. They change nothing, and fail the build where the object, the
// container or its image is missing: a strategic patch would add a container
// that was renamed, and replace the list of containers where the user's own
// openapi field keeps our schema out.
func guards(rel releases.Release) *yaml.Node {
	list := sequence()
	for _, w := range rel.Workloads {
		for _, c := range w.Containers {
			list.Content = append(list.Content, containerGuard(w, "containers", c.Name))
		}
		for _, c := range w.InitContainers {
			list.Content = append(list.Content, containerGuard(w, "initContainers", c.Name))
		}
		if w.PreHook != nil {
			const path = "spec.strategy.rollingParams.pre.execNewPod.containerName"
			list.Content = append(list.Content, guard(w, path, path))
		}
	}
	return list
}

// containerGuard selects a container by its exact name: Kustomize matches a list
// selector as a text in sources, and as a regular expression in targets, where it
// looks at the YAML of the name, with its quotes and comments. No name begins or
// ends with a character that \W matches.
func containerGuard(w releases.Workload, field, name string) *yaml.Node {
	path := "spec.template.spec." + field + ".[name="
	return guard(w, path+name+"].image", path+`(?m)^\W?`+name+`\W?( #.*)?$].image`)
}

func guard(w releases.Workload, from, to string) *yaml.Node {
	source := target(w)
	manifest.Set(source, manifest.Scalar(from), "fieldPath")
	return manifest.Mapping("source", source, "targets", sequence(
		manifest.Mapping("select", target(w), "fieldPaths", sequence(manifest.Scalar(to)))))
}

// target selects a workload in whatever namespace it is: a patch without a
// target has to name the one that stands in the base.
func target(w releases.Workload) *yaml.Node {
	return manifest.Mapping(
		"group", manifest.Scalar("apps.openshift.io"),
		"version", manifest.Scalar("v1"),
		"kind", manifest.Scalar(w.Kind),
		"name", manifest.Scalar(w.Name))
}
