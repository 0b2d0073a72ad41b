package template

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// WithoutData gives the Template without the values of Secrets that come from
// elsewhere. A parameter that nothing else refers to needs no value then: those
// for the addresses of an external Redis, which an HA template requires.
func (t *Template) WithoutData(secrets []string) *Template {
	without := *t
	without.objects = slices.Clone(t.objects)
	for i, n := range without.objects {
		o := manifest.Object{Node: n}
		if o.Kind() == "Secret" && slices.Contains(secrets, o.Name()) {
			without.objects[i] = manifest.Clone(n)
			manifest.Remove(without.objects[i], "data")
			manifest.Remove(without.objects[i], "stringData")
			without.unusedAllowed = true
		}
	}
	return &without
}

// needs reports whether a parameter without a value is missed.
func (t *Template) needs(name string) bool {
	if !t.unusedAllowed {
		return true
	}
	return slices.ContainsFunc(t.objects, func(n *yaml.Node) bool { return refersTo(n, name) }) ||
		t.labels != nil && refersTo(t.labels, name)
}

func refersTo(n *yaml.Node, name string) bool {
	return n.Kind == yaml.ScalarNode && (strings.Contains(n.Value, "${"+name+"}") || strings.Contains(n.Value, "${{"+name+"}}")) ||
		slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return refersTo(child, name) })
}
