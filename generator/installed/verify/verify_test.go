package verify

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const canary = "c4n4ry"

// installation is an export that a case changes by replacing texts.
func installation(t testing.TB, replaced ...string) *export.Export {
	t.Helper()
	text := string(testinput.Export(t, "installed-2.6.0.GA.yaml"))
	for i := 0; i+1 < len(replaced); i += 2 {
		if !strings.Contains(text, replaced[i]) {
			t.Fatalf("the export has no %q", replaced[i])
		}
		text = strings.Replace(text, replaced[i], replaced[i+1], 1)
	}
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const head = "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: x}\nspec:\n"

func checked(t testing.TB, text string, lookup secret.Lookup) *generator.Checked {
	t.Helper()
	r, err := generator.Check(spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: []byte(head + text)}}, nil), generator.Secrets{Lookup: lookup})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines returns the issues without places, and fails where a password is in them.
func lines(t testing.TB, issues diag.Issues) []string {
	t.Helper()
	var found []string
	for _, i := range issues {
		if i.Pos.File != "export.yaml" {
			t.Errorf("no place: %s", i)
		}
		i.Pos = diag.Position{}
		if strings.Contains(i.String(), canary) {
			t.Errorf("holds a password: %s", i)
		}
		found = append(found, i.String())
	}
	return found
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestCompare_wiring(t *testing.T) {
	const worker = "          - name: CONFIG_REDIS_PROXY\n            valueFrom:\n              secretKeyRef:\n                key: REDIS_STORAGE_URL\n                name: backend-redis\n"
	const hook = "            - name: REDIS_URL\n              valueFrom:\n                secretKeyRef:\n                  key: URL\n                  name: system-redis\n"
	cases := map[string]struct {
		replaced []string
		want     []string
	}{
		"as it is": {},
		"literal": {
			replaced: []string{worker, "          - name: CONFIG_REDIS_PROXY\n            value: redis://:" + canary + "@h\n"},
			want:     []string{"error: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is a literal value (***): it must be read from backend-redis/REDIS_STORAGE_URL"},
		},
		"another key": {
			replaced: []string{worker, strings.Replace(worker, "STORAGE", "QUEUES", 1)},
			want:     []string{"error: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is read from backend-redis/REDIS_QUEUES_URL: it must be read from backend-redis/REDIS_STORAGE_URL"},
		},
		"missing": {
			replaced: []string{worker, ""},
			want:     []string{"error: DeploymentConfig/backend-cron/backend-cron: env vars are missing: CONFIG_REDIS_PROXY (backend-redis/REDIS_STORAGE_URL)"},
		},
		"async": {
			replaced: []string{worker, worker + "          - name: CONFIG_REDIS_ASYNC\n            value: 'true'\n"},
			want:     []string{"warning: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_ASYNC is set: apisonator then ignores passwords, database indexes and Sentinels [async-mode]"},
		},
		"async off": {replaced: []string{worker, worker + "          - name: CONFIG_REDIS_ASYNC\n            value: 'false'\n"}},
		"renamed container": {
			replaced: []string{"          name: system-provider\n", "          name: system-providers\n"},
			want: []string{
				"error: DeploymentConfig/system-app/system-provider: is not there: the release reads Redis in it\n  hint: was it renamed? \"system-providers\" is there",
				"warning: DeploymentConfig/system-app/system-providers: reads system-redis/URL (env var REDIS_URL) and 10 more, which 3scale 2.7 does not: look after it yourself",
			},
		},
		"renamed workload": {
			replaced: []string{"    name: system-sphinx\n", "    name: system-sphynx\n"},
			want: []string{
				"error: DeploymentConfig/system-sphinx: is not there: 3scale 2.7 reads Redis in it\n  hint: did you mean \"system-sphynx\"?",
				"warning: DeploymentConfig/system-sphynx: reads the Secrets, but is no workload of 3scale 2.7: look after it yourself",
			},
		},
		"operator": {
			replaced: []string{worker, "", "    name: backend-cron\n", "    name: backend-cron\n    ownerReferences: [{kind: APIManager, name: x}]\n"},
			want: []string{
				"error: DeploymentConfig/backend-cron: is owned by APIManager/x: its operator takes back changes of the environment",
				"error: DeploymentConfig/backend-cron/backend-cron: env vars are missing: CONFIG_REDIS_PROXY (backend-redis/REDIS_STORAGE_URL)",
			},
		},
		"hook says otherwise": {
			replaced: []string{hook, "            - name: REDIS_URL\n              value: " + canary + "\n"},
			want:     []string{"error: DeploymentConfig/system-app/pre hook in system-master: env var REDIS_URL is a literal value (***): it must be read from system-redis/URL"},
		},
		"optional": {
			replaced: []string{worker, strings.Replace(worker, "                name: backend-redis\n", "                name: backend-redis\n                optional: true\n", 1)},
			want:     []string{"error: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is read from backend-redis/REDIS_STORAGE_URL, which may be missing: it must be read from backend-redis/REDIS_STORAGE_URL"},
		},
		"not optional": {
			replaced: []string{worker, strings.Replace(worker, "                name: backend-redis\n", "                name: backend-redis\n                optional: false\n", 1)},
		},
		"what oc patch --local leaves": {
			replaced: []string{
				worker, strings.NewReplacer(
					"            valueFrom:\n", "            value: null\n            valueFrom:\n              configMapKeyRef: null\n              fieldRef: null\n              resourceFieldRef: null\n",
					"                name: backend-redis\n", "                name: backend-redis\n                optional: null\n",
				).Replace(worker),
				hook, strings.Replace(hook, "              valueFrom:\n", "              value: ''\n              valueFrom:\n", 1),
			},
		},
		"twice, the last one right": {
			replaced: []string{worker, "          - name: CONFIG_REDIS_PROXY\n            value: redis://:" + canary + "@h\n" + worker},
			want:     []string{"warning: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is there more than once: the pod gets the last one, and a patch can change another\n  hint: leave one"},
		},
		"twice, the last one wrong": {
			replaced: []string{worker, worker + "          - name: CONFIG_REDIS_PROXY\n            value: redis://:" + canary + "@h\n"},
			want: []string{
				"error: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is a literal value (***): it must be read from backend-redis/REDIS_STORAGE_URL",
				"warning: DeploymentConfig/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is there more than once: the pod gets the last one, and a patch can change another\n  hint: leave one",
			},
		},
		"twice in the hook": {
			replaced: []string{hook, hook + hook},
			want:     []string{"warning: DeploymentConfig/system-app/pre hook in system-master: env var REDIS_URL is there more than once: the pod gets the last one, and a patch can change another\n  hint: leave one"},
		},
		"envFrom": {
			replaced: []string{worker, worker, "          name: backend-cron\n", "          name: backend-cron\n          envFrom: [{secretRef: {name: system-redis}}]\n"},
			want:     []string{"warning: DeploymentConfig/backend-cron/backend-cron: reads all keys of system-redis (envFrom), which 3scale 2.7 does not: look after it yourself"},
		},
		"hook inherits": {
			replaced: []string{hook, ""},
			want:     []string{"warning: DeploymentConfig/system-app/pre hook in system-master: env vars are missing: REDIS_URL (system-redis/URL); the hook takes those of the container system-master"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := checked(t, "  release: \"2.7\"\n  profile: internal\n", nil)
			got := lines(t, Compare(installation(t, c.replaced...), r.Release, r).Issues())
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A DeploymentConfig that recreates its pods runs the hooks of recreateParams: they
// are compared, and those of rollingParams are not.
func TestCompare_recreate(t *testing.T) {
	const rolling = "      rollingParams:\n"
	data := string(testinput.Export(t, "installed-2.6.0.GA.yaml"))
	at := strings.Index(data, "        pre:\n")
	start := strings.LastIndex(data[:at], rolling)
	end := at + strings.Index(data[at:], "      type: Rolling\n")
	params := data[start+len(rolling) : end]
	const url = "            - name: REDIS_URL\n              valueFrom:\n                secretKeyRef:\n                  key: URL\n                  name: system-redis\n"
	literal := strings.Replace(params, url, "            - name: REDIS_URL\n              value: "+canary+"\n", 1)
	if literal == params {
		t.Fatal("the hook has no REDIS_URL")
	}
	const wrong = "error: DeploymentConfig/system-app/pre hook in system-master: env var REDIS_URL is a literal value (***): it must be read from system-redis/URL"
	const none = "warning: DeploymentConfig/system-app: has no pre hook, which 3scale 2.7 has"
	for name, c := range map[string]struct{ strategy, want string }{
		"in force":                 {"      recreateParams:\n" + params + "      type: Recreate\n", ""},
		"in force, another source": {"      recreateParams:\n" + literal + rolling + params + "      type: Recreate\n", wrong},
		"not in force":             {rolling + literal + "      recreateParams:\n" + params + "      type: Recreate\n", ""},
		"none in force":            {rolling + params + "      type: Recreate\n", none},
		"rolling":                  {rolling + params + "      recreateParams:\n" + literal + "      type: Rolling\n", ""},
	} {
		e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(data[:start] + c.strategy + data[end+len("      type: Rolling\n"):])}}, "")
		if err != nil {
			t.Fatal(err)
		}
		r := checked(t, "  release: \"2.7\"\n  profile: internal\n", nil)
		if got := strings.Join(lines(t, Compare(e, r.Release, r).Issues()), "\n"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Whatever reads the Secrets and is not a workload of the release is named once.
func TestCompare_strangers(t *testing.T) {
	const container = "{name: main, env: [{name: X, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}, {name: Y, valueFrom: {secretKeyRef: {name: system-redis, key: NAMESPACE}}}]}"
	objects := map[string]string{
		"Deployment/env":        "{template: {spec: {containers: [" + container + "]}}}",
		"StatefulSet/init":      "{template: {spec: {initContainers: [" + container + "]}}}",
		"CronJob/nested":        "{jobTemplate: {spec: {template: {spec: {containers: [" + container + "]}}}}}",
		"Job/all":               "{template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: backend-redis}}]}]}}}",
		"DaemonSet/volume":      "{template: {spec: {containers: [{name: main}], volumes: [{name: v, secret: {secretName: system-redis}}]}}}",
		"Pod/projected":         "{containers: [{name: main}], volumes: [{name: v, projected: {sources: [{secret: {name: system-redis, items: [{key: URL, path: url}]}}]}}]}",
		"DeploymentConfig/hook": "{strategy: {rollingParams: {post: {execNewPod: {containerName: main, env: [{name: X, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}]}}}}, template: {}}",
	}
	data := string(testinput.Export(t, "installed-2.6.0.GA.yaml"))
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(data)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	ignored := e.Ignored
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		kind, name, _ := strings.Cut(id, "/")
		data += "---\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + objects[id] + "\n"
	}
	data += "---\nkind: Deployment\nmetadata: {name: none}\nspec: {template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: own}}]}]}}}\n"
	if e, err = export.Read([]export.File{{Name: "export.yaml", Data: []byte(data)}}, ""); err != nil {
		t.Fatal(err)
	}
	var want []string
	for id := range objects {
		want = append(want, "warning: "+id+": reads the Secrets, but is no workload of 3scale 2.7: look after it yourself")
	}
	r := checked(t, "  release: \"2.7\"\n  profile: internal\n", nil)
	got := lines(t, Compare(e, r.Release, r).Issues())
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := "1 Deployment, " + ignored; e.Ignored != want {
		t.Errorf("ignored %q, want %q", e.Ignored, want)
	}
}

func TestCompare_values(t *testing.T) {
	const selfManaged = "  release: \"2.7\"\n  profile: self-managed\n  redis: {host: h, password: {fromEnv: PASSWORD}}\n" +
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}, messageBus: {db: 3}}\n"
	values := func(storage, queues, system, bus string) []string {
		return []string{
			encoded("redis://backend-redis:6379/0"), encoded(storage), encoded("redis://backend-redis:6379/1"), encoded(queues),
			encoded("redis://system-redis:6379/1"), encoded(system), "MESSAGE_BUS_URL: ''", "MESSAGE_BUS_URL: '" + encoded(bus) + "'",
		}
	}
	right := func(v secret.Value) (string, error) { return canary + "/", nil }
	unknown := func(v secret.Value) (string, error) { return "", secret.ErrUnknown }
	const password = ":" + canary + "%2F@"
	cases := map[string]struct {
		replaced []string
		lookup   secret.Lookup
		want     []string
	}{
		"same": {values("redis://"+password+"h:6379/0", "redis://"+password+"h:6379/1", "redis://"+password+"h:6379/2", "redis://"+password+"h:6379/3"), right, nil},
		"written otherwise": {values("redis://"+password+"h", "redis://"+password+"h/1", "redis://x"+password+"h/2", "redis://default"+password+"h/3"), right, []string{
			"error: Secret/system-redis/URL: porta sends no user name (redis 3.3.5 with hiredis 0.6.0) [url-username]",
		}},
		"another password": {values("redis://:other"+canary+"@h/0", "redis://"+password+"h/1", "redis://"+password+"h/2", "redis://"+password+"h/3"), right, []string{
			"error: Secret/backend-redis/REDIS_STORAGE_URL: is redis://:***@h/0, must be redis://:***@h:6379/0",
		}},
		"only the password": {values("redis://:other"+canary+"@h:6379/0", "redis://"+password+"h/1", "redis://"+password+"h/2", "redis://"+password+"h/3"), right, []string{
			"error: Secret/backend-redis/REDIS_STORAGE_URL: only a password differs: *** (changed)",
		}},
		"not known": {values("redis://:other"+canary+"@h:6379/0", "redis://"+password+"h/1", "redis://h/2", "redis://"+password+"h/7"), unknown, []string{
			"note: Secret/backend-redis/REDIS_QUEUES_URL: the password is not compared: it is behind {fromEnv: PASSWORD}",
			"note: Secret/backend-redis/REDIS_STORAGE_URL: the password is not compared: it is behind {fromEnv: PASSWORD}",
			"note: Secret/system-redis/MESSAGE_BUS_URL: the password is not compared: it is behind {fromEnv: PASSWORD}",
			"error: Secret/system-redis/MESSAGE_BUS_URL: is redis://:***@h/7, must be redis://:***@h:6379/3",
			"note: Secret/system-redis/URL: the password is not compared: it is behind {fromEnv: PASSWORD}",
			"error: Secret/system-redis/URL: is redis://h/2, must be redis://:***@h:6379/2",
		}},
		"unreadable": {values(canary, "redis://:"+canary+"#@h/1", "redis://"+password+"h/2", "redis://"+password+"h/3"), right, []string{
			"error: Secret/backend-redis/REDIS_QUEUES_URL: is ***, must be redis://:***@h:6379/1",
			"error: Secret/backend-redis/REDIS_QUEUES_URL: apisonator cannot parse this as a URL, puts redis:// in front of it, and connects to a host named \"redis\" without a password [url-reserved-character]",
			"error: Secret/backend-redis/REDIS_STORAGE_URL: is ***, must be redis://:***@h:6379/0",
			"error: Secret/backend-redis/REDIS_STORAGE_URL: porta requires redis:// at the start of the URL [url-scheme]",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := checked(t, selfManaged, c.lookup)
			got := lines(t, Compare(installation(t, c.replaced...), r.Release, r).Issues())
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A bus without a URL of its own moves with the system database.
func TestCompare_inheritedBus(t *testing.T) {
	text := "  release: \"2.7\"\n  profile: self-managed\n  databases: {backendStorage: {host: backend-redis, db: 0}, backendQueues: {host: backend-redis, db: 1}, " +
		"system: {host: SYSTEM, db: 1}, messageBus: {host: system-redis, db: 2}}\n"
	same := checked(t, strings.Replace(text, "SYSTEM", "system-redis", 1), nil)
	if r := Compare(installation(t), same.Release, same); len(r.Values) > 0 {
		t.Errorf("differs: %v", r.Values)
	}
	moved := checked(t, strings.Replace(text, "SYSTEM", "elsewhere", 1), nil)
	var keys []string
	for _, v := range Compare(installation(t), moved.Release, moved).Values {
		keys = append(keys, v.String())
	}
	if diff := cmp.Diff([]string{"system-redis/MESSAGE_BUS_URL", "system-redis/URL"}, keys); diff != "" {
		t.Error(diff)
	}
}

// What the spec allows is a warning here too.
func TestCompare_allowed(t *testing.T) {
	r := checked(t, "  release: \"2.7\"\n  profile: elasticache\n  redis: {host: h, password: p}\n"+
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}, messageBus: {db: 3}}\n"+
		"  allow: [{rule: elasticache-auth-token, reason: a tunnel}]\n", nil)
	e := installation(t, encoded("redis://backend-redis:6379/0"), encoded("redis://:p@h:6379/0"))
	var got []string
	for _, line := range lines(t, Compare(e, r.Release, r).Issues()) {
		if strings.Contains(line, "elasticache-auth-token") {
			got = append(got, line)
		}
	}
	want := []string{"warning: Secret/backend-redis/REDIS_STORAGE_URL: an AUTH token needs TLS, which 3scale 2.7 can't speak (allowed: a tunnel) [elasticache-auth-token]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
