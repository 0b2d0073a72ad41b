package spec

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

const base = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: base, labels: {a: "1", b: "2"}}
spec:
  release: "2.7"
  profile: sentinel
  redis:
    masterGroup: mymaster
    password: {fromFile: password}
    sentinels: {hosts: [a, b, c], password: plain}
  databases:
    system: {db: 2}
`

func TestParse_layers(t *testing.T) {
	prod := `metadata: {name: prod, labels: {b: ~, c: "3"}}
spec:
  redis:
    password: {fromEnv: A}
    sentinels: {hosts: [d], password: {fromFile: sentinel}}
  databases:
    system: ~
    messageBus: {db: 3}
`
	last := "spec:\n  databases:\n    system: {namespace: n}\n  rollout: ~\n"
	doc := Parse([]Layer{{"envs/base.yaml", []byte(base)}, {"envs/prod/p.yaml", []byte(prod)}, {"<stdin>", []byte(last)}},
		[]string{"spec.redis.port=6380", "spec.template.parameters.A.fromEnv=A", "spec.template.file=amp.yml"})
	if doc.Issues.Failed() {
		t.Fatal(doc.Issues)
	}
	f := doc.File
	if diff := cmp.Diff(Metadata{Name: said("prod"), Labels: map[string]string{"a": "1", "c": "3"}}, f.Metadata, sameValues); diff != "" {
		t.Error(diff)
	}
	if got := f.Spec.Redis.Password.Value; got != secret.FromEnv("A") {
		t.Errorf("password: got %v", got)
	}
	if got := f.Spec.Redis.Sentinels.Password.Value; got != secret.FromFile("envs/prod/sentinel") {
		t.Errorf("sentinel password: got %v", got)
	}
	if diff := cmp.Diff(items("d"), f.Spec.Redis.Sentinels.Hosts, sameValues); diff != "" {
		t.Error(diff)
	}
	if system := f.Spec.Databases.System.Value; system.DB.Said || system.Namespace.Value != "n" {
		t.Errorf("system was deleted before it was set: got %+v", system)
	}

	positions := map[string]string{
		"spec.release":                           "envs/base.yaml:5:12",
		"spec.redis.masterGroup":                 "envs/base.yaml:8:18",
		"spec.redis.password":                    "envs/prod/p.yaml:4:15",
		"spec.redis.sentinels.hosts":             "envs/prod/p.yaml:5:24",
		"spec.redis.sentinels.hosts[0]":          "envs/prod/p.yaml:5:25",
		"spec.databases.system":                  "<stdin>:3:13",
		"spec.databases.system.namespace":        "<stdin>:3:25",
		"spec.databases.system.password":         "<stdin>:3:5",
		"spec.databases.system.sentinels.role":   "<stdin>:3:5",
		"spec.databases.messageBus.db":           "envs/prod/p.yaml:8:22",
		"spec.databases.backendQueues":           "<stdin>:2:3",
		"spec.databases.backendQueues.db":        "<stdin>:2:3",
		"spec.rollout.token":                     "<stdin>:1:1",
		"spec.secrets.store.kind":                "<stdin>:1:1",
		"spec.redis.port":                        "--set spec.redis.port",
		"spec.template.parameters.A":             "--set spec.template.parameters.A.fromEnv",
		"spec.template.internalRedis":            "--set spec.template.parameters.A.fromEnv",
		"spec.redis.sentinels.password":          "envs/prod/p.yaml:5:39",
		"spec.databases.backendStorage.username": "<stdin>:2:3",
	}
	found := places(reflect.ValueOf(f))
	for at, want := range positions {
		if got := found[at].String(); got != want {
			t.Errorf("%s: got %q, want %q", at, got, want)
		}
	}
	for at, pos := range found {
		if at == "" || pos.File == "" {
			t.Errorf("a field of the path %q has the position %q", at, pos)
		}
	}
}

// places are the positions of all Fields below a value, by their paths.
func places(v reflect.Value) map[string]diag.Position {
	found := map[string]diag.Position{}
	switch v.Kind() {
	case reflect.Struct:
		if p, ok := v.Interface().(Place); ok {
			return map[string]diag.Position{p.Path: p.Pos}
		}
		if v.Type() == reflect.TypeFor[secret.Value]() {
			return nil
		}
		for i := range v.NumField() {
			maps.Copy(found, places(v.Field(i)))
		}
	case reflect.Slice:
		for i := range v.Len() {
			maps.Copy(found, places(v.Index(i)))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			maps.Copy(found, places(v.MapIndex(key)))
		}
	default:
	}
	return found
}

func TestParse_layerMistakes(t *testing.T) {
	tests := map[string]struct {
		layers []string
		sets   []string
		want   string
	}{
		"all layers and flags in one run": {
			[]string{base, "spec: {redis: {hots: a}}\n", "spec:\n  release: 2.10\n", "spec: {release: \"2.10\"}"},
			[]string{"spec.redis.prot=1"},
			"--set spec.redis.prot: error: spec.redis.prot: unknown key\n  hint: did you mean \"port\"?\n" +
				"1:1:16: error: spec.redis.hots: unknown key\n  hint: did you mean \"host\"?\n" +
				"2:2:12: error: spec.release: must be a string: write \"2.10\"",
		},
		"missing only if no layer has it": {
			[]string{"spec: {secrets: {store: {kind: SecretStore}}}", base, "spec: {release: ~}"},
			nil,
			"0:1:18: error: spec.secrets.store.name: is required\n2:1:1: error: spec.release: is required",
		},
		"a deleted mapping": {
			[]string{base, "spec: ~"},
			nil,
			"1:1:1: error: spec: is required",
		},
		"a layer that cannot be read hides nothing else": {
			[]string{"spec: {secrets: {store: {}}}", "a: [", "", "kind: Secret"},
			[]string{"spec.redis.prot=1"},
			"--set spec.redis.prot: error: spec.redis.prot: unknown key\n  hint: did you mean \"port\"?\n" +
				"1:1:1: error: is not YAML: did not find expected node content\n" +
				"2: error: is empty: must be a threescale-redis spec\n" +
				"3:1:7: error: " + notASpec,
		},
		"a secret is whole in every layer": {
			[]string{base, "spec: {redis: {password: {remoteRef: {property: a}}}}", "spec: {redis: {password: {fromFile: a, fromEnv: a}}}"},
			nil,
			"1:1:27: error: spec.redis.password.remoteRef.key: is required\n" +
				"2:1:26: error: spec.redis.password: must have exactly one of fromEnv, fromFile, placeholder, remoteRef",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var layers []Layer
			for i, data := range tt.layers {
				layers = append(layers, Layer{string(rune('0' + i)), []byte(data)})
			}
			checkError(t, Parse(layers, tt.sets).Issues.Err(), tt.want)
		})
	}
}

func TestFile_ReplaceSecrets(t *testing.T) {
	doc, err := parse(head + `redis: {password: a, sentinels: {password: {fromEnv: B}}},
		databases: {system: {password: "", sentinels: {hosts: [a]}}, messageBus: {sentinels: {password: {remoteRef: {key: k}}}}},
		template: {file: f, parameters: {Z: z, A.B: {fromFile: f}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	visit := func() string {
		var seen []string
		doc.ReplaceSecrets(func(f Field[secret.Value]) secret.Value {
			seen = append(seen, f.Path+" "+f.Value.String())
			if f.Value.IsSet() {
				return f.Value.With("changed")
			}
			return f.Value
		})
		slices.Sort(seen)
		return strings.Join(seen, "\n")
	}
	const want = `spec.databases.messageBus.sentinels.password {remoteRef: {key: k, property: }}
spec.databases.system.password (none)
spec.redis.password ***
spec.redis.sentinels.password {fromEnv: B}
spec.template.parameters.A\.B {fromFile: envs/f}
spec.template.parameters.Z ***`
	for range 2 {
		if diff := cmp.Diff(want, visit()); diff != "" {
			t.Error(diff)
		}
	}
	doc.ReplaceSecrets(func(f Field[secret.Value]) secret.Value {
		if f.Value.IsSet() && f.Value.Reveal() != "changed" {
			t.Errorf("%s is not changed", f.Path)
		}
		return f.Value
	})
}
