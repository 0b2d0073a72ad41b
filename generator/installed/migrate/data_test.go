package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const (
	threeServers = "  profile: redis-enterprise\n  data: {image: registry.example.com/redis-shake@sha256:" + aDigest + "}\n" +
		"  databases:\n    backendStorage: {host: storage.example.com, port: 12000, password: {fromEnv: NEW}}\n" +
		"    backendQueues: {host: queues.example.com, port: 12001, password: {fromEnv: NEW}}\n    system: {host: system.example.com, port: 12002, password: {fromEnv: NEW}}\n"
	withImage = "  data: {image: registry.example.com/redis-shake@sha256:" + aDigest + "}\n"
	aDigest   = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)

// moving are plans that take the data along.
var moving = map[string]struct {
	export, release, spec string
	options               Options
	// change makes another installation of the export.
	change func(testing.TB, []manifest.Object)
	// words are some that the runbook must have.
	words []string
}{
	"2.6, to Redis Enterprise":    {"installed-2.6.0.GA.yaml", "2.6", threeServers + "    messageBus: {host: bus.example.com, port: 12003, password: {fromEnv: NEW}}\n", Options{Data: spec.MoveLive}, nil, nil},
	"2.5, to 2.7 behind Sentinel": {"installed-2.5.0.GA.yaml", "2.7", withImage + strings.Replace(behindSentinels, "system: {db: 2}", "system: {db: 2}, messageBus: {db: 3}", 1), Options{Data: spec.MoveLive}, nil, nil},
	"2.13, portals stay up":       {"operator/2.13.2-internal.yaml", "2.13.2", withImage + selfManaged, Options{Data: spec.MoveLive, KeepPortal: true}, nil, []string{"**The portals stay open**", "is missing in the old Redis**"}},
	"2.15, live":                  {"operator/2.15.1-internal.yaml", "2.15.1", threeServers, Options{Data: spec.MoveLive}, nil, nil},
	"2.15, numbers and an HPA": {"operator/2.15.1-internal.yaml", "2.15.1", threeServers, Options{Data: spec.MoveLive}, func(t testing.TB, objects []manifest.Object) {
		manifest.Set(find(t, objects, "APIManager", "apimanager").Node, node("{workerSpec: {hpa: true}, cronSpec: {replicas: 2}, listenerSpec: {}}"), "spec", "backend")
		manifest.Set(find(t, objects, "Deployment", "backend-worker").Node, node("3"), "spec", "replicas")
		manifest.Set(find(t, objects, "Deployment", "backend-cron").Node, node("2"), "spec", "replicas")
	}, []string{"HorizontalPodAutoscaler of backend-worker: the operator deletes it"}},
	"2.15, offline": {"operator/2.15.1-internal.yaml", "2.15.1", threeServers, Options{Data: spec.MoveOffline}, nil, nil},
}

// A plan that takes the data along is executed, and left after each command: whatever
// way back is open then leads to what was there. While a copy runs and 3scale is on both
// sides, nobody takes a job.
func TestPlan_data(t *testing.T) {
	full := testinput.Full(t, "ways back after every command and not after every eighth, for all plans")
	for name, c := range moving {
		if !full && !strings.HasPrefix(name, "2.5") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := operated(t, c.release, c.spec)
			objects := read(t, c.export, testinput.Export(t, c.export))
			if c.change != nil {
				c.change(t, objects)
			}
			start := newCluster(t, objects)
			settle := func(*cluster.Cluster) {}
			if want.Release.Operated() {
				op := operate(start, want.Release)
				settle = func(cl *cluster.Cluster) { checkSettled(t, cl, op) }
			}
			before := sortedEnv(t, start)
			plan, err := New(compare(t, start.Export(), want), c.options)
			if err != nil {
				t.Fatal(err)
			}
			checkSilence(t, plan)
			checkWords(t, plan, c.words)
			load(t, start, plan)
			cl, commands := start.Clone(), 0
			for i, s := range plan.Steps {
				for _, command := range s.Commands {
					runOne(t, cl, command)
					checkConsumers(t, start, cl, want, command)
					if commands++; !full && commands%8 != 0 {
						continue
					}
					goBack(t, cl.Clone(), plan, i, before, want)
				}
			}
			settle(cl)
			if again, err := New(compare(t, cl.Export(), want), c.options); err != nil || len(again.Steps) > 0 {
				t.Errorf("a second plan has steps: %v, %v", again.Steps, err)
			}
			if commands < 20 {
				t.Errorf("%d commands", commands)
			}
			for _, mode := range []string{"ready", "begin", "copied", "stopped", "counts", "end"} {
				if !slices.Contains(cl.Scripts, mode) {
					t.Errorf("the check is never run as %q: %v", mode, cl.Scripts)
				}
			}
		})
	}
}

// runOne runs a command; every reference must lead to a key after it.
func runOne(t *testing.T, cl *cluster.Cluster, command string) {
	t.Helper()
	if err := cl.Run(command); err != nil {
		t.Fatal(err)
	}
	if err := cl.CheckReferences(); err != nil {
		t.Fatalf("after %s: %v", command, err)
	}
}

// goBack takes the way back that is open after a command of the step i.
func goBack(t *testing.T, cl *cluster.Cluster, plan *Plan, i int, before map[string]string, want *generator.Checked) {
	t.Helper()
	at := func(title string) int {
		return slices.IndexFunc(plan.Steps, func(s Step) bool { return s.Title == title })
	}
	steps, way := plan.Rollback, "after Up"
	switch {
	case i < at("Secrets"):
		steps, way = plan.Returns[0].Steps, plan.Returns[0].Until
	case i < at("Up"):
		steps, way = plan.Returns[1].Steps, plan.Returns[1].Until
	}
	start := cl.Clone()
	for _, s := range steps {
		for _, command := range s.Commands {
			if err := cl.Run(command); err != nil && !strings.Contains(command, ".hook.yaml") {
				t.Fatalf("%s: %v", way, err)
			}
			if err := cl.CheckReferences(); err != nil {
				t.Fatalf("%s, after %s: %v", way, command, err)
			}
			checkConsumers(t, start, cl, want, command)
		}
	}
	if diff := cmp.Diff(before, sortedEnv(t, cl)); diff != "" {
		t.Errorf("the way back %s from %q leads elsewhere (-was +is):\n%s", way, plan.Steps[i].Title, diff)
	}
	if outdated, err := cl.Outdated(); err != nil || len(outdated) > 0 {
		t.Errorf("the way back %s from %q: not restarted: %v %v", way, plan.Steps[i].Title, outdated, err)
	}
}

// checkConsumers fails where somebody takes jobs, or puts them back, while the values
// have changed and a copy runs.
func checkConsumers(t *testing.T, start, cl *cluster.Cluster, want *generator.Checked, command string) {
	t.Helper()
	copying, changed := false, false
	for id, data := range cl.State() {
		copying = copying || strings.HasPrefix(id, "Pod/threescale-redis-copy-")
		changed = changed || strings.HasPrefix(id, "Secret/") && start.State()[id] != "" && start.State()[id] != data
	}
	if !copying || !changed {
		return
	}
	for _, name := range slices.Concat(want.Release.Consumers, want.Release.Requeues) {
		for _, w := range want.Release.Workloads {
			if id := w.Kind + "/" + name; w.Name == name && cl.Replicas(id) != "0" {
				t.Errorf("after %s: %s has %s pods", command, id, cl.Replicas(id))
			}
		}
	}
}

// What cannot be moved is refused as a whole.
func TestNew_dataRefused(t *testing.T) {
	scale := func(name, replicas string) func([]manifest.Object) {
		return func(objects []manifest.Object) {
			for _, o := range objects {
				if o.Name() == name && manifest.Field(o.Node, "spec", "replicas") != nil {
					manifest.Set(o.Node, node(replicas), "spec", "replicas")
				}
			}
		}
	}
	for name, c := range map[string]struct {
		spec   string
		change func([]manifest.Object)
		want   string
	}{
		"no pods":              {threeServers, scale("backend-worker", "0"), "Deployment/backend-worker.spec.replicas: must be more than 0 where data moves"},
		"two pods of Redis":    {threeServers, scale("backend-redis", "2"), "Deployment/backend-redis.spec.replicas: must be 1 where data moves, not 2"},
		"delivered by another": {threeServers + "  secrets: {delivery: None}\n", nil, "spec.secrets.delivery: must be Secret where data moves"},
	} {
		objects := read(t, name, testinput.Export(t, "operator/2.15.1-internal.yaml"))
		if c.change != nil {
			c.change(objects)
		}
		plan, err := New(compare(t, newCluster(t, objects).Export(), operated(t, "2.15", c.spec)), Options{Data: spec.MoveLive})
		if plan != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// Who moves no data is told first what that costs, and how to take it along.
func TestPlan_dataStays(t *testing.T) {
	plan, err := New(compare(t, testinput.Export(t, "operator/2.15.1-internal.yaml"), operated(t, "2.15.1", threeServers)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := string(runbookOf(t, plan))
	first, _, _ := strings.Cut(text, "## Steps")
	for _, w := range []string{"Calls are refused, and counters start at zero", "plan again with `--data live`"} {
		if !strings.Contains(first, w) {
			t.Errorf("does not say %q before the steps", w)
		}
	}
	if len(plan.Returns) > 0 || plan.Data != "" {
		t.Errorf("%v %v", plan.Returns, plan.Data)
	}
}
