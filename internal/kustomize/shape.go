package kustomize

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// shape reports what does not fit the Go type that Kustomize decodes into:
// unknown keys, wrong types, and patterns that do not parse, which end the
// process or are reported with their text and without a place.
type shape struct {
	file   string
	issues diag.Issues
}

// report says what is wrong. Nothing of the value is shown: it may be a secret.
func (s *shape) report(at *yaml.Node, path, message, hint string) {
	s.issues = append(s.issues, diag.Issue{Pos: manifest.Position(s.file, at), Path: strings.Trim(path, "."), Message: message, Hint: hint})
}

// scalars are the tags that a Go type takes, and what is required there.
var scalars = map[reflect.Kind]struct{ tag, required string }{
	reflect.String: {"!!str", "must be a string"},
	reflect.Bool:   {"!!bool", "must be true or false"},
	reflect.Int:    {"!!int", "must be a whole number"},
	reflect.Int64:  {"!!int", "must be a whole number"},
}

func (s *shape) check(n *yaml.Node, t reflect.Type, path string) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	scalar, isScalar := scalars[t.Kind()]
	switch {
	case n.Tag == "!!null":
	case isScalar && n.Kind == yaml.ScalarNode && n.Tag != scalar.tag && t.Kind() == reflect.String:
		s.report(n, path, scalar.required+": quote it", "")
	case isScalar && (n.Kind != yaml.ScalarNode || n.Tag != scalar.tag):
		s.report(n, path, scalar.required, "")
	case t.Kind() == reflect.Slice && n.Kind != yaml.SequenceNode:
		s.report(n, path, "must be a list", "")
	case t.Kind() == reflect.Slice:
		for i, item := range n.Content {
			s.check(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case (t.Kind() == reflect.Map || t.Kind() == reflect.Struct) && n.Kind != yaml.MappingNode:
		s.report(n, path, "must be a mapping", "")
	case t.Kind() == reflect.Map:
		for i := 0; i+1 < len(n.Content); i += 2 {
			s.check(n.Content[i+1], t.Elem(), path+"."+shown(n.Content[i].Value))
		}
	case t.Kind() == reflect.Struct:
		s.object(n, t, path)
	}
}

func (s *shape) object(n *yaml.Node, t reflect.Type, path string) {
	fields := fieldsOf(t)
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := path + "." + shown(key.Value)
		field, known := fields[key.Value]
		if !known {
			s.report(key, at, "unknown key", diag.DidYouMean(shown(key.Value), names))
			continue
		}
		s.check(value, field, at)
		s.pattern(value, t, key.Value, at)
	}
}

// patterns are the fields that Kustomize makes regular expressions of.
var patterns = map[reflect.Type][]string{
	reflect.TypeFor[types.Image]():    {"name"},
	reflect.TypeFor[types.Selector](): {"group", "version", "kind", "name", "namespace"},
}

func (s *shape) pattern(n *yaml.Node, t reflect.Type, key, path string) {
	for _, name := range patterns[t] {
		if name != key || n.Kind != yaml.ScalarNode {
			continue
		}
		if _, err := regexp.Compile("^(?:" + n.Value + ")$"); err != nil {
			s.report(n, path, "must be a regular expression", "put a backslash before a bracket that is meant as it is")
		}
	}
}

// fieldsOf returns the fields of a struct by their names in JSON, with those of
// the structs that are inlined.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case strings.Contains(options, "inline") || name == "" && field.Anonymous:
			for name, inner := range fieldsOf(field.Type) {
				fields[name] = inner
			}
		case name != "" && name != "-":
			fields[name] = field.Type
		}
	}
	return fields
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_./-]{1,64}$`)

// shown is a key as messages show it.
func shown(key string) string {
	if !plainKey.MatchString(key) {
		return "?"
	}
	return key
}

// deprecated are the keys that Kustomize prints a warning for.
var deprecated = map[string]string{
	"bases": "resources", "commonLabels": "labels", "imageTags": "images",
	"patchesJson6902": "patches", "patchesStrategicMerge": "patches", "vars": "replacements",
}

// kustomization reports what is wrong with a kustomization as a whole.
func (s *shape) kustomization(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		s.report(n, "", "must be a kustomization, a mapping", "")
		return
	}
	s.issues = append(s.issues, manifest.Repeated(s.file, n)...)
	s.check(n, reflect.TypeFor[types.Kustomization](), "")
	kind, version := manifest.Text(n, "kind"), types.KustomizationVersion
	if kind == types.ComponentKind {
		version = types.ComponentVersion
	}
	if kind != "" && kind != types.KustomizationKind && kind != types.ComponentKind {
		s.report(manifest.Field(n, "kind"), "kind", "must be Kustomization or Component", "")
	} else if v := manifest.Text(n, "apiVersion"); v != "" && v != version {
		s.report(manifest.Field(n, "apiVersion"), "apiVersion", "must be "+version, "")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if better := deprecated[key.Value]; better != "" {
			s.issues = append(s.issues, diag.Issue{
				Severity: diag.Warning, Pos: manifest.Position(s.file, key), Path: key.Value, Message: "is deprecated in Kustomize: use " + better,
			})
		}
		if key.Value == "helmCharts" || key.Value == "helmChartInflationGenerator" {
			s.report(key, key.Value, "needs helm, which is not run here", "commit what it prints, and name that")
		}
	}
}
