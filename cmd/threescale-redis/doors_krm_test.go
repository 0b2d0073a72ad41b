package main_test

import (
	"bytes"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// TestFunction_installation: an installation keeps its order, what is not ours
// comes back as it was, and no Secret is added to it.
func TestFunction_installation(t *testing.T) {
	e := environment(t, caseOf(t, "2.7"))
	dir, rel := e.dir, e.rel
	secret := func(name string) manifest.Object {
		return manifest.Object{Node: manifest.Mapping("apiVersion", manifest.Scalar("v1"), "kind", manifest.Scalar("Secret"),
			"metadata", manifest.Mapping("name", manifest.Scalar(name), "annotations", manifest.Mapping(
				"internal.config.kubernetes.io/index", manifest.Scalar("7"))),
			"stringData", manifest.Mapping("URL", manifest.Scalar("old")))}
	}
	items := append([]manifest.Object{secret("system-redis"), secret("foreign")}, installation(rel)...)
	made := function(t, dir, items)
	if len(made) != len(items) {
		t.Fatalf("of %d items came %d", len(items), len(made))
	}
	changed := map[string]bool{"Secret/system-redis": true}
	for _, w := range rel.Workloads {
		changed[w.Kind+"/"+w.Name] = true
	}
	for i := range items {
		if made[i].String() != items[i].String() {
			t.Errorf("item %d is %s, and was %s", i, made[i], items[i])
		}
		same := bytes.Equal(stream(t, items[i:i+1]), stream(t, made[i:i+1]))
		if same == changed[items[i].String()] {
			t.Errorf("%s changed: %t", items[i], !same)
		}
	}
	if manifest.Field(made[0].Node, "stringData") != nil || manifest.Text(made[0].Node, "metadata", "annotations", "internal.config.kubernetes.io/index") != "7" {
		t.Errorf("the Secret is:\n%s", stream(t, made[:1]))
	}
	if again := function(t, dir, made); !bytes.Equal(stream(t, made), stream(t, again)) {
		t.Error("a second run changes something")
	}
}
