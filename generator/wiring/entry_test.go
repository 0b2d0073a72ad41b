package wiring

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// What the kubelet takes from an entry, whatever stands beside it.
func TestSourceOf(t *testing.T) {
	key := Source{From: SecretKey, Secret: "s", Key: "K"}
	optional := Source{From: SecretKey, Secret: "s", Key: "K", Optional: true}
	for entry, want := range map[string]Source{
		"{valueFrom: {secretKeyRef: {name: s, key: K}}}":                                     key,
		"{valueFrom: {secretKeyRef: {name: s, key: K, optional: false}}}":                    key,
		"{valueFrom: {secretKeyRef: {name: s, key: K, optional: null}}}":                     key,
		"{valueFrom: {secretKeyRef: {name: s, key: K, optional: true}}}":                     optional,
		"{value: '', valueFrom: {secretKeyRef: {name: s, key: K}}}":                          key,
		"{value: null, valueFrom: {configMapKeyRef: null, secretKeyRef: {name: s, key: K}}}": key,
		"{value: ~, valueFrom: {secretKeyRef: {name: s, key: K}}}":                           key,
		"{value: x, valueFrom: {secretKeyRef: {name: s, key: K}}}":                           {From: Literal},
		"{value: 'null', valueFrom: {secretKeyRef: {name: s, key: K}}}":                      {From: Literal},
		"{value: x}":           {From: Literal},
		"{}":                   {From: Literal},
		"{valueFrom: {}}":      {From: Literal},
		"{valueFrom: null}":    {From: Literal},
		"{valueFrom: [a]}":     {From: Literal},
		"text":                 {From: Literal},
		"{valueFrom: {a: {}}}": {From: Elsewhere},
		"{valueFrom: {fieldRef: {fieldPath: x}}}":                                               {From: PodField},
		"{valueFrom: {resourceFieldRef: {resource: x}}}":                                        {From: Resource},
		"{valueFrom: {configMapKeyRef: {name: s, key: K}}}":                                     {From: ConfigMapKey},
		"{valueFrom: {configMapKeyRef: {name: s, key: K}, secretKeyRef: {name: s, key: K}}}":    {From: Elsewhere},
		"{valueFrom: {secretKeyRef: null}}":                                                     {From: Literal},
		"{valueFrom: {secretKeyRef: {name: other, key: K}}}":                                    {From: SecretKey, Secret: "other", Key: "K"},
		"{valueFrom: {secretKeyRef: {name: s, key: L}}, somethingNew: {secretKeyRef: {}}}":      {From: SecretKey, Secret: "s", Key: "L"},
		"{valueFrom: {secretKeyRef: {name: s, key: K, optional: 'true'}}, name: not a boolean}": key,
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(entry), &doc); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, SourceOf(doc.Content[0])); diff != "" {
			t.Errorf("%s: %s", entry, diff)
		}
	}
}

// An entry that is made of a pin's env var reads what the pin says.
func TestEntry(t *testing.T) {
	for _, v := range []releases.EnvVar{{Name: "A", Secret: "s", Key: "K"}, {Name: "A", Secret: "s", Key: "K", Optional: true}} {
		other := v
		other.Optional = !v.Optional
		n := Entry(v)
		if !Reads(n, v) || Reads(n, other) || Reads(n, releases.EnvVar{Name: "B", Secret: "s", Key: "K", Optional: v.Optional}) {
			t.Errorf("%+v is made as %+v", v, SourceOf(n))
		}
	}
}

// No text of a source holds a value.
func TestSource_String(t *testing.T) {
	n := manifest.Mapping("value", manifest.Scalar("c4n4ry"))
	if got := SourceOf(n).String(); got != "a literal value (***)" {
		t.Error(got)
	}
	n = manifest.Mapping("valueFrom", manifest.Mapping("c4n4ry", manifest.Mapping()))
	if got := SourceOf(n).String(); got != "read from another source" {
		t.Error(got)
	}
}

func TestTwice(t *testing.T) {
	env := read(t, "kind: X\nmetadata: {name: x}\nenv: [{name: A}, {name: B, value: first}, {name: B}, {name: C}, {name: B, value: last}, {name: A}]\n")[0]
	list := manifest.Items(manifest.Field(env.Node, "env"))
	if diff := cmp.Diff([]string{"B", "A"}, Twice(list)); diff != "" {
		t.Error(diff)
	}
	if got := manifest.Text(Named(list, "B"), "value"); got != "last" {
		t.Errorf("the pod gets %q", got)
	}
}
