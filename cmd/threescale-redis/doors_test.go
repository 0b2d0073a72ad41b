package main_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

const specFile = "threescale-redis.yaml"

// The tests of the doors take golden cases through all ways into the program: the
// same spec renders to the same objects. They run the program, which TestMain has put
// on the PATH, as another process. It is looked for once: a build of Kustomize in this
// process takes the PATH away while it runs.
var program = sync.OnceValue(func() string {
	file, err := exec.LookPath("threescale-redis")
	if err != nil {
		panic(err)
	}
	return file
})

// run runs a program in a folder, with the secrets of the cases in the
// environment as Argo CD hands them over and as people do.
func run(t *testing.T, dir string, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	cmd.Env = []string{"PATH=" + filepath.Dir(program()) + ":/usr/bin:/bin", "HOME=" + t.TempDir()}
	for _, n := range []string{"REDIS", "SENTINEL", "STORAGE", "SYSTEM", "BACKEND_STORAGE", "BACKEND_QUEUES"} {
		cmd.Env = append(cmd.Env, n+"_PASSWORD=p-"+n, "ARGOCD_ENV_"+n+"_PASSWORD=p-"+n)
	}
	cmd.Env = append(cmd.Env, "AUTH_TOKEN=a-long-token-16", "ARGOCD_ENV_AUTH_TOKEN=a-long-token-16")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.Bytes())
	}
	return out.Bytes()
}

func threescaleRedis(t *testing.T, dir string, stdin []byte, args ...string) []byte {
	t.Helper()
	return run(t, dir, stdin, program(), args...)
}

// objects parses a stream, by kind and name.
func objects(t *testing.T, data []byte) map[string]any {
	t.Helper()
	list, err := manifest.Read("stream", data)
	if err != nil {
		t.Fatal(err)
	}
	parsed := map[string]any{}
	for _, o := range list {
		var object any
		if err := o.Decode(&object); err != nil {
			t.Fatal(err)
		}
		if _, twice := parsed[o.String()]; twice {
			t.Errorf("%s is there twice", o)
		}
		parsed[o.String()] = object
	}
	return parsed
}

// same compares parsed objects.
func same(t *testing.T, door string, want, got map[string]any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs:\n%s", door, diff)
	}
}

// environment is a copy of a case with the files that it refers to, and with a
// base: what the pin says of an installation, and bystanders.
func environment(t *testing.T, file string) (string, releases.Release) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Spec struct{ Release string } }
	if err := yaml.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	rel, err := releases.Find(s.Spec.Release)
	if err != nil {
		t.Fatal(err)
	}
	base, err := manifest.Write(installation(rel))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, specFile, data)
	write(t, dir, "secrets/redis-password.txt", []byte("from a file\n"))
	write(t, dir, "system.txt", []byte("from-a-file\n"))
	write(t, dir, "base/kustomization.yaml", []byte("resources: [base.yaml]\n"))
	write(t, dir, "base/base.yaml", base)
	return dir, rel
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// installation makes objects that the pin fits: each workload with its
// containers, an env var of somebody else in each, and a Deployment beside them.
func installation(rel releases.Release) []manifest.Object {
	text := manifest.Scalar
	list := func(nodes ...*yaml.Node) *yaml.Node {
		return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: nodes}
	}
	env := func() *yaml.Node { return list(manifest.Mapping("name", text("OTHER"), "value", text("1"))) }
	containers := func(cs []releases.Container) *yaml.Node {
		nodes := list()
		for _, c := range append(slices.Clone(cs), releases.Container{Name: "sidecar"}) {
			nodes.Content = append(nodes.Content, manifest.Mapping("name", text(c.Name), "image", text("example.com/"+c.Name), "env", env()))
		}
		return nodes
	}
	var made []manifest.Object
	for _, w := range rel.Workloads {
		pod := manifest.Mapping("containers", containers(w.Containers))
		if len(w.InitContainers) > 0 {
			manifest.Set(pod, containers(w.InitContainers), "initContainers")
		}
		o := manifest.Mapping("apiVersion", text("apps.openshift.io/v1"), "kind", text(w.Kind), "metadata", manifest.Mapping("name", text(w.Name)))
		if w.PreHook != nil {
			hook := manifest.Mapping("containerName", text(w.PreHook.Name), "env", env())
			manifest.Set(o, hook, "spec", "strategy", "rollingParams", "pre", "execNewPod")
		}
		manifest.Set(o, pod, "spec", "template", "spec")
		made = append(made, manifest.Object{Node: o})
	}
	bystander := manifest.Mapping("apiVersion", text("apps/v1"), "kind", text("Deployment"), "metadata", manifest.Mapping("name", text("other")))
	manifest.Set(bystander, containers(nil), "spec", "template", "spec", "containers")
	return append(made, manifest.Object{Node: bystander})
}

// cases are the golden cases by profile/case: those of the newest release and those
// with a name of their own, or all where FULL is set.
func cases(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../golden/testdata/*/*/" + specFile)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden cases: %v", err)
	}
	full := testinput.Full(t, "the golden cases of the releases but the newest")
	older := releases.Lines()[:len(releases.Lines())-1]
	found := map[string]string{}
	for _, file := range files {
		dir := filepath.Dir(file)
		if !full && slices.Contains(older, filepath.Base(dir)) {
			continue
		}
		found[filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir)] = file
	}
	return found
}

// list makes a ResourceList with the spec of a folder as its functionConfig.
func list(t *testing.T, dir string, items []manifest.Object) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, specFile))
	if err != nil {
		t.Fatal(err)
	}
	docs, err := manifest.ReadDocuments(specFile, data)
	if err != nil {
		t.Fatal(err)
	}
	nodes := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, o := range items {
		nodes.Content = append(nodes.Content, o.Node)
	}
	in, err := manifest.Encode(manifest.Mapping(
		"apiVersion", manifest.Scalar("config.kubernetes.io/v1"), "kind", manifest.Scalar("ResourceList"),
		"items", nodes, "functionConfig", docs[0]))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// function returns the items that the KRM function answers with.
func function(t *testing.T, dir string, items []manifest.Object) []manifest.Object {
	t.Helper()
	answer := threescaleRedis(t, dir, list(t, dir, items), "-q", "krm")
	docs, err := manifest.ReadDocuments("answer", answer)
	if err != nil || len(docs) != 1 {
		t.Fatalf("the answer is %d documents: %v", len(docs), err)
	}
	var made []manifest.Object
	for _, n := range manifest.Items(manifest.Field(docs[0], "items")) {
		made = append(made, manifest.Object{Node: n})
	}
	return made
}

func stream(t *testing.T, objects []manifest.Object) []byte {
	t.Helper()
	data, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// refusesNothing wants an error where there is nothing to print.
func refusesNothing(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(program(), args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (&exec.ExitError{}); !errors.As(err, &exit) || exit.ExitCode() != 1 || len(out) > 0 {
		t.Errorf("%v printed %d bytes and gave %v, want exit code 1 and nothing printed", args, len(out), err)
	}
}

// TestDoors_secrets: the objects of a spec alone.
func TestDoors_secrets(t *testing.T) {
	for name, file := range cases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := environment(t, file)
			if path.Base(name) == "delivery-none" {
				refusesNothing(t, dir, "render")
				refusesNothing(t, dir, "plugin", "generate")
				return
			}
			rendered := threescaleRedis(t, dir, nil, "-q", "render")
			want := objects(t, rendered)
			same(t, "KRM function", want, objects(t, stream(t, function(t, dir, nil))))
			if got := threescaleRedis(t, dir, nil, "-q", "plugin", "generate"); !bytes.Equal(got, rendered) {
				t.Errorf("the plugin differs:\n%s", cmp.Diff(string(rendered), string(got)))
			}
			write(t, dir, "values.yaml", threescaleRedis(t, dir, nil, "-q", "render", "-o", "helm-values"))
			chart, err := filepath.Abs("../../charts/threescale-redis")
			if err != nil {
				t.Fatal(err)
			}
			helm := testinput.Program(t, "helm-v3.22.0")
			same(t, "chart", want, objects(t, run(t, dir, nil, helm, "template", "x", chart, "-f", "values.yaml")))
		})
	}
}

// TestDoors_installation: the objects of an installation. Its workloads depend on the
// release and on the options of a case, and not on the profile.
func TestDoors_installation(t *testing.T) {
	cases := cases(t)
	if !testinput.Full(t, "installations of profiles but sentinel") {
		maps.DeleteFunc(cases, func(name, _ string) bool { return path.Dir(name) != "sentinel" })
	}
	for name, file := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, rel := environment(t, file)
			// A layer, since a function takes no base.
			based := []string{"-q", "render", "--set", "spec.base.manifests={base/base.yaml}"}
			rendered := threescaleRedis(t, dir, nil, based...)
			want := objects(t, rendered)
			if len(want) < len(rel.Workloads) {
				t.Fatalf("only %d objects", len(want))
			}

			secrets := function(t, dir, nil)
			same(t, "KRM function", want, objects(t, stream(t, function(t, dir, append(installation(rel), secrets...)))))
			same(t, "spec.base.kustomization", want, objects(t, threescaleRedis(t, dir, nil, "-q", "render", "--set", "spec.base.kustomization=base")))

			threescaleRedis(t, dir, nil, "-q", "render", "-o", "kustomize", "-d", "component")
			write(t, dir, "root/kustomization.yaml", []byte("resources: [../base]\ncomponents: [../component]\n"))
			same(t, "Component", want, objects(t, build(t, filepath.Join(dir, "root"))))
		})
	}
}
