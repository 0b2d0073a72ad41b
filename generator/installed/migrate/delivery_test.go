package migrate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// commands returns those of the steps, one per line.
func commands(steps []Step) string {
	var all []string
	for _, s := range steps {
		all = append(all, s.Commands...)
	}
	return strings.Join(all, "\n")
}

func planOf(t *testing.T, exported, spec string) *Plan {
	t.Helper()
	p, err := New(compare(t, testinput.Export(t, exported), checkedText(t, spec)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkSilence(t, p)
	return p
}

const head = "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: x}\nspec:\n"

const servers = "  profile: self-managed\n  redis: {host: h, password: PASSWORD}\n" +
	"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}, messageBus: {db: 3}}\n"

const external = "  secrets: {delivery: ExternalSecret, store: {name: s}}\n"

func TestNew_externalSecret(t *testing.T) {
	p := planOf(t, "installed-2.6.0.GA.yaml", head+"  release: \"2.7\"\n"+strings.Replace(servers, "PASSWORD", "{remoteRef: {key: k}}", 1)+external)
	const want = `oc -n threescale apply -f secrets/externalsecret-backend-redis.yaml
oc -n threescale wait externalsecret/backend-redis --for=condition=Ready --timeout=120s
oc -n threescale apply -f secrets/externalsecret-system-redis.yaml
oc -n threescale wait externalsecret/system-redis --for=condition=Ready --timeout=120s
`
	if got := commands(p.Steps); !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
	if got := commands(p.Rollback); !strings.HasPrefix(got, "oc -n threescale delete externalsecret backend-redis --cascade=orphan\n") {
		t.Errorf("got %s", got)
	}
}

// With an ExternalSecret the keys go when it comes: no pod may refer to them then.
func TestNew_externalSecretAfterEnv(t *testing.T) {
	p := planOf(t, "installed-2.6.0.GA.yaml", head+"  release: \"2.12\"\n"+strings.Replace(servers, "PASSWORD", "{remoteRef: {key: k}}", 1)+external)
	got := commands(p.Steps)
	if strings.Index(got, "apply -f") < strings.Index(got, "system-sphinx.strategic.yaml") {
		t.Errorf("the ExternalSecret comes before the env:\n%s", got)
	}
}

// An ExternalSecret writes its own keys and no other. All that reads a new value
// is rolled after it has come, and the way back leads to what was.
func TestNew_externalSecretInCluster(t *testing.T) {
	for exported, release := range map[string]string{"installed-2.5.0.GA.yaml": "2.7", "installed-2.6.0.GA.yaml": "2.12"} {
		data := testinput.Export(t, exported)
		p := planOf(t, exported, head+"  release: \""+release+"\"\n"+strings.Replace(servers, "PASSWORD", "{remoteRef: {key: k}}", 1)+external)
		objects, err := manifest.Read(exported, data)
		if err != nil {
			t.Fatal(err)
		}
		c := newCluster(t, objects)
		before := c.State()
		run(t, c, p, p.Steps)
		for _, name := range []string{"backend-cron", "backend-listener", "backend-worker", "system-app", "system-sidekiq"} {
			if !slices.Contains(slices.Collect(maps.Values(c.Read(name))), "written by the operator") {
				t.Errorf("%s: %s has not read the new values", exported, name)
			}
		}
		if outdated, err := c.Outdated(); err != nil || len(outdated) > 0 {
			t.Errorf("%s: not restarted: %v %v", exported, outdated, err)
		}
		run(t, c, p, p.Rollback)
		if diff := cmp.Diff(before, c.State()); diff != "" {
			t.Errorf("%s: not as it was:\n%s", exported, diff)
		}
	}
}

// What an ExternalSecret takes away, or brings too late, is named.
func TestNew_externalSecretTakesOver(t *testing.T) {
	text := head + "  release: \"2.12\"\n" + strings.Replace(servers, "PASSWORD", "{remoteRef: {key: k}}", 1) + external
	objects := read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
	s := find(t, objects, "Secret", "system-redis")
	manifest.Set(s.Node, base64Node("x"), "data", "OWN")
	manifest.Remove(manifest.Field(s.Node, "data"), "NAMESPACE")
	p, err := New(compare(t, newCluster(t, objects).Export(), checkedText(t, text)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"key system-redis/OWN goes when the ExternalSecret comes: no release of 3scale knows it",
		"key system-redis/NAMESPACE is missing and comes with the ExternalSecret, which takes away keys that pods refer to: add it by hand, empty, and plan again",
	}
	if diff := cmp.Diff(want, p.InTheWay); diff != "" {
		t.Error(diff)
	}
}

// Secrets that are made elsewhere are named, not written.
func TestNew_noDelivery(t *testing.T) {
	p := planOf(t, "installed-2.5.0.GA.yaml", head+"  release: \"2.7\"\n"+strings.Replace(servers, "PASSWORD", "{fromEnv: X}", 1)+"  secrets: {delivery: None}\n")
	for _, f := range p.Files {
		if strings.Contains(f.Name, "secrets/") {
			t.Errorf("writes %s", f.Name)
		}
	}
	if !strings.Contains(string(runbookOf(t, p)), "`system-redis/SENTINEL_HOSTS` is missing, must be empty") || len(p.Steps[0].Commands) > 0 {
		t.Errorf("%s", runbookOf(t, p))
	}
}

// Keys that nobody reads go last, by other hands too, and come back first.
func TestNew_noDeliveryStaleKeys(t *testing.T) {
	p := planOf(t, "installed-2.6.0.GA.yaml", head+"  release: \"2.12\"\n  profile: internal\n  secrets: {delivery: None}\n")
	last, first := p.Steps[len(p.Steps)-1], p.Rollback[0]
	if p.Steps[0].Title != "Hooks" || !strings.Contains(last.Why, "Take them away where these Secrets are made") {
		t.Errorf("from %+v to %+v", p.Steps[0], last)
	}
	if !strings.Contains(first.Why, "Put back the values and the keys") {
		t.Errorf("the way back begins with %+v", first)
	}
}

// What replaces placeholders must come before the commands.
func TestNew_placeholder(t *testing.T) {
	p := planOf(t, "installed-2.6.0.GA.yaml", head+"  release: \"2.7\"\n"+strings.Replace(servers, "PASSWORD", `{placeholder: "<path:x>"}`, 1))
	text := string(runbookOf(t, p))
	for _, want := range []string{"The files hold placeholders", "the password is not compared: it is behind a placeholder"} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q", want)
		}
	}
}

// A queue's producers leave for the new Redis before its consumer, which so can
// empty the old one: with patches, with rollouts alone, and on the way back.
func TestNew_producersFirst(t *testing.T) {
	for _, exported := range []string{"installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml"} {
		p := planOf(t, exported, head+"  release: \"2.7\"\n"+servers)
		for _, steps := range [][]Step{p.Steps, p.Rollback} {
			text := commands(steps)
			for producer, consumer := range map[string]string{"backend-listener": "backend-worker", "system-app": "system-sidekiq"} {
				first, then := strings.Index(text, "status dc/"+producer+"\n"), strings.Index(text, "status dc/"+consumer)
				if first < 0 || then < first {
					t.Errorf("%s: %s is not rolled before %s:\n%s", exported, producer, consumer, text)
				}
			}
		}
	}
}

// From 2.11 to 2.12 seven places lose four env vars, and then the Secret four
// keys; nothing else changes.
func TestNew_messageBus(t *testing.T) {
	p := planOf(t, "installed-2.6.0.GA.yaml", head+"  release: \"2.12\"\n  profile: internal\n")
	const want = `oc -n threescale patch dc system-app --type=json --patch-file patches/system-app.hook.yaml
oc -n threescale patch dc system-app --type=strategic --patch-file patches/system-app.strategic.yaml
oc -n threescale rollout status dc/system-app
oc -n threescale patch dc system-sphinx --type=strategic --patch-file patches/system-sphinx.strategic.yaml
oc -n threescale rollout status dc/system-sphinx
oc -n threescale patch dc backend-cron --type=strategic --patch-file patches/backend-cron.restart.yaml
oc -n threescale rollout status dc/backend-cron
oc -n threescale patch dc backend-listener --type=strategic --patch-file patches/backend-listener.restart.yaml
oc -n threescale rollout status dc/backend-listener
oc -n threescale patch dc system-sidekiq --type=strategic --patch-file patches/system-sidekiq.strategic.yaml
oc -n threescale rollout status dc/system-sidekiq
oc -n threescale patch dc backend-worker --type=strategic --patch-file patches/backend-worker.restart.yaml
oc -n threescale rollout status dc/backend-worker
oc -n threescale patch secret system-redis --type=merge --patch-file patches/system-redis.merge.yaml`
	if diff := cmp.Diff(want, commands(p.Steps)); diff != "" {
		t.Error(diff)
	}
	if p.Steps[1].Seconds != 1200 {
		t.Errorf("system-app is given %d seconds, want those of its strategy", p.Steps[1].Seconds)
	}
	if len(p.Env) != 7 {
		t.Errorf("%d places, want 7", len(p.Env))
	}
	for _, e := range p.Env {
		if len(e.Stale) != 4 || len(e.Missing)+len(e.Other) > 0 {
			t.Errorf("%+v", e)
		}
	}
	const patch = `spec:
  template:
    metadata:
      annotations:
        threescale-redis.io/config-digest: 3e7ebf7ae74a46c0
    spec:
      containers:
      - name: system-sphinx
        env:
        - $patch: delete
          name: MESSAGE_BUS_REDIS_URL
        - $patch: delete
          name: MESSAGE_BUS_REDIS_NAMESPACE
        - $patch: delete
          name: MESSAGE_BUS_REDIS_SENTINEL_HOSTS
        - $patch: delete
          name: MESSAGE_BUS_REDIS_SENTINEL_ROLE
`
	for _, f := range p.Files {
		if f.Name == "patches/system-sphinx.strategic.yaml" {
			if diff := cmp.Diff(patch, string(f.Data)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// 2.6 is wired as 2.7 is. What its pods have read no export shows that has neither
// pods nor annotations: they are restarted once, and then there is nothing to do.
func TestNew_nothing(t *testing.T) {
	const text = head + "  release: \"2.7\"\n  profile: internal\n"
	c := newCluster(t, read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml")))
	p, err := New(compare(t, c.Export(), checkedText(t, text)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Rolls() != "backend-cron, backend-listener, backend-worker, system-app, system-sidekiq, system-sphinx" || len(p.Env)+len(p.Keys) > 0 {
		t.Errorf("restarts %s, env %v, keys %v", p.Rolls(), p.Env, p.Keys)
	}
	if len(p.Remarks) != 1 || !strings.Contains(p.Remarks[0], "nobody can tell whether the pods have read the values") {
		t.Errorf("does not say why: %q", p.Remarks)
	}
	run(t, c, p, p.Steps)
	if p, err = New(compare(t, c.Export(), checkedText(t, text)), Options{}); err != nil {
		t.Fatal(err)
	}
	if !p.Nothing() || len(p.Files) > 0 || p.Rolls() != "nothing" {
		t.Errorf("%+v", p)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"env":[],"keys":[],"inTheWay":[],"remarks":[],"steps":[],"rollback":[],"files":[]`) {
		t.Errorf("%s", data)
	}
}

// The 2.5 shape lacks what people count by hand in the templates.
func TestNew_oldShape(t *testing.T) {
	p := planOf(t, "installed-2.5.0.GA.yaml", head+"  release: \"2.7\"\n  profile: internal\n")
	want := map[string]int{
		"DeploymentConfig/backend-cron/init container backend-redis-svc":   5,
		"DeploymentConfig/backend-worker/init container backend-redis-svc": 5,
		"DeploymentConfig/system-app/system-master":                        9,
		"DeploymentConfig/system-app/system-provider":                      9,
		"DeploymentConfig/system-app/system-developer":                     9,
		"DeploymentConfig/system-app/pre hook in system-master":            9,
		"DeploymentConfig/system-sidekiq/system-sidekiq":                   9,
		"DeploymentConfig/system-sidekiq/init container check-svc":         7,
		"DeploymentConfig/system-sphinx/system-sphinx":                     8,
	}
	got := map[string]int{}
	for _, e := range p.Env {
		got[e.Place] = len(e.Missing)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(p.Keys) != 7 || p.Wiring.OlderThan != "2.6" {
		t.Errorf("%d keys, %s", len(p.Keys), p.Wiring)
	}
}

func TestDetect(t *testing.T) {
	for name, objects := range installed(t) {
		e, err := export.Read([]export.File{{Name: name, Data: newCluster(t, objects).Export()}}, "")
		if err != nil {
			t.Fatal(err)
		}
		want := "the wiring is that of 3scale 2.6 to 2.11"
		switch {
		case strings.Contains(name, "2.5"):
			want = "the wiring is older than that of 3scale 2.6, and all that differs from it is missing"
		case strings.Contains(name, "2.12"):
			want = wiring.Match{Fits: wiredAs(t, "2.12")}.String()
		}
		if got := wiring.Detect(slices.Concat(e.Workloads, e.Secrets)).String(); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// wiredAs returns the release lines with the wiring of one.
func wiredAs(t *testing.T, line string) []string {
	t.Helper()
	lines := slices.DeleteFunc(releases.Lines(), func(other string) bool {
		return releases.Load(other).Owner != releases.Load(line).Owner || len(wiring.Diff(releases.Load(other).Wiring, releases.Load(line).Wiring)) > 0
	})
	if !slices.Contains(lines, line) {
		t.Fatalf("no release %s among %v", line, lines)
	}
	return lines
}

func BenchmarkNew(b *testing.B) {
	data, spec := testinput.Export(b, "installed-2.6.0.GA.yaml"), checked(b, "sentinel", "2.7")
	for b.Loop() {
		if _, err := New(compare(b, data, spec), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
