package spec

import (
	"reflect"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// ReplaceSecrets puts what replace returns in place of every secret value
// that the file says.
func (f *File) ReplaceSecrets(replace func(Field[secret.Value]) secret.Value) {
	replaceSecrets(reflect.ValueOf(f).Elem(), replace)
}

// replaceSecrets makes new lists and maps, since copies of a File share them.
func replaceSecrets(v reflect.Value, replace func(Field[secret.Value]) secret.Value) {
	switch field := v.Addr().Interface().(type) {
	case *Field[secret.Value]:
		if field.Said {
			field.Value = replace(*field)
		}
		return
	case *Place:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			replaceSecrets(v.Field(i), replace)
		}
	case reflect.Slice:
		replaced := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(replaced, v)
		for i := range replaced.Len() {
			replaceSecrets(replaced.Index(i), replace)
		}
		v.Set(replaced)
	case reflect.Map:
		replaced := reflect.MakeMap(v.Type())
		for _, key := range v.MapKeys() {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(v.MapIndex(key))
			replaceSecrets(elem, replace)
			replaced.SetMapIndex(key, elem)
		}
		v.Set(replaced)
	default:
	}
}

// Said are the places of all that the spec says of the connection.
func (c Connection) Said() []Place { return saidPlaces(reflect.ValueOf(c)) }

// Said are the places of all that the spec says of the Sentinels.
func (s Sentinels) Said() []Place { return saidPlaces(reflect.ValueOf(s)) }

// saidPlaces are those of the Fields of a struct, and of the structs in it.
func saidPlaces(v reflect.Value) []Place {
	var places []Place
	for i := range v.NumField() {
		f, ok := v.Field(i).Interface().(interface{ where() (Place, bool) })
		if !ok {
			places = append(places, saidPlaces(v.Field(i))...)
		} else if at, said := f.where(); said {
			places = append(places, at)
		}
	}
	return places
}
