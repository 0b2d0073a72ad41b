package wiring

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// line216 is a release with all switches, tls what is set in these tests.
func line216(t *testing.T) releases.Release {
	t.Helper()
	rel, err := releases.Find("2.16")
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

func tls(rel releases.Release) Switches {
	s := Switches{External: map[string]bool{}, TLS: map[string]bool{"backendStorage": true}, DisableAsync: "true"}
	for _, field := range rel.APIManager.External {
		s.External[field] = true
	}
	return s
}

// putOperated adds the Component for an APIManager to files, in the folder redis.
func putOperated(t testing.TB, files map[string]string, p APIManagerPatch) {
	t.Helper()
	component, err := OperatedComponent(p, []string{"secrets.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range component {
		files["redis/"+f.Name] = string(f.Data)
	}
	files["redis/secrets.yaml"] = "{apiVersion: v1, kind: Secret, metadata: {name: backend-redis}}\n"
}

// The APIManager of each export, built with the real programs: the same that Apply
// returns, and all else in the export as it was.
func TestOperatedComponent_exports(t *testing.T) {
	for name, path := range testinput.OperatorExports(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tag, _, _ := strings.Cut(name, "-")
		rel, err := releases.Find(tag)
		if err != nil {
			t.Fatal(err)
		}
		base := withoutSecrets(read(t, string(data)))
		want, files := clone(base), map[string]string{"base.yaml": write(t, base), "kustomization.yaml": overBase}
		for i, o := range want {
			if IsAPIManager(o) {
				want[i] = tls(rel).Apply(o, rel)
				putOperated(t, files, APIManagerPatch{Name: o.Name(), Patch: tls(rel).PatchOf(o, rel)})
			}
		}
		t.Run(name, func(t *testing.T) {
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(parsed(t, want), parsed(t, withoutSecrets(read(t, out)))); diff != "" {
					t.Errorf("Apply and the Component differ (-Apply +Component):\n%s", diff)
				}
			})
		})
	}
}

// apiManager is one with fields of its user.
const apiManager = `apiVersion: apps.3scale.net/v1alpha1
kind: APIManager
metadata: {name: %s, namespace: threescale}
spec:
  wildcardDomain: apps.example.com
  system: {image: x, database: {postgresql: {}}, systemRedisTLSEnabled: true}
  externalComponents: {system: {database: true}}
  unknown: [{name: a}, {name: a}]
`

// A namespace and a namePrefix, below the Component or above it, and the names that
// both leave to the patch.
func TestOperatedComponent_overlays(t *testing.T) {
	for name, c := range map[string]struct{ root, below, id string }{
		"in the object":    {"", "", "threescale/a.b"},
		"namespace below":  {"", "namespace: other\n", "other/a.b"},
		"namespace above":  {"namespace: other\n", "", "other/a.b"},
		"namePrefix below": {"", "namePrefix: dev-\n", "threescale/dev-a.b"},
		"both above":       {"namespace: other\nnamePrefix: dev-\n", "", "other/dev-a.b"},
		"own schema":       {"openapi: {path: schema.json}\n", "", "threescale/a.b"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				"base/base.yaml":          fmt.Sprintf(apiManager, "a.b"),
				"base/kustomization.yaml": c.below + "resources: [base.yaml]\n",
				"kustomization.yaml":      c.root + "resources: [base]\ncomponents: [redis]\n",
				"schema.json":             `{"definitions": {}}`,
			}
			rel := line216(t)
			putOperated(t, files, APIManagerPatch{Name: "a.b", Patch: tls(rel).Patch(rel)})
			want := tls(rel).Apply(read(t, files["base/base.yaml"])[0], rel)
			namespace, id, _ := strings.Cut(c.id, "/")
			manifest.Set(want.Node, manifest.Scalar(id), "metadata", "name")
			manifest.Set(want.Node, manifest.Scalar(namespace), "metadata", "namespace")
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				if err != nil {
					t.Fatal(err)
				}
				var got []manifest.Object
				for _, o := range read(t, out) {
					if IsAPIManager(o) {
						got = append(got, o)
					}
				}
				if diff := cmp.Diff(parsed(t, []manifest.Object{want}), parsed(t, got)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// What the patch is not for fails the build.
func TestOperatedComponent_guards(t *testing.T) {
	rel := line216(t)
	one := fmt.Sprintf(apiManager, "apimanager")
	for name, c := range map[string]struct{ base, want string }{
		"none":             {"{apiVersion: v1, kind: ConfigMap, metadata: {name: apimanager}}\n", "nothing selected by"},
		"named otherwise":  {fmt.Sprintf(apiManager, "my-apimanager"), "nothing selected by"},
		"of another group": {strings.Replace(one, "apps.3scale.net", "example.com", 1), "nothing selected by"},
		"two":              {one + "---\n" + strings.Replace(one, "namespace: threescale", "namespace: other", 1), "multiple matches for selector"},
		"highAvailability": {strings.Replace(one, "externalComponents: {system: {database: true}}", "highAvailability: {enabled: true}", 1), "/spec/highAvailability failed"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"base.yaml": c.base, "kustomization.yaml": overBase}
			putOperated(t, files, APIManagerPatch{Name: "apimanager", Patch: tls(rel).Patch(rel)})
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %s\n%s", err, c.want, out)
				}
			})
		})
	}
}

// A patch that was made for highAvailability builds over it, and changes nothing of
// what it stands for.
func TestOperatedComponent_highAvailability(t *testing.T) {
	rel := line216(t)
	base := read(t, strings.Replace(fmt.Sprintf(apiManager, "apimanager"), "externalComponents: {system: {database: true}}", "highAvailability: {enabled: true}", 1))
	patch := tls(rel).PatchOf(base[0], rel)
	if manifest.Field(patch, "spec", "externalComponents") != nil || manifest.Field(patch, "spec", "system") == nil {
		t.Fatalf("the patch is %s", write(t, []manifest.Object{{Node: patch}}))
	}
	files := map[string]string{"base.yaml": write(t, base), "kustomization.yaml": overBase}
	putOperated(t, files, APIManagerPatch{Name: "apimanager", Patch: patch, HighAvailability: true})
	each(t, tree(t, files), func(t *testing.T, out string, err error) {
		if err != nil {
			t.Fatal(err)
		}
		want := []manifest.Object{tls(rel).Apply(base[0], rel)}
		if diff := cmp.Diff(parsed(t, want), parsed(t, withoutSecrets(read(t, out)))); diff != "" {
			t.Error(diff)
		}
	})
}

// What is said already stays as it is written, comments included.
func TestSwitches_Apply_spelling(t *testing.T) {
	rel := line216(t)
	text := `apiVersion: apps.3scale.net/v1alpha1
kind: APIManager
metadata:
  name: a
  annotations:
    apps.3scale.net/disable-async: 'true' # slow
spec:
  system: {systemRedisTLSEnabled: false}
  externalComponents:
    backend: {redis: true} # moved
    system:
      redis: true # moved too
  backend:
    backendRedisTLSEnabled: true # since May
    queuesRedisTLSEnabled: false
`
	if got := write(t, []manifest.Object{tls(rel).Apply(read(t, text)[0], rel)}); got != text {
		t.Error(cmp.Diff(text, got))
	}
}

// What an APIManager says is read back; highAvailability counts alone only, or beside
// a null.
func TestReadSwitches(t *testing.T) {
	rel := line216(t)
	all := map[string]bool{"spec.externalComponents.backend.redis": true, "spec.externalComponents.system.redis": true}
	none := map[string]bool{"spec.externalComponents.backend.redis": false, "spec.externalComponents.system.redis": false}
	off := map[string]bool{"backendStorage": false, "backendQueues": false, "system": false}
	sql := []string{"spec.externalComponents.system.database"}
	for spec, want := range map[string]Switches{
		`{}`:                                   {External: none, Missing: sql, TLS: off},
		`{highAvailability: {enabled: true}}`:  {External: all, TLS: off},
		`{highAvailability: {enabled: false}}`: {External: none, Missing: sql, TLS: off},
		`{highAvailability: {enabled: true}, externalComponents: {}}`:   {External: none, Missing: sql, TLS: off},
		`{highAvailability: {enabled: true}, externalComponents: null}`: {External: all, TLS: off},
		`{externalComponents: {backend: {redis: true}, system: {redis: true}}, backend: {queuesRedisTLSEnabled: true}}`: {
			External: all, Missing: sql, TLS: map[string]bool{"backendStorage": false, "backendQueues": true, "system": false},
		},
	} {
		o := read(t, "{apiVersion: apps.3scale.net/v1alpha1, kind: APIManager, metadata: {name: a}, spec: "+spec+"}")[0]
		got := ReadSwitches(o, rel)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", spec, diff)
		}
		said := tls(rel)
		applied := said.Apply(o, rel)
		again := ReadSwitches(applied, rel)
		if !cmp.Equal(again.External, said.External) || again.DisableAsync != "true" || !again.TLS["backendStorage"] || again.TLS["system"] {
			t.Errorf("%s: after Apply it says %+v", spec, again)
		}
		if twice := said.Apply(applied, rel); write(t, []manifest.Object{twice}) != write(t, []manifest.Object{applied}) {
			t.Errorf("%s: a second Apply changes something", spec)
		}
	}
}
