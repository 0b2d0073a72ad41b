package resolve

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// leaf is one field of a database in the spec, by its path in the Go type.
type leaf struct {
	name  string
	index []int
	// within is the Field around it, nil where there is none.
	within []int
}

// leaves are the Fields of a struct and of the structs in it; TLS is one and has some.
func leaves(t reflect.Type, name string, index []int) []leaf {
	var found []leaf
	for i := range t.NumField() {
		f := t.Field(i)
		at := leaf{name: strings.TrimPrefix(name+"."+f.Name, "."), index: append(index[:len(index):len(index)], i)}
		if strings.HasPrefix(f.Type.Name(), "Field[") {
			found = append(found, at)
			if f.Type == reflect.TypeFor[spec.Field[spec.TLS]]() {
				value, _ := f.Type.FieldByName("Value")
				for _, l := range leaves(value.Type, at.name, slices.Concat(at.index, value.Index)) {
					l.within = at.index
					found = append(found, l)
				}
			}
		} else {
			found = append(found, leaves(f.Type, at.name, at.index)...)
		}
	}
	return found
}

// say sets a field of a database to a value that is not zero.
func (l leaf) say(t *testing.T, d *spec.Database) {
	t.Helper()
	values := map[reflect.Type]any{
		reflect.TypeFor[spec.Field[string]]():       says("x"),
		reflect.TypeFor[spec.Field[int]]():          says(7),
		reflect.TypeFor[spec.Field[bool]]():         says(true),
		reflect.TypeFor[spec.Field[secret.Value]](): password("p"),
		reflect.TypeFor[spec.List[string]]():        list("s"),
		reflect.TypeFor[spec.Field[spec.TLS]]():     says(spec.TLS{}),
	}
	if l.within != nil {
		reflect.ValueOf(d).Elem().FieldByIndex(l.within).FieldByName("Said").SetBool(true)
	}
	field := reflect.ValueOf(d).Elem().FieldByIndex(l.index)
	value, ok := values[field.Type()]
	if !ok {
		t.Fatalf("%s is a %s: give the test a value of that type", l.name, field.Type())
	}
	field.Set(reflect.ValueOf(value))
}

// TestFields names the field of the spec that inherit or Plain leaves out.
func TestFields(t *testing.T) {
	nothing := Database{}.Plain()
	for _, l := range leaves(reflect.TypeFor[spec.Database](), "", nil) {
		var only spec.Database
		l.say(t, &only)
		if l.name != "Namespace" { // which no database takes from another one
			for from, got := range map[string]spec.Connection{
				"another connection": inherit(spec.Connection{}, only.Connection),
				"the own one":        inherit(only.Connection, spec.Connection{}),
			} {
				if diff := cmp.Diff(only.Connection, got, compareSecrets); diff != "" {
					t.Errorf("inherit drops %s of %s", l.name, from)
				}
			}
		}
		d := Database{Database: only}
		d.Addresses, _ = addresses(only.Sentinels.Hosts)
		if cmp.Equal(nothing, d.Plain(), compareSecrets) {
			t.Errorf("Plain drops %s", l.name)
		}
	}
}

// TestReadBack: what was read back is what a database says, at the places of the keys.
func TestReadBack(t *testing.T) {
	var all spec.Database
	for _, l := range leaves(reflect.TypeFor[spec.Database](), "", nil) {
		l.say(t, &all)
	}
	d := Database{Database: all}
	d.Addresses, _ = addresses(list("s0", "s1:1"))
	want := d.Plain()
	keys := map[string]spec.Place{
		"url": {Path: "a/URL"}, "sentinelHosts": {Path: "a/HOSTS"}, "sentinelRole": {Path: "a/ROLE"}, "namespace": {Path: "a/NAMESPACE"},
		"password": {Path: "a/PASSWORD"}, "sentinelUsername": {Path: "a/SENTINEL_USERNAME"}, "ca": {Path: "a/CA"},
	}
	read := ReadBack(redis.System, want, keys)
	if diff := cmp.Diff(want, read.Plain(), compareSecrets); diff != "" {
		t.Errorf("(-written +read back):\n%s", diff)
	}
	for want, got := range map[string]spec.Place{
		"a/URL": read.DB.Place, "a/HOSTS": read.Sentinels.Password.Place, "a/HOSTS[1]": read.Addresses[1].Place,
		"a/PASSWORD": read.Password.Place, "a/SENTINEL_USERNAME": read.Sentinels.Username.Place, "a/CA": read.TLS.Value.CA.Place,
		"a/ROLE": read.Sentinels.Role.Place, "a/NAMESPACE": read.Namespace.Place,
	} {
		if got.Path != want {
			t.Errorf("got the path %s, want %s", got.Path, want)
		}
	}
}
