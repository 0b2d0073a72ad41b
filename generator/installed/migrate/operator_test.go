package migrate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// operated is a spec for a release that an operator runs.
func operated(t testing.TB, release, rest string) *generator.Checked {
	t.Helper()
	return checkedText(t, "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: x}\nspec:\n  release: \""+release+"\"\n"+rest)
}

const (
	selfManaged = "  profile: self-managed\n  redis: {host: new.example.com, password: {fromEnv: NEW}}\n" +
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}\n"
	// sameServers are those of the exports.
	sameServers = "  profile: self-managed\n  databases:\n    backendStorage: {host: redis-storage.example.com, db: 0, password: FAKE-storage-password}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, password: FAKE-queues-password}\n    system: {host: redis-system.example.com, db: 2, password: FAKE-system-password}\n"
	behindSentinels = "  profile: sentinel\n  redis: {masterGroup: mymaster, password: {fromEnv: NEW}, sentinels: {hosts: [s0.example.com, s1.example.com, s2.example.com], password: {fromEnv: SENTINEL}}}\n" +
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}\n"
	internalRedis = "  profile: internal\n"
	inKeys        = "  secrets: {credentials: keys}\n"
	asyncOff      = "  apiManager: {async: false}\n"
)

// Every plan for an installation of the operator is executed: no pod refers to a key
// that is not there, the operator never refuses at the end, all pods have read what the
// spec says, and the way back leads to what was there.
func TestPlan_operator(t *testing.T) {
	sample := []string{"2.13, internal to external", "2.15, back to internal", "2.16, upgraded, into keys", "2.16, plain to TLS"}
	full := testinput.Full(t, "plans for most of the installations of operators")
	for name, c := range map[string]struct {
		export, release, spec string
		// commands are some that the plan must have, in this order.
		commands []string
		// words are some that the runbook must have.
		words []string
	}{
		"2.13, internal to external": {"2.13.2-internal", "2.13.2", selfManaged, []string{
			"oc -n threescale replace -f secrets/backend-redis.yaml", "oc -n threescale patch apimanager apimanager --type=merge --patch-file patches/apimanager.merge.yaml",
			"oc -n threescale rollout latest dc/backend-listener", "oc -n threescale rollout latest dc/backend-worker",
		}, nil},
		"2.14, internal to Sentinels":            {"2.14.1-internal", "2.14.1", behindSentinels, nil, nil},
		"2.15, internal to external":             {"2.15.1-internal", "2.15.1", selfManaged, []string{"oc -n threescale rollout restart deployment/backend-listener", "oc -n threescale rollout status deployment/backend-listener"}, nil},
		"2.15, switched, then moved":             {"2.15.1-internal-to-external", "2.15", behindSentinels, nil, nil},
		"2.15, external to external":             {"2.15.1-external", "2.15.1", behindSentinels, nil, nil},
		"2.15, back to internal":                 {"2.15.1-external", "2.15.1", internalRedis, []string{"oc -n threescale patch apimanager apimanager --type=merge --patch-file patches/apimanager.merge.yaml", "oc -n threescale rollout status deployment/backend-redis", "oc -n threescale replace -f secrets/backend-redis.yaml"}, nil},
		"2.15, async off":                        {"2.15.1-external", "2.15.1", selfManaged + asyncOff, nil, nil},
		"2.16, external to external":             {"2.16.3-external", "2.16.3", behindSentinels, nil, nil},
		"2.16, password into keys":               {"2.16.3-external", "2.16.3", selfManaged + inKeys, nil, nil},
		"2.16, keys into the URL":                {"2.16.3-acl", "2.16.3", selfManaged, nil, nil},
		"2.16, upgraded, into keys":              {"2.16.3-upgraded-from-2.15.1", "2.16.3", selfManaged + inKeys, []string{"oc -n threescale patch deployment backend-listener --type=strategic --patch-file patches/backend-listener.strategic.yaml", "oc -n threescale replace -f secrets/backend-redis.yaml", "oc -n threescale rollout restart deployment/backend-listener"}, []string{"these may still have others", "config-digest}'` prints `"}},
		"2.16, same server, into keys":           {"2.16.3-external", "2.16.3", sameServers + inKeys, []string{"oc -n threescale replace -f secrets/backend-redis.yaml", "oc -n threescale rollout restart deployment/backend-listener"}, nil},
		"2.16, upgraded, same server, into keys": {"2.16.3-upgraded-from-2.15.1", "2.16.3", sameServers + inKeys, []string{"oc -n threescale patch deployment backend-listener --type=strategic --patch-file patches/backend-listener.strategic.yaml", "oc -n threescale replace -f secrets/backend-redis.yaml", "oc -n threescale rollout restart deployment/backend-listener"}, nil},
		"2.16, upgraded, into the URL":           {"2.16.3-upgraded-from-2.15.1", "2.16.3", selfManaged, nil, nil},
		"2.16, TLS to plain":                     {"2.16.3-tls", "2.16.3", selfManaged, []string{"oc -n threescale replace -f secrets/backend-redis.yaml", "oc -n threescale patch apimanager apimanager --type=merge --patch-file patches/apimanager.merge.yaml", "oc -n threescale rollout status deployment/backend-cron"}, nil},
		"2.16, Sentinels to self-managed":        {"2.16.3-sentinel", "2.16.3", selfManaged, nil, nil},
		"2.16, plain to TLS": {"2.16.3-external", "2.16.3", overTLS(t), []string{
			"oc -n threescale replace -f secrets/backend-redis.yaml", "oc -n threescale patch apimanager apimanager --type=merge --patch-file patches/apimanager.merge.yaml",
			"oc -n threescale rollout status deployment/backend-cron", "oc -n threescale rollout status deployment/system-sidekiq",
		}, []string{"the operator replaces what fills a queue and what empties it at the same time.", "The APIManager tells the release: 3scale 2.16.3."}},
		"2.16, TLS to other TLS, with keys": {"2.16.3-tls", "2.16.3", overTLS(t) + inKeys, nil, nil},
	} {
		if !full && !slices.Contains(sample, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := operated(t, c.release, c.spec)
			objects := read(t, c.export, testinput.Export(t, "operator/"+c.export+".yaml"))
			for _, o := range objects {
				store(o)
			}
			cl := newCluster(t, objects)
			if c.export == "2.15.1-external" && c.spec == internalRedis {
				ownRedis(t, cl)
			}
			op := operate(cl, want.Release)
			before := sortedEnv(t, cl)
			plan, err := New(compare(t, cl.Export(), want), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(plan.Steps) == 0 {
				t.Fatal("nothing to do")
			}
			checkSilence(t, plan)
			if len(plan.InTheWay) > 0 {
				t.Errorf("stands in the way, though the plan does it: %v", plan.InTheWay)
			}
			checkOrder(t, plan.Steps, c.commands)
			checkWords(t, plan, c.words)
			run(t, cl, plan, plan.Steps)
			checkSettled(t, cl, op)
			found := compare(t, cl.Export(), want)
			if again, err := New(found, Options{}); err != nil || len(again.Steps) > 0 {
				t.Errorf("a second plan has steps: %v, %v", again.Steps, err)
			}
			run(t, cl, plan, plan.Rollback)
			checkSettled(t, cl, op)
			if diff := cmp.Diff(before, sortedEnv(t, cl)); diff != "" {
				t.Errorf("the way back leads elsewhere (-was +is):\n%s", diff)
			}
		})
	}
}

// overTLS is a spec with a certificate that is its own authority.
func overTLS(t *testing.T) string {
	t.Helper()
	pem := testinput.NewPEM(t)
	block := func(text string) string {
		return " |\n      " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ") + "\n"
	}
	return "  profile: self-managed\n  redis:\n   host: new.example.com\n   port: 6380\n   password: {fromEnv: NEW}\n   tls:\n" +
		"    ca:" + block(pem.CA) + "    certificate:" + block(pem.Certificate) + "    key:" + block(pem.Key) +
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}\n"
}

// A plan that is left after any command, and a new plan from what runs then.
func TestPlan_operatorCut(t *testing.T) {
	full := testinput.Full(t, "plans for operators, cut after every command and not after every fifth")
	for name, c := range map[string]struct{ export, release, spec string }{
		"2.15, internal to external": {"2.15.1-internal", "2.15.1", selfManaged},
		"2.16, upgraded, into keys":  {"2.16.3-upgraded-from-2.15.1", "2.16.3", selfManaged + inKeys},
		"2.16, plain to TLS":         {"2.16.3-external", "2.16.3", overTLS(t)},
	} {
		if !full && c.release != "2.15.1" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := operated(t, c.release, c.spec)
			start := newCluster(t, read(t, c.export, testinput.Export(t, "operator/"+c.export+".yaml")))
			op := operate(start, want.Release)
			plan, err := New(compare(t, start.Export(), want), Options{})
			if err != nil {
				t.Fatal(err)
			}
			load(t, start, plan)
			commands := 0
			for _, s := range plan.Steps {
				for _, command := range s.Commands {
					if err := start.Run(command); err != nil {
						t.Fatal(err)
					}
					commands++
					if !full && commands%5 != 0 {
						continue
					}
					cl := start.Clone()
					again, err := New(compare(t, cl.Export(), want), Options{})
					if err != nil {
						t.Fatal(err)
					}
					run(t, cl, again, again.Steps)
					checkSettled(t, cl, op)
					if last, err := New(compare(t, cl.Export(), want), Options{}); err != nil || len(last.Steps) > 0 {
						t.Errorf("after %s: a third plan has steps: %v, %v", command, last.Steps, err)
					}
				}
			}
			if commands == 0 {
				t.Error("no command")
			}
		})
	}
}

// ownRedis puts the pods of the operator's own Redis there: the simulated operator
// makes none.
func ownRedis(t *testing.T, cl *cluster.Cluster) {
	t.Helper()
	for _, name := range []string{"backend-redis", "system-redis"} {
		for _, o := range read(t, name, []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "+name+", namespace: threescale}\nspec: {template: {spec: {containers: [{name: redis}]}}}\n")) {
			if err := cl.Put(o); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// checkSettled fails where the operator waits, or where a pod has not read what is there.
func checkSettled(t *testing.T, cl *cluster.Cluster, op operator) {
	t.Helper()
	refusal, err := op.waits(cl)
	if err != nil || refusal != "" {
		t.Errorf("the operator refuses: %s %v", refusal, err)
	}
	outdated, err := cl.Outdated()
	if err != nil || len(outdated) > 0 {
		t.Errorf("not restarted: %v %v", outdated, err)
	}
}

// checkWords fails where the runbook lacks one of the texts.
func checkWords(t *testing.T, plan *Plan, words []string) {
	t.Helper()
	text := string(runbookOf(t, plan))
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("does not say %q:\n%s", w, text)
		}
	}
}

// checkOrder fails where the steps lack one of the commands in that order.
func checkOrder(t *testing.T, steps []Step, want []string) {
	t.Helper()
	var commands []string
	for _, s := range steps {
		commands = append(commands, s.Commands...)
	}
	at := 0
	for _, w := range want {
		i := slices.Index(commands[at:], w)
		if i < 0 {
			t.Errorf("no %q after command %d of:\n%s", w, at, strings.Join(commands, "\n"))
			return
		}
		at += i + 1
	}
}

// sortedEnv is the state of a cluster with its lists in the order of the names:
// the operator appends what it puts back.
func sortedEnv(t *testing.T, cl *cluster.Cluster) map[string]string {
	t.Helper()
	state := cl.State()
	for _, id := range slices.Sorted(maps.Keys(state)) {
		var v any
		if err := json.Unmarshal([]byte(state[id]), &v); err != nil {
			t.Fatal(err)
		}
		sortEnv(v)
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		state[id] = string(data)
	}
	return state
}

func sortEnv(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, field := range []string{"env", "volumes", "volumeMounts"} {
			list, _ := v[field].([]any)
			slices.SortStableFunc(list, func(a, b any) int {
				return strings.Compare(a.(map[string]any)["name"].(string), b.(map[string]any)["name"].(string))
			})
		}
		for _, child := range v {
			sortEnv(child)
		}
	case []any:
		for _, child := range v {
			sortEnv(child)
		}
	}
}

// Before an operator takes over from a template, both Secrets have every key of its
// release, and no pod of the template loses one.
func TestNew_handOver(t *testing.T) {
	for exported, c := range map[string]struct {
		spec     string
		commands int
	}{
		"installed-2.5.0.GA.yaml": {internalRedis, 1}, // system-redis lacks three keys
		"installed-2.6.0.GA.yaml": {internalRedis, 0},
	} {
		cl := newCluster(t, read(t, exported, testinput.Export(t, exported)))
		before := cl.State()
		want := operated(t, "2.13", c.spec)
		plan, err := New(compare(t, cl.Export(), want), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if commands := len(plan.Steps[0].Commands); commands != c.commands {
			t.Errorf("%s: %d commands: %v", exported, commands, plan.Steps[0])
		}
		if last := plan.Steps[len(plan.Steps)-1]; last.Title != "Operator" || !strings.Contains(strings.Join(plan.Remarks, "\n"), "Do not create the APIManager before both Secrets") {
			t.Errorf("%s: %+v %v", exported, last, plan.Remarks)
		}
		run(t, cl, plan, plan.Steps)
		for _, s := range want.Release.Secrets {
			for _, k := range s.Keys {
				if !strings.Contains(cl.State()["Secret/"+s.Name], `"`+k.Name+`":`) {
					t.Errorf("%s: %s/%s is missing", exported, s.Name, k.Name)
				}
			}
		}
		run(t, cl, plan, plan.Rollback)
		if diff := cmp.Diff(before, cl.State()); diff != "" {
			t.Errorf("%s: %s", exported, diff)
		}
		moved, err := New(compare(t, cl.Export(), operated(t, "2.13", selfManaged)), Options{})
		if err != nil || len(moved.Steps) > 0 || !strings.Contains(strings.Join(moved.InTheWay, "\n"), "backendStorage: moves to another Redis: plan that first") {
			t.Errorf("%s: %v %v", exported, moved, err)
		}
	}
}

// A plan for another release than the one that runs is refused.
func TestNew_otherRelease(t *testing.T) {
	e := compare(t, testinput.Export(t, "operator/2.15.1-internal.yaml"), operated(t, "2.16", selfManaged))
	if plan, err := New(e, Options{}); plan != nil || err == nil || !strings.Contains(err.Error(), "its operator runs 3scale 2.15.1, not 2.16") {
		t.Errorf("%v %v", plan, err)
	}
}

// So is one for another patch release: the rules of the one that is named would hold.
func TestNew_otherPatchRelease(t *testing.T) {
	e := compare(t, testinput.Export(t, "operator/2.16.3-external.yaml"), operated(t, "2.16.4", selfManaged))
	if plan, err := New(e, Options{}); plan != nil || err == nil || !strings.Contains(err.Error(), "its operator runs 3scale 2.16.3, not 2.16.4") || !strings.Contains(err.Error(), "say the release that runs") {
		t.Errorf("%v %v", plan, err)
	}
}

// A key of 2.16 that something else reads stays, and the reader is named.
func TestPlan_operatorKeysInUse(t *testing.T) {
	own := func(spec string) string {
		return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: own, namespace: threescale}\nspec: {template: {spec: " + spec + "}}\n"
	}
	full := testinput.Full(t, "keys that something reads by env vars, not by a volume alone")
	for name, c := range map[string]struct{ export, spec, own, key string }{
		"password by env": {"2.16.3-acl", selfManaged + "  secrets: {credentials: url}\n", own("{containers: [{name: main, env: [{name: X, valueFrom: {secretKeyRef: {name: backend-redis, key: REDIS_STORAGE_PASSWORD}}}]}]}"), "REDIS_STORAGE_PASSWORD"},
		"PEM by env":      {"2.16.3-tls", selfManaged, own("{containers: [{name: main, env: [{name: X, valueFrom: {secretKeyRef: {name: backend-redis, key: REDIS_SSL_CA}}}]}]}"), "REDIS_SSL_CA"},
		"PEM by volume":   {"2.16.3-tls", selfManaged, own("{containers: [{name: main}], volumes: [{name: v, secret: {secretName: backend-redis, items: [{key: REDIS_SSL_KEY, path: k}]}}]}"), "REDIS_SSL_KEY"},
	} {
		if !full && name != "PEM by volume" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := operated(t, "2.16.3", c.spec)
			cl := newCluster(t, append(read(t, c.export, testinput.Export(t, "operator/"+c.export+".yaml")), read(t, "own", []byte(c.own))...))
			op := operate(cl, want.Release)
			plan, err := New(compare(t, cl.Export(), want), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(plan.InTheWay, "\n"); !strings.Contains(text, "key backend-redis/"+c.key+" stays: Deployment/own") {
				t.Errorf("does not name the reader: %s", text)
			}
			run(t, cl, plan, plan.Steps)
			checkSettled(t, cl, op)
			if !strings.Contains(cl.State()["Secret/backend-redis"], `"`+c.key+`":`) {
				t.Error("the key is gone")
			}
		})
	}
}

// While the operator has not acted yet, a new plan waits for it before it takes away
// what the old pods mount.
func TestPlan_operatorAway(t *testing.T) {
	full := testinput.Full(t, "an operator that is away on the way to TLS, not on the way back alone")
	for name, c := range map[string]struct{ export, spec, waits string }{
		"TLS to plain": {"2.16.3-tls", selfManaged, `until oc -n threescale set env deployment/backend-cron --list | awk '/^CONFIG_REDIS_SSL=1$/ {on = 1} END {exit on || !NR}'; do sleep 5; done`},
		"plain to TLS": {"2.16.3-external", overTLS(t), `until oc -n threescale set env deployment/backend-cron --list | grep -qx CONFIG_REDIS_SSL=1; do sleep 5; done`},
	} {
		if !full && name != "TLS to plain" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := operated(t, "2.16.3", c.spec)
			cl := newCluster(t, read(t, c.export, testinput.Export(t, "operator/"+c.export+".yaml")))
			plan, err := New(compare(t, cl.Export(), want), Options{})
			if err != nil {
				t.Fatal(err)
			}
			load(t, cl, plan)
			for _, command := range slices.Concat(plan.Steps[0].Commands, plan.Steps[1].Commands) {
				if err := cl.Run(command); err != nil {
					t.Fatal(err)
				}
			}
			if err := cl.Run(plan.Steps[2].Commands[0]); err == nil {
				t.Errorf("does not wait: %s", plan.Steps[2].Commands[0])
			}
			again, err := New(compare(t, cl.Export(), want), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if first := again.Steps[0]; first.Title != "Wait for the operator" || first.Commands[0] != c.waits {
				t.Fatalf("begins with %+v", first)
			}
			if len(again.InTheWay) > 0 {
				t.Errorf("stands in the way, though a step waits for it: %v", again.InTheWay)
			}
			checkWords(t, again, []string{"The operator has not written yet what the switches of the APIManager say"})
			op := operate(cl, want.Release)
			if err := op.reconcile(cl, "APIManager/apimanager"); err != nil {
				t.Fatal(err)
			}
			run(t, cl, again, again.Steps)
			checkSettled(t, cl, op)
			if last, err := New(compare(t, cl.Export(), want), Options{}); err != nil || len(last.Steps) > 0 {
				t.Errorf("a third plan has steps: %v, %v", last.Steps, err)
			}
		})
	}
}

// A plan for 2.15 says what 2.16 needs.
func TestNew_upgrade(t *testing.T) {
	for spec, refused := range map[string]string{
		selfManaged:   "",
		internalRedis: "spec.profile",
	} {
		plan, err := New(compare(t, testinput.Export(t, "operator/2.15.1-internal.yaml"), operated(t, "2.15", spec)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		u := plan.Upgrade
		if u == nil || u.Release != "2.16" || !u.External || u.MinimumRedis != "7.0.0" {
			t.Fatalf("%+v", u)
		}
		if got := strings.Join(u.Refused, "\n"); (refused == "") != (got == "") || !strings.Contains(got, refused) {
			t.Errorf("refused: %q", got)
		}
	}
}
