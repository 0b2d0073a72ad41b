package format

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// result is one with the objects of a YAML stream.
func result(t *testing.T, name, objects string) Result {
	t.Helper()
	read, err := manifest.Read(name, []byte(objects))
	if err != nil {
		t.Fatal(err)
	}
	return Result{Name: name, Patched: &generator.Patched{Objects: read}}
}

const (
	inA      = "{apiVersion: v1, kind: Secret, metadata: {name: redis, namespace: a}}\n"
	inB      = "{apiVersion: v1, kind: Secret, metadata: {name: redis, namespace: b}}\n"
	nowhere  = "{apiVersion: v1, kind: Secret, metadata: {name: redis}}\n"
	another  = "{apiVersion: v1, kind: ConfigMap, metadata: {name: redis, namespace: a}}\n"
	together = "---\n"
)

func TestUnique(t *testing.T) {
	const hint = "\n  hint: give each a metadata.namespace of its own, or render into a directory"
	for name, tt := range map[string]struct {
		first, second, want string
	}{
		"other namespaces": {inA, inB, ""},
		"one without":      {inA, nowhere, ""},
		"other kinds":      {inA, another, ""},
		"the same":         {inA, inA, "second: error: renders Secret redis in namespace a, as first does" + hint},
		"without":          {nowhere, nowhere, "second: error: renders Secret redis, as first does" + hint},
		"one of two":       {inA + together + inB, another + together + inB, "second: error: renders Secret redis in namespace b, as first does" + hint},
	} {
		var u Unique
		if err := u.Add(result(t, "first", tt.first)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := ""
		if err := u.Add(result(t, "second", tt.second)); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got  %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestJoinJSON(t *testing.T) {
	var documents []Document
	for _, objects := range []string{inA + together + inB, "", another} {
		data, err := jsonDocument(result(t, "spec", objects))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, Document{Data: data})
	}
	var list struct {
		APIVersion, Kind string
		Items            []struct{ Metadata struct{ Namespace string } }
	}
	if err := json.Unmarshal(joinJSON(documents), &list); err != nil {
		t.Fatal(err)
	}
	var namespaces []string
	for _, item := range list.Items {
		namespaces = append(namespaces, item.Metadata.Namespace)
	}
	if list.APIVersion != "v1" || list.Kind != "List" || !cmp.Equal(namespaces, []string{"a", "b", "a"}) {
		t.Errorf("%+v", list)
	}
	if got, want := string(joinJSON(nil)), "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": []\n}\n"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestJoinYAML(t *testing.T) {
	one, two := Document{Name: "one", Data: []byte("a: 1\n")}, Document{Name: "two", Data: []byte("b: 2\n")}
	if got := string(joinYAML([]Document{one})); got != "a: 1\n" {
		t.Errorf("one: %q", got)
	}
	if got := string(joinYAML([]Document{one, two})); got != "# Source: one\na: 1\n---\n# Source: two\nb: 2\n" {
		t.Errorf("two: %q", got)
	}
}

func TestIgnoreDocument(t *testing.T) {
	s := result(t, "spec", `
apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: app}
spec:
  triggers:
  - type: ConfigChange
  - type: ImageChange
    imageChangeParams: {containerNames: [main, init, gone]}
  template: {spec: {containers: [{name: main}, {name: sidecar}], initContainers: [{name: init}]}}
---
apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: by-hand}
spec: {triggers: [{type: ConfigChange}], template: {spec: {containers: [{name: main}]}}}
`)
	rel, err := releases.Find("2.7")
	if err != nil {
		t.Fatal(err)
	}
	s.Rendered = &generator.Rendered{Checked: &generator.Checked{Release: rel}}
	if _, err := ignoreDocument(s); err == nil {
		t.Error("without an installation: no error")
	}
	s.Base = s.Objects
	got, err := ignoreDocument(s)
	if err != nil {
		t.Fatal(err)
	}
	want := `ignoreDifferences:
- group: apps.openshift.io
  kind: DeploymentConfig
  name: app
  jqPathExpressions:
  - .spec.template.spec.containers[] | select(.name == "main") | .image
  - .spec.template.spec.initContainers[] | select(.name == "init") | .image
  - .spec.triggers[] | select(.type == "ImageChange") | .imageChangeParams.lastTriggeredImage
syncPolicy:
  syncOptions:
  - RespectIgnoreDifferences=true
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// A workload that no object stands for is never patched in its hook, and each
// hook that is left out is named once.
func TestHooksLeftOut(t *testing.T) {
	for _, line := range releases.Lines() {
		rel, err := releases.Find(line)
		if err != nil {
			t.Fatal(err)
		}
		r := Result{Name: "spec", Patched: &generator.Patched{Rendered: &generator.Rendered{Checked: &generator.Checked{Release: rel}}}}
		hooks, patches := 0, len(rel.Workloads)
		if rel.Operated() {
			patches = 1 // that of the APIManager
		}
		for _, w := range rel.Workloads {
			if w.PreHook != nil && !rel.Operated() {
				hooks++
			}
		}
		if got := len(leftOut(r)); got != hooks {
			t.Errorf("%s: %d warnings, want %d", line, got, hooks)
		}
		files, err := patchFiles(r)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) != patches {
			t.Errorf("%s: %d patches, want %d", line, len(files), patches)
		}
	}
}

func TestFind(t *testing.T) {
	for _, name := range Names() {
		f, err := Find(name)
		if err != nil || f.Name != name || f.Warnings == nil || f.Help == "" {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		if f.Document == nil && f.Files == nil || (f.Document == nil) != (f.Join == nil) {
			t.Errorf("%s: can't be written", name)
		}
	}
	if _, err := Find("yaml"); err == nil {
		t.Error("yaml is no format")
	}
}

// The command of a patch names the namespace of the object, and quotes it.
func TestEnvPatches_namespace(t *testing.T) {
	s := result(t, "spec", nowhere)
	s.Rendered = &generator.Rendered{Checked: &generator.Checked{}}
	var err error
	if s.Release, err = releases.Find("2.7"); err != nil {
		t.Fatal(err)
	}
	s.Metadata.Namespace.Value = "of-the-spec"
	base, err := manifest.Read("base", []byte("{kind: DeploymentConfig, metadata: {name: system-app, namespace: it's}, spec: {strategy: {rollingParams: {pre: {execNewPod: {containerName: system-master}}}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	s.Base = base
	got, err := patchDocument(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`then: oc -n 'it'"'"'s' patch deploymentconfig system-app --type=json --patch-file system-app.hook.yaml`,
		`then: oc -n 'it'"'"'s' patch deploymentconfig system-app --type=strategic --patch-file system-app.strategic.yaml`,
		`then: oc -n of-the-spec patch deploymentconfig backend-cron --type=strategic --patch-file backend-cron.strategic.yaml`,
	} {
		if !strings.Contains(string(got), want+"\n") {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
}
