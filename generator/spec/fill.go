package spec

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// filler fills Go values from the merged layers and reports what is missing.
// What is faulty has been reported and stays zero.
type filler struct {
	issues diag.Issues
}

func (f *filler) report(at diag.Position, p path, message string) {
	f.issues = append(f.issues, diag.Issue{Pos: at, Path: string(p), Message: message})
}

func (f *filler) fill(s *shape, p path, v *value, target reflect.Value) {
	if v.faulty {
		return
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(s.goType))
		target = target.Elem()
	}
	switch s.kind {
	case secretValue:
		target.Set(reflect.ValueOf(f.secret(s, p, v)))
	case object:
		f.object(s, p, v, target)
	case dict:
		target.Set(reflect.MakeMap(s.goType))
		for _, key := range slices.Sorted(maps.Keys(v.members)) {
			if m := v.members[key]; m.given() {
				elem := reflect.New(s.elem.goType).Elem()
				f.fill(s.elem, p.key(key), m, elem)
				target.SetMapIndex(reflect.ValueOf(key), elem)
			}
		}
	case list:
		target.Set(reflect.MakeSlice(s.goType, len(v.items), len(v.items)))
		for i, item := range v.items {
			f.fill(s.elem, p.item(i), item, target.Index(i))
		}
	default:
		target.Set(reflect.ValueOf(v.scalar))
	}
}

func (f *filler) object(s *shape, p path, v *value, target reflect.Value) {
	for _, field := range s.fields {
		m := v.members[field.name]
		switch {
		case m.given():
			f.fill(field, p.key(field.name), m, target.FieldByIndex(field.index))
		case field.mandatory:
			f.report(v.key, p.key(field.name), "is required")
		}
	}
}

// Secrets gives every secret value of the file with its path, in the order of
// the file's format. What is assigned through the pointer is kept.
func (f *File) Secrets() iter.Seq2[string, *secret.Value] {
	return func(yield func(string, *secret.Value) bool) {
		secrets(fileShape(), "", reflect.ValueOf(f).Elem(), yield)
	}
}

func secrets(s *shape, p path, v reflect.Value, yield func(string, *secret.Value) bool) bool {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	switch s.kind {
	case secretValue:
		return yield(string(p), v.Addr().Interface().(*secret.Value))
	case object:
		for _, field := range s.fields {
			if !secrets(field, p.key(field.name), v.FieldByIndex(field.index), yield) {
				return false
			}
		}
	case list:
		for i := range v.Len() {
			if !secrets(s.elem, p.item(i), v.Index(i), yield) {
				return false
			}
		}
	case dict:
		return secretsOfDict(s, p, v, yield)
	default:
	}
	return true
}

// secretsOfDict visits copies and puts them back: the elements of a Go map have
// no address.
func secretsOfDict(s *shape, p path, v reflect.Value, yield func(string, *secret.Value) bool) bool {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		elem := reflect.New(s.elem.goType).Elem()
		elem.Set(v.MapIndex(key))
		more := secrets(s.elem, p.key(key.String()), elem, yield)
		v.SetMapIndex(key, elem)
		if !more {
			return false
		}
	}
	return true
}
