package wiring

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// small is a release with one workload, that of hookWorkload.
func small() releases.Release {
	w := hookWorkload
	w.Containers = []releases.Container{*hookWorkload.PreHook}
	w.InitContainers = []releases.Container{{Name: "wait", Env: hookWorkload.PreHook.Env}}
	return releases.Release{Pin: &releases.Pin{Wiring: releases.Wiring{Workloads: []releases.Workload{w}}}}
}

const smallApp = `apiVersion: v1
kind: DeploymentConfig
metadata: {name: app} # kept
spec:
  strategy: {rollingParams: {pre: {execNewPod: {containerName: main, env: [{name: X, value: x}]}}}}
  template:
    metadata: {annotations: {own: kept}}
    spec:
      initContainers:
      - {name: first, image: f}
      - {name: wait, image: w}
      containers:
      - {name: side, image: s, env: [{name: A, value: own}]}
      - name: main
        image: i
        env:
        - {name: X, value: 0o10} # kept
        - {name: B, value: b}
        - {name: Y, value: "y"}
        - {name: B, value: again}
`

const smallPatched = `apiVersion: v1
kind: DeploymentConfig
metadata: {name: app} # kept
spec:
  strategy: {rollingParams: {pre: {execNewPod: {containerName: main, env: [HOOK]}}}}
  template:
    metadata: {annotations: {own: kept, token: "1"}}
    spec:
      initContainers:
      - {name: first, image: f}
      - {name: wait, image: w, env: [A, B]}
      containers:
      - {name: side, image: s, env: [{name: A, value: own}]}
      - name: main
        image: i
        env:
MAIN`

func TestApply_order(t *testing.T) {
	const in, x, y = "        - ", "{name: X, value: 0o10} # kept\n", "{name: Y, value: \"y\"}\n"
	cases := map[string]struct {
		order      Order
		hook, main string
	}{
		"pin first": {PinFirst, hookA + ", " + hookB + ", {name: X, value: x}", in + hookA + "\n" + in + hookB + "\n" + in + x + in + y},
		"in place":  {InPlace, "{name: X, value: x}, " + hookA + ", " + hookB, in + x + in + hookB + "\n" + in + y + in + hookA + "\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			objects := read(t, "kind: Other\nmetadata: {name: app}\n---\n"+smallApp)
			before := write(t, objects)
			got, err := Apply(objects, small(), c.order, Annotations{"app": {"token": "1"}, "other": {"token": "2"}})
			if err != nil {
				t.Fatal(err)
			}
			if write(t, objects) != before {
				t.Error("the objects that came in are changed")
			}
			want := strings.NewReplacer("HOOK", c.hook, "[A, B]", "["+hookA+", "+hookB+"]", "MAIN", c.main).Replace(smallPatched)
			if diff := cmp.Diff(parsed(t, read(t, want)), parsed(t, got[1:])); diff != "" {
				t.Error(diff)
			}
			for _, kept := range []string{"# kept", "value: 0o10 # kept", "value: \"y\""} {
				if strings.Contains(before, kept) && !strings.Contains(write(t, got), kept) {
					t.Errorf("lost its spelling: %s", kept)
				}
			}
			again, err := Apply(got, small(), c.order, Annotations{"app": {"token": "1"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(write(t, got), write(t, again)); diff != "" {
				t.Errorf("a second time changes something:\n%s", diff)
			}
		})
	}
}

// All that is missing is said in one run, and what it could be called now.
func TestApply_missing(t *testing.T) {
	rel := small()
	rel.Workloads = append(rel.Workloads,
		releases.Workload{Kind: "DeploymentConfig", Name: "queue"},
		releases.Workload{Kind: "DeploymentConfig", Name: "sphinx"})
	objects := read(t, `kind: DeploymentConfig
metadata: {name: queues}
---
kind: DeploymentConfig
metadata: {name: app}
spec:
  strategy: {rollingParams: {pre: {execNewPod: {containerName: web}}}}
  template:
    spec:
      containers: [{name: mains}, {name: side}]
`)
	_, err := Apply(objects, rel, PinFirst, nil)
	if err == nil {
		t.Fatal("is fine")
	}
	want := strings.Join([]string{
		`build.yaml:10:19: error: DeploymentConfig/app: spec.template.spec.containers: must have one named main: the release reads Redis there`,
		`  hint: did you mean "mains"?`,
		`build.yaml:9:5: error: DeploymentConfig/app: spec.template.spec.initContainers: must have one named wait: the release reads Redis there`,
		`build.yaml:7:48: error: DeploymentConfig/app: spec.strategy.rollingParams.pre.execNewPod.containerName: must be main: the release reads Redis in that hook`,
		`  hint: was it renamed? it is web`,
		`build.yaml:2:18: error: DeploymentConfig/queue: is required: the release reads Redis there`,
		`  hint: did you mean "queues"?`,
		`error: DeploymentConfig/sphinx: is required: the release reads Redis there`,
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

// A wired template stays as it is, in place: not even the order changes.
func TestApply_wiredTemplates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		t.Run(name, func(t *testing.T) {
			rel, base := release(t, name), templateObjects(t, path)
			got, err := Apply(base, rel, InPlace, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(write(t, base), write(t, got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApply_strangeObjects(t *testing.T) {
	for _, spec := range []string{"null", "[]", "x", "{template: null}", "{template: {spec: []}}", "{template: {spec: {containers: {name: main}}}}"} {
		objects := []manifest.Object{read(t, "kind: DeploymentConfig\nmetadata: {name: app}\nspec: "+spec+"\n")[0]}
		if _, err := Apply(objects, small(), PinFirst, Annotations{"app": {"a": "b"}}); err == nil {
			t.Errorf("spec: %s is fine", spec)
		}
	}
}
