package wiring

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// From is the kind of source that an env var has.
type From string

// The kinds of sources. All but Literal and Elsewhere are fields of valueFrom.
const (
	// Literal is a value in the object itself, or none at all.
	Literal      From = ""
	SecretKey    From = "secretKeyRef"
	ConfigMapKey From = "configMapKeyRef"
	PodField     From = "fieldRef"
	Resource     From = "resourceFieldRef"
	// Elsewhere is any other field of valueFrom, or several at once.
	Elsewhere From = "another source"
)

// Source is where an env var takes its value from, never the value. Two env vars
// read the same where their Sources are equal.
type Source struct {
	From From
	// Secret, Key and Optional are set for a SecretKey. Optional says that a pod
	// starts without the key.
	Secret, Key string
	Optional    bool
}

// Pin is the Source of an env var in a pin.
func Pin(v releases.EnvVar) Source { return Source{SecretKey, v.Secret, v.Key, v.Optional} }

// SourceOf says what an entry of an env list reads. As for the kubelet, a value
// that is not empty wins over valueFrom; an empty one, or a null, means nothing
// anywhere: `oc patch --local` leaves the nulls of a patch in entries that are new.
func SourceOf(entry *yaml.Node) Source {
	if v := set(entry, "value"); v != nil && v.Value != "" {
		return Source{From: Literal}
	}
	var from []string
	for key, value := range manifest.Fields(set(entry, "valueFrom")) {
		if !isNull(value) {
			from = append(from, key.Value)
		}
	}
	switch {
	case len(from) == 0:
		return Source{From: Literal}
	case len(from) > 1:
		return Source{From: Elsewhere}
	}
	switch kind := From(from[0]); kind {
	case SecretKey:
		ref := set(entry, "valueFrom", string(SecretKey))
		return Source{kind, manifest.Text(ref, "name"), manifest.Text(ref, "key"), isTrue(set(ref, "optional"))}
	case ConfigMapKey, PodField, Resource:
		return Source{From: kind}
	default:
		return Source{From: Elsewhere}
	}
}

// String says it for people: read from system-redis/URL.
func (s Source) String() string {
	switch {
	case s.From == Literal:
		return "a literal value (***)"
	case s.From == Elsewhere:
		return "read from another source"
	case s.From != SecretKey:
		return "read from a " + string(s.From)
	case s.Optional:
		return "read from " + s.Secret + "/" + s.Key + ", which may be missing"
	default:
		return "read from " + s.Secret + "/" + s.Key
	}
}

// Reads reports whether an entry is the env var of a pin.
func Reads(entry *yaml.Node, v releases.EnvVar) bool {
	return name(entry) == v.Name && SourceOf(entry) == Pin(v)
}

// Entry is an env var as it stands in a container.
func Entry(v releases.EnvVar) *yaml.Node {
	return manifest.Mapping("name", manifest.Scalar(v.Name), "valueFrom", manifest.Mapping(string(SecretKey), secretKeyRef(v)))
}

func secretKeyRef(v releases.EnvVar) *yaml.Node {
	ref := manifest.Mapping("key", manifest.Scalar(v.Key), "name", manifest.Scalar(v.Secret))
	if v.Optional {
		manifest.Set(ref, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, "optional")
	}
	return ref
}

// Twice are the names that stand more than once in an env list, each once. The
// kubelet takes the last entry of a name; a merge by name can change another one.
func Twice(env []*yaml.Node) []string {
	count := map[string]int{}
	var twice []string
	for _, n := range env {
		if count[name(n)]++; count[name(n)] == 2 {
			twice = append(twice, name(n))
		}
	}
	return twice
}

// Named returns the entry of a name that the kubelet takes, the last one.
func Named(env []*yaml.Node, wanted string) *yaml.Node {
	for _, n := range slices.Backward(env) {
		if name(n) == wanted {
			return n
		}
	}
	return nil
}

func name(entry *yaml.Node) string { return manifest.Text(entry, "name") }

// set is the field at a path, nil where it is missing or null.
func set(n *yaml.Node, path ...string) *yaml.Node {
	if f := manifest.Field(n, path...); f != nil && !isNull(f) {
		return f
	}
	return nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func isTrue(n *yaml.Node) bool {
	var b bool
	return n != nil && n.Decode(&b) == nil && b
}
