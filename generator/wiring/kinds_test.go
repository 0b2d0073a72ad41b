package wiring

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Whatever kind a pin has, Apply and the server's merge do the same to it, and a
// second time nothing.
func TestApply_kinds(t *testing.T) {
	const template = "{metadata: {annotations: {own: kept}}, spec: {initContainers: [{name: wait, image: w}], " +
		"containers: [{name: side, image: s, env: [{name: A, value: own}]}, {name: main, image: i, env: [{name: X, value: x}, {name: B, value: b}]}]}}"
	want := releases.Workload{Name: "app", Containers: []releases.Container{*hookWorkload.PreHook}, InitContainers: []releases.Container{{Name: "wait", Env: releases.Env{
		{Name: "A", Secret: "s", Key: "KA", Optional: true},
	}}}}
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			want.Kind = kind
			rel := releases.Release{Pin: &releases.Pin{Wiring: releases.Wiring{Workloads: []releases.Workload{want}}}}
			text := "{template: " + template + "}"
			switch kind {
			case "CronJob":
				text = "{jobTemplate: {spec: " + text + "}}"
			case "Pod":
				text = template[strings.Index(template, "{initContainers") : len(template)-1]
			}
			base := read(t, "kind: "+kind+"\nmetadata: {name: app}\nspec: "+text+"\n")
			got, err := Apply(base, rel, InPlace, Annotations{"app": {"token": "1"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range PinnedPlaces(want) {
				place, there := findPlace(got[0], p.Field, p.Container)
				for _, v := range p.Env {
					if !there || !Reads(Named(place.Env(), v.Name), v) {
						t.Errorf("%s of %s is not wired", v.Name, p.Container)
					}
				}
			}
			if manifest.Text(PodTemplate(got[0]), "metadata", "annotations", "token") != "1" {
				t.Error("has no annotation")
			}
			again, err := Apply(got, rel, InPlace, Annotations{"app": {"token": "1"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(write(t, got), write(t, again)); diff != "" {
				t.Errorf("a second time changes something: %s", diff)
			}
			if kind == "Pod" {
				return // the server refuses to change the env of a pod
			}
			served := patched(t, base[0], "strategic", Strategic(want, map[string]string{"token": "1"}))
			sorted := cmp.Transformer("sorted", func(list []any) map[string]any {
				byName := map[string]any{}
				for _, item := range list {
					byName[item.(map[string]any)["name"].(string)] = item
				}
				return byName
			})
			if diff := cmp.Diff(parsed(t, got), parsed(t, []manifest.Object{served}), sorted); diff != "" {
				t.Errorf("Apply and the server differ (-Apply +server):\n%s", diff)
			}
		})
	}
}

// With the strategy Recreate the hook is in recreateParams; one in rollingParams
// never runs, and is not a hook.
func TestApply_recreate(t *testing.T) {
	text := strings.Replace(smallApp, "strategy: {rollingParams: {pre: {execNewPod: {containerName: main, env: [{name: X, value: x}]}}}}",
		"strategy: {type: Recreate, recreateParams: {pre: {execNewPod: {containerName: main, env: [{name: X, value: x}]}}}, rollingParams: {pre: {execNewPod: {containerName: old}}}}", 1)
	base := read(t, text)
	got, err := Apply(base, small(), InPlace, nil)
	if err != nil {
		t.Fatal(err)
	}
	env := manifest.Items(manifest.Field(got[0].Node, "spec", "strategy", "recreateParams", "pre", "execNewPod", "env"))
	for _, v := range hookWorkload.PreHook.Env {
		if !Reads(Named(env, v.Name), v) {
			t.Errorf("%s is not wired", v.Name)
		}
	}
	if manifest.Field(got[0].Node, "spec", "strategy", "rollingParams", "pre", "execNewPod", "env") != nil {
		t.Error("a hook that never runs is patched")
	}
	manifest.Remove(manifest.Field(base[0].Node, "spec", "strategy"), "recreateParams")
	if _, err := Apply(base, small(), InPlace, nil); err == nil || !strings.Contains(err.Error(), "spec.strategy.recreateParams.pre.execNewPod.containerName: must be main") {
		t.Errorf("says %v", err)
	}
}
