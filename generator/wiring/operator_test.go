package wiring_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The operator's Deployments and Jobs are read as DeploymentConfigs are; with user
// names some env vars are optional.
func TestExtractObjects_operator(t *testing.T) {
	type count struct{ All, Optional int }
	// check-svc reads the system database alone, all others that of the backend too.
	places := []string{
		"Deployment/backend-cron containers backend-cron", "Deployment/backend-cron initContainers backend-redis-svc",
		"Deployment/backend-listener containers backend-listener",
		"Deployment/backend-worker containers backend-worker", "Deployment/backend-worker initContainers backend-redis-svc",
		"Deployment/system-app containers system-developer", "Deployment/system-app containers system-master", "Deployment/system-app containers system-provider",
		"Deployment/system-sidekiq containers system-sidekiq",
		"Job/system-app-post containers system-app-post", "Job/system-app-pre containers system-app-pre",
		"Job/system-searchd-manticore-reindex containers system-searchd-manticore-reindex",
	}
	for name, c := range map[string]struct{ each, checkSvc count }{
		"operator/2.15.1-sentinel.yaml": {count{6, 0}, count{3, 0}},
		"operator/2.16.3-acl.yaml":      {count{14, 8}, count{7, 4}},
	} {
		want := map[string]count{"Deployment/system-sidekiq initContainers check-svc": c.checkSvc}
		for _, place := range places {
			want[place] = c.each
		}
		objects, err := manifest.Read(name, testinput.Export(t, name))
		if err != nil {
			t.Fatal(err)
		}
		found, err := wiring.ExtractObjects(objects)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]count{}
		for _, w := range found.Workloads {
			for _, p := range wiring.PinnedPlaces(w) {
				c := count{All: len(p.Env)}
				for _, v := range p.Env {
					if v.Optional {
						c.Optional++
					}
				}
				got[w.Kind+"/"+w.Name+" "+string(p.Field)+" "+p.Container] = c
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// exports are the objects of each export of an operator's installation, by its name,
// which begins with the patch release.
func exports(t *testing.T) map[string][]manifest.Object {
	t.Helper()
	found := map[string][]manifest.Object{}
	for name, path := range testinput.OperatorExports(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found[name], err = manifest.Read(path, data); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// patchRelease is the release of an export: 2.16.3-tls.yaml.
func patchRelease(t *testing.T, export string) releases.Release {
	t.Helper()
	name, _, _ := strings.Cut(export, "-")
	rel, err := releases.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

// upgraded is an export whose Deployments were made by an earlier release.
const upgraded = "2.16.3-upgraded-from-2.15.1.yaml"

// The wiring of each export is that of the pin of its release. Deployments that were
// upgraded in place lack the env of user names and passwords, all but check-svc and
// the new Jobs, and the Secrets keep the labels of the earlier release.
func TestExtractObjects_exports(t *testing.T) {
	for name, objects := range exports(t) {
		rel := patchRelease(t, name)
		found, err := wiring.ExtractObjects(objects)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, d := range wiring.Diff(found, rel.Wiring) {
			if d.Subject == wiring.OfEnvVar && !regexp.MustCompile(`USERNAME$|PASSWORD$`).MatchString(d.Name) {
				t.Errorf("%s: %s", name, d)
			}
			got[string(d.Kind)+" "+string(d.Subject)+" "+d.In]++
		}
		want := map[string]int{}
		if name == upgraded {
			want = map[string]int{
				"extra label backend-redis": 2, "extra label system-redis": 2,
				"missing env var backend-cron/backend-cron": 8, "missing env var backend-cron/init container backend-redis-svc": 8,
				"missing env var backend-listener/backend-listener": 8,
				"missing env var backend-worker/backend-worker":     8, "missing env var backend-worker/init container backend-redis-svc": 8,
				"missing env var system-app/system-developer": 8, "missing env var system-app/system-master": 8, "missing env var system-app/system-provider": 8,
				"missing env var system-sidekiq/system-sidekiq": 8,
				// The Job is left from the earlier release.
				"missing env var system-searchd-manticore-reindex/system-searchd-manticore-reindex": 8,
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		wantMatch := wiring.Match{Fits: []string{rel.Line}}
		if match := wiring.Detect(objects); name != upgraded && !cmp.Equal(wantMatch, match) {
			t.Errorf("%s: detected as %+v", name, match)
		} else if name == upgraded && match.Nearest != rel.Line {
			t.Errorf("%s: the nearest is %s", name, match.Nearest)
		}
	}
}

// A Job that is left from an earlier release tells nothing of this one.
func TestDetect_oldJob(t *testing.T) {
	objects, err := manifest.Read("export", testinput.Export(t, "operator/2.16.3-acl.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	objects = slices.DeleteFunc(objects, wiring.IsAPIManager)
	removed := 0
	for _, o := range objects {
		if o.Kind() == "Job" {
			env := manifest.Field(wiring.Places(o)[0].Node, "env")
			n := len(env.Content)
			env.Content = slices.DeleteFunc(env.Content, func(n *yaml.Node) bool { return strings.HasSuffix(manifest.Text(n, "name"), "USERNAME") })
			removed += n - len(env.Content)
		}
	}
	if got := wiring.Detect(objects).Fits; removed == 0 || !slices.Equal(got, []string{"2.16"}) {
		t.Errorf("without %d env vars of Jobs: %v", removed, got)
	}
}

// An installation from before the first line is older also beside the lines of the
// operator.
func TestDetect_older(t *testing.T) {
	objects, err := manifest.Read("export", testinput.Export(t, "installed-2.5.0.GA.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := wiring.Detect(objects); got.OlderThan != "2.6" {
		t.Errorf("it is %s", got)
	}
}

// Without what says that an operator made it, an installation of 2.12 and one of 2.13
// look the same.
func TestDetect_owner(t *testing.T) {
	objects, err := manifest.Read("export", testinput.Export(t, "operator/2.13.2-sentinel.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	objects = slices.DeleteFunc(objects, wiring.IsAPIManager)
	if got := wiring.Detect(objects).Fits; !slices.Equal(got, []string{"2.13"}) {
		t.Errorf("with owners: %v", got)
	}
	for _, o := range objects {
		manifest.Remove(manifest.Field(o.Node, "metadata"), "ownerReferences")
	}
	if got := wiring.Detect(objects).Fits; !slices.Equal(got, []string{"2.12"}) {
		t.Errorf("without owners: %v", got)
	}
	// What no template has is the operator's also without owners.
	if objects, err = manifest.Read("export", testinput.Export(t, "operator/2.15.1-sentinel.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		manifest.Remove(manifest.Field(o.Node, "metadata"), "ownerReferences")
	}
	if got := wiring.Detect(slices.DeleteFunc(objects, wiring.IsAPIManager)).Fits; !slices.Equal(got, []string{"2.15"}) {
		t.Errorf("Deployments without owners: %v", got)
	}
}

// literals are the env vars about Redis with a plain value, by workload/container.
func literals(objects []manifest.Object, rel releases.Release) map[string]map[string]string {
	aboutRedis := regexp.MustCompile("REDIS|QUEUES")
	found := map[string]map[string]string{}
	for _, o := range objects {
		if !slices.ContainsFunc(rel.Workloads, func(w releases.Workload) bool { return w.Kind == o.Kind() && w.Name == o.Name() }) {
			continue
		}
		for _, p := range wiring.Places(o) {
			env := map[string]string{}
			for _, n := range p.Env() {
				if name := manifest.Text(n, "name"); aboutRedis.MatchString(name) && wiring.SourceOf(n).From == wiring.Literal {
					env[name] = manifest.Text(n, "value")
				}
			}
			if len(env) > 0 {
				found[o.Name()+"/"+p.Container] = env
			}
		}
	}
	return found
}

// The plain values in each export are those that the pin says for its APIManager, no
// more and no fewer.
func TestSwitches_Settings(t *testing.T) {
	total := 0
	for name, objects := range exports(t) {
		rel := patchRelease(t, name)
		i := slices.IndexFunc(objects, wiring.IsAPIManager)
		want := wiring.ReadSwitches(objects[i], rel).Settings(rel)
		if name == upgraded {
			delete(want, "system-searchd-manticore-reindex/system-searchd-manticore-reindex") // left from 2.15
		}
		maps.DeleteFunc(want, func(_ string, env map[string]string) bool { return len(env) == 0 })
		got := literals(objects, rel)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the pin (-), the export (+): %s", name, diff)
		}
		total += len(got)
	}
	if total < 50 {
		t.Errorf("only %d places have plain values", total)
	}
}

// A line has only what all its patch releases have.
func TestSwitches_Settings_line(t *testing.T) {
	on := wiring.Switches{DisableAsync: "true", TLS: map[string]bool{"backendStorage": true, "backendQueues": true}}
	for name, want := range map[string]map[string]string{
		"2.16.3": {"CONFIG_QUEUES_CERT": "/tls/queues/config-queues-client.crt", "CONFIG_QUEUES_SSL": "1", "CONFIG_REDIS_ASYNC": "0", "BACKEND_REDIS_SSL": "0"},
		"2.16.4": {"CONFIG_QUEUES_CERT": "/tls/backend-queues/backend-redis-queues-client.crt", "CONFIG_QUEUES_SSL": "1", "CONFIG_REDIS_ASYNC": "0", "BACKEND_REDIS_SSL": "1"},
		"2.16":   {"CONFIG_QUEUES_SSL": "1", "CONFIG_REDIS_ASYNC": "0"},
	} {
		rel, err := releases.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		settings, got := on.Settings(rel), map[string]string{}
		for _, env := range []map[string]string{settings["backend-listener/backend-listener"], settings["system-app/system-master"]} {
			for _, name := range []string{"CONFIG_QUEUES_CERT", "CONFIG_QUEUES_SSL", "CONFIG_REDIS_ASYNC", "BACKEND_REDIS_SSL"} {
				if value, ok := env[name]; ok {
					got[name] = value
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
