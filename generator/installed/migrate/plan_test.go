package migrate

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// canary stands in every password: it must appear in Secrets only.
const canary = "c4n4ry"

// lookup returns passwords that a Sentinel can take too.
func lookup(v secret.Value) (string, error) { return canary + v.Name(), nil }

// checked reads the spec that init prints for a profile.
func checked(t testing.TB, profile, release string) *generator.Checked {
	t.Helper()
	p, err := profiles.Find(profile)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := releases.Find(release)
	if err != nil {
		t.Fatal(err)
	}
	return checkedText(t, string(p.InitSpec(profiles.InitData{Release: release, MessageBus: rel.ReadsMessageBus()})))
}

func checkedText(t testing.TB, text string) *generator.Checked {
	t.Helper()
	r, err := generator.Check(spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: []byte(text)}}, nil), generator.Secrets{Lookup: lookup})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// installed returns the objects of every installation at hand: the exports, and
// the templates as a server would have them.
func installed(t testing.TB) map[string][]manifest.Object {
	t.Helper()
	all := map[string][]manifest.Object{}
	for _, name := range []string{"installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml"} {
		all[name] = read(t, name, testinput.Export(t, name))
	}
	for name, path := range testinput.SampleTemplates(t) {
		tag, file, _ := strings.Cut(name, "/")
		tmpl, err := template.Parse(path, testinput.Template(t, tag, file))
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]secret.Value{}
		for _, p := range tmpl.Parameters {
			if p.Value == "" {
				values[p.Name] = secret.FromText("redis://" + strings.ToLower(strings.ReplaceAll(p.Name, "_", "-")) + ":6379/1")
			}
		}
		objects, err := tmpl.Process(values)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			store(o)
		}
		all[name] = objects
	}
	return all
}

// store puts a Secret into the form that the server keeps.
func store(o manifest.Object) {
	values := manifest.Field(o.Node, "stringData")
	if o.Kind() != "Secret" || values == nil {
		return
	}
	data := manifest.Mapping()
	for key, n := range manifest.Fields(values) {
		manifest.Set(data, base64Node(n.Value), key.Value)
	}
	manifest.Remove(o.Node, "stringData")
	manifest.Set(o.Node, data, "data")
}

func read(t testing.TB, name string, data []byte) []manifest.Object {
	t.Helper()
	objects, err := manifest.Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// exports are those that were read already: many tests come to the same state of a
// cluster, and nothing changes an export.
var exports sync.Map

func compare(t testing.TB, data []byte, want *generator.Checked) *verify.Report {
	t.Helper()
	key := [2]string{string(data), want.Metadata.Namespace.Value}
	known, ok := exports.Load(key)
	if !ok {
		e, err := export.Read([]export.File{{Name: "export.json", Data: data}}, want.Metadata.Namespace.Value)
		if err != nil {
			t.Fatal(err)
		}
		known, _ = exports.LoadOrStore(key, e)
	}
	return verify.Compare(known.(*export.Export), want.Release, want)
}

func newCluster(t testing.TB, objects []manifest.Object) *cluster.Cluster {
	t.Helper()
	c, err := cluster.New(objects)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// load hands the commands of a plan its files.
func load(t testing.TB, c *cluster.Cluster, p *Plan) {
	t.Helper()
	c.Files = map[string][]byte{}
	for _, f := range p.Files {
		if _, twice := c.Files[f.Name]; twice {
			t.Fatalf("%s is there twice", f.Name)
		}
		c.Files[f.Name] = append([]byte(manifest.Marker+"\n"), f.Data...)
	}
}

// run runs the commands of steps; after each one every reference must lead to a
// key. A JSON patch that adds or removes an entry can be applied once.
func run(t testing.TB, c *cluster.Cluster, p *Plan, steps []Step) {
	t.Helper()
	load(t, c, p)
	for _, s := range steps {
		for _, command := range s.Commands {
			if err := c.Run(command); err != nil {
				t.Fatal(err)
			}
			recreated := strings.Contains(command, " delete secret ") // the next command creates it
			if err := c.CheckReferences(); err != nil && !recreated {
				t.Fatalf("after %s: %v", command, err)
			}
			_, file, _ := strings.Cut(command, "--patch-file ")
			if !strings.HasSuffix(file, ".hook.yaml") {
				continue
			}
			data := string(c.Files[file])
			before := c.State()
			if err := c.Run(command); err == nil && (strings.Contains(data, "op: add") || strings.Contains(data, "op: remove")) {
				t.Errorf("%s can be applied twice:\n%s", file, data)
			}
			if diff := cmp.Diff(before, c.State()); diff != "" {
				t.Errorf("%s, applied again, changes something:\n%s", file, diff)
			}
		}
	}
}

// thereAndBack migrates, verifies, and goes back. It returns the plan.
func thereAndBack(t *testing.T, c *cluster.Cluster, want *generator.Checked, left ...string) *Plan {
	t.Helper()
	before := c.State()
	plan, err := New(compare(t, c.Export(), want), Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkSilence(t, plan)
	run(t, c, plan, plan.Steps)
	after := compare(t, c.Export(), want)
	var found []string
	for _, i := range after.Issues() {
		upgrade := strings.Contains(i.Message, " is of 3scale ") // the templates name images of their release
		if i.Severity != diag.Note && !upgrade && i.Rule != "message-bus-collision" && i.Rule != "namespace-blocks-upgrade" {
			found = append(found, i.Message)
		}
	}
	for _, text := range left {
		i := slices.IndexFunc(found, func(f string) bool { return strings.Contains(f, text) })
		if i < 0 {
			t.Errorf("not named: %s", text)
			continue
		}
		found = slices.Delete(found, i, i+1)
	}
	if len(found) > 0 {
		t.Errorf("verify finds after the migration:\n%s", strings.Join(found, "\n"))
	}
	if len(left) == 0 {
		again, err := New(after, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !again.Nothing() || len(again.Files) > 0 || !bytes.Contains(runbookOf(t, again), []byte("nothing to do")) {
			t.Errorf("a second plan has something to do: %v", again.Steps)
		}
	}
	run(t, c, plan, plan.Rollback)
	if diff := cmp.Diff(before, c.State()); diff != "" {
		t.Errorf("not as it was (-before +after):\n%s", diff)
	}
	return plan
}

func runbookOf(t testing.TB, p *Plan) []byte {
	t.Helper()
	data, err := p.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// checkSilence fails where a password stands outside of Secrets and of what was
// there before.
func checkSilence(t *testing.T, p *Plan) {
	t.Helper()
	encoded := base64.StdEncoding.EncodeToString([]byte(canary))
	texts := map[string][]byte{"PLAN.md": runbookOf(t, p), "plan": fmt.Appendf(nil, "%+v", []any{p.Env, p.Keys, p.Databases, p.InTheWay, p.Remarks, p.Steps, p.Rollback, p.Wiring})}
	for _, f := range p.Files {
		if !f.Secret {
			texts[f.Name] = f.Data
		}
	}
	for name, data := range texts {
		if bytes.Contains(data, []byte(canary)) || bytes.Contains(data, []byte(encoded)) {
			t.Errorf("%s holds a password", name)
		}
	}
	for _, f := range p.Files {
		if strings.Contains(f.Name, "secrets/") && !strings.Contains(f.Name, "externalsecret") && !f.Secret {
			t.Errorf("%s is for everybody", f.Name)
		}
	}
}

func TestPlan_thereAndBack(t *testing.T) {
	targets := []struct{ profile, release string }{
		{"sentinel", "2.7"}, {"internal", "2.11"}, {"redis-enterprise", "2.12"},
	}
	for name, objects := range installed(t) {
		for _, target := range targets {
			if target.profile == "internal" && strings.Contains(name, "-ha-") {
				continue // has no Redis of its own
			}
			t.Run(name+" to "+target.profile+" "+target.release, func(t *testing.T) {
				t.Parallel()
				thereAndBack(t, newCluster(t, objects), checked(t, target.profile, target.release))
			})
		}
	}
}

// One profile to another, each way.
func TestPlan_profiles(t *testing.T) {
	objects := read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
	sources := []string{"sentinel", "self-managed", "redis-enterprise"}
	if !testinput.Full(t, "from the other profiles to each") {
		sources = sources[:1]
	}
	for _, from := range sources {
		for _, to := range []string{"sentinel", "self-managed", "redis-enterprise", "elasticache", "internal"} {
			t.Run(from+" to "+to, func(t *testing.T) {
				c := newCluster(t, objects)
				first, err := New(compare(t, c.Export(), checked(t, from, "2.7")), Options{})
				if err != nil {
					t.Fatal(err)
				}
				run(t, c, first, first.Steps)
				plan := thereAndBack(t, c, checked(t, to, "2.7"))
				if (from == to) != plan.Nothing() {
					t.Errorf("from %s to %s: steps %v", from, to, plan.Steps)
				}
				if len(plan.Env) > 0 {
					t.Errorf("patches env: %v", plan.Env)
				}
			})
		}
	}
}

// each is an addition of a user to an installation, and what verify names after
// the migration.
func TestPlan_additions(t *testing.T) {
	cases := map[string]struct {
		change func(*testing.T, []manifest.Object)
		left   []string
		// left212 is what is left beside for a release without a message bus.
		left212 []string
		// inTheWay is what the plan itself names.
		inTheWay string
	}{
		"own env var": {change: func(t *testing.T, o []manifest.Object) {
			appendEnv(container(t, o, "system-app", "containers", "system-master"), `{name: OWN, value: "yes"}`)
		}},
		"literal value": {change: func(t *testing.T, o []manifest.Object) {
			setEnv(t, container(t, o, "backend-worker", "containers", "backend-worker"), "CONFIG_REDIS_PROXY", `{name: CONFIG_REDIS_PROXY, value: "redis://:`+canary+`@h/0"}`)
		}},
		"literal value in the hook": {change: func(t *testing.T, o []manifest.Object) {
			setEnv(t, hookOf(t, o), "REDIS_URL", `{name: REDIS_URL, value: "redis://:`+canary+`@h/0"}`)
		}},
		"another source": {change: func(t *testing.T, o []manifest.Object) {
			setEnv(t, container(t, o, "system-sidekiq", "initContainers", "check-svc"), "REDIS_URL", `{name: REDIS_URL, valueFrom: {configMapKeyRef: {name: own, key: URL}}}`)
		}},
		"optional reference": {change: func(t *testing.T, o []manifest.Object) {
			setEnv(t, container(t, o, "system-sidekiq", "containers", "system-sidekiq"), "REDIS_URL", `{name: REDIS_URL, valueFrom: {secretKeyRef: {name: system-redis, key: URL, optional: true}}}`)
		}},
		"another secret": {change: func(t *testing.T, o []manifest.Object) {
			setEnv(t, container(t, o, "system-sidekiq", "containers", "system-sidekiq"), "REDIS_URL", `{name: REDIS_URL, valueFrom: {secretKeyRef: {name: own, key: URL}}}`)
		}},
		"sidecar": {change: func(t *testing.T, o []manifest.Object) {
			list := manifest.Field(workload(t, o, "system-app").Node, "spec", "template", "spec", "containers")
			list.Content = append([]*yaml.Node{node(`{name: stunnel, image: own, env: [{name: REDIS_URL, value: "redis://localhost"}]}`)}, list.Content...)
		}},
		"reordered containers": {change: func(t *testing.T, o []manifest.Object) {
			slices.Reverse(manifest.Field(workload(t, o, "system-app").Node, "spec", "template", "spec", "containers").Content)
		}},
		"renamed container": {left: []string{"is not there", "(env var REDIS_URL) and 10 more, which 3scale"}, change: func(t *testing.T, o []manifest.Object) {
			manifest.Set(container(t, o, "system-app", "containers", "system-provider"), manifest.Scalar("provider"), "name")
		}},
		"renamed init container": {left: []string{"is not there", "(env var CONFIG_REDIS_PROXY) and 5 more, which 3scale"}, change: func(t *testing.T, o []manifest.Object) {
			manifest.Set(container(t, o, "backend-cron", "initContainers", "backend-redis-svc"), manifest.Scalar("wait"), "name")
		}},
		"removed workload": {left: []string{"is not there", "is no workload of 3scale"}, change: func(t *testing.T, o []manifest.Object) {
			manifest.Set(workload(t, o, "system-sphinx").Node, manifest.Scalar("own-sphinx"), "metadata", "name")
		}},
		"removed hook": {left: []string{"has no pre hook"}, change: func(t *testing.T, o []manifest.Object) {
			manifest.Remove(manifest.Field(workload(t, o, "system-app").Node, "spec", "strategy", "rollingParams"), "pre")
		}},
		"hook of another container": {left: []string{"must copy the container"}, change: func(t *testing.T, o []manifest.Object) {
			manifest.Set(hookOf(t, o), manifest.Scalar("system-provider"), "containerName")
		}},
		"hook without env": {change: func(t *testing.T, o []manifest.Object) {
			manifest.Remove(hookOf(t, o), "env")
		}},
		"hook lacks one in the middle": {change: func(t *testing.T, o []manifest.Object) {
			env := manifest.Field(hookOf(t, o), "env")
			env.Content = slices.DeleteFunc(env.Content, func(n *yaml.Node) bool { return manifest.Text(n, "name") == "REDIS_URL" })
		}},
		"env var twice": {left: []string{"is a literal value (***)", "REDIS_URL is there more than once"}, left212: []string{"no reader in this release"}, change: func(t *testing.T, o []manifest.Object) {
			appendEnv(container(t, o, "system-app", "containers", "system-master"), `{name: REDIS_URL, value: "redis://:`+canary+`@h"}`)
		}},
		"env var twice in the hook": {left: []string{"REDIS_URL is there more than once"}, left212: []string{"no reader in this release"}, change: func(t *testing.T, o []manifest.Object) {
			appendEnv(hookOf(t, o), `{name: REDIS_URL, valueFrom: {secretKeyRef: {key: URL, name: system-redis}}}`)
		}},
		"recreating": {change: func(t *testing.T, o []manifest.Object) {
			recreate(t, o)
		}},
		"recreating, hook without env": {change: func(t *testing.T, o []manifest.Object) {
			manifest.Remove(manifest.Field(recreate(t, o), "recreateParams", "pre", "execNewPod"), "env")
		}},
		"hook that ends with what goes": {change: func(t *testing.T, o []manifest.Object) {
			env := manifest.Field(hookOf(t, o), "env")
			slices.SortStableFunc(env.Content, func(a, b *yaml.Node) int {
				return strings.Count(manifest.Text(a, "name"), "MESSAGE_BUS") - strings.Count(manifest.Text(b, "name"), "MESSAGE_BUS")
			})
		}},
		"hook with nothing but what goes": {change: func(t *testing.T, o []manifest.Object) {
			env := manifest.Field(hookOf(t, o), "env")
			env.Content = slices.DeleteFunc(env.Content, func(n *yaml.Node) bool { return !strings.Contains(manifest.Text(n, "name"), "MESSAGE_BUS") })
		}},
		"what oc patch --local leaves": {change: func(t *testing.T, o []manifest.Object) {
			for _, n := range manifest.Items(manifest.Field(container(t, o, "system-app", "containers", "system-master"), "env")) {
				if from := manifest.Field(n, "valueFrom"); from != nil {
					manifest.Set(n, manifest.Null(), "value")
					manifest.Set(from, manifest.Null(), "resourceFieldRef")
				}
			}
		}},
		"async": {left: []string{"CONFIG_REDIS_ASYNC is set"}, change: func(t *testing.T, o []manifest.Object) {
			appendEnv(container(t, o, "backend-listener", "containers", "backend-listener"), `{name: CONFIG_REDIS_ASYNC, value: "true"}`)
		}},
		"own key and labels": {change: func(t *testing.T, o []manifest.Object) {
			s := find(t, o, "Secret", "system-redis")
			manifest.Set(s.Node, base64Node(canary), "data", "OWN")
			manifest.Set(s.Node, manifest.Scalar("x"), "metadata", "labels", "argocd.argoproj.io/instance")
		}},
		"per-sentinel passwords": {inTheWay: "each Sentinel has a password of its own", change: func(t *testing.T, o []manifest.Object) {
			s := find(t, o, "Secret", "backend-redis")
			manifest.Set(s.Node, base64Node("redis://:"+canary+"@mymaster/0"), "data", "REDIS_STORAGE_URL")
			manifest.Set(s.Node, base64Node("redis://:"+canary+"1@s1:26379,redis://:"+canary+"2@s2:26379"), "data", "REDIS_STORAGE_SENTINEL_HOSTS")
		}},
		"missing keys": {change: func(t *testing.T, o []manifest.Object) {
			s := find(t, o, "Secret", "backend-redis")
			manifest.Remove(manifest.Field(s.Node, "data"), "REDIS_QUEUES_SENTINEL_ROLE")
			for _, w := range []string{"backend-cron", "backend-listener", "backend-worker"} {
				removeEnv(workload(t, o, w).Node, "CONFIG_QUEUES_SENTINEL_ROLE")
			}
		}},
		"no ConfigChange trigger": {change: func(t *testing.T, o []manifest.Object) {
			manifest.Set(workload(t, o, "backend-cron").Node, node(`[]`), "spec", "triggers")
		}},
		"paused": {left: []string{"is paused: a change"}, inTheWay: "DeploymentConfig/system-app: is paused", change: func(t *testing.T, o []manifest.Object) {
			manifest.Set(workload(t, o, "system-app").Node, node(`true`), "spec", "paused")
		}},
		"a workload of somebody": {left: []string{"look after it yourself"}, change: func(t *testing.T, o []manifest.Object) {
			appendEnv(container(t, o, "zync", "containers", "zync"), `{name: X, valueFrom: {secretKeyRef: {key: MESSAGE_BUS_URL, name: system-redis}}}`)
		}},
	}
	full := testinput.Full(t, "each addition with both of two targets")
	targets := []struct{ profile, release string }{{"sentinel", "2.7"}, {"self-managed", "2.12"}}
	for i, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		for j, target := range targets {
			if !full && i%len(targets) != j {
				continue
			}
			t.Run(name+" "+target.release, func(t *testing.T) {
				objects := read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
				c.change(t, objects)
				left := c.left
				if target.release == "2.12" {
					left = slices.Concat(c.left, c.left212)
				}
				plan := thereAndBack(t, newCluster(t, objects), checked(t, target.profile, target.release), left...)
				if !strings.Contains(strings.Join(plan.InTheWay, " "), c.inTheWay) {
					t.Errorf("the plan does not name %q: %q", c.inTheWay, plan.InTheWay)
				}
				if len(left) > 0 && len(plan.InTheWay)+len(plan.Remarks) == 0 {
					t.Error("the plan does not name it")
				}
			})
		}
	}
}

func find(t testing.TB, objects []manifest.Object, kind, name string) manifest.Object {
	t.Helper()
	for _, o := range objects {
		if o.Kind() == kind && o.Name() == name {
			return o
		}
	}
	t.Fatalf("no %s/%s", kind, name)
	return manifest.Object{}
}

func workload(t testing.TB, objects []manifest.Object, name string) manifest.Object {
	t.Helper()
	return find(t, objects, "DeploymentConfig", name)
}

func container(t testing.TB, objects []manifest.Object, workloadName, field, name string) *yaml.Node {
	t.Helper()
	n := manifest.Named(manifest.Field(workload(t, objects, workloadName).Node, "spec", "template", "spec", field), name)
	if n == nil {
		t.Fatalf("no %s %s in %s", field, name, workloadName)
	}
	return n
}

func hookOf(t testing.TB, objects []manifest.Object) *yaml.Node {
	t.Helper()
	return manifest.Field(workload(t, objects, "system-app").Node, "spec", "strategy", "rollingParams", "pre", "execNewPod")
}

// recreate gives system-app the strategy Recreate, and leaves a hook that never
// runs. It returns the strategy.
func recreate(t testing.TB, objects []manifest.Object) *yaml.Node {
	t.Helper()
	strategy := manifest.Field(workload(t, objects, "system-app").Node, "spec", "strategy")
	manifest.Set(strategy, manifest.Clone(manifest.Field(strategy, "rollingParams")), "recreateParams")
	manifest.Set(strategy, node(`{pre: {execNewPod: {containerName: other, env: [{name: REDIS_URL, value: never}]}}}`), "rollingParams")
	manifest.Set(strategy, manifest.Scalar("Recreate"), "type")
	return strategy
}

func node(text string) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		panic(err)
	}
	return doc.Content[0]
}

func appendEnv(c *yaml.Node, entry string) {
	env := manifest.Field(c, "env")
	if env == nil {
		env = manifest.Sequence()
		manifest.Set(c, env, "env")
	}
	env.Content = append(env.Content, node(entry))
}

func setEnv(t testing.TB, c *yaml.Node, name, entry string) {
	t.Helper()
	for i, n := range manifest.Items(manifest.Field(c, "env")) {
		if manifest.Text(n, "name") == name {
			manifest.Field(c, "env").Content[i] = node(entry)
			return
		}
	}
	t.Fatalf("no env var %s", name)
}

// removeEnv takes an env var out of every list below a node.
func removeEnv(n *yaml.Node, name string) {
	if n.Kind == yaml.SequenceNode {
		n.Content = slices.DeleteFunc(n.Content, func(c *yaml.Node) bool { return manifest.Text(c, "name") == name })
	}
	for _, c := range n.Content {
		removeEnv(c, name)
	}
}
