package wiring

import (
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Strategic is a workload's patch for `oc patch --type=strategic`. It has no
// apiVersion, kind and metadata, so that `oc apply` refuses it, and no hook: the
// API type gives a hook's env no merge key, so the server would replace the
// list as a whole.
func Strategic(w releases.Workload, annotations map[string]string) *yaml.Node {
	return manifest.Mapping("spec", manifest.Mapping("template", podTemplate(w, annotations)))
}

func podTemplate(w releases.Workload, annotations map[string]string) *yaml.Node {
	template, spec := manifest.Mapping(), manifest.Mapping()
	if len(annotations) > 0 {
		manifest.Set(template, texts(annotations), "metadata", "annotations")
	}
	if len(w.InitContainers) > 0 {
		manifest.Set(spec, containers(w.InitContainers), "initContainers")
	}
	if len(w.Containers) > 0 {
		manifest.Set(spec, containers(w.Containers), "containers")
	}
	manifest.Set(template, spec, "spec")
	return template
}

func containers(cs []releases.Container) *yaml.Node {
	list := sequence()
	for _, c := range cs {
		list.Content = append(list.Content, manifest.Mapping("name", manifest.Scalar(c.Name), "env", mergeEnv(c.Env)))
	}
	return list
}

// mergeEnv are env vars that merge with what is there. Kustomize and the API
// server merge an entry field by field, so the nulls take away what must not
// stay beside secretKeyRef: a literal value, another source, a reference that
// may be missing. A $patch directive would do in Kustomize, but the server
// leaves it in entries that are new, and warns of an unknown field.
func mergeEnv(env releases.Env) *yaml.Node {
	list := sequence()
	for _, v := range env {
		ref := secretKeyRef(v)
		manifest.Set(ref, null(), "optional")
		list.Content = append(list.Content, manifest.Mapping(
			"name", manifest.Scalar(v.Name),
			"value", null(),
			"valueFrom", manifest.Mapping(
				"configMapKeyRef", null(),
				"fieldRef", null(),
				"resourceFieldRef", null(),
				"secretKeyRef", ref)))
	}
	return list
}

func null() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}
