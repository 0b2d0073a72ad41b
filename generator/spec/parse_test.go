package spec

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// head makes a spec of what follows it: two lines stand before spec.
const head = "{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {name: prod},\nspec: {release: \"2.7\", profile: sentinel,\n"

// canary is a secret that no message may show.
const canary = "c4n@ry"

func parse(data string, sets ...string) (Document, error) {
	doc := Parse([]Layer{{"envs/spec.yaml", []byte(data)}}, sets)
	return doc, doc.Issues.Err()
}

func said[T any](v T) Field[T] { return Field[T]{Value: v, Said: true} }

// items are a List of values that are all said.
func items[T any](values ...T) List[T] {
	fields := make([]Field[T], len(values))
	for i, v := range values {
		fields[i] = said(v)
	}
	return said(fields)
}

// sameValues compares what is said, wherever it is said.
var sameValues = cmp.Options{
	cmp.Comparer(func(a, b secret.Value) bool { return a == b }),
	cmp.Comparer(func(a, b Place) bool { return true }),
}

func TestParse(t *testing.T) {
	doc, err := parse(`
apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata:
  name: prod
  namespace: threescale
  annotations: {config.kubernetes.io/index: "0"}
spec:
  release: "2.10"
  profile: sentinel
  redis:
    masterGroup: mymaster
    password: s3cret
    tls: {ca: {fromFile: ca.pem}, key: k}
    sentinels:
      hosts: &hosts [a:26379, b]
      password: {fromEnv: SENTINEL_PASSWORD}
  databases:
    backendStorage: {db: 0, password: ""}
    backendQueues: {db: 1, password: {fromFile: secrets/queues}}
    system: {db: 2, namespace: system, password: {remoteRef: {key: redis, property: system}}}
    messageBus: {host: bus, port: 6380, sentinels: {hosts: *hosts}, password: {placeholder: <path:a#b>}, masterGroup: ~}
  allow: [{rule: r, reason: because}]
  template: {file: ../amp.yml, parameters: {A: plain, B: {fromEnv: B}}}
`)
	if err != nil {
		t.Fatal(err)
	}
	hosts := items("a:26379", "b")
	want := File{
		APIVersion: APIVersion,
		Kind:       Kind,
		Metadata:   Metadata{Name: said("prod"), Namespace: said("threescale"), Annotations: map[string]string{"config.kubernetes.io/index": "0"}},
		Spec: Spec{
			Release: said("2.10"),
			Profile: said("sentinel"),
			Redis: Connection{
				MasterGroup: said("mymaster"),
				Password:    said(secret.FromText("s3cret")),
				TLS:         said(TLS{CA: said(secret.FromFile("envs/ca.pem")), Key: said(secret.FromText("k"))}),
				Sentinels:   Sentinels{Hosts: hosts, Password: said(secret.FromEnv("SENTINEL_PASSWORD"))},
			},
			Databases: Databases{
				BackendStorage: said(Database{Connection: Connection{DB: said(0), Password: said(secret.Value{})}}),
				BackendQueues:  said(Database{Connection: Connection{DB: said(1), Password: said(secret.FromFile("envs/secrets/queues"))}}),
				System:         said(Database{Connection: Connection{DB: said(2), Password: said(secret.FromRemote("redis", "system"))}, Namespace: said("system")}),
				MessageBus: said(Database{Connection: Connection{
					Host: said("bus"), Port: said(6380), Sentinels: Sentinels{Hosts: hosts}, Password: said(secret.FromPlaceholder("<path:a#b>")),
				}}),
			},
			Allow: []Allow{{said("r"), "because"}},
			Template: said(Template{File: said("amp.yml"), Parameters: map[string]Field[secret.Value]{
				"A": said(secret.FromText("plain")), "B": said(secret.FromEnv("B")),
			}}),
		},
	}
	if diff := cmp.Diff(want, doc.File, sameValues); diff != "" {
		t.Error(diff)
	}
}

func TestParse_mistakes(t *testing.T) {
	// Every case stands below head, so line 3 is its first; it is all of what
	// spec has besides release and profile. want is without "envs/spec.yaml:".
	tests := map[string]struct{ in, want string }{
		"misspelt key": {"redis: {pasword: canary}", `
3:9: error: spec.redis.pasword: unknown key
  hint: did you mean "password"?`},
		"unknown key": {"secrets: {store: {name: a, zone: canary}}", `
3:28: error: spec.secrets.store.zone: unknown key
  hint: allowed here: name, kind`},
		"misspelt and right": {"secrets: {store: {nam: canary, name: b}}", `
3:19: error: spec.secrets.store.nam: unknown key
  hint: did you mean "name"?`},
		"misspelt mandatory key is not missing too": {"secrets: {store: {nmae: a}}", `
3:19: error: spec.secrets.store.nmae: unknown key
  hint: did you mean "name"?`},
		"unknown key that is no name": {"redis: {\"canary\": a}", `
3:9: error: spec.redis.?: unknown key
  hint: allowed here: host, port, db, masterGroup, username, password, tls, sentinels`},
		"duplicate key": {"redis: {host: a,\n password: canary,\n password: {fromEnv: 1}}", `
5:2: error: spec.redis.password: is given twice: first at envs/spec.yaml:4:2
5:22: error: spec.redis.password.fromEnv: must be a string: quote it`},
		"duplicate key in a dict": {"secrets: {labels: {a.b: a, a.b: b}}", `
3:28: error: spec.secrets.labels.a\.b: is given twice: first at envs/spec.yaml:3:20`},
		"key is no string": {"redis: {1: canary}, secrets: {labels: {true: a, [a]: b}}", `
3:9: error: spec.redis: a key must be a string: quote it
3:40: error: spec.secrets.labels: a key must be a string: quote it
3:49: error: spec.secrets.labels: a key must be a string: quote it`},
		"merge key": {"redis: &r {host: a}, databases: {system: {<<: *r}}", `
3:43: error: spec.databases.system: merge keys (<<) are not supported
  hint: write the keys out, or use a layer`},
		"numbers": {"redis: {port: 0, db: -1}, databases: {system: {port: 65536, db: 1.5}, messageBus: {port: '1', db: 0x1}}", `
3:15: error: spec.redis.port: must be 1 to 65535
3:22: error: spec.redis.db: must be 0 or more
3:54: error: spec.databases.system.port: must be 1 to 65535
3:65: error: spec.databases.system.db: must be a whole number
3:90: error: spec.databases.messageBus.port: must be a whole number, without quotes
3:99: error: spec.databases.messageBus.db: must be a whole number`},
		"numbers that are none": {"redis: {port: canary, db: 99999999999999999999}, databases: {system: {port: [canary], db: 007}}", `
3:15: error: spec.redis.port: must be a whole number
3:27: error: spec.redis.db: must be a whole number
3:77: error: spec.databases.system.port: must be a whole number
3:91: error: spec.databases.system.db: must be a whole number`},
		"truth": {"redis: {tls: canary}, apiManager: {async: \"true\"}", `
3:14: error: spec.redis.tls: must be a mapping
3:43: error: spec.apiManager.async: must be true or false, without quotes`},
		"strings": {"redis: {host: 10, masterGroup: [canary]}, rollout: {token: 2026-01-01}, databases: {system: {namespace: true, host: !!binary YQ==}}", `
3:15: error: spec.redis.host: must be a string: quote it
3:32: error: spec.redis.masterGroup: must be a string
3:60: error: spec.rollout.token: must be a string: quote it
3:105: error: spec.databases.system.namespace: must be a string: quote it
3:117: error: spec.databases.system.host: must be a string`},
		"images": {"data: {move: copy, image: 'redisshake '}", `
3:14: error: spec.data.move: must be one of live, offline, none
3:27: error: spec.data.image: must be a container image such as registry.example.com/redisshake:v4.2.0, without blanks`},
		"mappings and lists": {"redis: canary, databases: [canary], allow: {a: canary}, secrets: {labels: canary}, base: {manifests: canary}", `
3:8: error: spec.redis: must be a mapping
3:27: error: spec.databases: must be a mapping
3:44: error: spec.allow: must be a list
3:75: error: spec.secrets.labels: must be a mapping
3:102: error: spec.base.manifests: must be a list`},
		"items": {"redis: {sentinels: {hosts: [a, 1, {canary: a}, ~]}}, allow: [a]", `
3:32: error: spec.redis.sentinels.hosts[1]: must be a string: quote it
3:35: error: spec.redis.sentinels.hosts[2]: must be a string
3:48: error: spec.redis.sentinels.hosts[3]: must be a string
3:62: error: spec.allow[0]: must be a mapping`},
		"missing": {"secrets: {store: {}}, allow: [{rule: ''}], template: {internalRedis: keep}", `
3:11: error: spec.secrets.store.name: is required
3:31: error: spec.allow[0].reason: is required
3:38: error: spec.allow[0].rule: must be the name of a rule
3:44: error: spec.template.file: is required`},
		"enums": {"secrets: {delivery: Secrets, encoding: canary}, redis: {sentinels: {role: ''}}", `
3:21: error: spec.secrets.delivery: must be one of Secret, ExternalSecret, None
  hint: did you mean "Secret"?
3:40: error: spec.secrets.encoding: must be one of data, stringData
3:75: error: spec.redis.sentinels.role: must be one of master, slave`},
		"formats": {"secrets: {refreshInterval: canary}, base: {manifests: [''], kustomization: ' '}", `
3:28: error: spec.secrets.refreshInterval: must be a duration such as 1h or 30m
3:56: error: spec.base.manifests[0]: must be a path
3:76: error: spec.base.kustomization: must be a path`},
		"secrets of a wrong type": {"redis: {password: 4711, sentinels: {password: true}}, databases: {system: {password: [canary]}, messageBus: {password: 2026-01-01}}", `
3:19: error: spec.redis.password: must be a string: quote it
3:47: error: spec.redis.sentinels.password: must be a string: quote it
3:86: error: spec.databases.system.password: must be a string, or a mapping with one of fromEnv, fromFile, placeholder, remoteRef
3:120: error: spec.databases.messageBus.password: must be a string: quote it`},
		"secret that lost its quotes": {"redis: {password: {canary}, sentinels: {password: {hunter2: 1, 5: a}}}", `
3:20: error: spec.redis.password: unknown key
  hint: allowed here: fromEnv, fromFile, placeholder, remoteRef
3:52: error: spec.redis.sentinels.password: unknown key
  hint: allowed here: fromEnv, fromFile, placeholder, remoteRef
3:64: error: spec.redis.sentinels.password: a key must be a string: quote it`},
		"references": {"redis: {password: {fromenv: A}, sentinels: {password: {}}}, databases: {system: {password: {fromEnv: A, fromFile: a}}, " +
			"messageBus: {password: {fromEnv: canary}}, backendStorage: {password: {remoteRef: {property: canary}}}, backendQueues: {password: {placeholder: ''}}}", `
3:20: error: spec.redis.password: unknown key
  hint: did you mean "fromEnv"?
3:55: error: spec.redis.sentinels.password: must have exactly one of fromEnv, fromFile, placeholder, remoteRef
3:92: error: spec.databases.system.password: must have exactly one of fromEnv, fromFile, placeholder, remoteRef
3:153: error: spec.databases.messageBus.password.fromEnv: must be the name of an environment variable: letters, digits and underscores
3:191: error: spec.databases.backendStorage.password.remoteRef.key: is required
3:264: error: spec.databases.backendQueues.password.placeholder: must not be empty`},
		"secret parameters": {"template: {file: a, parameters: {A: 1, B: [canary], C: ~}}", `
3:37: error: spec.template.parameters.A: must be a string: quote it
3:43: error: spec.template.parameters.B: must be a string, or a mapping with one of fromEnv, fromFile, placeholder, remoteRef`},
		"alias to a mapping": {"redis: &r {host: 1}, databases: {system: *r}", `
3:18: error: spec.databases.system.host: must be a string: quote it
3:18: error: spec.redis.host: must be a string: quote it`},
		"alias to itself": {"redis: &r {sentinels: *r}", `
3:12: error: spec.redis.sentinels.sentinels: unknown key
  hint: allowed here: hosts, username, password, role`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(head + strings.ReplaceAll(tt.in, "canary", canary) + "}}")
			tt.want = strings.ReplaceAll(tt.want, "\n3:", "\nenvs/spec.yaml:3:")
			tt.want = strings.ReplaceAll(tt.want, "\n5:", "\nenvs/spec.yaml:5:")
			checkError(t, err, strings.TrimPrefix(tt.want, "\n"))
		})
	}
}

func TestParse_whole(t *testing.T) {
	const foreign = ": error: " + notASpec
	tests := map[string]struct{ in, want string }{
		"missing fields": {"# a comment\nspec: {}\n", `
f:2:1: error: apiVersion: is required
f:2:1: error: kind: is required
f:2:1: error: metadata: is required
f:2:1: error: spec.profile: is required
f:2:1: error: spec.release: is required`},
		"releases without quotes": {"apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: A_b, namespace: ''}\nspec: {release: 2.10, profile: ''}", `
f:3:18: error: metadata.name: must be at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends
f:3:34: error: metadata.namespace: must be at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends
f:4:17: error: spec.release: must be a string: write "2.10"
f:4:32: error: spec.profile: must be the name of a profile`},
		"misspelt kind, other version": {"apiVersion: threescale-redis.io/v1\nkind: ThreeScaleRedis\nmetadata: ~\nspec: {release: 3.0e1, profile: a}", `
f:1:1: error: metadata: is required
f:1:13: error: apiVersion: must be threescale-redis.io/v1alpha1
f:2:7: error: kind: must be one of ThreescaleRedis, ThreescaleRedisLayer
  hint: did you mean "ThreescaleRedis"?
f:4:17: error: spec.release: must be a string: quote it`},
		"another object":     {"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: canary}\n", "f:2:7" + foreign},
		"another apiVersion": {"apiVersion: v1\nspec: a\n", "f:1:13" + foreign},
		"a Kustomization":    {"# a comment\nresources: [a]\nnamePrefix: b\n", "f:2:1" + foreign},
		"Helm values":        {"redis: {password: canary}\n", "f:1:1" + foreign},
		"a template": {"kind: Template\napiVersion: v1\n", "f:1:7" + foreign +
			"\n  hint: an OpenShift Template is the argument of `threescale-redis template`, or spec.template.file"},
		"UTF-16":              {"\xff\xfea\x00", "f: error: is UTF-16: must be UTF-8"},
		"a list":              {"- canary\n", "f:1:1" + foreign},
		"a word":              {"canary", "f:1:1" + foreign},
		"empty":               {"", "f: error: is empty: must be a threescale-redis spec"},
		"comments alone":      {"# canary\n---\n# canary\n", "f: error: is empty: must be a threescale-redis spec"},
		"binary":              {"\x7fELF\x00canary", "f: error: is binary: must be YAML"},
		"10 MB":               {strings.Repeat("# canary\n", 1_000_000), "f: error: is larger than 1 MiB: not a threescale-redis spec"},
		"several documents":   {"---\nspec: {}\n---\n# b\nspec: {}\n---\nspec: {}\n", "f:5:1: error: must be one spec per file: a second document begins here"},
		"no YAML":             {"spec:\n  redis: {password: \"canary\n", "f:2:1: error: is not YAML: found unexpected end of stream\n  hint: close the quote"},
		"unknown anchor":      {"spec:\n  redis: {password: *abc}\n", "f:2:21: error: is not YAML: unknown anchor\n  hint: a value that begins with \"*\" must be quoted"},
		"15,000 levels":       {"spec: " + strings.Repeat("[", 15_000), "f:1:1: error: is not YAML: exceeded max depth of 10000"},
		"levels of a mapping": {"spec: {redis: " + strings.Repeat("{host: ", 5_000) + strings.Repeat("}", 5_001), "f:1:1395: error: is nested in more than 200 levels"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := Parse([]Layer{{"f", []byte(strings.ReplaceAll(tt.in, "canary", canary))}}, nil).Issues.Err()
			checkError(t, err, strings.TrimPrefix(tt.want, "\n"))
		})
	}
}

func TestParse_aliasBombs(t *testing.T) {
	parameters := ""
	for i := range 6000 {
		parameters += fmt.Sprintf(", P%d: *r", i)
	}
	_, err := parse(head + "template: {file: a, parameters: {P: &r {remoteRef: {key: k, property: p}}" + parameters + "}}}}")
	checkError(t, err, "envs/spec.yaml:3:41: error: spec.template.parameters.P4996: holds too many values, aliases followed: not a spec")

	laughs := "&a0 [ha, ha, ha]"
	for i := 1; i < 20; i++ {
		laughs = "&a" + string(rune('a'+i)) + " [" + laughs + strings.Repeat(", *a"+string(rune('a'+i-1)), 9) + "]"
		laughs = strings.ReplaceAll(laughs, "*aa,", "*a0,")
		laughs = strings.ReplaceAll(laughs, "*aa]", "*a0]")
	}
	_, err = parse(head + "redis: {host: " + laughs + "}}}")
	checkError(t, err, "envs/spec.yaml:3:15: error: spec.redis.host: must be a string")
}

// TestParse_items: a list is no longer than a value that is made of it can be.
func TestParse_items(t *testing.T) {
	hosts := func(n int) string {
		return head + "redis: {masterGroup: m, sentinels: {hosts: [x" + strings.Repeat(",x", n-1) + "]}}}}"
	}
	if _, err := parse(hosts(100)); err != nil {
		t.Error(err)
	}
	const want = "spec.redis.sentinels.hosts: must have at most 100 items"
	_, err := parse(hosts(101))
	checkError(t, err, "envs/spec.yaml:3:44: error: "+want)
	_, err = parse(hosts(1), "spec.redis.sentinels.hosts={x"+strings.Repeat(",x", 100)+"}")
	checkError(t, err, "--set spec.redis.sentinels.hosts: error: "+want)
}

func TestParseNode(t *testing.T) {
	docs, err := manifest.ReadDocuments("<stdin>", []byte("functionConfig:\n  "+strings.ReplaceAll(head, "\n", "\n  ")+"redis: {host: 1}}}"))
	if err != nil {
		t.Fatal(err)
	}
	doc := Parser{}.ParseNode("<stdin>", manifest.Field(docs[0], "functionConfig"))
	checkError(t, doc.Issues.Err(), "<stdin>:4:17: error: spec.redis.host: must be a string: quote it")
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if strings.Contains(got, canary) {
		t.Error("the canary is shown")
	}
	if issues := (diag.Issues{}); err != nil && !errors.As(err, &issues) {
		t.Errorf("the error is %T", err)
	}
}
