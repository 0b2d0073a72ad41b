package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const head = "apiVersion: template.openshift.io/v1\nkind: Template\n"

func TestParse(t *testing.T) {
	data := head + `parameters:
- name: AMP_RELEASE
  description: AMP release tag.
  required: true
  value: "2.7"
- name: PASSWORD
  generate: expression
  from: '[a-z0-9]{8}'
objects:
- apiVersion: v1
  kind: Service
`
	want := []Parameter{
		{Name: "AMP_RELEASE", Description: "AMP release tag.", Required: true, Value: "2.7"},
		{Name: "PASSWORD", Generate: "expression", From: "[a-z0-9]{8}"},
	}
	sum := sha256.Sum256([]byte(data))
	for name, data := range map[string]string{"LF": data, "CRLF": strings.ReplaceAll(data, "\n", "\r\n")} {
		got, err := Parse("t.yml", []byte(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got.Parameters); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got.Release() != "2.7" || got.Digest != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: release %q, digest %s", name, got.Release(), got.Digest)
		}
	}
}

func TestParse_mistakes(t *testing.T) {
	bomb := "a: &a [x]\n"
	for i := range 30 {
		bomb += strings.Repeat(string(rune('a'+i%26)), 1+i/26) + "x: &n" + string(rune('a'+i%26)) + " [*a, *a]\n"
	}
	for name, c := range map[string]struct{ data, want string }{
		"empty":         {"", "t.yml: error: must be an OpenShift Template, not an empty file"},
		"binary":        {"\x7fELF\x02\x01\x00\x00\xff", "t.yml"},
		"scalar":        {"hello", "t.yml:1:1: error: must be an OpenShift Template, a mapping with apiVersion and kind"},
		"helm":          {"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.a }}\n", "t.yml:4:1: error: must be an OpenShift Template, not a template of a Helm chart"},
		"helm, valid":   {"apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{{ .Release.Name }}\"\n", "t.yml:4:1: error: must be an OpenShift Template, not a template of a Helm chart"},
		"kustomization": {"resources: [a.yaml]\n", "t.yml:1:1: error: must be an OpenShift Template, not a kustomization, which belongs to spec.base"},
		"component":     {"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", "t.yml:1:1: error: must be an OpenShift Template, not a kustomization, which belongs to spec.base"},
		"list":          {"apiVersion: v1\nkind: List\nitems: []\n", "t.yml:1:1: error: must be an OpenShift Template, not a List, such as `oc process` and `oc get` print and spec.base takes"},
		"spec":          {"apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\n", "t.yml:1:1: error: must be an OpenShift Template, not a spec of threescale-redis"},
		"other kind":    {"apiVersion: v1\nkind: Secret\n", "t.yml:1:1: error: must be an OpenShift Template, a mapping with kind Template"},
		"version":       {"apiVersion: v2\nkind: Template\n", "t.yml:1:13: error: apiVersion: must be template.openshift.io/v1"},
		"two documents": {head + "objects: []\n---\na: 1\n", "t.yml:5:1: error: must be an OpenShift Template, the only document of its file"},
		"no objects":    {head, "t.yml:1:1: error: objects: is required"},
		"truncated":     {head + "objects:\n- apiVersion: \"v1\n", "t.yml:4:1: error: is not YAML: found unexpected end of stream\n  hint: close the quote"},
		"objects":       {head + "objects: {}\n", "t.yml:3:10: error: objects: must be a list"},
		"no mapping": {
			head + "objects: [a, {kind: A}, {apiVersion: v1}, {apiVersion: v1, kind: List, items: []}]\n",
			"t.yml:3:11: error: objects[0]: must be a mapping with apiVersion and kind\n" +
				"t.yml:3:14: error: objects[1].apiVersion: is required\n" +
				"t.yml:3:25: error: objects[2].kind: is required\n" +
				"t.yml:3:43: error: objects[3]: a List inside a Template is not supported",
		},
		"parameters": {
			head + "objects: []\nparameters:\n- a\n- {value: b}\n- {name: A-B}\n- name: A\n- name: A\n- {name: B, value: 5}\n- {name: C, required: \"yes\"}\n- {name: D, generate: dice}\n",
			"t.yml:5:3: error: parameters[0]: must be a mapping\n" +
				"t.yml:6:3: error: parameters[1].name: is required\n" +
				"t.yml:7:10: error: parameters[2].name: must be letters, digits and _\n" +
				"t.yml:9:9: error: parameters[4].name: there is another parameter A\n" +
				"t.yml:10:20: error: parameters[5].value: must be a string; quote it\n" +
				"t.yml:11:23: error: parameters[6].required: must be true or false\n" +
				"t.yml:12:23: error: parameters[7].generate: must be expression",
		},
		"parameter list": {head + "objects: []\nparameters: {A: b}\n", "t.yml:4:13: error: parameters: must be a list"},
		"labels":         {head + "objects: []\nlabels: [a]\n", "t.yml:4:9: error: labels: must be a mapping"},
		"label":          {head + "objects: []\nlabels: {a: 1}\n", "t.yml:4:13: error: labels.a: must be a string; quote it"},
		"twice":          {head + "objects:\n- apiVersion: v1\n  kind: A\n  kind: B\n", "t.yml:6:3: error: this key is there twice"},
		"alias":          {head + "objects:\n- &a {apiVersion: v1, kind: A}\n- *a\n", "t.yml:5:3: error: must not use YAML aliases"},
		"alias bomb":     {head + bomb + "objects: []\n", "t.yml:4:10: error: must not use YAML aliases"},
		"deep":           {head + "objects: " + strings.Repeat("[", 300) + strings.Repeat("]", 300), "t.yml:3:209: error: is nested in more than 200 levels"},
		"nesting":        {head + "objects: " + strings.Repeat("[", 100_000), "t.yml"},
		"block nesting":  {head + "objects:\n" + strings.Repeat("- ", 100_000) + "a\n", "t.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("t.yml", []byte(c.data))
			exact := strings.Contains(c.want, ": error: ")
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || exact && err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// Nesting that the parser lets through must not overflow anything.
func TestParse_deep(t *testing.T) {
	tmpl, err := Parse("t.yml", []byte(head+"objects:\n- apiVersion: v1\n  kind: A\n  a: "+strings.Repeat("[", 190)+strings.Repeat("]", 190)+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := tmpl.Process(nil)
	if err != nil {
		t.Fatal(err)
	}
	manifest.Clean(objects)
	if _, err := manifest.Write(objects); err != nil {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "objects:\n- {apiVersion: v1, kind: A, metadata: {name: '${A}'}, x: '${{A}}', '${A}': 1}\nparameters: [{name: A, value: 'null'}]\nlabels: {'${A}': b}\n"))
	f.Add([]byte(`{"kind": "Template", "apiVersion": "v1", "objects": [{"apiVersion": "v1", "kind": "A", "yes": "no"}]}`))
	f.Add([]byte("kind: {{ .Kind }}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tmpl, err := Parse("t.yml", data)
		if err != nil {
			return
		}
		if _, err := read1(tmpl.ParamFile(nil)); err != nil {
			t.Errorf("the parameter file does not read back: %v", err)
		}
		objects, err := tmpl.Process(fill(tmpl))
		if err != nil {
			return
		}
		manifest.Clean(objects)
		if _, err := manifest.Write(objects); err != nil {
			t.Error(err)
		}
	})
}

func TestParse_templates(t *testing.T) {
	for name, path := range testinput.Templates(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tmpl, err := Parse(path, data)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(testinput.Digests(t), []byte(tmpl.Digest)) {
			t.Errorf("%s: digest %s is not listed", name, tmpl.Digest)
		}
		tag := strings.TrimPrefix(name, "3scale-")
		if !strings.HasPrefix(tag, tmpl.Release()+".") {
			t.Errorf("%s: release %q", name, tmpl.Release())
		}
	}
}
