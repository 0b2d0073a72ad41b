package wiring

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// onCluster patches an object as the API server does.
func onCluster(t testing.TB, o manifest.Object, kind string, patch *yaml.Node) (manifest.Object, error) {
	t.Helper()
	c, err := cluster.New([]manifest.Object{o})
	if err != nil {
		t.Fatal(err)
	}
	data, err := manifest.Encode(patch)
	if err != nil {
		t.Fatal(err)
	}
	failed := c.Patch(o.String(), kind, data)
	after, err := c.Object(o.String())
	if err != nil {
		t.Fatal(err)
	}
	return after, failed
}

// patched fails the test where the patch fails.
func patched(t testing.TB, o manifest.Object, kind string, patch *yaml.Node) manifest.Object {
	t.Helper()
	after, err := onCluster(t, o, kind, patch)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// onServer applies all patches of a release to its objects.
func onServer(t testing.TB, objects []manifest.Object, rel releases.Release) []manifest.Object {
	t.Helper()
	objects = clone(objects)
	for i, o := range objects {
		for _, w := range rel.Workloads {
			if w.Kind != o.Kind() || w.Name != o.Name() {
				continue
			}
			hook, err := Hook(o, w)
			if err != nil {
				t.Fatal(err)
			}
			if hook != nil {
				o = patched(t, o, "json", hook)
			}
			objects[i] = patched(t, o, "strategic", Strategic(w, testAnnotations(rel)[w.Name]))
		}
	}
	return objects
}

// The patches for `oc patch`, with the server's semantics, do what Apply does in
// place: image, probes and all other env vars survive.
func TestServer_templates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rel := release(t, name)
			wired := templateObjects(t, path)
			bases := map[string][]manifest.Object{"as it is": wired, "without Redis env": withoutRedis(wired, rel)}
			if rel.ReadsMessageBus() {
				bases["other sources"] = meddle(t, wired)
			}
			for label, base := range bases {
				t.Run(label, func(t *testing.T) {
					got := onServer(t, base, rel)
					checkWiring(t, rel, base, got)
					want, err := Apply(base, rel, InPlace, testAnnotations(rel))
					if err != nil {
						t.Fatal(err)
					}
					sorted := unordered(label != "as it is")
					if diff := cmp.Diff(typed(t, want), typed(t, got), sorted...); diff != "" {
						t.Errorf("Apply and the server differ (-Apply +server):\n%s", diff)
					}
					if again := onServer(t, got, rel); cmp.Diff(typed(t, got), typed(t, again)) != "" {
						t.Error("a second time changes something")
					}
				})
			}
		})
	}
}

// unordered ignores the order of env vars where some are new: the server mixes
// them with those that are there.
func unordered(someNew bool) cmp.Options {
	if !someNew {
		return nil
	}
	return cmp.Options{cmp.Transformer("sorted", func(env []corev1.EnvVar) map[string]corev1.EnvVar {
		byName := map[string]corev1.EnvVar{}
		for _, v := range env {
			byName[v.Name] = v
		}
		return byName
	})}
}

// typed returns the DeploymentConfigs as the server keeps them, without nulls and
// directives that its types do not have.
func typed(t testing.TB, objects []manifest.Object) map[string]cluster.Workload {
	t.Helper()
	values := map[string]cluster.Workload{}
	for _, o := range objects {
		if o.Kind() == "DeploymentConfig" {
			var dc cluster.Workload
			data, err := manifest.Encode(o.Node)
			if err != nil {
				t.Fatal(err)
			}
			if err := sigsyaml.Unmarshal(data, &dc); err != nil {
				t.Fatal(err)
			}
			values[o.Name()] = dc
		}
	}
	return values
}

func TestServer_exports(t *testing.T) {
	rel, _ := template27(t)
	for _, name := range []string{"installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml"} {
		t.Run(name, func(t *testing.T) {
			base := read(t, string(testinput.Export(t, name)))
			checkWiring(t, rel, base, onServer(t, base, rel))
		})
	}
}

// Nobody can apply a strategic patch by mistake.
func TestStrategic_isNoObject(t *testing.T) {
	rel, _ := template27(t)
	for _, w := range rel.Workloads {
		n := Strategic(w, nil)
		if len(n.Content) != 2 || n.Content[0].Value != "spec" || strings.Contains(write(t, []manifest.Object{{Node: n}}), "image") {
			t.Errorf("%s has more than spec", w.Name)
		}
		if template := manifest.Field(n, "spec", "template"); len(manifest.Field(n, "spec").Content) != 2 || manifest.Field(template, "metadata") != nil {
			t.Errorf("%s has more than the pod template's env", w.Name)
		}
	}
}
