package generator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// workloads are those of a release, each container with an env var of its own.
func workloads(t *testing.T, rel releases.Release) string {
	t.Helper()
	containers := func(list []releases.Container) string {
		var b strings.Builder
		for _, c := range list {
			fmt.Fprintf(&b, "{name: %s, env: [{name: OWN, value: x}]}, ", c.Name)
		}
		return b.String()
	}
	var b strings.Builder
	for _, w := range rel.Workloads {
		hook := ""
		if w.PreHook != nil {
			hook = fmt.Sprintf("strategy: {rollingParams: {pre: {execNewPod: {containerName: %s, env: [{name: OWN, value: x}]}}}}, ", w.PreHook.Name)
		}
		fmt.Fprintf(&b, "---\n{apiVersion: apps.openshift.io/v1, kind: %s, metadata: {name: %s}, spec: {%stemplate: {spec: {containers: [%s], initContainers: [%s]}}}}\n",
			w.Kind, w.Name, hook, containers(w.Containers), containers(w.InitContainers))
	}
	return b.String()
}

// overItems renders a spec into items, and returns those.
func overItems(t *testing.T, items, extra string) ([]manifest.Object, error) {
	t.Helper()
	objects, err := manifest.Read("items", []byte(items))
	if err != nil {
		t.Fatal(err)
	}
	doc := spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: fmt.Appendf(nil, external+extra, "2.7")}}, nil)
	lookup := func(secret.Value) (string, error) { return "p", nil }
	r, err := generator.Generate(doc, generator.Secrets{Lookup: lookup}, generator.Items(objects))
	if err != nil {
		return nil, err
	}
	return r.Objects, nil
}

func objectNames(objects []manifest.Object) []string {
	var names []string
	for _, o := range objects {
		names = append(names, o.String())
	}
	return names
}

// TestItems_twice: only what a spec is for must be there once; what else a
// ResourceList has is nobody's business here.
func TestItems_twice(t *testing.T) {
	rel, err := releases.Find("2.7")
	if err != nil {
		t.Fatal(err)
	}
	const inTwo = "---\n{kind: %[1]s, metadata: {name: %[2]s, namespace: a}}\n---\n{kind: %[1]s, metadata: {name: %[2]s, namespace: b}}\n"
	for _, foreign := range []string{"ConfigMap/backend-redis", "Secret/other", "DeploymentConfig/other", "Service/system-app"} {
		kind, name, _ := strings.Cut(foreign, "/")
		if _, err := overItems(t, workloads(t, rel)+fmt.Sprintf(inTwo, kind, name), ""); err != nil {
			t.Errorf("%s: %v", foreign, err)
		}
	}
	for _, ours := range []string{"Secret/backend-redis", "Secret/system-redis", "DeploymentConfig/system-app", "DeploymentConfig/backend-cron"} {
		kind, name, _ := strings.Cut(ours, "/")
		_, err := overItems(t, fmt.Sprintf(inTwo, kind, name), "")
		if want := ours + ": is there twice: first at items:"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", ours, err, want)
		}
	}
}

// TestItems_workloads: to an installation nothing is added, and its env vars come
// where the Component puts them: those of the release first.
func TestItems_workloads(t *testing.T) {
	rel, err := releases.Find("2.7")
	if err != nil {
		t.Fatal(err)
	}
	items := workloads(t, rel) + "---\n{kind: ConfigMap, metadata: {name: last}}\n"
	objects, err := overItems(t, items, "")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, w := range rel.Workloads {
		want = append(want, w.Kind+"/"+w.Name)
	}
	if diff := cmp.Diff(append(want, "ConfigMap/last"), objectNames(objects)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, w := range rel.Workloads {
		node := named(t, objects, w.Kind+"/"+w.Name).Node
		for field, list := range map[string][]releases.Container{"containers": w.Containers, "initContainers": w.InitContainers} {
			for i, c := range list {
				var want, got []string
				for _, v := range c.Env {
					want = append(want, v.Name)
				}
				for _, n := range manifest.Items(manifest.Field(manifest.Items(manifest.Field(node, "spec", "template", "spec", field))[i], "env")) {
					got = append(got, manifest.Text(n, "name"))
				}
				if diff := cmp.Diff(append(want, "OWN"), got); diff != "" {
					t.Errorf("%s/%s (-want +got):\n%s", w.Name, c.Name, diff)
				}
			}
		}
	}
}

// TestItems_secrets: items without a DeploymentConfig stay as they are and where
// they are; the Secrets take the place of those that are there, or come last.
func TestItems_secrets(t *testing.T) {
	const deployment = "---\n{kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{name: b, env: [{name: Z}, {name: A}]}]}}}}\n"
	objects, err := overItems(t, "{kind: Secret, metadata: {name: system-redis}}\n"+deployment, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Secret/system-redis", "Deployment/a", "Secret/backend-redis"}, objectNames(objects)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	before, err := manifest.Read("items", []byte(deployment))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, before[0]), text(t, objects[1])); diff != "" {
		t.Errorf("the Deployment changed:\n%s", diff)
	}
	if manifest.Text(objects[0].Node, "data", "URL") == "" {
		t.Error("the Secret is not replaced")
	}
}

// TestItems_deliveredElsewhere: Secrets of the items stay that are not rendered.
func TestItems_deliveredElsewhere(t *testing.T) {
	objects, err := overItems(t, "{kind: Secret, metadata: {name: system-redis}}\n", "  secrets: {delivery: None}\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Secret/system-redis"}, objectNames(objects)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
