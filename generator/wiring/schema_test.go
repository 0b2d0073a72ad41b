package wiring

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// Our schema stands in for the built-in one, so in its kinds it must merge by
// all the keys that upstream merges by, or a user's own Deployment is damaged.
// Kustomize keeps its schema in a global: tests that touch it are not parallel.
func TestSchema_likeUpstream(t *testing.T) {
	openapi.ResetOpenAPI()
	defer openapi.ResetOpenAPI()
	builtIn := []string{"Deployment", "StatefulSet", "DaemonSet"}
	upstream := map[string][]string{}
	for _, kind := range builtIn {
		upstream[kind] = mergeKeys("", openapi.SchemaForResourceType(kyaml.TypeMeta{APIVersion: "apps/v1", Kind: kind}))
	}
	openapi.ResetOpenAPI()
	if err := openapi.SetSchema(nil, []byte(schema), true); err != nil {
		t.Fatal(err)
	}
	for _, kind := range builtIn {
		ours := mergeKeys("", openapi.SchemaForResourceType(kyaml.TypeMeta{APIVersion: "apps/v1", Kind: kind}))
		if diff := cmp.Diff(upstream[kind], ours); diff != "" || len(ours) < 20 {
			t.Errorf("%s merges differently (-upstream +ours):\n%s", kind, diff)
		}
	}
	got := mergeKeys("", openapi.SchemaForResourceType(kyaml.TypeMeta{APIVersion: kinds["DeploymentConfig"].apiVersion, Kind: "DeploymentConfig"}))
	for _, want := range append(upstream["Deployment"], ".spec.strategy.rollingParams.pre.execNewPod.env merge [name]") {
		if !slices.Contains(got, want) {
			t.Errorf("DeploymentConfig lacks %s", want)
		}
	}
}

// mergeKeys lists the lists of objects that merge, with strategy and keys.
func mergeKeys(at string, s *openapi.ResourceSchema) []string {
	var lines []string
	if s == nil || strings.Count(at, ".") > 9 {
		return nil
	}
	strategy, keys := s.PatchStrategyAndKeyList()
	merges := strategy != "" && s.Schema.Type.Contains("array")
	if merges {
		lines = append(lines, fmt.Sprintf("%s %s %v", at, strategy, keys))
	}
	for name := range s.Schema.Properties {
		lines = append(lines, mergeKeys(at+"."+name, s.Field(name))...)
	}
	// What a list that is replaced as a whole holds does not matter.
	if merges && s.Schema.Items != nil {
		lines = append(lines, mergeKeys(at+"[]", s.Elements())...)
	}
	slices.Sort(lines)
	return lines
}

// The library builds what the programs build.
func TestComponent_inMemory(t *testing.T) {
	for name, file := range testinput.SampleTemplates(t) {
		t.Run(name, func(t *testing.T) {
			rel := release(t, name)
			base := withoutRedis(templateObjects(t, file), rel)
			want, err := Apply(base, rel, PinFirst, testAnnotations(rel))
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{"base.yaml": write(t, base), "kustomization.yaml": overBase}
			put(t, files, rel)
			fs := filesys.MakeFsInMemory()
			for name, text := range files {
				if err := fs.WriteFile(path.Join("/case", name), []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, "/case")
			if err != nil {
				t.Fatal(err)
			}
			text, err := built.AsYaml()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, want), parsed(t, withoutSecrets(read(t, string(text))))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestComponent_files(t *testing.T) {
	rel, _ := template27(t)
	files, err := Component(rel, nil, Annotations{"system-app": {TokenAnnotation: "2"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Component(rel, nil, Annotations{"system-app": {TokenAnnotation: "2"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, again); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	for _, f := range files {
		text := string(f.Data)
		if !strings.HasPrefix(text, manifest.Marker+"\n") {
			t.Errorf("%s has no marker", f.Name)
		}
		if strings.HasPrefix(f.Name, "patches/") && (strings.Contains(text, "image:") || strings.Contains(text, "namespace:")) {
			t.Errorf("%s has an image or a namespace", f.Name)
		}
		if got, want := strings.Contains(text, "annotations:"), f.Name == "patches/system-app.yaml"; got != want {
			t.Errorf("%s: annotations %v, want %v", f.Name, got, want)
		}
	}
	if last := files[len(files)-1].Name; last != "kustomization.yaml" {
		t.Errorf("%s comes last", last)
	}
}
