package template

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Replaced are the Secrets whose values come from elsewhere, by name: where the
// value of each key is said instead.
type Replaced map[string]map[string]string

// Replacing returns the Template without the values of the Secrets that are
// replaced. A parameter that nothing else refers to has no effect then, such as
// the addresses of an external Redis, which an HA template requires: it needs no
// value, and may have none.
func (t *Template) Replacing(secrets Replaced) *Template {
	without := *t
	without.objects = slices.Clone(t.objects)
	without.replaced = secrets
	without.secrets = nil
	for i, n := range t.objects {
		o := manifest.Object{Node: n, File: t.File}
		if _, replaced := secrets[o.Name()]; o.Kind() == "Secret" && replaced {
			without.secrets = append(without.secrets, o)
			without.objects[i] = manifest.Clone(n)
			manifest.Remove(without.objects[i], "data")
			manifest.Remove(without.objects[i], "stringData")
		}
	}
	return &without
}

// needs reports whether a parameter without a value is missed. One that nothing
// refers to is, as oc has it, unless the Secrets that do are replaced.
func (t *Template) needs(name string) bool { return t.refers(name) || len(t.secrets) == 0 }

// refers reports whether an object or a label refers to a parameter.
func (t *Template) refers(name string) bool {
	return slices.ContainsFunc(t.objects, func(n *yaml.Node) bool { return refersTo(n, name) }) ||
		t.labels != nil && refersTo(t.labels, name)
}

func refersTo(n *yaml.Node, name string) bool {
	return n.Kind == yaml.ScalarNode && (strings.Contains(n.Value, "${"+name+"}") || strings.Contains(n.Value, "${{"+name+"}}")) ||
		slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return refersTo(child, name) })
}

// withoutEffect is the issue about a parameter that only replaced Secrets refer
// to; ok is false where it has an effect.
func (t *Template) withoutEffect(name string) (issue diag.Issue, ok bool) {
	if t.refers(name) {
		return issue, false
	}
	var secrets, places []string
	add := func(list []string, text string) []string {
		if text == "" || slices.Contains(list, text) {
			return list
		}
		return append(list, text)
	}
	for _, o := range t.secrets {
		for _, field := range []string{"data", "stringData"} {
			values := manifest.Field(o.Node, field)
			for i := 0; values != nil && i+1 < len(values.Content); i += 2 {
				if key := values.Content[i]; refersTo(key, name) || refersTo(values.Content[i+1], name) {
					secrets, places = add(secrets, o.Name()), add(places, t.replaced[o.Name()][key.Value])
				}
			}
		}
	}
	if len(secrets) == 0 {
		return issue, false
	}
	issue = diag.Issue{
		Pos: diag.Position{File: t.File}, Path: "parameters." + name,
		Message: fmt.Sprintf("has no effect: only the Secret %s has it, whose values are those of the spec", strings.Join(secrets, " and ")),
	}
	if len(places) > 0 {
		issue.Hint = "leave it out, and say it in the spec: " + strings.Join(places, "; ")
	}
	return issue, true
}
