package wiring

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// templateObjects returns the objects of a template without the two Secrets, each
// parameter replaced by its value or a stand-in.
func templateObjects(t testing.TB, path string) []manifest.Object {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := manifest.ReadDocuments(path, data)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, p := range manifest.Items(manifest.Field(docs[0], "parameters")) {
		values[manifest.Text(p, "name")] = manifest.Text(p, "value")
	}
	var objects []manifest.Object
	for _, n := range manifest.Items(manifest.Field(docs[0], "objects")) {
		substitute(n, values)
		o := manifest.Object{Node: n, File: path}
		if o.Kind() != "Secret" || (o.Name() != "backend-redis" && o.Name() != "system-redis") {
			objects = append(objects, o)
		}
	}
	return objects
}

func substitute(n *yaml.Node, values map[string]string) {
	if n.Kind == yaml.ScalarNode {
		text := parameter.ReplaceAllStringFunc(n.Value, func(ref string) string {
			if v := values[parameter.FindStringSubmatch(ref)[1]]; v != "" {
				return v
			}
			return "x"
		})
		if text != n.Value {
			*n = *manifest.Scalar(text)
		}
	}
	for _, c := range n.Content {
		substitute(c, values)
	}
}

// release finds the pin of a template's folder, whose name is its tag.
func release(t testing.TB, template string) releases.Release {
	t.Helper()
	tag := strings.Split(template, "/")[0]
	rel, err := releases.Find(tag)
	if err != nil {
		t.Fatalf("no pin for %s", tag)
	}
	return rel
}

// envLists calls f with every env list of the pin's workloads among the objects.
func envLists(objects []manifest.Object, rel releases.Release, f func(where string, owner *yaml.Node, pinned releases.Env)) {
	for _, o := range objects {
		i := slices.IndexFunc(rel.Workloads, func(w releases.Workload) bool { return w.Kind == o.Kind() && w.Name == o.Name() })
		if i < 0 {
			continue
		}
		w := rel.Workloads[i]
		each := func(field string, pinned []releases.Container) {
			for _, n := range manifest.Items(manifest.Field(o.Node, "spec", "template", "spec", field)) {
				var env releases.Env
				for _, c := range pinned {
					if c.Name == manifest.Text(n, "name") {
						env = c.Env
					}
				}
				f(w.Name+"/"+field+"/"+manifest.Text(n, "name"), n, env)
			}
		}
		each("containers", w.Containers)
		each("initContainers", w.InitContainers)
		if pod := manifest.Field(o.Node, HookPath(o, PreHook)...); pod != nil {
			f(w.Name+"/hook", pod, w.PreHook.Env)
		}
	}
}

// withoutRedis takes all env vars of the pin away.
func withoutRedis(objects []manifest.Object, rel releases.Release) []manifest.Object {
	objects = clone(objects)
	envLists(objects, rel, func(_ string, owner *yaml.Node, pinned releases.Env) {
		kept := manifest.Sequence(others(owner, pinned)...)
		if manifest.Remove(owner, "env"); len(kept.Content) > 0 {
			manifest.Set(owner, kept, "env")
		}
	})
	return objects
}

// others are the entries of an env list that the pin does not name.
func others(owner *yaml.Node, pinned releases.Env) []*yaml.Node {
	var kept []*yaml.Node
	for _, n := range manifest.Items(manifest.Field(owner, "env")) {
		if !slices.ContainsFunc(pinned, func(v releases.EnvVar) bool { return v.Name == manifest.Text(n, "name") }) {
			kept = append(kept, n)
		}
	}
	return kept
}

func clone(objects []manifest.Object) []manifest.Object {
	copies := make([]manifest.Object, len(objects))
	for i, o := range objects {
		copies[i] = manifest.Object{Node: manifest.Clone(o.Node), File: o.File}
	}
	return copies
}

func named(t testing.TB, objects []manifest.Object, kind, name string) manifest.Object {
	t.Helper()
	for _, o := range objects {
		if o.Kind() == kind && o.Name() == name {
			return o
		}
	}
	t.Fatalf("no %s/%s", kind, name)
	return manifest.Object{}
}

// parsed returns the objects as plain values by kind and name, without what YAML
// spelling alone tells apart.
func parsed(t testing.TB, objects []manifest.Object) map[string]any {
	t.Helper()
	values := map[string]any{}
	for _, o := range objects {
		var v any
		if err := o.Decode(&v); err != nil {
			t.Fatal(err)
		}
		key := o.String()
		if _, twice := values[key]; twice {
			t.Fatalf("%s twice", key)
		}
		values[key] = v
	}
	return values
}

func testAnnotations(rel releases.Release) Annotations {
	annotations := Annotations{}
	for _, w := range rel.Workloads {
		annotations[w.Name] = map[string]string{TokenAnnotation: "1", DigestAnnotation: "sha256-" + w.Name}
	}
	return annotations
}

func write(t testing.TB, objects []manifest.Object) string {
	t.Helper()
	data, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func read(t testing.TB, text string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Read("build.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// checkWiring compares objects before and after: each env var of the pin stands
// there once and reads its key, all else is as it was.
func checkWiring(t *testing.T, rel releases.Release, before, after []manifest.Object) {
	t.Helper()
	places := 0
	envLists(after, rel, func(where string, owner *yaml.Node, pinned releases.Env) {
		for _, v := range pinned {
			var found []*yaml.Node
			for _, n := range manifest.Items(manifest.Field(owner, "env")) {
				if manifest.Text(n, "name") == v.Name {
					found = append(found, n)
				}
			}
			if len(found) != 1 || !Reads(found[0], v) {
				t.Errorf("%s: %s stands there %d times, or reads something else", where, v.Name, len(found))
			}
			places++
		}
	})
	if places < 60 {
		t.Errorf("only %d env vars are wired", places)
	}
	if diff := cmp.Diff(parsed(t, unwired(before, rel)), parsed(t, unwired(after, rel))); diff != "" {
		t.Errorf("changed beside the env vars of the pin (-before +after):\n%s", diff)
	}
}

// unwired is what must stay the same: no env vars of the pin, no annotations of ours.
func unwired(objects []manifest.Object, rel releases.Release) []manifest.Object {
	objects = withoutRedis(objects, rel)
	for _, o := range objects {
		metadata := manifest.Field(o.Node, "spec", "template", "metadata")
		annotations := manifest.Field(metadata, "annotations")
		manifest.Remove(annotations, TokenAnnotation)
		if manifest.Remove(annotations, DigestAnnotation); annotations != nil && len(annotations.Content) == 0 {
			manifest.Remove(metadata, "annotations")
		}
	}
	return objects
}

// template27 is the wiring that most tests break.
func template27(t *testing.T) (releases.Release, []manifest.Object) {
	t.Helper()
	return release(t, "2.7.1.GA/amp.yml"), templateObjects(t, testinput.Templates(t)["2.7.1.GA/amp.yml"])
}

// meddle gives env vars of the pin other sources, in a container and in the hook.
func meddle(t *testing.T, objects []manifest.Object) []manifest.Object {
	t.Helper()
	objects = clone(objects)
	system := named(t, objects, "DeploymentConfig", "system-app")
	container := manifest.Named(manifest.Field(system.Node, "spec", "template", "spec", "containers"), "system-master")
	list := manifest.Field(system.Node, "spec", "template", "spec", "containers")
	list.Content = append(list.Content, manifest.Mapping(
		"name", manifest.Scalar("system-master-side"), "image", manifest.Scalar("side:1"),
		"env", manifest.Sequence(Entry(releases.EnvVar{Name: "REDIS_URL", Secret: "own", Key: "K"}))))
	for _, owner := range []*yaml.Node{container, manifest.Field(system.Node, HookPath(system, PreHook)...)} {
		env := manifest.Field(owner, "env")
		literal := manifest.Named(env, "REDIS_URL")
		manifest.Remove(literal, "valueFrom")
		manifest.Set(literal, manifest.Scalar("redis://there:6379/1"), "value")
		config := manifest.Field(manifest.Named(env, "REDIS_NAMESPACE"), "valueFrom")
		manifest.Remove(config, "secretKeyRef")
		manifest.Set(config, manifest.Mapping("name", manifest.Scalar("own"), "key", manifest.Scalar("K")), "configMapKeyRef")
		ref := manifest.Field(manifest.Named(env, "BACKEND_REDIS_URL"), "valueFrom", "secretKeyRef")
		manifest.Set(ref, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, "optional")
		manifest.Set(ref, manifest.Scalar("own"), "name")
	}
	return objects
}
