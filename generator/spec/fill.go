package spec

import (
	"maps"
	"reflect"
	"slices"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// filler fills Go values from the merged layers and reports what is missing.
// What is faulty has been reported and stays zero.
type filler struct {
	issues diag.Issues
}

func (f *filler) report(at diag.Position, p path, message string) {
	f.issues = append(f.issues, diag.Issue{Pos: at, Path: string(p), Message: message})
}

// fill sets the target to the value, and the places of all Fields in it. A value
// that is not given has the position of its parent, which is where it is missing.
func (f *filler) fill(s *shape, p path, v *value, parent diag.Position, target reflect.Value) {
	said, pos := v.given() && !v.faulty, parent
	if v.given() {
		pos, parent = v.pos, v.key
	}
	if s.placed {
		inside := target.Addr().Interface().(placed).place(Place{string(p), pos}, said)
		target = reflect.ValueOf(inside).Elem()
	}
	switch {
	case s.kind == object:
		f.object(s, p, v, parent, target)
	case !said:
	case s.kind == secretValue:
		target.Set(reflect.ValueOf(f.secret(s, p, v)))
	case s.kind == dict:
		f.dict(s, p, v, target)
	case s.kind == list:
		target.Set(reflect.MakeSlice(s.goType, len(v.items), len(v.items)))
		for i, item := range v.items {
			f.fill(s.elem, p.item(i), item, parent, target.Index(i))
		}
	default:
		target.Set(reflect.ValueOf(v.scalar))
	}
}

func (f *filler) object(s *shape, p path, v *value, parent diag.Position, target reflect.Value) {
	said := v.given() && !v.faulty
	for _, field := range s.fields {
		var m *value
		if said {
			m = v.members[field.name]
		}
		at := p.field(field.name)
		if said && !m.given() && field.mandatory {
			f.report(v.key, at, "is required")
		}
		f.fill(field, at, m, parent, target.FieldByIndex(field.index))
	}
}

func (f *filler) dict(s *shape, p path, v *value, target reflect.Value) {
	target.Set(reflect.MakeMap(s.goType))
	for _, key := range slices.Sorted(maps.Keys(v.members)) {
		if m := v.members[key]; m.given() {
			elem := reflect.New(s.goType.Elem()).Elem()
			f.fill(s.elem, p.key(key), m, v.key, elem)
			target.SetMapIndex(reflect.ValueOf(key), elem)
		}
	}
}
