package spec

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// kind is the YAML that a place takes.
type kind int

const (
	text kind = iota
	number
	truth
	secretValue // a text, or a mapping as reference describes it
	list
	dict   // a mapping with keys of the user's own
	object // a mapping with the keys of a Go struct
)

// required says what a place of the kind takes, and tag is how YAML calls it.
func (k kind) required() string {
	return [...]string{
		"must be a string", "must be a whole number", "must be true or false",
		"must be a string, or a mapping with one of fromEnv, fromFile, placeholder, remoteRef",
		"must be a list", "must be a mapping", "must be a mapping",
	}[k]
}

func (k kind) tag() string {
	return [...]string{"!!str", "!!int", "!!bool", "!!str", "!!seq", "!!map", "!!map"}[k]
}

// shape is what a place in the file takes: a Go type, and what the tags of the
// field that leads to it say.
type shape struct {
	kind
	// goType is that of the value; placed says that a Field holds it.
	goType reflect.Type
	placed bool
	// fields are the keys of an object or of a reference to a secret, in the
	// order of the Go struct; elem is what an item of a list or a dict takes.
	fields []*shape
	elem   *shape

	// name, index, mandatory and doc are set for the fields of an object.
	name      string
	index     []int
	mandatory bool
	doc       string
	// standard is what holds where the field is not given, as YAML, "" for none.
	standard string

	enum     []string
	min, max *int
	format   string
}

// fileShape is the shape of a whole spec, and sourceShape that of one file of it.
var (
	fileShape   = sync.OnceValue(func() *shape { return shapeOf(reflect.TypeFor[File](), "") })
	sourceShape = sync.OnceValue(func() *shape {
		s := shapeOf(reflect.TypeFor[source](), "")
		s.member("kind").enum = kinds
		return s
	})
)

func shapeOf(t reflect.Type, tags reflect.StructTag) *shape {
	s := &shape{}
	if s.placed = reflect.PointerTo(t).Implements(reflect.TypeFor[placed]()); s.placed {
		value, _ := t.FieldByName("Value")
		t = value.Type
	}
	s.goType = t
	switch {
	case t == reflect.TypeFor[secret.Value]():
		s.kind, s.fields = secretValue, fieldsOf(reflect.TypeFor[reference](), nil)
	case t.Kind() == reflect.Struct:
		s.kind, s.fields = object, fieldsOf(t, nil)
	case t.Kind() == reflect.Map:
		s.kind, s.elem = dict, shapeOf(t.Elem(), tags)
	case t.Kind() == reflect.Slice:
		s.kind, s.elem = list, shapeOf(t.Elem(), tags)
	case t.Kind() == reflect.Int:
		s.kind, s.min, s.max = number, limit(tags.Get("min")), limit(tags.Get("max"))
	case t.Kind() == reflect.Bool:
		s.kind = truth
	case t.Kind() == reflect.String:
		s.kind, s.format = text, tags.Get("format")
		if values := tags.Get("enum"); values != "" {
			s.enum = strings.Split(values, ",")
		}
	default:
		panic(fmt.Sprintf("spec: no shape for %s", t))
	}
	return s
}

// fieldsOf returns the keys of a struct; those of an inline one stand among them.
func fieldsOf(t reflect.Type, index []int) []*shape {
	var fields []*shape
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		name := f.Tag.Get("yaml")
		if name == ",inline" {
			fields = append(fields, fieldsOf(f.Type, at)...)
			continue
		}
		s := shapeOf(f.Type, f.Tag)
		s.name, s.index, s.mandatory, s.doc = name, at, f.Tag.Get("required") == "true", f.Tag.Get("doc")
		s.standard = f.Tag.Get("default")
		if s.mandatory && s.kind == text && s.enum == nil && s.format == "" {
			s.format = "filled"
		}
		fields = append(fields, s)
	}
	return fields
}

func limit(tag string) *int {
	if tag == "" {
		return nil
	}
	n, err := strconv.Atoi(tag)
	if err != nil {
		panic(fmt.Sprintf("spec: limit %q: %v", tag, err))
	}
	return &n
}

// member returns the shape below a key, or nil where the key is unknown.
func (s *shape) member(key string) *shape {
	if s.kind == dict {
		return s.elem
	}
	for _, f := range s.fields {
		if f.name == key {
			return f
		}
	}
	return nil
}

// keys are the keys of an object or of a reference to a secret.
func (s *shape) keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.name
	}
	return keys
}
