package redis

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// TestCompose_everyField names the field of a connection that no value depends on.
func TestCompose_everyField(t *testing.T) {
	values := func(c Connection) []map[string]map[string]string {
		return []map[string]map[string]string{
			revealed(t, Compose(everywhere(c), release(t, "2.7"), InURLs)), revealed(t, Compose(everywhere(c), release(t, "2.16"), InKeys)),
		}
	}
	others := map[reflect.Type]any{
		reflect.TypeFor[string]():       "other",
		reflect.TypeFor[int]():          7,
		reflect.TypeFor[bool]():         true,
		reflect.TypeFor[secret.Value](): secret.FromText("other"),
		reflect.TypeFor[[]Address]():    []Address{{"other", 1}},
	}
	var check func(of reflect.Type, name string, index []int)
	check = func(of reflect.Type, name string, index []int) {
		for i := range of.NumField() {
			f := of.Field(i)
			name, index := name+"."+f.Name, append(index[:len(index):len(index)], i)
			other, ok := others[f.Type]
			if !ok {
				check(f.Type, name, index)
				continue
			}
			read := false
			for _, c := range []Connection{{Host: "h"}, sentinelConnection(0, ""), {Host: "h", TLS: TLS{On: true}}} {
				before := values(c)
				reflect.ValueOf(&c).Elem().FieldByIndex(index).Set(reflect.ValueOf(other))
				read = read || !cmp.Equal(before, values(c))
			}
			if !read {
				t.Errorf("no value depends on %s", name)
			}
		}
	}
	check(reflect.TypeFor[Connection](), "Connection", nil)
}
