package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// thorny is a chart with what charts can have.
var thorny = map[string]string{
	"Chart.yaml":                "apiVersion: v2\nname: thorny\nversion: 1.2.3\ndependencies:\n- {name: below, version: 0.1.0, condition: below.enabled}\n- {name: idle, version: 0.1.0, condition: idle.enabled}\n",
	"values.yaml":               "a: {b: default, c: 1}\nlist: [1, 2]\nbig: 12345678\nbelow: {enabled: true}\nidle: {enabled: false}\n",
	".helmignore":               "*.bak\nskipped/\n",
	"values.schema.json":        `{"properties": {"a": {"properties": {"c": {"type": "integer"}}}}}`,
	"files/text.txt":            "a file",
	"templates/_helpers.tpl":    `{{ define "name" }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}`,
	"templates/NOTES.txt":       "notes of {{ .Release.Name }}",
	"templates/broken.yaml.bak": "{{ this is no template",
	"skipped/x":                 "x",
	"templates/.hidden.yaml":    "{{ neither is this",
	"templates/z.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ include "name" . }}, namespace: {{ .Release.Namespace }}}
data:
  b: {{ .Values.a.b | quote }}
  c: {{ .Values.a.c | quote }}
  big: {{ .Values.big | quote }}
  list: {{ .Values.list | join "," | quote }}
  gone: {{ .Values.gone | default "is gone" | quote }}
  file: {{ .Files.Get "files/text.txt" | quote }}
  lookup: {{ len (lookup "v1" "Secret" "a" "b") | quote }}
  install: {{ .Release.IsInstall | quote }}
  tpl: {{ tpl "{{ .Values.a.c }}" . | quote }}
`,
	"templates/a.yaml": `{{ range list 1 2 }}
---
apiVersion: v1
kind: Service
metadata: {name: s{{ . }}}
{{ end }}
---
apiVersion: v1
kind: Namespace
metadata: {name: first}
`,
	"templates/hook.yaml":               "apiVersion: v1\nkind: Pod\nmetadata: {name: hook, annotations: {helm.sh/hook: post-install}}\n",
	"crds/crd.yaml":                     "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: crd}\n",
	"charts/below/Chart.yaml":           "apiVersion: v2\nname: below\nversion: 0.1.0\n",
	"charts/below/values.yaml":          "x: below\n",
	"charts/below/templates/below.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: below}\ndata: {x: {{ .Values.x }}, g: {{ .Values.global.g | quote }}}\n",
	"charts/idle/Chart.yaml":            "apiVersion: v2\nname: idle\nversion: 0.1.0\n",
	"charts/idle/templates/off.yaml":    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: idle}\n",
}

var thornyValues = []string{
	"a: {b: one, c: 2}\nglobal: {g: shared}\nlist: [3]\n",
	"a: {b: two}\nbelow: {x: above}\n",
}

func sourceOf(files map[string]string) helm.Source {
	s := helm.Source{Path: "chart", Files: map[string][]byte{}}
	for name, text := range files {
		s.Files[name] = []byte(text)
	}
	return s
}

func valuesOf(texts ...string) []helm.File {
	var files []helm.File
	for i, text := range texts {
		files = append(files, helm.File{Name: "values" + string(rune('0'+i)) + ".yaml", Data: []byte(text)})
	}
	return files
}

// packaged is a chart as `helm package` packs it.
func packaged(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var data bytes.Buffer
	zipped := gzip.NewWriter(&data)
	w := tar.NewWriter(zipped)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, "skipped") || strings.HasSuffix(name, ".bak") || strings.Contains(name, "/.") {
			continue
		}
		if err := w.WriteHeader(&tar.Header{Name: "thorny/" + name, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// TestRenderChart: the objects are those of the real helm, in its order, from a
// directory and from a package.
func TestRenderChart(t *testing.T) {
	release := helm.Release{Name: "prod", Namespace: "threescale"}
	objects, hooks, err := helm.RenderChart(sourceOf(thorny), release, valuesOf(thornyValues...))
	if err != nil || hooks != 1 {
		t.Fatalf("%d hooks, %v", hooks, err)
	}
	again, _, err := helm.RenderChart(helm.Source{Path: "thorny.tgz", Archive: packaged(t, thorny)}, release, valuesOf(thornyValues...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ordered(t, objects), ordered(t, again)); diff != "" {
		t.Errorf("(-directory +package):\n%s", diff)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.String())
	}
	if want := []string{"Namespace/first", "ConfigMap/below", "ConfigMap/prod-thorny", "Service/s1", "Service/s2"}; !slices.Equal(names, want) {
		t.Errorf("the objects are %v", names)
	}
	eachHelm(t, func(t *testing.T, program string) {
		dir := t.TempDir()
		args := []string{"template", "prod", filepath.Join(dir, "chart"), "--no-hooks", "--namespace", "threescale"}
		files := maps.Clone(thorny)
		for name, text := range files {
			writeFile(t, filepath.Join(dir, "chart", name), text)
		}
		for _, f := range valuesOf(thornyValues...) {
			writeFile(t, filepath.Join(dir, f.Name), string(f.Data))
			args = append(args, "--values", filepath.Join(dir, f.Name))
		}
		out, err := run(t, program, args...)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := manifest.Read("helm template", out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ordered(t, theirs), ordered(t, objects)); diff != "" {
			t.Errorf("(-helm +ours):\n%s", diff)
		}
	})
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ordered is what the objects say, in their order.
func ordered(t *testing.T, objects []manifest.Object) []any {
	t.Helper()
	var all []any
	for _, o := range objects {
		var value any
		if err := o.Node.Decode(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	return all
}

// TestRenderChart_openShift: charts ask whether they run on OpenShift.
func TestRenderChart_openShift(t *testing.T) {
	files := map[string]string{
		"Chart.yaml":       "apiVersion: v2\nname: a\nversion: 0.1.0\n",
		"templates/a.yaml": "{{ if .Capabilities.APIVersions.Has \"apps.openshift.io/v1\" }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n{{ end }}",
	}
	objects, _, err := helm.RenderChart(sourceOf(files), helm.Release{Name: "a", Namespace: "b"}, nil)
	if err != nil || len(objects) != 1 {
		t.Errorf("%d objects, %v", len(objects), err)
	}
}

// TestRenderChart_bad: what is wrong is said with its place, and no value of the chart or
// of the values is in it.
func TestRenderChart_bad(t *testing.T) {
	const secret = "hunter2-canary"
	chart := func(changed map[string]string) map[string]string {
		files := map[string]string{
			"Chart.yaml":  "apiVersion: v2\nname: a\nversion: 0.1.0\n",
			"values.yaml": "password: " + secret + "\n",
		}
		maps.Copy(files, changed)
		return files
	}
	for name, c := range map[string]struct {
		files  map[string]string
		values string
		want   string
	}{
		"no chart":      {map[string]string{"values.yaml": "a: b\n"}, "", "chart: error: holds no Chart.yaml"},
		"broken chart":  {map[string]string{"Chart.yaml": "a: " + secret + ": b\n"}, "", "chart: error: is not a chart that Helm can load"},
		"no name":       {chart(map[string]string{"Chart.yaml": "apiVersion: v2\nversion: 0.1.0\n"}), "", "chart: error: is not a chart that Helm can load"},
		"dependency":    {chart(map[string]string{"Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\ndependencies: [{name: below, version: 1.0.0, repository: 'https://charts.example.com'}]\n"}), "", "chart: error: must have its dependencies in charts/: below is not there\n  hint: run `helm dependency build`"},
		"fail":          {chart(map[string]string{"templates/a.yaml": "a: b\n\n{{ fail .Values.password }}\n"}), "", "chart: error: its template fails at templates/a.yaml:3"},
		"required":      {chart(map[string]string{"templates/a.yaml": "{{ required .Values.password .Values.none }}"}), "", "chart: error: its template fails at templates/a.yaml:1"},
		"nil":           {chart(map[string]string{"templates/sub/a.yaml": "{{ .Values.password.a.b }}"}), "", "chart: error: its template fails at templates/sub/a.yaml:1"},
		"syntax":        {chart(map[string]string{"templates/a.yaml": "\n{{ if }}"}), "", "chart: error: its template fails at templates/a.yaml:2"},
		"values":        {chart(nil), secret, "values0.yaml: error: must be a YAML mapping: the values of the chart"},
		"no YAML":       {chart(nil), "a: b: " + secret, "values0.yaml: error: must be a YAML mapping: the values of the chart"},
		"schema":        {chart(map[string]string{"values.schema.json": `{"properties": {"password": {"enum": ["a"]}, "b": {"properties": {"c": {"type": "integer"}}}}}`}), "b: {c: " + secret + "}\n", "chart: error: the values do not match values.schema.json of a: /b/c, /password"},
		"remote schema": {chart(map[string]string{"values.schema.json": `{"$ref": "http://127.0.0.1:1/schema.json"}`}), "", "chart: error: values.schema.json of a is not valid, or refers to another file"},
		"file schema":   {chart(map[string]string{"values.schema.json": `{"$ref": "file:///etc/hostname"}`}), "", "chart: error: values.schema.json of a is not valid, or refers to another file"},
		"no object":     {chart(map[string]string{"templates/a.yaml": "{{ .Values.password }}"}), "", "chart/templates/a.yaml:1:1: error: "},
		"rendered":      {chart(map[string]string{"templates/a.yaml": "kind: A\n\nb: c: {{ .Values.password }}"}), "", "chart/templates/a.yaml:"},
		"no name of it": {chart(map[string]string{"templates/a.yaml": "apiVersion: v1\nkind: Secret\nstringData: {a: {{ .Values.password }}}"}), "", "chart/templates/a.yaml:"},
	} {
		_, _, err := helm.RenderChart(sourceOf(c.files), helm.Release{Name: "a", Namespace: "b"}, valuesOf(c.values))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
	}
	if _, _, err := helm.RenderChart(helm.Source{Path: "a.tgz", Archive: []byte(secret)}, helm.Release{}, nil); err == nil || !strings.HasPrefix(err.Error(), "a.tgz: error: is not a packaged chart") {
		t.Error(err)
	}
}
