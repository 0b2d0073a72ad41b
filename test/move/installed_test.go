package move_test

import (
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// installations are those that plans start from, by the release that they look like.
var installations = map[string]setup{
	"2.5":  {"2.6", "installed-2.5.0.GA.yaml", realredis.Redis3},
	"2.6":  template(realredis.Redis3),
	"2.13": {"2.13", "operator/2.13.2-internal.yaml", realredis.Redis5},
	"2.15": {"2.15", "operator/2.15.1-internal.yaml", realredis.Redis5},
}

// Without any plan nothing is lost: what the oracle reports is no fault of its own.
func TestInstallation(t *testing.T) {
	for name, what := range installations {
		t.Run(name, func(t *testing.T) {
			need(t, what.old)
			install(t, what).judged().expectNothingWrong(t)
		})
	}
}

// The operator puts back how many pods a workload has where the APIManager says it.
func TestInstallation_operator(t *testing.T) {
	need(t, realredis.Redis5)
	in := install(t, setup{"2.15", "operator/2.15.1-internal.yaml", realredis.Redis5})
	s := in.shell(t.TempDir())
	pods := func(want int) {
		t.Helper()
		in.settled(t.Context(), "backend-worker")
		names, err := in.running("deployment=backend-worker")
		if err != nil || len(names) != want {
			t.Errorf("want %d pods: %v %v", want, names, err)
		}
	}
	pods(2)
	s.must("oc -n threescale scale deployment/backend-worker --replicas=1")
	pods(1)
	s.must(`oc -n threescale patch apimanager apimanager --type merge -p '{"spec":{"backend":{"workerSpec":{"replicas":0}}}}'`)
	s.must("oc -n threescale wait --for=delete pod -l deployment=backend-worker --timeout=60s")
	s.must("oc -n threescale scale deployment/backend-worker --replicas=1")
	pods(0)
	s.must(`oc -n threescale patch apimanager apimanager --type merge -p '{"spec":{"backend":{"workerSpec":{"replicas":null}}}}'`)
	pods(0)
	s.must("oc -n threescale scale deployment/backend-worker --replicas=2")
	pods(2)
	in.judged().expectNothingWrong(t)
}
