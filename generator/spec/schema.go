package spec

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// jsonSchema is the part of JSON Schema that describes the file.
type jsonSchema struct {
	Dialect     string        `json:"$schema,omitempty"`
	ID          string        `json:"$id,omitempty"`
	Title       string        `json:"title,omitempty"`
	Ref         string        `json:"$ref,omitempty"`
	Description string        `json:"description,omitempty"`
	Type        string        `json:"type,omitempty"`
	Default     any           `json:"default,omitempty"`
	Enum        []string      `json:"enum,omitempty"`
	Pattern     string        `json:"pattern,omitempty"`
	Minimum     *int          `json:"minimum,omitempty"`
	Maximum     *int          `json:"maximum,omitempty"`
	Properties  properties    `json:"properties,omitempty"`
	Required    []string      `json:"required,omitempty"`
	Additional  any           `json:"additionalProperties,omitempty"`
	Items       *jsonSchema   `json:"items,omitempty"`
	MaxItems    int           `json:"maxItems,omitempty"`
	OneOf       []*jsonSchema `json:"oneOf,omitempty"`
	Defs        properties    `json:"$defs,omitempty"`
}

// properties keep the order of the Go structs.
type properties []property

type property struct {
	name   string
	schema *jsonSchema
}

// MarshalJSON implements json.Marshaler.
func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, p := range ps {
		b.WriteByte("{,"[min(i, 1)])
		if err := json.NewEncoder(&b).Encode(p.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := json.NewEncoder(&b).Encode(p.schema); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// SchemaID names the JSON Schema of this version of the file.
const SchemaID = "https://threescale-redis.io/v1alpha1/threescale-redis.schema.json"

// SchemaFile is its usual name: the specs that init prints look for it beside them.
const SchemaFile = "threescale-redis.schema.json"

// Facts are what a schema says that this package does not know.
type Facts struct {
	// Releases, Profiles and Rules are those that a spec can name.
	Releases, Profiles, Rules []string
	// Holds says for which releases a field is, "" where it is for all, or where
	// nobody knows.
	Holds func(path string) string
}

// Schema returns the JSON Schema of the file.
func Schema(f Facts) []byte {
	w := schemaWriter{enums: map[string][]string{"release": f.Releases, "profile": f.Profiles, "rule": f.Rules}, holds: f.Holds}
	root := w.object(fileShape().fields, "")
	root.Dialect = "https://json-schema.org/draft/2020-12/schema"
	root.ID = SchemaID
	root.Title = FileName
	root.Defs = w.defs
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic(err) // strings and numbers alone
	}
	return b.Bytes()
}

type schemaWriter struct {
	// enums are the values of formats that this package does not know.
	enums map[string][]string
	holds func(path string) string
	defs  properties
}

// schema describes what stands at a path. What several places share is described as
// for the first of them.
func (w *schemaWriter) schema(s *shape, path string) *jsonSchema {
	out := &jsonSchema{Description: s.doc}
	if releases := w.holds(path); releases != "" && s.doc != "" {
		out.Description += " For 3scale " + releases + "."
	}
	if s.standard != "" {
		if err := yaml.Unmarshal([]byte(s.standard), &out.Default); err != nil {
			panic(err) // a tag that is no YAML
		}
	}
	switch s.kind {
	case object, secretValue:
		out.Ref = w.define(s, path)
	case dict:
		out.Type, out.Additional = "object", w.schema(s.elem, path)
	case list:
		out.Type, out.Items, out.MaxItems = "array", w.schema(s.elem, path), maxItems
	case number:
		out.Type, out.Minimum, out.Maximum = "integer", s.min, s.max
	case truth:
		out.Type = "boolean"
	case text:
		out.Type, out.Enum = "string", s.enum
		if values := w.enums[s.format]; values != nil {
			out.Enum = values
		} else if f, ok := formats[s.format]; ok {
			out.Pattern = f.pattern.String()
		}
	}
	return out
}

// define describes a Go type once and returns the reference to it.
func (w *schemaWriter) define(s *shape, path string) string {
	name := s.goType.Name()
	if s.kind == secretValue {
		name = "SecretValue"
	}
	ref := "#/$defs/" + name
	for _, d := range w.defs {
		if d.name == name {
			return ref
		}
	}
	at := len(w.defs)
	w.defs = append(w.defs, property{name: name})
	described := &jsonSchema{}
	if s.kind == secretValue {
		described.OneOf = append(described.OneOf, &jsonSchema{Type: "string"})
		for _, field := range s.fields {
			one := w.object([]*shape{field}, "")
			one.Required = []string{field.name}
			described.OneOf = append(described.OneOf, one)
		}
	} else {
		described = w.object(s.fields, path)
	}
	w.defs[at].schema = described
	return ref
}

func (w *schemaWriter) object(fields []*shape, path string) *jsonSchema {
	out := &jsonSchema{Type: "object", Additional: false}
	for _, field := range fields {
		below := strings.TrimPrefix(path+"."+field.name, ".")
		out.Properties = append(out.Properties, property{field.name, w.schema(field, below)})
		if field.mandatory {
			out.Required = append(out.Required, field.name)
		}
	}
	return out
}
