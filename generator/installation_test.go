package generator_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// memory is a generator.Sources over files in memory.
type memory map[string]string

func (m memory) ReadFile(name string) ([]byte, error) {
	if text, ok := m[name]; ok {
		return []byte(text), nil
	}
	return nil, errors.New("there is no such file")
}

func (m memory) Manifests(name string) ([]string, error) {
	var files []string
	for file := range m {
		if file == name || path.Dir(file) == name {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return files, nil
}

func (m memory) Build(dir string) ([]byte, diag.Issues) {
	temp, err := os.MkdirTemp("", "base")
	if err != nil {
		return nil, diag.From(err)
	}
	defer os.RemoveAll(temp)
	for name, text := range m {
		file := filepath.Join(temp, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			return nil, diag.From(err)
		}
	}
	root, err := os.OpenRoot(temp)
	if err != nil {
		return nil, diag.From(err)
	}
	defer root.Close()
	data, issues := kustomize.Build(root, dir, io.ReadAll)
	for i := range issues {
		issues[i].Pos.File = path.Join(dir, issues[i].Pos.File)
	}
	return data, issues
}

const external = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: test}
spec:
  release: %q
  profile: self-managed
  redis: {host: redis.example.com, password: {fromEnv: PASSWORD}}
  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}
`

// input is a spec over a template, with a value for each of its parameters.
func input(t *testing.T, release, extra string, data []byte) generator.Input {
	t.Helper()
	const file = "amp.yml"
	parsed, err := template.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]secret.Value{}
	for _, p := range parsed.Parameters {
		if p.Value == "" && (p.Required || p.Generate != "") {
			parameters[p.Name] = secret.FromText("x")
		}
	}
	return generator.Input{
		Layers:   []spec.Layer{{Name: "spec.yaml", Data: []byte(fmt.Sprintf(external, release) + extra)}},
		Lookup:   func(secret.Value) (string, error) { return "p@ss", nil },
		Sources:  memory{file: string(data)},
		Template: &generator.Template{File: file, Parameters: parameters},
	}
}

func TestGenerate_templates(t *testing.T) {
	for name, file := range testinput.Templates(t) {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := input(t, path.Dir(name), "  template: {file: amp.yml, internalRedis: keep}\n", data)
			r, err := generator.Generate(in)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := template.Parse("amp.yml", data)
			if err != nil {
				t.Fatal(err)
			}
			processed, err := parsed.Process(in.Template.Parameters)
			if err != nil {
				t.Fatal(err)
			}
			template.Clean(processed)
			if len(processed) != len(r.Objects) {
				t.Fatalf("%d objects became %d", len(processed), len(r.Objects))
			}
			for i, want := range processed {
				if changedOnPurpose(want, r) {
					continue
				}
				if diff := cmp.Diff(text(t, want), text(t, r.Objects[i])); diff != "" {
					t.Errorf("%s (-processed +rendered):\n%s", want, diff)
				}
			}
		})
	}
}

// changedOnPurpose takes out of an object what rendering has to change, and
// reports whether nothing else can be compared: the values of our Secrets.
func changedOnPurpose(o manifest.Object, r *generator.Result) bool {
	for _, s := range r.Release.Secrets {
		if o.Kind() == "Secret" && o.Name() == s.Name {
			return true
		}
	}
	for _, w := range r.Release.Workloads {
		if o.Kind() == w.Kind && o.Name() == w.Name {
			digest := r.Annotations()[w.Name][wiring.DigestAnnotation]
			manifest.Set(o.Node, manifest.Scalar(digest), "spec", "template", "metadata", "annotations", wiring.DigestAnnotation)
		}
	}
	return false
}

func text(t *testing.T, o manifest.Object) string {
	t.Helper()
	data, err := manifest.Encode(o.Node)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestGenerate_templateSecrets(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	in := input(t, "2.7", "", data)
	in.Template.Parameters["APP_LABEL"] = secret.FromText("my-3scale")
	r, err := generator.Generate(in)
	if err != nil {
		t.Fatal(err)
	}
	o := named(t, r.Objects, "Secret/backend-redis")
	if got := manifest.Text(o.Node, "metadata", "labels", "app"); got != "my-3scale" {
		t.Errorf("label app is %q, the template's is my-3scale", got)
	}
	if manifest.Field(o.Node, "stringData") != nil {
		t.Error("the template's stringData is left beside data")
	}
	url, err := base64.StdEncoding.DecodeString(manifest.Text(o.Node, "data", "REDIS_STORAGE_URL"))
	if err != nil || string(url) != "redis://:p%40ss@redis.example.com:6379/0" {
		t.Errorf("REDIS_STORAGE_URL is %q, %v", url, err)
	}
	for _, gone := range []string{"DeploymentConfig/backend-redis", "Service/system-redis", "ConfigMap/redis-config"} {
		if has(r.Objects, gone) {
			t.Errorf("%s is left", gone)
		}
	}
	claim := named(t, r.Objects, "PersistentVolumeClaim/system-redis-storage")
	if got := manifest.Text(claim.Node, "metadata", "annotations", "argocd.argoproj.io/sync-options"); got != "Prune=false" {
		t.Errorf("the claim has sync options %q", got)
	}
}

func TestGenerate_templateRemoved(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	r, err := generator.Generate(input(t, "2.7", "  template: {file: amp.yml, internalRedis: remove}\n", data))
	if err != nil {
		t.Fatal(err)
	}
	if has(r.Objects, "PersistentVolumeClaim/system-redis-storage") {
		t.Error("the claim is left")
	}
	if !strings.Contains(strings.Join(r.Notices, "\n"), "backend-redis-storage, system-redis-storage") {
		t.Errorf("nobody names the claims: %q", r.Notices)
	}
}

func TestGenerate_pins(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	changed := []byte(strings.Replace(string(data), "- name: REDIS_NAMESPACE\n", "- name: REDIS_NAMESPACES\n", 1))
	for name, c := range map[string]struct {
		release string
		data    []byte
		accept  bool
		failed  string
		warning string
	}{
		"its line":          {release: "2.7", data: data},
		"its tag":           {release: "2.7.0.GA", data: data},
		"another release":   {release: "2.8", data: data, failed: "is the template of 2.7.0.GA, 2.7.1.GA, and spec.release is 2.8"},
		"unknown":           {release: "2.7", data: changed, failed: "env var REDIS_NAMESPACE, from system-redis/NAMESPACE, is missing"},
		"unknown, accepted": {release: "2.7", data: changed, accept: true, warning: "env var REDIS_NAMESPACE, from system-redis/NAMESPACE, is missing"},
		"wired as it was":   {release: "2.7", data: append([]byte("# mine\n"), data...), failed: "its Redis wiring is that of 2.7"},
	} {
		t.Run(name, func(t *testing.T) {
			in := input(t, c.release, "", c.data)
			in.AcceptUnpinned = c.accept
			r, err := generator.Generate(in)
			switch {
			case c.failed != "":
				if err == nil || !strings.Contains(err.Error(), c.failed) {
					t.Errorf("got %v, want %q", err, c.failed)
				}
			case err != nil:
				t.Error(err)
			case c.warning != "" && !strings.Contains(r.Issues.Error(), c.warning):
				t.Errorf("got the warnings %v, want %q", r.Issues, c.warning)
			}
		})
	}
}

func TestGenerate_base(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	in := input(t, "2.7", "", data)
	parsed, err := template.Parse("amp.yml", data)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := parsed.Process(in.Template.Parameters)
	if err != nil {
		t.Fatal(err)
	}
	base, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	files := memory{
		"all/base.yaml": string(base), "k/base.yaml": string(base),
		"k/kustomization.yaml":  "resources: [base.yaml]\n",
		"few/base.yaml":         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
		"broken/base.yaml":      "a: b\n",
		"empty/.keep":           "",
		"bad/kustomization.yml": "resources: [missing.yaml]\n",
	}
	for name, c := range map[string]struct{ base, failed string }{
		"directory":            {base: "{manifests: [all]}"},
		"file":                 {base: "{manifests: [all/base.yaml]}"},
		"kustomization":        {base: "{kustomization: k}"},
		"lacks the workloads":  {base: "{manifests: [few]}", failed: "spec.yaml:9:9: error: DeploymentConfig/backend-cron: is required"},
		"no objects":           {base: "{manifests: [broken]}", failed: "broken/base.yaml:1:1: error: kind: is required"},
		"broken kustomization": {base: "{kustomization: bad}", failed: "bad/kustomization.yml:1:13: error: resources[0]: there is no such file or directory"},
		"both":                 {base: "{manifests: [all], kustomization: k}", failed: "[base-one-source]"},
		"neither":              {base: "{}", failed: "[base-one-source]"},
	} {
		t.Run(name, func(t *testing.T) {
			in := in
			in.Template, in.Sources = nil, files
			in.Layers = []spec.Layer{{Name: "spec.yaml", Data: []byte(fmt.Sprintf(external, "2.7") + "  base: " + c.base + "\n")}}
			r, err := generator.Generate(in)
			if c.failed != "" {
				if err == nil || !strings.Contains(err.Error(), c.failed) {
					t.Fatalf("got %v, want %q", err, c.failed)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Objects) != len(objects) {
				t.Errorf("%d objects became %d", len(objects), len(r.Objects))
			}
			o := named(t, r.Objects, "Secret/system-redis")
			if manifest.Field(o.Node, "stringData") != nil || manifest.Text(o.Node, "data", "URL") == "" {
				t.Error("the Secret of the base is not replaced")
			}
		})
	}
}

func TestGenerate_secretValueOfBrokenBaseIsNotShown(t *testing.T) {
	const canary = "canary-7f3a"
	in := generator.Input{
		Layers:  []spec.Layer{{Name: "spec.yaml", Data: []byte(fmt.Sprintf(external, "2.7") + "  base: {manifests: [base.yaml]}\n")}},
		Lookup:  func(secret.Value) (string, error) { return canary, nil },
		Sources: memory{"base.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: " + canary + ", b: *" + canary + "}\n"},
	}
	_, err := generator.Generate(in)
	if issues := (diag.Issues{}); !errors.As(err, &issues) {
		t.Fatalf("got %v, want issues", err)
	}
	if strings.Contains(err.Error(), canary) {
		t.Error("the value is shown")
	}
}

func named(t *testing.T, objects []manifest.Object, name string) manifest.Object {
	t.Helper()
	for _, o := range objects {
		if o.String() == name {
			return o
		}
	}
	t.Fatalf("there is no %s", name)
	return manifest.Object{}
}

func has(objects []manifest.Object, name string) bool {
	return slices.ContainsFunc(objects, func(o manifest.Object) bool { return o.String() == name })
}

func TestGenerate_templateWithAnyName(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	for _, file := range []string{"a, b.yml", "{a}.yml", `a\b.yml`} {
		in := input(t, "2.7", "", data)
		in.Sources, in.Template.File = memory{file: string(data)}, file
		if _, err := generator.Generate(in); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
