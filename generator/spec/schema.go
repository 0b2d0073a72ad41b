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
	Type        any           `json:"type,omitempty"`
	Default     any           `json:"default,omitempty"`
	Enum        []any         `json:"enum,omitempty"`
	Pattern     string        `json:"pattern,omitempty"`
	Minimum     *int          `json:"minimum,omitempty"`
	Maximum     *int          `json:"maximum,omitempty"`
	Properties  properties    `json:"properties,omitempty"`
	Required    []string      `json:"required,omitempty"`
	Additional  any           `json:"additionalProperties,omitempty"`
	Items       *jsonSchema   `json:"items,omitempty"`
	MaxItems    int           `json:"maxItems,omitempty"`
	OneOf       []*jsonSchema `json:"oneOf,omitempty"`
	AnyOf       []*jsonSchema `json:"anyOf,omitempty"`
	If          *jsonSchema   `json:"if,omitempty"`
	Then        *jsonSchema   `json:"then,omitempty"`
	Else        *jsonSchema   `json:"else,omitempty"`
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

// Schema returns the JSON Schema of a file. One that is a layer, or names layers below
// it, is a part: other files bring what it lacks, and null deletes what they say.
func Schema(f Facts) []byte {
	w := schemaWriter{enums: map[string][]string{"release": f.Releases, "profile": f.Profiles, "rule": f.Rules}, holds: f.Holds}
	root := &jsonSchema{
		Dialect: "https://json-schema.org/draft/2020-12/schema", ID: SchemaID, Title: FileName,
		If: &jsonSchema{AnyOf: []*jsonSchema{
			{Properties: properties{{"kind", &jsonSchema{Enum: []any{LayerKind}}}}, Required: []string{"kind"}},
			{Required: []string{"layers"}},
		}},
		Then: w.file(true),
		Else: w.file(false),
	}
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
	// part says that what is written need not be whole.
	part bool
}

// file describes one file, which is a whole spec or a part of one.
func (w *schemaWriter) file(part bool) *jsonSchema {
	w.part = part
	out := w.object(sourceShape().fields, "")
	if part {
		w.part = false
		for i, field := range sourceShape().fields {
			if field.kind == text { // the type of the file, which each says itself
				out.Properties[i].schema = w.schema(field, field.name)
				out.Required = append(out.Required, field.name)
			}
		}
	}
	return out
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
		return out
	case dict:
		out.Type, out.Additional = "object", w.schema(s.elem, path)
	case list:
		out.Type, out.Items, out.MaxItems = "array", w.whole(s.elem, path), maxItems
	case number:
		out.Type, out.Minimum, out.Maximum = "integer", s.min, s.max
	case truth:
		out.Type = "boolean"
	case text:
		out.Type = "string"
		if values := w.enums[s.format]; values != nil {
			out.Enum = texts(values)
		} else if s.enum != nil {
			out.Enum = texts(s.enum)
		} else if f, ok := formats[s.format]; ok {
			out.Pattern = f.pattern.String()
		}
	}
	if w.part {
		out.Type = orNull(out.Type)
		if out.Enum != nil {
			out.Enum = append(out.Enum, nil)
		}
	}
	return out
}

// whole describes what is one unit, such as the item of a list: no layer adds to it.
func (w *schemaWriter) whole(s *shape, path string) *jsonSchema {
	part := w.part
	w.part = false
	defer func() { w.part = part }()
	return w.schema(s, path)
}

func orNull(kind any) any { return []any{kind, "null"} }

func texts(values []string) []any {
	var all []any
	for _, value := range values {
		all = append(all, value)
	}
	return all
}

// define describes a Go type once, as a whole or as a part, and returns the reference
// to it.
func (w *schemaWriter) define(s *shape, path string) string {
	name := s.goType.Name()
	if s.kind == secretValue {
		name = "SecretValue"
	}
	if w.part {
		name = "Layer" + name
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
	switch {
	case s.kind == secretValue && w.part:
		described.OneOf = []*jsonSchema{{Ref: w.whole(s, path).Ref}, {Type: "null"}}
	case s.kind == secretValue:
		described.OneOf = append(described.OneOf, &jsonSchema{Type: "string"})
		for _, field := range s.fields {
			one := w.object([]*shape{field}, "")
			one.Required = []string{field.name}
			described.OneOf = append(described.OneOf, one)
		}
	default:
		described = w.object(s.fields, path)
		if w.part {
			described.Type = orNull(described.Type)
		}
	}
	w.defs[at].schema = described
	return ref
}

func (w *schemaWriter) object(fields []*shape, path string) *jsonSchema {
	out := &jsonSchema{Type: "object", Additional: false}
	for _, field := range fields {
		below := strings.TrimPrefix(path+"."+field.name, ".")
		out.Properties = append(out.Properties, property{field.name, w.schema(field, below)})
		if field.mandatory && !w.part {
			out.Required = append(out.Required, field.name)
		}
	}
	return out
}
