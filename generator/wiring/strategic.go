package wiring

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Strategic is a workload's patch for `oc patch --type=strategic`, whatever its
// env is now. It has no apiVersion, kind and metadata, so that `oc apply` refuses
// it, and no hook: the server would replace the list of a hook as a whole.
func Strategic(w releases.Workload, annotations map[string]string) *yaml.Node {
	template, spec := manifest.Mapping(), manifest.Mapping()
	if len(annotations) > 0 {
		texts := manifest.Mapping()
		for _, key := range slices.Sorted(maps.Keys(annotations)) {
			manifest.Set(texts, manifest.Scalar(annotations[key]), key)
		}
		manifest.Set(template, texts, "metadata", "annotations")
	}
	for _, field := range []Field{InitContainers, Containers} {
		list := manifest.Sequence()
		for _, p := range PinnedPlaces(w) {
			if p.Field == field {
				list.Content = append(list.Content, manifest.Mapping("name", manifest.Scalar(p.Container), "env", wholeEnv(p.Env)))
			}
		}
		if len(list.Content) > 0 {
			manifest.Set(spec, list, string(field))
		}
	}
	manifest.Set(template, spec, "spec")
	return atTemplate(w.Kind, template)
}

// atTemplate puts a pod template where the kind has it.
func atTemplate(kind string, template *yaml.Node) *yaml.Node {
	path := PodTemplatePath(kind)
	if len(path) == 0 {
		return template
	}
	patch := manifest.Mapping()
	manifest.Set(patch, template, path...)
	return patch
}

// wholeEnv are env vars that merge with whatever is there. Kustomize and the API
// server merge an entry field by field, so the nulls take away what must not
// stay beside secretKeyRef: a literal value, another source, a reference that
// may be missing. A $patch directive would do in Kustomize, but the server
// leaves it in entries that are new, and warns of an unknown field.
func wholeEnv(env releases.Env) *yaml.Node {
	list := manifest.Sequence()
	for _, v := range env {
		ref := secretKeyRef(v)
		if !v.Optional {
			manifest.Set(ref, manifest.Null(), "optional")
		}
		list.Content = append(list.Content, manifest.Mapping(
			"name", manifest.Scalar(v.Name),
			"value", manifest.Null(),
			"valueFrom", manifest.Mapping(
				string(ConfigMapKey), manifest.Null(),
				string(PodField), manifest.Null(),
				string(Resource), manifest.Null(),
				string(SecretKey), ref)))
	}
	return list
}

// Change turns the env of a place from one list into another.
type Change struct {
	Place
	From, To []*yaml.Node
}

// StrategicChange is the patch for `oc patch --type=strategic` that makes changes
// of the containers of one workload, and sets annotations of its pod template: a
// null takes one away. No name may appear twice in a list.
func StrategicChange(kind string, changes []Change, annotations *yaml.Node) *yaml.Node {
	template, pod := manifest.Mapping(), manifest.Mapping()
	if annotations != nil {
		manifest.Set(template, annotations, "metadata", "annotations")
	}
	for _, field := range []Field{InitContainers, Containers} {
		list := manifest.Sequence()
		for _, c := range inOrder(changes, field) {
			container := manifest.Mapping("name", manifest.Scalar(c.Container))
			mergeEnv(container, c.From, c.To)
			list.Content = append(list.Content, container)
		}
		if len(list.Content) > 0 {
			manifest.Set(pod, list, string(field))
		}
	}
	if len(pod.Content) > 0 {
		manifest.Set(template, pod, "spec")
	}
	return atTemplate(kind, template)
}

// inOrder returns the changes in a field in the order of the object: the server
// puts what a patch names into the patch's order.
func inOrder(changes []Change, field Field) []Change {
	found := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Field != field })
	slices.SortStableFunc(found, func(a, b Change) int { return a.index - b.index })
	return found
}

// mergeEnv puts the patch of an env list into that of its container.
func mergeEnv(container *yaml.Node, from, to []*yaml.Node) {
	list, order := manifest.Sequence(), manifest.Sequence()
	inserted := false
	for _, n := range from {
		if Named(to, name(n)) == nil {
			list.Content = append(list.Content, manifest.Mapping("$patch", manifest.Scalar("delete"), "name", manifest.Scalar(name(n))))
		} else if change := merge(n, Named(to, name(n))); change != nil {
			manifest.Set(change, manifest.Scalar(name(n)), "name")
			list.Content = append(list.Content, change)
		}
	}
	for i, n := range to {
		order.Content = append(order.Content, manifest.Mapping("name", manifest.Scalar(name(n))))
		if Named(from, name(n)) == nil {
			list.Content = append(list.Content, n)
			inserted = inserted || slices.ContainsFunc(to[i:], func(later *yaml.Node) bool { return Named(from, name(later)) != nil })
		}
	}
	if inserted {
		manifest.Set(container, order, "$setElementOrder/env")
	}
	manifest.Set(container, list, "env")
}

// merge is what turns one mapping into another when the server merges it, nil
// where nothing does: nulls take away.
func merge(from, to *yaml.Node) *yaml.Node {
	patch := manifest.Mapping()
	for key, value := range manifest.Fields(from) {
		if other := manifest.Field(to, key.Value); other == nil {
			manifest.Set(patch, manifest.Null(), key.Value)
		} else if value.Kind == yaml.MappingNode && other.Kind == yaml.MappingNode {
			if change := merge(value, other); change != nil {
				manifest.Set(patch, change, key.Value)
			}
		} else if !manifest.Equal(value, other) {
			manifest.Set(patch, other, key.Value)
		}
	}
	for key, value := range manifest.Fields(to) {
		if manifest.Field(from, key.Value) == nil {
			manifest.Set(patch, value, key.Value)
		}
	}
	if len(patch.Content) == 0 {
		return nil
	}
	return patch
}
