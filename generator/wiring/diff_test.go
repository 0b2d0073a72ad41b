package wiring_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func texts(differences []wiring.Difference) []string {
	var lines []string
	for _, d := range differences {
		lines = append(lines, d.String())
	}
	return lines
}

func TestDiff(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*releases.Pin)
		want   []string
	}{
		"nothing": {func(*releases.Pin) {}, nil},
		"another order": {func(w *releases.Pin) {
			slices.Reverse(w.Secrets)
			slices.Reverse(w.Secrets[0].Keys)
			slices.Reverse(w.Workloads)
			slices.Reverse(w.Workloads[2].Containers)
			slices.Reverse(w.Workloads[2].PreHook.Env)
		}, nil},
		"an env var is gone": {func(w *releases.Pin) {
			env := &w.Workloads[3].Containers[0].Env
			*env = slices.Delete(*env, 2, 3)
		}, []string{"system-app/system-master: env var REDIS_NAMESPACE, from system-redis/NAMESPACE, is missing"}},
		"an env var of the hook reads another key": {func(w *releases.Pin) {
			w.Workloads[3].PreHook.Env[0].Key = "MESSAGE_BUS_URL"
		}, []string{"system-app/pre hook in system-master: env var REDIS_URL must come from system-redis/URL, not from system-redis/MESSAGE_BUS_URL"}},
		"an env var more": {func(w *releases.Pin) {
			env := &w.Workloads[0].InitContainers[0].Env
			*env = append(*env, releases.EnvVar{Name: "SENTINEL_HOSTS", Secret: "system-redis", Key: "SENTINEL_HOSTS"})
		}, []string{"backend-cron/init container backend-redis-svc: env var SENTINEL_HOSTS, from system-redis/SENTINEL_HOSTS, is not in the pin"}},
		"a renamed container": {func(w *releases.Pin) {
			w.Workloads[5].Containers[0].Name = "sphinx"
		}, []string{
			"system-sphinx/system-sphinx: all 8 env vars are missing",
			"system-sphinx/sphinx: reads 8 env vars from the Secrets, but is not in the pin",
		}},
		"an init container became a container": {func(w *releases.Pin) {
			w.Workloads[4].Containers = append(w.Workloads[4].Containers, w.Workloads[4].InitContainers...)
			w.Workloads[4].InitContainers = nil
		}, []string{
			"system-sidekiq/init container check-svc: all 8 env vars are missing",
			"system-sidekiq/check-svc: reads 8 env vars from the Secrets, but is not in the pin",
		}},
		"another kind": {func(w *releases.Pin) { w.Workloads[1].Kind = "Deployment" }, []string{
			"backend-listener/backend-listener: all 6 env vars are missing",
			"backend-listener/backend-listener: reads 6 env vars from the Secrets, but is not in the pin",
		}},
		"a post hook": {func(w *releases.Pin) { w.Workloads[3].PostHook = w.Workloads[3].PreHook }, []string{
			"system-app/post hook in system-master: reads 11 env vars from the Secrets, but is not in the pin",
		}},
		"no pre hook": {func(w *releases.Pin) { w.Workloads[3].PreHook = nil }, []string{
			"system-app/pre hook in system-master: all 11 env vars are missing",
		}},
		"a renamed key": {func(w *releases.Pin) { w.Secrets[1].Keys[7].Name = "REDIS_URL" }, []string{
			"secret system-redis: key URL is missing",
			"secret system-redis: key REDIS_URL is not in the pin",
		}},
		"another meaning": {func(w *releases.Pin) { w.Secrets[0].Keys[2].Field = "namespace" }, []string{
			"secret backend-redis: key REDIS_QUEUES_URL must be url of backendQueues",
		}},
		"another in-template value": {func(w *releases.Pin) { w.Secrets[0].Keys[2].Internal = "redis://:canary@backend-redis" }, []string{
			`secret backend-redis: key REDIS_QUEUES_URL must have the in-template value "redis://backend-redis:6379/1"`,
		}},
		"no in-template values": {func(w *releases.Pin) {
			for i := range w.Secrets[0].Keys {
				w.Secrets[0].Keys[i].Internal = ""
			}
		}, nil},
		"other labels": {func(w *releases.Pin) {
			w.Secrets[0].Labels = map[string]string{"app": "canary", "team": "canary"}
		}, []string{
			`secret backend-redis: label app must be "3scale-api-management"`,
			`secret backend-redis: label threescale_component must be "backend"`,
			"secret backend-redis: label team is not in the pin",
		}},
		"another secret": {func(w *releases.Pin) { w.Secrets[1].Name = "apicast-redis" }, []string{
			"secret system-redis: is missing",
			"secret apicast-redis: is not in the pin",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			pin := releases.Load("2.7")
			test.change(pin)
			if diff := cmp.Diff(test.want, texts(wiring.Diff(pin.Wiring, releases.Load("2.7").Wiring))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Programs ask for the kind and the subject of a difference, and need no text.
func TestDiff_typed(t *testing.T) {
	pin := releases.Load("2.7")
	pin.Secrets[0].Labels = map[string]string{"app": "other", "team": "x"}
	pin.Secrets[0].Keys[0].Name = "EXTRA"
	pin.Workloads[0].Containers[0].Env[0].Key = "REDIS_QUEUES_URL"
	pin.Workloads[1].Name = "other"
	var got []wiring.Difference
	for _, d := range wiring.Diff(pin.Wiring, releases.Load("2.7").Wiring) {
		d.Pinned, d.Found = "", "" // are for people
		got = append(got, d)
	}
	want := []wiring.Difference{
		{Kind: wiring.Other, Subject: wiring.OfLabel, In: "backend-redis", Name: "app"},
		{Kind: wiring.Missing, Subject: wiring.OfLabel, In: "backend-redis", Name: "threescale_component"},
		{Kind: wiring.Extra, Subject: wiring.OfLabel, In: "backend-redis", Name: "team"},
		{Kind: wiring.Missing, Subject: wiring.OfKey, In: "backend-redis", Name: "REDIS_QUEUES_SENTINEL_HOSTS"},
		{Kind: wiring.Extra, Subject: wiring.OfKey, In: "backend-redis", Name: "EXTRA"},
		{Kind: wiring.Other, Subject: wiring.OfEnvVar, In: "backend-cron/backend-cron", Name: "CONFIG_REDIS_PROXY"},
		{Kind: wiring.Missing, Subject: wiring.OfPlace, In: "backend-listener/backend-listener", EnvVars: 6},
		{Kind: wiring.Extra, Subject: wiring.OfPlace, In: "other/backend-listener", EnvVars: 6},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// From 2.6 to 2.11 the wiring is one and the same; 2.12 dropped the message bus.
func TestDiff_betweenLines(t *testing.T) {
	// Four keys, and four env vars in each of seven places.
	for line, want := range map[string]int{"2.6": 0, "2.7": 0, "2.8": 0, "2.9": 0, "2.10": 0, "2.11": 0, "2.12": 4 + 7*4} {
		if lines := wiring.Diff(releases.Load(line).Wiring, releases.Load("2.6").Wiring); len(lines) != want {
			t.Errorf("%s: %d differences, want %d: %v", line, len(lines), want, lines)
		}
	}
}
