package spec

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

func schema() []byte {
	return Schema(Facts{
		Releases: []string{"2.7", "2.10", "2.7.1.GA"}, Profiles: []string{"sentinel", "internal"}, Rules: []string{"a-rule"},
		Holds: func(path string) string {
			if path == "spec.redis.username" {
				return "2.16"
			}
			return ""
		},
	})
}

func TestSchema(t *testing.T) {
	const golden = "testdata/schema.json"
	got := schema()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

// part is the beginning of a layer.
const part = "{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedisLayer"

func TestSchema_validates(t *testing.T) {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("spec.json", raw); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("spec.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		in   string
		good bool
	}{
		"base":              {base, true},
		"all kinds":         {head + "redis: {port: 1, tls: {ca: {fromFile: a}}, db: 0, password: {remoteRef: {key: a}}, sentinels: {hosts: [a], role: slave}}, base: {manifests: [a]}}}", true},
		"no password":       {head + "redis: {password: ''}, databases: {system: {host: a, namespace: b}}, template: {file: a, parameters: {A: {fromEnv: B}}}}}", true},
		"image":             {head + "data: {move: live, image: 'r.example.com:5000/a/b_c:v1@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a'}}}", true},
		"a rule":            {head + "allow: [{rule: a-rule, reason: b}]}}", true},
		"no rule":           {head + "allow: [{rule: b-rule, reason: b}]}}", false},
		"no image":          {head + "data: {image: 'r.example.com/a b'}}}", false},
		"short digest":      {head + "data: {image: 'a@sha256:0a'}}}", false},
		"unknown key":       {head + "redis: {pasword: a}}}", false},
		"inline has no key": {head + "redis: {namespace: a}}}", false},
		"unknown release":   {"{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {name: a}, spec: {release: '2.8', profile: sentinel}}", false},
		"release as number": {"{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {name: a}, spec: {release: 2.7, profile: sentinel}}", false},
		"missing":           {"{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {}, spec: {release: '2.7', profile: sentinel}}", false},
		"name":              {"{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {name: A}, spec: {release: '2.7', profile: sentinel}}", false},
		"kind":              {"{apiVersion: threescale-redis.io/v1alpha1, kind: Secret, metadata: {name: a}, spec: {release: '2.7', profile: sentinel}}", false},
		"port":              {head + "redis: {port: 65536}}}", false},
		"enum":              {head + "secrets: {delivery: secret}}}", false},
		"two references":    {head + "redis: {password: {fromEnv: A, fromFile: b}}}}", false},
		"no reference":      {head + "redis: {password: {}}}}", false},
		"number as secret":  {head + "redis: {password: 1}}}", false},
		"remote key":        {head + "redis: {password: {remoteRef: {property: a}}}}}", false},
		"environment":       {head + "redis: {password: {fromEnv: a-b}}}}", false},
		"null":              {head + "redis: {password: ~}}}", false},

		"layer: nothing":        {part + "}", true},
		"layer: some":           {part + ", metadata: {namespace: a}, spec: {redis: {port: 1, password: {fromEnv: A}}, template: {parameters: {A: b}}}}", true},
		"layer: deletes":        {part + ", metadata: {labels: {a: ~}}, spec: {redis: {host: ~, port: ~, password: ~, tls: ~, sentinels: {hosts: ~, role: ~}}, databases: ~, allow: ~, apiManager: {async: ~}}}", true},
		"layer: on layers":      {part + ", layers: [a.yaml, ../b.yaml]}", true},
		"layer: a spec on some": {"{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, layers: [../base.yaml], metadata: {name: a}}", true},
		"layer: of no kind":     {"{apiVersion: threescale-redis.io/v1alpha1, layers: [../base.yaml]}", false},
		"layer: unknown key":    {part + ", spec: {redis: {pasword: a}}}", false},
		"layer: key at the top": {part + ", layer: [a]}", false},
		"layer: a spec's typo":  {"{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, layers: [../base.yaml], spec: {relese: '2.7'}}", false},
		"layer: kind deleted":   {"{apiVersion: threescale-redis.io/v1alpha1, kind: ~, layers: [../base.yaml]}", false},
		"layer: wrong type":     {part + ", spec: {redis: {port: a}}}", false},
		"layer: enum":           {part + ", spec: {secrets: {delivery: secret}}}", false},
		"layer: two references": {part + ", spec: {redis: {password: {fromEnv: A, fromFile: b}}}}", false},
		"layer: half an item":   {part + ", spec: {allow: [{rule: a}]}}", false},
		"layer: null in a list": {part + ", spec: {redis: {sentinels: {hosts: [~]}}}}", false},
		"layer: path":           {part + ", layers: ['']}", false},
		"layer: one path":       {part + ", layers: a}", false},
		"empty rule":            {head + "allow: [{rule: '', reason: a}]}}", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asJSON, err := yaml.YAMLToJSON([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled.Validate(doc); (err == nil) != tt.good {
				t.Errorf("the schema says %v", err)
			}
			if strings.HasPrefix(name, "layer: ") {
				return // TestParser judges those
			}
			// Names of releases and rules are the caller's to judge, all else is the parser's too.
			if _, err := parse(tt.in); name != "unknown release" && name != "no rule" && (err == nil) != tt.good {
				t.Errorf("the parser says %v", err)
			}
		})
	}
}

// TestSchema_defaults: what a field says of its default is what the schema says.
func TestSchema_defaults(t *testing.T) {
	said := regexp.MustCompile(`([A-Za-z0-9-]+) if not given`)
	found := 0
	var walk func(s *shape, path string)
	walk = func(s *shape, path string) {
		for _, f := range s.fields {
			m := said.FindStringSubmatch(f.doc)
			if want := ""; m != nil {
				want = m[1]
				found++
				if f.standard != want && f.name != "credentials" {
					t.Errorf("%s.%s: default %q, but the text is %q", path, f.name, f.standard, f.doc)
				}
			} else if f.standard != "" {
				t.Errorf("%s.%s: default %q, which the text does not say", path, f.name, f.standard)
			}
			walk(f, path+"."+f.name)
		}
	}
	walk(fileShape(), "")
	if found < 10 {
		t.Errorf("%d defaults", found)
	}
}
