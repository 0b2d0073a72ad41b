package wiring_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
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
		// The Secrets have keys that no pin has yet.
		found, _ := wiring.ExtractObjects(objects)
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
