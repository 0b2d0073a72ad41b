package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// A plan that is left after any command, and a new plan from what runs then: at the
// end all pods have read what the spec says, and no consumer of a queue has left
// for the new Redis before all that fill it, at no time.
func TestPlan_cut(t *testing.T) {
	password := func(env string) string {
		return head + "  release: \"2.7\"\n" + strings.Replace(servers, "PASSWORD", "{fromEnv: "+env+"}", 1)
	}
	queuesOnly := head + "  release: \"2.7\"\n  profile: self-managed\n  databases: {backendStorage: {host: backend-redis, db: 0}, " +
		"backendQueues: {host: queues, db: 1}, system: {host: system-redis, db: 1}, messageBus: {host: system-redis, db: 2}}\n"
	const old, wired, configChange, byHand = "installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml", "[{type: ConfigChange}]", "[]"
	sentinel, internal, enterprise := checked(t, "sentinel", "2.7"), checked(t, "internal", "2.11"), checked(t, "redis-enterprise", "2.12")
	queues, first, second := checkedText(t, queuesOnly), checkedText(t, password("ONE")), checkedText(t, password("TWO"))
	every := 7
	if testinput.Full(t, "plans left after each command, not every seventh") {
		every = 1
	}
	for name, c := range map[string]struct {
		exported, triggers string
		// first is complete before the plan for want is made; drift changes what it has
		// done.
		first, want *generator.Checked
		drift       string
	}{
		"2.5 to Sentinel":                    {exported: old, triggers: configChange, want: sentinel},
		"2.6 to Sentinel":                    {exported: wired, triggers: configChange, want: sentinel},
		"2.5 to 2.12, by hand":               {exported: old, triggers: byHand, want: enterprise},
		"2.6 to 2.12":                        {exported: wired, triggers: configChange, want: enterprise},
		"2.5, where it is":                   {exported: old, triggers: configChange, want: internal},
		"2.6, where it is, by hand":          {exported: wired, triggers: byHand, want: internal},
		"2.5, queues alone, by hand":         {exported: old, triggers: byHand, want: queues},
		"2.6, queues alone":                  {exported: wired, triggers: configChange, want: queues},
		"another password":                   {exported: wired, triggers: configChange, first: first, want: second},
		"another password, by hand":          {exported: wired, triggers: byHand, first: first, want: second},
		"env that was changed":               {exported: wired, triggers: configChange, first: first, want: first, drift: literalURL},
		"env that was changed, by hand":      {exported: wired, triggers: byHand, first: first, want: first, drift: literalURL},
		"back from Sentinel to where it was": {exported: wired, triggers: configChange, first: sentinel, want: internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := newCluster(t, read(t, c.exported, testinput.Export(t, c.exported)))
			for _, w := range c.want.Release.Workloads {
				if err := cl.Patch("DeploymentConfig/"+w.Name, "merge", []byte("{spec: {triggers: "+c.triggers+"}}")); err != nil {
					t.Fatal(err)
				}
			}
			if c.first != nil {
				finish(t, cl, c.first)
			}
			if c.drift != "" {
				if err := cl.Patch("DeploymentConfig/backend-worker", "strategic", []byte(c.drift)); err != nil {
					t.Fatal(err)
				}
				if err := cl.Run("oc rollout latest dc/backend-worker"); err != nil {
					t.Fatal(err)
				}
			}
			cutEvery(t, every, cl, c.want)
		})
	}
}

// literalURL puts a literal value in place of a reference.
const literalURL = `{spec: {template: {spec: {containers: [{name: backend-worker, env: [{name: CONFIG_REDIS_PROXY, value: "redis://h/0", valueFrom: null}]}]}}}}`

// cutEvery leaves the plan after every first, second or so of its commands, and makes
// a new one.
func cutEvery(t *testing.T, every int, start *cluster.Cluster, want *generator.Checked) {
	t.Helper()
	final := start.Clone()
	finish(t, final, want)
	plan, err := New(compare(t, start.Export(), want), Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(commands(plan.Steps), "\n")
	q := queues{release: want.Release, before: start, final: final}
	left := start.Clone()
	load(t, left, plan)
	for cut := range len(all) + 1 {
		if cut > 0 {
			q.run(t, left, all[cut-1])
		}
		if cut%every != 0 {
			continue
		}
		c := left.Clone()
		again, err := New(compare(t, c.Export(), want), Options{})
		if err != nil {
			t.Fatal(err)
		}
		load(t, c, again)
		for _, s := range again.Steps {
			for _, command := range s.Commands {
				q.run(t, c, command)
			}
		}
		if outdated, err := c.Outdated(); err != nil || len(outdated) > 0 {
			t.Errorf("left after %d of %d commands, not restarted: %v %v", cut, len(all), outdated, err)
		}
		last, err := New(compare(t, c.Export(), want), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !last.Nothing() {
			t.Errorf("left after %d of %d commands, a third plan has steps: %v", cut, len(all), last.Steps)
		}
	}
	if len(all) < 2 {
		t.Errorf("the plan has %d commands", len(all))
	}
}

// The way back leads to what was from wherever the steps were left. A hook that was
// not patched refuses its patch, as PLAN.md says.
func TestPlan_backFromAnywhere(t *testing.T) {
	for exported, want := range map[string]*generator.Checked{
		"installed-2.5.0.GA.yaml": checked(t, "sentinel", "2.7"), "installed-2.6.0.GA.yaml": checked(t, "redis-enterprise", "2.12"),
	} {
		start := newCluster(t, read(t, exported, testinput.Export(t, exported)))
		plan, err := New(compare(t, start.Export(), want), Options{})
		if err != nil {
			t.Fatal(err)
		}
		every := 5
		if testinput.Full(t, "ways back after each command, not every fifth") {
			every = 1
		}
		all, back := strings.Split(commands(plan.Steps), "\n"), strings.Split(commands(plan.Rollback), "\n")
		for cut := 0; cut <= len(all); cut += every {
			c := start.Clone()
			load(t, c, plan)
			hooked := false
			for _, command := range all[:cut] {
				hooked = hooked || strings.Contains(command, ".hook.yaml")
				if err := c.Run(command); err != nil {
					t.Fatal(err)
				}
			}
			for _, command := range back {
				err := c.Run(command)
				if refused := strings.Contains(command, ".hook.yaml") && !hooked; (err != nil) != refused {
					t.Errorf("%s, left after %d of %d commands, %s: %v", exported, cut, len(all), command, err)
				}
				if err := c.CheckReferences(); err != nil {
					t.Fatalf("%s, left after %d of %d commands, after %s: %v", exported, cut, len(all), command, err)
				}
			}
			if diff := cmp.Diff(start.State(), c.State()); diff != "" {
				t.Errorf("%s, left after %d of %d commands, not as it was:\n%s", exported, cut, len(all), diff)
			}
		}
	}
}

// finish makes a plan and runs it to its end.
func finish(t *testing.T, c *cluster.Cluster, want *generator.Checked) {
	t.Helper()
	plan, err := New(compare(t, c.Export(), want), Options{})
	if err != nil {
		t.Fatal(err)
	}
	run(t, c, plan, plan.Steps)
	if outdated, err := c.Outdated(); err != nil || len(outdated) > 0 {
		t.Errorf("not restarted: %v %v", outdated, err)
	}
}

// queues watches that no consumer moves before what fills its queue.
type queues struct {
	release       releases.Release
	before, final *cluster.Cluster
}

func (q queues) run(t *testing.T, c *cluster.Cluster, command string) {
	t.Helper()
	if err := c.Run(command); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	if err := c.CheckReferences(); err != nil {
		t.Fatalf("after %s: %v", command, err)
	}
	for _, consumer := range q.release.Consumers {
		for _, v := range q.urls(consumer) {
			if !q.moved(c, consumer, v) {
				continue
			}
			for _, w := range q.release.Workloads {
				if !slices.Contains(q.release.Consumers, w.Name) && q.moves(w.Name, v) && !q.moved(c, w.Name, v) {
					t.Errorf("after %s: %s takes jobs from the new %s, and %s still fills the old one", command, consumer, v.Key, w.Name)
				}
			}
		}
	}
}

// urls are the env vars of a workload that say where a database is.
func (q queues) urls(workload string) releases.Env {
	var env releases.Env
	for _, w := range q.release.Workloads {
		for _, c := range w.Containers {
			for _, v := range c.Env {
				if w.Name == workload && strings.HasSuffix(v.Key, "URL") && !slices.Contains(env, v) {
					env = append(env, v)
				}
			}
		}
	}
	return env
}

// value is what a workload has read of the key of an env var.
func (q queues) value(c *cluster.Cluster, workload string, v releases.EnvVar) string {
	for _, w := range q.release.Workloads {
		for _, container := range w.Containers {
			for _, other := range container.Env {
				if w.Name == workload && other.String() == v.String() {
					return c.Read(workload)[string(wiring.Containers)+"/"+container.Name+"/"+other.Name]
				}
			}
		}
	}
	return ""
}

// moves reports whether a workload reads another value at the end.
func (q queues) moves(workload string, v releases.EnvVar) bool {
	return q.value(q.before, workload, v) != q.value(q.final, workload, v)
}

func (q queues) moved(c *cluster.Cluster, workload string, v releases.EnvVar) bool {
	return q.moves(workload, v) && q.value(c, workload, v) == q.value(q.final, workload, v)
}
