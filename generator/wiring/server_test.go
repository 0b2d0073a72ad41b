package wiring

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// deploymentConfig is what the API server merges strategic patches by: the pod
// template is that of Kubernetes, a hook's env has no merge key
// (openshift/api apps/v1 types.go).
type deploymentConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Strategy struct {
			RollingParams *struct {
				Pre *struct {
					ExecNewPod *struct {
						Command       []string        `json:"command"`
						ContainerName string          `json:"containerName"`
						Env           []corev1.EnvVar `json:"env,omitempty"`
					} `json:"execNewPod,omitempty"`
				} `json:"pre,omitempty"`
			} `json:"rollingParams,omitempty"`
		} `json:"strategy"`
		Template *corev1.PodTemplateSpec `json:"template,omitempty"`
	} `json:"spec"`
}

func toJSON(t testing.TB, n *yaml.Node) []byte {
	t.Helper()
	data, err := manifest.Encode(n)
	if err != nil {
		t.Fatal(err)
	}
	if data, err = sigsyaml.YAMLToJSON(data); err != nil {
		t.Fatal(err)
	}
	return data
}

// serverStrategic patches an object as the API server does.
func serverStrategic(t testing.TB, o manifest.Object, patch *yaml.Node) manifest.Object {
	t.Helper()
	data, err := strategicpatch.StrategicMergePatch(toJSON(t, o.Node), toJSON(t, patch), &deploymentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	patched := read(t, string(data))[0]
	// Entries that are new keep the nulls of the patch until the server decodes
	// them into its types.
	for _, field := range []string{"containers", "initContainers"} {
		for _, c := range manifest.Items(manifest.Field(patched.Node, "spec", "template", "spec", field)) {
			dropNulls(manifest.Field(c, "env"))
		}
	}
	return patched
}

func dropNulls(n *yaml.Node) {
	if n == nil {
		return
	}
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); {
		if n.Content[i+1].Tag == "!!null" {
			n.Content = slices.Delete(n.Content, i, i+2)
		} else {
			i += 2
		}
	}
	for _, c := range n.Content {
		dropNulls(c)
	}
}

// serverHook applies a JSON patch as the API server does.
func serverHook(t testing.TB, o manifest.Object, patch *yaml.Node) (manifest.Object, error) {
	t.Helper()
	operations, err := jsonpatch.DecodePatch(toJSON(t, patch))
	if err != nil {
		t.Fatal(err)
	}
	data, err := operations.Apply(toJSON(t, o.Node))
	if err != nil {
		return o, err
	}
	return read(t, string(data))[0], nil
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
				if o, err = serverHook(t, o, hook); err != nil {
					t.Fatal(err)
				}
			}
			objects[i] = serverStrategic(t, o, Strategic(w, testAnnotations(rel)[w.Name]))
		}
	}
	return objects
}

// The patches for `oc patch`, with the server's semantics, do what Apply does in
// place: image, probes and all other env vars survive.
func TestServer_templates(t *testing.T) {
	for name, path := range testinput.Templates(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rel := release(t, name)
			wired := templateObjects(t, path)
			bases := map[string][]manifest.Object{"as it is": wired, "without Redis env": withoutRedis(wired, rel)}
			if name == "2.7.1.GA/amp.yml" {
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

// typed gives the DeploymentConfigs as the server keeps them, without nulls and
// directives that its types do not have.
func typed(t testing.TB, objects []manifest.Object) map[string]deploymentConfig {
	t.Helper()
	values := map[string]deploymentConfig{}
	for _, o := range objects {
		if o.Kind() == "DeploymentConfig" {
			var dc deploymentConfig
			if err := json.Unmarshal(toJSON(t, o.Node), &dc); err != nil {
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
		if len(n.Content) != 2 || n.Content[0].Value != "spec" || strings.Contains(string(toJSON(t, n)), "image") {
			t.Errorf("%s has more than spec", w.Name)
		}
		if template := manifest.Field(n, "spec", "template"); len(manifest.Field(n, "spec").Content) != 2 || manifest.Field(template, "metadata") != nil {
			t.Errorf("%s has more than the pod template's env", w.Name)
		}
	}
}
