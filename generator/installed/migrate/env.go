package migrate

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// wired gives the env of a place as the release has it: what is missing comes
// last, what is stale goes, and all else stays where it is.
func wired(p verify.Place) []*yaml.Node {
	to := slices.Clone(manifest.Items(p.Env()))
	for _, d := range p.Differences {
		i := slices.Index(to, d.Entry)
		switch d.Kind {
		case verify.Missing:
			to = append(to, entry(d.Var))
		case verify.Other:
			to[i] = entry(d.Var)
		case verify.Stale:
			to = slices.Delete(to, i, i+1)
		}
	}
	return to
}

// entry is an env var as it stands in a container.
func entry(v releases.EnvVar) *yaml.Node {
	ref := manifest.Mapping("key", manifest.Scalar(v.Key), "name", manifest.Scalar(v.Secret))
	return manifest.Mapping("name", manifest.Scalar(v.Name), "valueFrom", manifest.Mapping("secretKeyRef", ref))
}

// strategic is the patch that turns the env of the places of one workload, which
// are no hooks, from one list into another, with the server's merge by name.
func strategic(places []verify.Place, from, to func(verify.Place) []*yaml.Node) *yaml.Node {
	pod := manifest.Mapping()
	for _, field := range []verify.Field{verify.InitContainers, verify.Containers} {
		list := sequence()
		for _, p := range inOrder(places, field) {
			c := manifest.Mapping("name", manifest.Scalar(p.Container))
			mergeEnv(c, from(p), to(p))
			list.Content = append(list.Content, c)
		}
		if len(list.Content) > 0 {
			manifest.Set(pod, list, string(field))
		}
	}
	return manifest.Mapping("spec", manifest.Mapping("template", manifest.Mapping("spec", pod)))
}

// inOrder gives the places of a field in the order of the object: the server
// puts what a patch names into the patch's order.
func inOrder(places []verify.Place, field verify.Field) []verify.Place {
	var found []verify.Place
	for _, p := range places {
		if p.Field == field {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b verify.Place) int { return index(a) - index(b) })
	return found
}

func index(p verify.Place) int {
	return slices.Index(manifest.Items(manifest.Field(p.Workload.Node, "spec", "template", "spec", string(p.Field))), p.Node)
}

// mergeEnv puts the patch of an env list into that of its container.
func mergeEnv(c *yaml.Node, from, to []*yaml.Node) {
	list, order := sequence(), sequence()
	inserted := false
	for _, n := range from {
		if named(to, n) == nil {
			list.Content = append(list.Content, manifest.Mapping("$patch", manifest.Scalar("delete"), "name", name(n)))
		} else if change := merge(n, named(to, n)); change != nil {
			manifest.Set(change, name(n), "name")
			list.Content = append(list.Content, change)
		}
	}
	for i, n := range to {
		order.Content = append(order.Content, manifest.Mapping("name", name(n)))
		if named(from, n) == nil {
			list.Content = append(list.Content, n)
			inserted = inserted || slices.ContainsFunc(to[i:], func(later *yaml.Node) bool { return named(from, later) != nil })
		}
	}
	if inserted {
		manifest.Set(c, order, "$setElementOrder/env")
	}
	manifest.Set(c, list, "env")
}

// merge is what turns one mapping into another when the server merges it, nil
// where nothing does: nulls take away.
func merge(from, to *yaml.Node) *yaml.Node {
	patch := manifest.Mapping()
	for key, value := range fields(from) {
		if other := manifest.Field(to, key); other == nil {
			manifest.Set(patch, null(), key)
		} else if value.Kind == yaml.MappingNode && other.Kind == yaml.MappingNode {
			if change := merge(value, other); change != nil {
				manifest.Set(patch, change, key)
			}
		} else if !equal(value, other) {
			manifest.Set(patch, other, key)
		}
	}
	for key, value := range fields(to) {
		if manifest.Field(from, key) == nil {
			manifest.Set(patch, value, key)
		}
	}
	if len(patch.Content) == 0 {
		return nil
	}
	return patch
}

// hook is the JSON patch (RFC 6902) that turns the env of a hook from one list
// into another. Each step on an entry is guarded by a test of the name that
// stands there, so that a list that has changed since fails the patch as a whole.
func hook(p verify.Place, from, to []*yaml.Node) []*yaml.Node {
	pod := "/" + strings.Join(verify.HookPath(p.Workload, p.Field), "/")
	path := pod + "/env"
	operations := []*yaml.Node{operation("test", pod+"/containerName", manifest.Scalar(p.Container))}
	// To the server a list that is missing equals null.
	if len(from) == 0 {
		operations = append(operations, operation("test", path, null()), operation("add", path, sequence()))
	}
	list := slices.Clone(from)
	for i := len(list) - 1; i >= 0; i-- {
		if named(to, list[i]) == nil {
			operations = append(operations, guard(path, i, list[i]), operation("remove", at(path, i), nil))
			list = slices.Delete(list, i, i+1)
		}
	}
	for i, n := range to {
		switch {
		case i == len(list):
			operations = append(operations, operation("add", path+"/-", n))
			list = append(list, n)
		case name(list[i]).Value != name(n).Value:
			operations = append(operations, guard(path, i, list[i]), operation("add", at(path, i), n))
			list = slices.Insert(list, i, n)
		case !equal(list[i], n):
			operations = append(operations, guard(path, i, n), operation("replace", at(path, i), n))
		}
	}
	if len(to) == 0 {
		operations = append(operations, operation("remove", path, nil))
	}
	return operations
}

func guard(path string, i int, n *yaml.Node) *yaml.Node {
	return operation("test", at(path, i)+"/name", name(n))
}

func at(path string, i int) string { return path + "/" + strconv.Itoa(i) }

func operation(op, path string, value *yaml.Node) *yaml.Node {
	n := manifest.Mapping("op", manifest.Scalar(op), "path", manifest.Scalar(path))
	if value != nil {
		manifest.Set(n, value, "value")
	}
	return n
}
