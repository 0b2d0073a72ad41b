package template

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// open parses a template at hand.
func open(t *testing.T, path string) (*Template, []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := Parse(path, data)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl, data
}

func texts(values map[string]secret.Value) map[string]string {
	texts := map[string]string{}
	for name, value := range values {
		texts[name] = value.Reveal()
	}
	return texts
}

// counts are the objects of each kind of template.
func count(name string) int {
	switch {
	case name == "2.7.1.GA/amp-ha-tech-preview.yml":
		return 51
	case strings.HasSuffix(name, "amp-ha-tech-preview.yml"):
		return 60
	default:
		return 66
	}
}

func TestProcess_templates(t *testing.T) {
	for name, path := range testinput.Templates(t) {
		t.Run(name, func(t *testing.T) {
			tmpl, data := open(t, path)
			values := fill(tmpl)
			values["IMAGESTREAM_TAG_IMPORT_INSECURE"] = secret.FromText("true")
			values["TENANT_NAME"] = secret.FromText("no") // YAML 1.1 reads a boolean
			values["ADMIN_ACCESS_TOKEN"] = secret.FromText("1e5")
			objects, err := tmpl.Process(values)
			if err != nil {
				t.Fatal(err)
			}
			if len(objects) != count(name) {
				t.Errorf("%d objects, want %d", len(objects), count(name))
			}
			if want, got := oracle(t, data, texts(values)), read(t, objects); !reflect.DeepEqual(want, got) {
				t.Error(cmp.Diff(want, got))
			}
			out, err := manifest.Write(objects)
			if err != nil {
				t.Fatal(err)
			}
			if left := regexp.MustCompile(`\$\{.*`).Find(out); left != nil {
				t.Errorf("%s is left", left)
			}
			again, err := tmpl.Process(values)
			if err != nil {
				t.Fatal(err)
			}
			if second, _ := manifest.Write(again); !bytes.Equal(out, second) {
				t.Error("a second run gives something else")
			}
		})
	}
}

// A template in JSON or with CRLF yields the same objects.
func TestProcess_otherForms(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	asJSON, err := sigsyaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{"JSON": string(asJSON), "CRLF": strings.ReplaceAll(string(data), "\n", "\r\n")} {
		tmpl, err := Parse("t", []byte(form))
		if err != nil {
			t.Fatal(err)
		}
		objects, err := tmpl.Process(fill(tmpl))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(oracle(t, data, texts(fill(tmpl))), read(t, objects)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if out, _ := manifest.Write(objects); strings.Contains(string(out), `{"`) {
			t.Errorf("%s: the output is JSON in parts", name)
		}
	}
}

func TestProcess_required(t *testing.T) {
	ha := []string{
		"WILDCARD_DOMAIN", "BACKEND_REDIS_STORAGE_ENDPOINT", "BACKEND_REDIS_QUEUES_ENDPOINT", "SYSTEM_REDIS_URL", "SYSTEM_DATABASE_URL",
	}
	for name, want := range map[string][]string{
		"2.7.1.GA/amp.yml":                         {"WILDCARD_DOMAIN"},
		"2.7.1.GA/amp-s3.yml":                      {"WILDCARD_DOMAIN"},
		"2.7.1.GA/amp-ha-tech-preview.yml":         ha,
		"2.8.1.GA/amp-ha-tech-preview.yml":         ha,
		"3scale-2.12.0-GA/amp-ha-tech-preview.yml": ha,
	} {
		tmpl, _ := open(t, testinput.Templates(t)[name])
		_, err := tmpl.Process(nil)
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		required, generated, _ := strings.Cut(err.Error(), ";")
		for _, p := range want {
			if !regexp.MustCompile(`\b` + p + `\b`).MatchString(required) {
				t.Errorf("%s: %s is not named in %v", name, p, err)
			}
		}
		for _, p := range tmpl.Parameters {
			if p.Generate != "" && !strings.Contains(generated, p.Name) {
				t.Errorf("%s: %s is not named in %v", name, p.Name, err)
			}
		}
	}
}

const small = head + `parameters:
- {name: A, value: a}
- {name: DOMAIN, required: true}
- {name: PASSWORD, generate: expression, from: '[a-z]{8}', required: true}
- {name: TOKEN, generate: expression, from: '[a-z]{8}'}
- {name: MADE, generate: expression, from: '[a-z]{8}', value: default}
objects:
- {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {p: '${PASSWORD}', t: '${TOKEN}', m: '${MADE}', '${A}': x}}
`

func TestProcess_values(t *testing.T) {
	const canary = "c4n4ry"
	some := secret.FromText(canary)
	for name, c := range map[string]struct {
		values map[string]secret.Value
		want   string
	}{
		"none": {nil, "t.yml:4:1: error: parameters: a value is required for DOMAIN; " +
			"`oc process` invents a new value in every run, so one must be given, for PASSWORD, TOKEN\n" +
			"  hint: `threescale-redis template parameters TEMPLATE --generate -o FILE` makes them once: for `template --param-file FILE`, or to refer to in spec.template.parameters"},
		"empty": {
			map[string]secret.Value{"DOMAIN": {}, "PASSWORD": {}, "TOKEN": {}},
			"t.yml:4:1: error: parameters: a value is required for DOMAIN, PASSWORD",
		},
		"unknown": {
			map[string]secret.Value{"DOMIAN": some, "DOMAIN": some, "PASSWORD": some, "TOKEN": some, "XYZ": some},
			"t.yml: error: parameters.DOMIAN: the template has no such parameter\n  hint: did you mean \"DOMAIN\"?\n" +
				"t.yml: error: parameters.XYZ: the template has no such parameter",
		},
		"binary": {
			map[string]secret.Value{"DOMAIN": secret.FromText(canary + "\xff"), "PASSWORD": some, "TOKEN": some},
			"t.yml: error: parameters.DOMAIN: the value must be UTF-8 text",
		},
		"key": {
			map[string]secret.Value{"DOMAIN": some, "PASSWORD": some, "TOKEN": some, "A": secret.FromText("p")},
			"t.yml:10:115: error: objects[0]: this key is there twice once the parameters are filled in",
		},
		"all": {map[string]secret.Value{"DOMAIN": some, "PASSWORD": some, "TOKEN": {}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tmpl, err := Parse("t.yml", []byte(small))
			if err != nil {
				t.Fatal(err)
			}
			objects, err := tmpl.Process(c.values)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), canary) {
				t.Error("the error shows a value")
			}
			if err == nil && manifest.Text(objects[0].Node, "stringData", "m") != "default" {
				t.Error("the default of a generated parameter does not hold")
			}
		})
	}
}

func TestProcess_objects(t *testing.T) {
	tmpl, err := Parse("t.yml", []byte(head+`labels: {'l-${A}': '${B}', app: t}
parameters: [{name: A, value: a}, {name: B, value: "yes"}]
objects:
- {apiVersion: v1, kind: Secret, metadata: {name: fixed, namespace: here, labels: {app: own, z: z}}}
- {apiVersion: v1, kind: Secret, metadata: {name: given, namespace: 'ns-${A}'}}
- {apiVersion: v1, kind: Secret, metadata: {name: unknown, namespace: '${C}'}}
- {apiVersion: v1, kind: Secret, metadata: {name: bare, namespace: '${{A}}'}}
- apiVersion: apps.openshift.io/v1
  kind: DeploymentConfig
  metadata: {name: pods}
  spec: {template: {metadata: {labels: {deploymentConfig: pods}}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := tmpl.Process(nil)
	if err != nil {
		t.Fatal(err)
	}
	out, _ := manifest.Write(objects)
	want := `{apiVersion: v1, kind: Secret, metadata: {name: fixed, labels: {app: t, z: z, l-a: "yes"}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: given, namespace: ns-a, labels: {l-a: "yes", app: t}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: unknown, namespace: '${C}', labels: {l-a: "yes", app: t}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: bare, labels: {l-a: "yes", app: t}}}
---
apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: pods, labels: {l-a: "yes", app: t}}
spec: {template: {metadata: {labels: {deploymentConfig: pods}}}}
`
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
}

func TestSubstitute(t *testing.T) {
	values := map[string]string{
		"A": "1", "B": "b", "EMPTY": "", "NULL": "null", "YES": "yes", "OCTAL": "010", "MAP": `{"k": ["v", 1, "a<b"]}`, "BROKEN": `{"k":`,
		"STRING": `"s"`, "TRAIL": "1]", "NEST": "${B}", "LINES": "a\nb\n", "BIG": "123456789012345678901", "FLOAT": "1.50",
	}
	for in, want := range map[string]string{
		"${A}":         `"1"`,
		"$${A}":        `$1`,
		"a-${A}-${B}":  `a-1-b`,
		"${A}${A}":     `"11"`,
		"${UNKNOWN}":   `${UNKNOWN}`,
		"${{UNKNOWN}}": `${{UNKNOWN}}`,
		"${A B}":       `${A B}`,
		"${{A}}":       `1`,
		"p-${{A}}":     `p-${{A}}`,
		"${{B}}${{A}}": `${{B}}${{A}}`,
		"${{B}}":       `b`,
		"${{YES}}":     `"yes"`,
		"${YES}":       `"yes"`,
		"${{OCTAL}}":   `"010"`,
		"${{EMPTY}}":   `""`,
		"${EMPTY}":     `""`,
		"${NULL}":      `"null"`,
		"${{STRING}}":  `s`,
		"${{TRAIL}}":   `1]`,
		"${{BROKEN}}":  `'{"k":'`,
		"${{BIG}}":     `123456789012345678901`,
		"${{FLOAT}}":   `1.50`,
		"${NEST}":      `${B}`,
		"${NEST} ${B}": `b ${B}`,
		"${{MAP}}":     "\n  k:\n  - v\n  - 1\n  - a<b",
		"${LINES}":     "|\n  a\n  b",
		"${{NULL}}":    "dropped",
	} {
		doc, err := manifest.ReadDocuments("", []byte(fmt.Sprintf("x: '%s'\n", in)))
		if err != nil {
			t.Fatal(err)
		}
		s := substitution{texts: values}
		out, err := manifest.Encode(s.node(doc[0]))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.TrimPrefix(strings.TrimSuffix(string(out), "\n"), "x:")
		got = strings.TrimPrefix(got, " ")
		if in == "${{NULL}}" && got == "{}" {
			continue
		}
		// Only a text that changed loses its quotes.
		if got != want && got != "'"+want+"'" {
			t.Errorf("%s gives %q, want %q", in, got, want)
		}
	}
}

// TestProcess_large: what parameters bring into the objects is bounded, as a text
// and as values.
func TestProcess_large(t *testing.T) {
	for name, c := range map[string]struct{ object, value string }{
		"text":   {"x: '" + strings.Repeat("${A}", 20_000) + "'", strings.Repeat("v", 1<<10)},
		"key":    {"'" + strings.Repeat("${A}", 200) + "': x", strings.Repeat("v", 1<<17)},
		"values": {"x: [" + strings.Repeat("'${{A}}',", 200) + "]", "[" + strings.Repeat("1,", 1000) + "1]"},
	} {
		tmpl, err := Parse("t.yml", []byte(head+"objects:\n- apiVersion: v1\n  kind: A\n  "+c.object+"\nparameters: [{name: A}]\n"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, err = tmpl.Process(map[string]secret.Value{"A": secret.FromText(c.value)})
		if want := "parameters: must bring at most 16 MiB and 100000 values into the objects"; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

func FuzzSubstitute(f *testing.F) {
	for _, text := range []string{"${A}", "$${A}", "${{A}}", "a${{A}}", "${${A}}", "${B} ${A}"} {
		for _, value := range []string{"", "yes", "1", "null", "a\nb", "\ta\n", "{\"a\": [null]}", "${B}", "1:20", "\"\\ud83d\"", "10E0", "12345678901234567890123", "1e999", "[1e999]", "\"\\\"u\x7f}m8; ; \"", "[\"\u0080\ufeff\uffff\"]"} {
			f.Add(text, value)
		}
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if !utf8.ValidString(text) || !utf8.ValidString(value) {
			return // not text
		}
		values := map[string]string{"A": value, "B": "b"}
		s := substitution{texts: values}
		n := s.node(manifest.Mapping(text, manifest.Scalar(text), "list", manifest.Mapping("in", manifest.Scalar(text))))
		if s.twice != nil {
			return // the key is list
		}
		want := visit(map[string]any{text: text, "list": map[string]any{"in": text}}, values)
		if diff := cmp.Diff([]any{want}, read(t, []manifest.Object{{Node: n}}), sameNumbers); diff != "" {
			t.Error(diff)
		}
	})
}

func TestClean_templates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		tmpl, _ := open(t, path)
		objects, err := tmpl.Process(fill(tmpl))
		if err != nil {
			t.Fatal(err)
		}
		manifest.Clean(objects)
		out, _ := manifest.Write(objects)
		for _, gone := range []string{"\nstatus:", "creationTimestamp"} {
			if strings.Contains(string(out), gone) {
				t.Errorf("%s: %q is left", name, gone)
			}
		}
		if len(objects) != count(name) {
			t.Errorf("%s: %d objects", name, len(objects))
		}
	}
}
