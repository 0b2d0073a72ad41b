package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// The specs of the exports of operators, which lead where their Secrets lead.
const (
	external = "  profile: self-managed\n  databases:\n" +
		"    backendStorage: {host: redis-storage.example.com, db: 0, password: {fromEnv: storage}}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, password: {fromEnv: queues}}\n" +
		"    system: {host: redis-system.example.com, db: 2, password: {fromEnv: system}}\n"
	behindSentinels = "  profile: sentinel\n" +
		"  redis: {masterGroup: mymaster, sentinels: {hosts: [sentinel-0.example.com, sentinel-1.example.com, sentinel-2.example.com], password: {fromEnv: sentinel}}}\n  databases:\n" +
		"    backendStorage: {db: 0, password: {fromEnv: storage}}\n    backendQueues: {db: 1, password: {fromEnv: queues}}\n    system: {db: 2, password: {fromEnv: system}}\n"
	moved = "  profile: self-managed\n  redis: {host: new.example.com, password: FAKE}\n" +
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}\n"
	withUsers = "  profile: self-managed\n  secrets: {credentials: keys}\n  databases:\n" +
		"    backendStorage: {host: redis-storage.example.com, db: 0, username: fake-storage-user, password: {fromEnv: storage}}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, username: fake-queues-user, password: {fromEnv: queues}}\n" +
		"    system: {host: redis-system.example.com, db: 2, username: fake-system-user, password: {fromEnv: system}}\n"
	withTLS = "  profile: self-managed\n  redis: {port: 6380, tls: {ca: {fromEnv: CA}, certificate: {fromEnv: CERT}, key: {fromEnv: KEY}}}\n  databases:\n" +
		"    backendStorage: {host: redis-storage.example.com, db: 0, password: {fromEnv: storage}}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, password: {fromEnv: queues}}\n" +
		"    system: {host: redis-system.example.com, db: 2, password: {fromEnv: system}}\n"
	ownRedis = "  profile: internal\n"
)

// operatorExports are the exports of operators with the specs that belong to them.
var operatorExports = map[string]string{
	"2.13.2-external":             "  release: \"2.13\"\n" + external,
	"2.13.2-internal":             "  release: \"2.13\"\n" + ownRedis,
	"2.13.2-sentinel":             "  release: 2.13.2\n" + behindSentinels,
	"2.14.1-internal":             "  release: \"2.14\"\n" + ownRedis,
	"2.14.1-sentinel":             "  release: \"2.14\"\n" + behindSentinels,
	"2.15.1-external":             "  release: \"2.15\"\n" + external,
	"2.15.1-internal":             "  release: 2.15.1\n" + ownRedis,
	"2.15.1-internal-to-external": "  release: \"2.15\"\n" + moved,
	"2.15.1-sentinel":             "  release: \"2.15\"\n" + behindSentinels,
	"2.16.3-acl":                  "  release: \"2.16\"\n" + withUsers,
	"2.16.3-external":             "  release: \"2.16\"\n" + external,
	"2.16.3-sentinel":             "  release: 2.16.3\n" + behindSentinels,
	"2.16.3-tls":                  "  release: \"2.16\"\n" + withTLS,
	"2.16.3-upgraded-from-2.15.1": "  release: \"2.16\"\n" + external,
}

// lookup knows what is behind the references of those specs.
func (in operatorInput) lookup(v secret.Value) (string, error) {
	for name, text := range map[string]string{"CA": in.pem.CA, "CERT": in.pem.Certificate, "KEY": in.pem.Key} {
		if v.Name() == name {
			return text, nil
		}
	}
	return "FAKE-" + v.Name() + "-password", nil
}

// operatorInput is an export of an operator that a case changes.
type operatorInput struct {
	pem  testinput.PEM
	text string
	spec string
}

func operatorExport(t testing.TB, name string, pem testinput.PEM) operatorInput {
	t.Helper()
	return operatorInput{pem, pem.In(string(testinput.Export(t, "operator/"+name+".yaml"))), operatorExports[name]}
}

// issues compares the export with its spec. Whatever it says must hold no password.
func (in operatorInput) issues(t testing.TB) diag.Issues {
	t.Helper()
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(in.text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := checked(t, in.spec, in.lookup)
	issues := Compare(e, want.Release, want).Issues()
	for _, i := range issues {
		for _, password := range []string{"FAKE", canary, "BEGIN"} {
			if strings.Contains(i.String(), password) {
				t.Errorf("holds a password: %s", i)
			}
		}
	}
	return issues
}

// An export with the spec that belongs to it is fine.
func TestCompare_operatorExports(t *testing.T) {
	pem := testinput.NewPEM(t)
	for name := range operatorExports {
		t.Run(name, func(t *testing.T) {
			for _, i := range operatorExport(t, name, pem).issues(t) {
				if i.Severity != diag.Note {
					t.Error(i)
				} else {
					t.Log(i)
				}
			}
		})
	}
}

// Without a spec the release and the rules are asked, and the Secrets say whether
// Redis is outside.
func TestCompare_operatorWithoutSpec(t *testing.T) {
	pem := testinput.NewPEM(t)
	compare := func(name string, replaced ...string) diag.Issues {
		t.Helper()
		text := operatorExport(t, name, pem).text
		for i := 0; i < len(replaced); i += 2 {
			if !strings.Contains(text, replaced[i]) {
				t.Fatalf("%s has no %q", name, replaced[i])
			}
			text = strings.ReplaceAll(text, replaced[i], replaced[i+1])
		}
		e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(text)}}, "")
		if err != nil {
			t.Fatal(err)
		}
		rel, err := e.Running()
		if err != nil {
			t.Fatal(err)
		}
		return Compare(e, rel, nil).Issues()
	}
	for name := range operatorExports {
		for _, i := range compare(name) {
			if i.Severity != diag.Note {
				t.Errorf("%s: %s", name, i)
			}
		}
	}
	internal := compare("2.15.1-internal-to-external", "        redis: true\n", "        redis: false\n")
	for _, want := range []string{
		"error: APIManager/apimanager.spec.externalComponents.backend.redis: must be true: Secret/backend-redis leads to another Redis, while the operator goes on running its own",
		"error: APIManager/apimanager.spec.externalComponents.system.redis: must be true: Secret/system-redis leads to another Redis, while the operator goes on running its own",
	} {
		if !strings.Contains(internal.Error(), want) {
			t.Errorf("want %s\ngot:\n%s", want, internal)
		}
	}
}

// Older installations say highAvailability, which is the same.
func TestCompare_highAvailability(t *testing.T) {
	input := operatorExport(t, "2.14.1-sentinel", testinput.PEM{})
	const before = "    externalComponents:\n      backend:\n        redis: true\n      system:\n        redis: true\n"
	if !strings.Contains(input.text, before) {
		t.Fatal("the export has no externalComponents")
	}
	input.text = strings.Replace(input.text, before, "    highAvailability: {enabled: true}\n", 1)
	for _, i := range input.issues(t) {
		if i.Severity != diag.Note {
			t.Error(i)
		}
	}
}

// What the spec says of async mode is compared with the annotation.
func TestCompare_async(t *testing.T) {
	const says = "error: APIManager/apimanager: must have the annotation apps.3scale.net/disable-async: "
	for name, c := range map[string]struct{ spec, annotation, want string }{
		"off in the spec":      {"  apiManager: {async: false}\n", "", says + `"true": the spec says apiManager.async`},
		"on in the spec":       {"  apiManager: {async: true}\n", "true", says + `"false": the spec says apiManager.async`},
		"off":                  {"  apiManager: {async: false}\n", "true", ""},
		"on":                   {"  apiManager: {async: true}\n", "", ""},
		"not said, off":        {"", "true", ""},
		"an annotation of yes": {"  apiManager: {async: true}\n", "yes", ""},
	} {
		input := operatorExport(t, "2.16.3-external", testinput.PEM{})
		input.spec += c.spec
		if c.annotation != "" {
			input.text = strings.Replace(input.text, "      apps.3scale.net/apimanager-threescale-version:", "      apps.3scale.net/disable-async: '"+c.annotation+"'\n      apps.3scale.net/apimanager-threescale-version:", 1)
		}
		got := ""
		for _, i := range input.issues(t) {
			if i.Pos = (diag.Position{}); strings.Contains(i.String(), "disable-async") {
				got = i.String()
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Texts of an export that nobody checks are not repeated.
func TestCompare_operatorHostile(t *testing.T) {
	const bad = "\"" + canary + "\\n- run `touch PWNED`\\e[31m\""
	input := operatorExport(t, "2.16.3-external", testinput.PEM{})
	for before, after := range map[string]string{
		"    - lastTransitionTime: '2026-11-23T23:41:33Z'\n":             "    - reason: " + bad + "\n      message: " + bad + "\n",
		"          - name: CONFIG_REDIS_ASYNC\n            value: '1'\n": "          - name: CONFIG_REDIS_ASYNC\n            value: " + bad + "\n",
		"      apps.3scale.net/apimanager-threescale-version: 2.16.3\n":  "      apps.3scale.net/apimanager-threescale-version: " + bad + "\n      apps.3scale.net/disable-async: " + bad + "\n",
	} {
		if !strings.Contains(input.text, before) {
			t.Fatalf("the export has no %q", before)
		}
		input.text = strings.ReplaceAll(input.text, before, after)
	}
	issues := input.issues(t)
	if !strings.Contains(issues.Error(), "CONFIG_REDIS_ASYNC=1") || !strings.Contains(issues.Error(), "Available is False (no reason given)") {
		t.Errorf("finds %s", issues)
	}
	for _, i := range issues {
		if text := i.String(); strings.Contains(text, "PWNED") || strings.Contains(text, "\x1b") {
			t.Errorf("repeats a text: %q", text)
		}
	}
}

// What differs in words alone, or has no effect, is no fault.
func TestCompare_operatorHarmless(t *testing.T) {
	t.Run("credentials in another place", func(t *testing.T) {
		input := operatorExport(t, "2.16.3-acl", testinput.PEM{})
		for said, wrong := range map[string]bool{"": false, "  secrets: {credentials: keys}\n": false, "  secrets: {credentials: url}\n": true} {
			in := input
			in.spec = strings.Replace(in.spec, "  secrets: {credentials: keys}\n", said, 1)
			found := slices.ContainsFunc(in.issues(t), func(i diag.Issue) bool { return i.Severity != diag.Note })
			if found != wrong {
				t.Errorf("%q: found %v, want %v", said, found, wrong)
			}
		}
	})
	t.Run("env of a message bus that is gone", func(t *testing.T) {
		input := operatorExport(t, "2.15.1-external", testinput.PEM{})
		input.text = strings.NewReplacer(
			"          - name: BACKEND_REDIS_URL\n", "          - "+ref("MESSAGE_BUS_REDIS_URL", "system-redis", "MESSAGE_BUS_URL")+"\n          - name: BACKEND_REDIS_URL\n",
			"    SENTINEL_ROLE: ''\n", "    SENTINEL_ROLE: ''\n    MESSAGE_BUS_URL: ''\n",
		).Replace(input.text)
		said := 0
		for _, i := range input.issues(t) {
			if i.Severity != diag.Note && !strings.HasPrefix(i.Path, "Job/") {
				t.Error(i)
			}
			if strings.Contains(i.Message, "have no reader in this release: MESSAGE_BUS_REDIS_URL") {
				said++
			}
		}
		if said == 0 {
			t.Error("does not say that nobody reads it")
		}
	})
	t.Run("a value that async mode would read otherwise", func(t *testing.T) {
		const other = "in async mode"
		for annotation, want := range map[string]bool{"true": false, "false": true} {
			input := operatorExport(t, "2.16.3-external", testinput.PEM{})
			input.text = strings.NewReplacer(
				"      apps.3scale.net/apimanager-threescale-version:", "      apps.3scale.net/disable-async: '"+annotation+"'\n      apps.3scale.net/apimanager-threescale-version:",
				encoded("redis://:FAKE-storage-password@redis-storage.example.com:6379/0"), encoded("redis://:FAKE-storage%2Dpassword@redis-storage.example.com:6379/0"),
			).Replace(input.text)
			if issues := input.issues(t); strings.Contains(issues.Error(), other) != want {
				t.Errorf("async mode disabled: %s, says:\n%s", annotation, issues)
			}
		}
	})
}

// Nobody restarts a Job.
func TestCompare_operatorRestarts(t *testing.T) {
	input := operatorExport(t, "2.16.3-external", testinput.PEM{})
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(input.text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := checked(t, input.spec, input.lookup)
	var names []string
	for _, r := range Compare(e, want.Release, want).Restarts {
		names = append(names, r.Workload)
	}
	if got := strings.Join(names, " "); got != "backend-cron backend-listener backend-worker system-app system-sidekiq" {
		t.Errorf("restarts %s", got)
	}
}

// What refers to a key that is not there is an error, whoever it belongs to; a Job that
// is complete starts no pod.
func TestCompare_dangling(t *testing.T) {
	const own = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: own, namespace: threescale}\nspec: {template: {spec: {containers: [{name: main}], volumes: [{name: v, secret: {secretName: backend-redis, items: [{key: REDIS_SSL_CA, path: c}]}}]}}}\n"
	for text, want := range map[string]bool{
		own: true,
		strings.Replace(own, "secretName: backend-redis,", "secretName: backend-redis, optional: true,", 1):                                                                                      false,
		strings.Replace(own, "REDIS_SSL_CA", "REDIS_STORAGE_URL", 1):                                                                                                                             false,
		strings.NewReplacer("apps/v1", "batch/v1", "kind: Deployment", "kind: Job", "spec: {template", "status: {conditions: [{type: Complete, status: 'True'}]}\nspec: {template").Replace(own): false,
	} {
		in := operatorExport(t, "2.16.3-external", testinput.PEM{})
		in.text += text
		found := slices.ContainsFunc(in.issues(t), func(i diag.Issue) bool {
			return i.Severity == diag.Error && strings.Contains(i.Message, "refers to backend-redis/REDIS_SSL_CA (volume v), which is not there")
		})
		if found != want {
			t.Errorf("%s: found %v, want %v", text, found, want)
		}
	}
}
