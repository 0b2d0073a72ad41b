package template

import (
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

func BenchmarkTemplate(b *testing.B) {
	data := testinput.Template(b, "2.7.1.GA", "amp.yml")
	t, err := Parse("amp.yml", data)
	if err != nil {
		b.Fatal(err)
	}
	values := fill(t)
	objects, err := t.Process(values)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Parse", func(b *testing.B) {
		for b.Loop() {
			_, _ = Parse("amp.yml", data)
		}
	})
	b.Run("Process", func(b *testing.B) {
		for b.Loop() {
			_, _ = t.Process(values)
		}
	})
	b.Run("Write", func(b *testing.B) {
		for b.Loop() {
			_, _ = manifest.Write(objects)
		}
	})
}

// fill finds a value for every parameter that needs one.
func fill(t *Template) map[string]secret.Value {
	values := map[string]secret.Value{}
	for _, p := range t.Parameters {
		if p.generated() || p.Required && p.Value == "" {
			values[p.Name] = secret.FromText("value-of-" + p.Name)
		}
	}
	return values
}
