package wiring

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The object that the operator reads.
const (
	APIManagerGroup   = "apps.3scale.net"
	APIManagerVersion = APIManagerGroup + "/v1alpha1"
	APIManagerKind    = "APIManager"
)

// IsAPIManager reports whether the operator makes pods of the object.
func IsAPIManager(o manifest.Object) bool {
	group, _, _ := strings.Cut(o.APIVersion(), "/")
	return o.Kind() == APIManagerKind && group == APIManagerGroup
}

// Annotations that the operator writes: the release that it has installed (2.13,
// 2.16.3), and its own version.
const (
	VersionAnnotation  = APIManagerGroup + "/apimanager-threescale-version"
	OperatorAnnotation = APIManagerGroup + "/threescale-operator-version"
)

// LineOf returns the release line that an APIManager is of, "" where the operator has
// not said it.
func LineOf(o manifest.Object) string {
	if !IsAPIManager(o) {
		return ""
	}
	return line.FindString(manifest.Text(o.Node, "metadata", "annotations", VersionAnnotation))
}

var line = regexp.MustCompile(`^\d+\.\d+`)

// Switches are what an APIManager says of Redis, or must say.
type Switches struct {
	// External says for each field of the pin whether Redis is outside.
	External map[string]bool
	// Missing are the other fields of the pin that must be on and are not.
	Missing []string
	// TLS says for each database that has a switch whether it is on.
	TLS map[string]bool
	// DisableAsync is the text of the annotation; "" where there is none.
	DisableAsync string
}

// ReadSwitches returns what an APIManager says. An older installation has
// highAvailability alone, which the operator turns into externalComponents.
func ReadSwitches(o manifest.Object, rel releases.Release) Switches {
	s := Switches{External: map[string]bool{}, TLS: map[string]bool{}}
	all := HighAvailability(o)
	for _, field := range rel.APIManager.External {
		s.External[field] = all || isOn(o, field)
	}
	for _, field := range rel.APIManager.Required {
		if !all && !isOn(o, field) {
			s.Missing = append(s.Missing, field)
		}
	}
	for database, field := range rel.APIManager.TLS {
		s.TLS[database] = isOn(o, field)
	}
	s.DisableAsync = manifest.Text(o.Node, "metadata", "annotations", rel.APIManager.DisableAsync)
	return s
}

// HighAvailability reports whether the older field is in force: all databases are
// outside, that of SQL included. Beside externalComponents the operator ignores it.
func HighAvailability(o manifest.Object) bool {
	return isOn(o, "spec.highAvailability.enabled") && set(o.Node, "spec", "externalComponents") == nil
}

func isOn(o manifest.Object, field string) bool {
	return isTrue(set(o.Node, strings.Split(field, ".")...))
}

// Patch is what makes an APIManager say it, for `oc patch --type=merge` and for
// Kustomize. It has no apiVersion, kind and name.
func (s Switches) Patch(rel releases.Release) *yaml.Node {
	patch := manifest.Mapping()
	if s.DisableAsync != "" && rel.APIManager.DisableAsync != "" {
		manifest.Set(patch, manifest.Scalar(s.DisableAsync), "metadata", "annotations", rel.APIManager.DisableAsync)
	}
	for _, field := range rel.APIManager.External {
		manifest.Set(patch, boolean(s.External[field]), strings.Split(field, ".")...)
	}
	for _, database := range slices.Sorted(maps.Keys(rel.APIManager.TLS)) {
		manifest.Set(patch, boolean(s.TLS[database]), strings.Split(rel.APIManager.TLS[database], ".")...)
	}
	return patch
}

// PatchOf is the Patch of a known APIManager. Where highAvailability is in force it
// leaves externalComponents out: beside them the SQL database would turn internal.
func (s Switches) PatchOf(o manifest.Object, rel releases.Release) *yaml.Node {
	patch := s.Patch(rel)
	if HighAvailability(o) {
		manifest.Remove(manifest.Field(patch, "spec"), "externalComponents")
		if spec := manifest.Field(patch, "spec"); len(spec.Content) == 0 {
			manifest.Remove(patch, "spec")
		}
	}
	return patch
}

// Apply returns an APIManager that says it. What it says already stays as it is
// written, and so does all else.
func (s Switches) Apply(o manifest.Object, rel releases.Release) manifest.Object {
	said := manifest.Object{Node: manifest.Clone(o.Node), File: o.File}
	mergeInto(said.Node, s.PatchOf(o, rel))
	return said
}

// mergeInto is a JSON merge patch (RFC 7386) without nulls.
func mergeInto(n, patch *yaml.Node) {
	for key, value := range manifest.Fields(patch) {
		old := manifest.Field(n, key.Value)
		switch {
		case value.Kind != yaml.MappingNode:
			if old == nil || !manifest.Equal(old, value) {
				manifest.Set(n, value, key.Value)
			}
		case old == nil || old.Kind != yaml.MappingNode:
			manifest.Set(n, value, key.Value)
		default:
			mergeInto(old, value)
		}
	}
}

func boolean(value bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(value)}
}
