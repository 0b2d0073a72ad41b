package generator_test

import (
	"bytes"
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
	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// memory is a generator.Files over files in memory.
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

// run renders a spec.
type run struct {
	spec  string
	files memory
	// template is a file beside the spec, if not empty.
	template   string
	parameters map[string]secret.Value
	accept     bool
	// namespace is metadata.namespace, if not empty.
	namespace string
}

func (r run) generate() (*generator.Patched, error) {
	var sets []string
	if r.template != "" {
		sets = append(sets, spec.Set("spec.template.file", r.template))
	}
	if r.namespace != "" {
		sets = append(sets, spec.Set("metadata.namespace", r.namespace))
	}
	doc := spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: []byte(r.spec)}}, sets)
	doc.Spec.Template.Value.SetParameters(r.parameters)
	lookup := func(secret.Value) (string, error) { return "p@ss", nil }
	return generator.Generate(doc, generator.Secrets{Lookup: lookup}, generator.Named{Files: r.files, AcceptUnpinned: r.accept})
}

// overTemplate is a spec over a template, with a value for each of its parameters.
func overTemplate(t *testing.T, release, extra string, data []byte) run {
	t.Helper()
	const file = "amp.yml"
	parsed, err := template.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]secret.Value{}
	for _, p := range parsed.Parameters {
		ofRedis := strings.Contains(p.Name, "REDIS") // the Redis of an HA template is that of the spec
		if p.Value == "" && (p.Required || p.Generate != "") && !ofRedis {
			parameters[p.Name] = secret.FromText("x")
		}
	}
	return run{
		spec:  fmt.Sprintf(external, release) + extra,
		files: memory{file: string(data)}, template: file, parameters: parameters,
	}
}

func TestGenerate_templates(t *testing.T) {
	for name, file := range testinput.SampleTemplates(t) {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := overTemplate(t, path.Dir(name), "  template: {file: amp.yml, internalRedis: keep}\n", data)
			r, err := in.generate()
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := template.Parse("amp.yml", data)
			if err != nil {
				t.Fatal(err)
			}
			ours := template.Replaced{"backend-redis": nil, "system-redis": nil}
			processed, err := parsed.Replacing(ours).Process(in.parameters)
			if err != nil {
				t.Fatal(err)
			}
			manifest.Clean(processed)
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
func changedOnPurpose(o manifest.Object, r *generator.Patched) bool {
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
	in := overTemplate(t, "2.7", "", data)
	in.parameters["APP_LABEL"] = secret.FromText("my-3scale")
	r, err := in.generate()
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
	r, err := overTemplate(t, "2.7", "  template: {file: amp.yml, internalRedis: remove}\n", data).generate()
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
			in := overTemplate(t, c.release, "", c.data)
			in.accept = c.accept
			r, err := in.generate()
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
	in := overTemplate(t, "2.7", "", data)
	parsed, err := template.Parse("amp.yml", data)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := parsed.Process(in.parameters)
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
			in.template, in.files = "", files
			in.spec = fmt.Sprintf(external, "2.7") + "  base: " + c.base + "\n"
			r, err := in.generate()
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
	in := run{
		spec:  fmt.Sprintf(external, "2.7") + "  base: {manifests: [base.yaml]}\n",
		files: memory{"base.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: " + canary + ", b: *" + canary + "}\n"},
	}
	_, err := in.generate()
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
		in := overTemplate(t, "2.7", "", data)
		in.files, in.template = memory{file: string(data)}, file
		if _, err := in.generate(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestGenerate_templateNamespace: with metadata.namespace every object of a template
// is in it, or none is.
// TestGenerate_templateTwice: of two objects with one name the later one would win in
// the cluster.
func TestGenerate_templateTwice(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	in := overTemplate(t, "2.7", "", bytes.Replace(data, []byte("\nobjects:\n"), []byte("\nobjects:\n- {apiVersion: v1, kind: Route, metadata: {name: a}}\n- {apiVersion: v1, kind: Route, metadata: {name: a}}\n"), 1))
	in.accept = true
	_, err := in.generate()
	if err == nil || !strings.Contains(err.Error(), ": error: Route/a: is there twice: first at amp.yml:") {
		t.Errorf("the error is %v", err)
	}
}

func TestGenerate_templateNamespace(t *testing.T) {
	for name, file := range testinput.SampleTemplates(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, namespace := range []string{"", "threescale"} {
			in := overTemplate(t, path.Dir(name), "", data)
			in.namespace = namespace
			r, err := in.generate()
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range r.Objects {
				if o.Namespace() != namespace {
					t.Errorf("%s: %s is in namespace %q, want %q", name, o, o.Namespace(), namespace)
				}
			}
		}
	}
}

// TestGenerate_baseNamespace: a base without the Secrets gets them where it is
// applied, and says so.
func TestGenerate_baseNamespace(t *testing.T) {
	rel, err := releases.Find("2.7")
	if err != nil {
		t.Fatal(err)
	}
	in := run{
		spec:  fmt.Sprintf(external, "2.7") + "  base: {manifests: [base.yaml]}\n",
		files: memory{"base.yaml": strings.ReplaceAll(workloads(t, rel), "metadata: {", "metadata: {namespace: there, ")},
	}
	for namespace, want := range map[string]string{
		"":      "is not given, and DeploymentConfig/backend-cron of the base is in there: the Secrets go where they are applied\n  hint: namespace: there",
		"there": "",
	} {
		in.namespace = namespace
		r, err := in.generate()
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Issues.Error(); !strings.Contains(got, want) || want == "" && strings.Contains(got, "metadata.namespace") {
			t.Errorf("namespace %q: %s", namespace, got)
		}
	}
}

// TestGenerate_deliveredElsewhere: with delivery None the Secrets of a base stay,
// and those of a template, which lead to its own Redis, go.
func TestGenerate_deliveredElsewhere(t *testing.T) {
	rel, err := releases.Find("2.7")
	if err != nil {
		t.Fatal(err)
	}
	const none = "  secrets: {delivery: None}\n"
	base := run{
		spec:  fmt.Sprintf(external, "2.7") + none + "  base: {manifests: [base.yaml]}\n",
		files: memory{"base.yaml": workloads(t, rel) + "---\n{apiVersion: v1, kind: Secret, metadata: {name: system-redis}}\n"},
	}
	r, err := base.generate()
	if err != nil {
		t.Fatal(err)
	}
	if !has(r.Objects, "Secret/system-redis") {
		t.Error("the Secret of the base is gone")
	}
	node := named(t, r.Objects, "DeploymentConfig/backend-worker").Node
	env := manifest.Items(manifest.Field(manifest.Items(manifest.Field(node, "spec", "template", "spec", "containers"))[0], "env"))
	if last := env[len(env)-1]; manifest.Text(last, "name") != "OWN" {
		t.Errorf("the env vars of the release do not come first: the last one is %s", manifest.Text(last, "name"))
	}
	over := overTemplate(t, "2.7", none, testinput.Template(t, "2.7.1.GA", "amp.yml"))
	if r, err = over.generate(); err != nil {
		t.Fatal(err)
	}
	if has(r.Objects, "Secret/system-redis") {
		t.Error("the Secret of the template is left")
	}
}

// TestGenerate_missingWorkload: what an installation lacks is missing where it is
// named.
func TestGenerate_missingWorkload(t *testing.T) {
	const missing = ": error: DeploymentConfig/backend-cron: is required"
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	in := overTemplate(t, "2.7", "", []byte(strings.ReplaceAll(string(data), "name: backend-cron\n", "name: other\n")))
	in.accept = true
	if _, err := in.generate(); err == nil || !strings.Contains(err.Error(), "amp.yml"+missing) {
		t.Errorf("a template: got %v", err)
	}
	if _, err := overItems(t, "{kind: DeploymentConfig, metadata: {name: other}}\n", ""); err == nil || !strings.Contains(err.Error(), "spec.yaml:4:1"+missing) {
		t.Errorf("items: got %v", err)
	}
}

func (memory) Chart(string) (helm.Source, error) { panic("is no chart") }
