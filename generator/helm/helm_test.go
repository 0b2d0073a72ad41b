package helm_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/golden"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const chart = "../../charts/threescale-redis"

// programs are the releases of Helm that the chart is for.
var programs = []string{"helm-v3.22.0", "helm-v4.3.1"}

// eachHelm runs a test with each real helm.
func eachHelm(t *testing.T, test func(t *testing.T, program string)) {
	for _, name := range programs {
		t.Run(name, func(t *testing.T) { test(t, testinput.Program(t, name)) })
	}
}

// run runs helm apart from the settings of the user. It returns standard output,
// and what it says where it fails.
func run(t *testing.T, program string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.Command(program, args...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Logf("%s", stderr.Bytes())
	}
	return out, err
}

func TestChart_lint(t *testing.T) {
	eachHelm(t, func(t *testing.T, program string) {
		if out, err := run(t, program, "lint", "--strict", chart); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// TestChart_defaults: the default values validate and render nothing.
func TestChart_defaults(t *testing.T) {
	eachHelm(t, func(t *testing.T, program string) {
		out, err := run(t, program, "template", "release", chart)
		if err != nil || strings.TrimSpace(string(out)) != "" {
			t.Errorf("%v\n%s", err, out)
		}
	})
	objects, err := helm.Render(helm.Values{})
	if err != nil || len(objects) != 0 {
		t.Errorf("%d objects (%v)", len(objects), err)
	}
}

// TestRender_sameAsHelm: the real helm makes the same objects of the values of
// all golden cases as Render does. One run has them all, since each takes long.
func TestRender_sameAsHelm(t *testing.T) {
	var values helm.Values
	want := 0
	for _, c := range goldenCases(t) {
		values.Secrets = append(values.Secrets, c.Secrets...)
		values.ExternalSecrets = append(values.ExternalSecrets, c.ExternalSecrets...)
		want += len(c.Secrets) + len(c.ExternalSecrets)
	}
	data, err := values.YAML()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := helm.Render(values)
	if err != nil || len(ours) != want {
		t.Fatalf("%d objects, want %d (%v)", len(ours), want, err)
	}
	eachHelm(t, func(t *testing.T, program string) {
		file := filepath.Join(t.TempDir(), "values.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := run(t, program, "template", "release", chart, "--namespace", "another", "--values", file)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := manifest.Read("helm template", out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parsed(t, theirs), parsed(t, ours)); diff != "" {
			t.Errorf("(-helm +ours):\n%s", diff)
		}
	})
}

// goldenCases returns the chart's values of the golden cases, by their file.
func goldenCases(t *testing.T) map[string]helm.Values {
	t.Helper()
	files, err := filepath.Glob("../../golden/testdata/*/*/" + spec.FileName)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden cases (%v)", err)
	}
	cases := map[string]helm.Values{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := generator.Generate(spec.Parse([]spec.Layer{{Name: file, Data: data}}, nil), generator.Secrets{Lookup: golden.Token, Tokens: true}, generator.Named{})
		if err != nil {
			t.Fatalf("%s", err)
		}
		cases[file] = r.Values
	}
	return cases
}

// parsed returns what the objects say, in an order that does not depend on theirs.
func parsed(t *testing.T, objects []manifest.Object) []string {
	t.Helper()
	var all []string
	for _, o := range objects {
		var value any
		if err := o.Node.Decode(&value); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}

// TestRender_texts: any text reaches the Secret as it is, in both encodings.
func TestRender_texts(t *testing.T) {
	for _, text := range []string{
		"", "yes", "0x10", "1_000", "2026-11-22", "null", "~", "{{ .Values }}", "a: b # c", "- a", "'\"\\", "ä€😀", " blank ", "tab\tline\nend\n",
	} {
		for _, encoding := range []string{"data", "stringData"} {
			objects, err := helm.Render(helm.Values{Secrets: []helm.Secret{{
				Meta:     helm.Meta{Name: "s", Labels: map[string]string{"l": text}, Annotations: map[string]string{"a": text}},
				Encoding: encoding, Data: map[string]string{"K": text},
			}}})
			if err != nil || len(objects) != 1 {
				t.Errorf("%q: %d objects (%v)", text, len(objects), err)
				continue
			}
			var got struct {
				Metadata struct {
					Labels, Annotations map[string]string
				}
				Data       map[string][]byte
				StringData map[string]string
			}
			data, err := manifest.Encode(objects[0].Node)
			if err != nil {
				t.Fatal(err)
			}
			// As kubectl reads it.
			if err := yaml.Unmarshal(data, &got); err != nil {
				t.Fatal(err)
			}
			value := got.StringData["K"]
			if encoding == "data" {
				value = string(got.Data["K"])
			}
			if value != text || got.Metadata.Labels["l"] != text || got.Metadata.Annotations["a"] != text {
				t.Errorf("%s %q: %+v", encoding, text, got)
			}
		}
	}
}

// TestChart_schema: values that the chart can't lay out are refused by both.
func TestChart_schema(t *testing.T) {
	eachHelm(t, func(t *testing.T, program string) {
		for name, values := range map[string]string{
			"unknown key":        `{secret: []}`,
			"no list":            `{secrets: {}}`,
			"no name":            `{secrets: [{data: {A: b}}]}`,
			"name":               `{secrets: [{name: A_B, data: {A: b}}]}`,
			"no data":            `{secrets: [{name: a}]}`,
			"empty data":         `{secrets: [{name: a, data: {}}]}`,
			"number":             `{secrets: [{name: a, data: {A: 1}}]}`,
			"key":                `{secrets: [{name: a, data: {"A B": b}}]}`,
			"encoding":           `{secrets: [{name: a, encoding: base64, data: {A: b}}]}`,
			"label":              `{secrets: [{name: a, labels: {a: true}, data: {A: b}}]}`,
			"no storage URL":     `{secrets: [{name: backend-redis, data: {REDIS_QUEUES_URL: b}}]}`,
			"no queues URL":      `{secrets: [{name: backend-redis, data: {REDIS_STORAGE_URL: b}}]}`,
			"blank storage URL":  `{secrets: [{name: backend-redis, data: {REDIS_STORAGE_URL: " ", REDIS_QUEUES_URL: b}}]}`,
			"empty queues URL":   `{secrets: [{name: backend-redis, data: {REDIS_STORAGE_URL: b, REDIS_QUEUES_URL: ""}}]}`,
			"no system URL":      `{secrets: [{name: system-redis, data: {NAMESPACE: b}}]}`,
			"empty remote URL":   `{externalSecrets: [{name: system-redis, refreshInterval: 1h, store: {name: s, kind: SecretStore}, data: {URL: ""}}]}`,
			"no store":           `{externalSecrets: [{name: a, refreshInterval: 1h, data: {A: b}}]}`,
			"kind of store":      `{externalSecrets: [{name: a, refreshInterval: 1h, store: {name: s, kind: Vault}, data: {A: b}}]}`,
			"no remote key":      `{externalSecrets: [{name: a, refreshInterval: 1h, store: {name: s, kind: SecretStore}, data: {A: b}, remoteRefs: [{secretKey: p}]}]}`,
			"unknown remote key": `{externalSecrets: [{name: a, refreshInterval: 1h, store: {name: s, kind: SecretStore}, data: {A: b}, remoteRefs: [{secretKey: p, key: k, version: 1}]}]}`,
		} {
			file := filepath.Join(t.TempDir(), "values.yaml")
			if err := os.WriteFile(file, []byte(values), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := run(t, program, "template", "release", chart, "--values", file); err == nil {
				t.Errorf("%s is taken:\n%s", name, out)
			}
		}
	})
}
