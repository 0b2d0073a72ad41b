package migrate

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// What else writes a Secret or a workload takes the changes of a plan back.
func TestNew_owned(t *testing.T) {
	marks := map[string]struct {
		path  []string
		value string
		owner string
	}{
		"ExternalSecret": {[]string{"metadata", "ownerReferences"}, "[{kind: ExternalSecret, name: own}]", "ExternalSecret/own"},
		"SealedSecret":   {[]string{"metadata", "ownerReferences"}, "[{kind: SealedSecret, name: own}]", "SealedSecret/own"},
		"Helm":           {[]string{"metadata", "annotations", "meta.helm.sh/release-name"}, "own", "Helm"},
		"Helm's label":   {[]string{"metadata", "labels", "app.kubernetes.io/managed-by"}, "Helm", "Helm"},
		"Argo CD":        {[]string{"metadata", "annotations", "argocd.argoproj.io/tracking-id"}, "a", "Argo CD"},
		"Argo CD, label": {[]string{"metadata", "labels", "argocd.argoproj.io/instance"}, "a", "Argo CD"},
		"nobody":         {[]string{"metadata", "labels", "app.kubernetes.io/managed-by"}, "me", ""},
	}
	for name, m := range marks {
		t.Run(name, func(t *testing.T) {
			objects := read(t, "export.yaml", testinput.Export(t, "installed-2.5.0.GA.yaml"))
			for _, id := range [][2]string{{"Secret", "backend-redis"}, {"Secret", "system-redis"}, {"DeploymentConfig", "system-app"}, {"DeploymentConfig", "backend-listener"}} {
				manifest.Set(find(t, objects, id[0], id[1]).Node, node(m.value), m.path...)
			}
			data := newCluster(t, objects).Export()
			const takesBack = ", which takes back what the plan changes: "
			secret := func(name string) string {
				return "Secret/" + name + ": is written by " + m.owner + takesBack + "change it there, and say `delivery: None` in the spec, or take it away there first"
			}
			workload := "DeploymentConfig/system-app: is applied by " + m.owner + takesBack + "change its env there as well, or stop it from doing so while the steps run"
			for spec, c := range map[string]struct{ inTheWay, remarks []string }{
				spec27("h", "h", "h", "h"): {inTheWay: []string{secret("backend-redis"), secret("system-redis"), workload}},
				// backend-redis stays as it is.
				head + "  release: \"2.7\"\n  profile: internal\n": {inTheWay: []string{secret("system-redis"), workload}},
				spec27("h", "h", "h", "h") + "  secrets: {delivery: None}\n": {
					inTheWay: []string{workload}, remarks: []string{"Secret/backend-redis: is written by " + m.owner + ": change it there", "Secret/system-redis: is written by " + m.owner + ": change it there"},
				},
				spec27("h", "h", "h", "h") + external: {inTheWay: []string{
					"Secret/backend-redis: is written by " + m.owner + ", and would be by the ExternalSecret of the plan as well: take it away there first",
					"Secret/system-redis: is written by " + m.owner + ", and would be by the ExternalSecret of the plan as well: take it away there first",
					workload,
				}},
			} {
				p, err := New(compare(t, data, checkedText(t, spec)), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if m.owner == "" {
					c.inTheWay, c.remarks = nil, nil
				}
				got := slices.DeleteFunc(p.Remarks, func(r string) bool { return !strings.Contains(r, "is written by") })
				inTheWay := slices.DeleteFunc(p.InTheWay, func(r string) bool { return !strings.Contains(r, " by ") })
				if diff := cmp.Diff(append(c.inTheWay, c.remarks...), append(inTheWay, got...)); diff != "" && len(c.inTheWay)+len(inTheWay)+len(got) > 0 {
					t.Errorf("%s\n%s", spec, diff)
				}
			}
		})
	}
}

// A Secret that the server refuses to change is deleted and created again, and so
// on the way back.
func TestPlan_immutable(t *testing.T) {
	for _, release := range []string{"2.7", "2.12"} {
		objects := read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
		for _, name := range []string{"backend-redis", "system-redis"} {
			manifest.Set(find(t, objects, "Secret", name).Node, node("true"), "immutable")
		}
		c := newCluster(t, objects)
		before := c.State()
		want := checked(t, "sentinel", release)
		p, err := New(compare(t, c.Export(), want), Options{})
		if err != nil {
			t.Fatal(err)
		}
		run(t, c, p, p.Steps)
		if last, err := New(compare(t, c.Export(), want), Options{}); err != nil || !last.Nothing() {
			t.Errorf("%s: %v, a second plan has %v", release, err, last.Steps)
		}
		if text := string(runbookOf(t, p)); !strings.Contains(text, "system-redis is immutable, so it is deleted and created again") {
			t.Errorf("%s: does not say why", release)
		}
		run(t, c, p, p.Rollback)
		if diff := cmp.Diff(withoutServerFields(t, before), withoutServerFields(t, c.State())); diff != "" {
			t.Errorf("%s: not as it was:\n%s", release, diff)
		}
	}
}

// withoutServerFields is a state without what a new object gets anew.
func withoutServerFields(t *testing.T, state map[string]string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for id, data := range state {
		var o map[string]any
		if err := json.Unmarshal([]byte(data), &o); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(o["metadata"].(map[string]any), func(key string, _ any) bool { return slices.Contains(serverFields, key) })
		all[id] = o
	}
	return all
}

// What a move costs is said before the first command, and nothing where it costs
// nothing.
func TestPlan_costsFirst(t *testing.T) {
	const costs = "**Calls are refused"
	for spec, want := range map[string]bool{
		spec27("h", "h", "h", "h"):                         true,
		spec27("backend-redis", "h", "h", "h"):             false,
		head + "  release: \"2.7\"\n  profile: internal\n": false,
		head + "  release: \"2.12\"\n" + servers[:strings.Index(servers, "  databases")] + "  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}\n": true,
	} {
		text := runbookOf(t, planOf(t, "installed-2.6.0.GA.yaml", spec))
		at, first := bytes.Index(text, []byte(costs)), bytes.Index(text, []byte("```sh"))
		if first < 0 || (at >= 0) != want || at > first {
			t.Errorf("costs at %d, the first command at %d:\n%s", at, first, spec)
		}
	}
}

// Each step says how to see that it was done.
func TestPlan_done(t *testing.T) {
	for _, exported := range []string{"installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml"} {
		p := planOf(t, exported, head+"  release: \"2.12\"\n  profile: internal\n")
		if len(p.Steps) < 5 {
			t.Fatalf("%d steps", len(p.Steps))
		}
		for _, s := range p.Steps {
			if s.Done == "" || !bytes.Contains(runbookOf(t, p), []byte("Done if "+s.Done)) {
				t.Errorf("%s, step %s: does not say when it is done", exported, s.Title)
			}
		}
	}
}
