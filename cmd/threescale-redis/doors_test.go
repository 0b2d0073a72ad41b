package main_test

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	main "github.com/threescale-redis/threescale-redis/cmd/threescale-redis"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

const specFile = "threescale-redis.yaml"

// The tests of the doors take golden cases through all ways into the program: the
// same spec renders to the same objects. They run it in this process, one after the
// other: a run starts in the folder of its case.

// execute runs another program in a folder. It finds threescale-redis on its PATH,
// where TestMain has put it.
func execute(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	ours, err := exec.LookPath("threescale-redis")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + filepath.Dir(ours) + ":/usr/bin:/bin", "HOME=" + t.TempDir(), "HELM_PLUGINS=" + os.Getenv("HELM_PLUGINS")}
	for name, value := range secrets(t, dir) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.Bytes())
	}
	return out.Bytes()
}

// exitCode runs the program in a folder.
func exitCode(t *testing.T, dir string, stdin []byte, args ...string) (code int, stdout, stderr []byte) {
	t.Helper()
	vars := secrets(t, dir)
	t.Chdir(dir)
	var out, errs bytes.Buffer
	env := &main.Env{Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &errs, Now: time.Now(), LookupEnv: func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}}
	code = main.Run(env, args)
	return code, out.Bytes(), errs.Bytes()
}

func threescaleRedis(t *testing.T, dir string, stdin []byte, args ...string) []byte {
	t.Helper()
	code, out, errs := exitCode(t, dir, stdin, args...)
	if code != 0 {
		t.Fatalf("threescale-redis %s: exit code %d\n%s", strings.Join(args, " "), code, errs)
	}
	return out
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
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs:\n%s", door, diff)
	}
}

// env is a copy of a case with the files that it refers to, and with a base: what
// the pin says of an installation, and bystanders.
type env struct {
	dir  string
	rel  releases.Release
	base []manifest.Object
}

func environment(t *testing.T, spec []byte) env {
	t.Helper()
	var s struct {
		Spec struct {
			Release    string
			APIManager struct{ Name string } `yaml:"apiManager"`
		}
	}
	if err := yaml.Unmarshal(spec, &s); err != nil {
		t.Fatal(err)
	}
	e := env{dir: t.TempDir()}
	var err error
	if e.rel, err = releases.Find(s.Spec.Release); err != nil {
		t.Fatal(err)
	}
	if e.base = installation(e.rel); e.rel.Operated() {
		e.base = append(e.base, apiManager(cmp.Or(s.Spec.APIManager.Name, "apimanager")))
	}
	write(t, e.dir, specFile, spec)
	for _, name := range references(t, e.dir, "fromFile") {
		write(t, e.dir, name, []byte(secretFor(t, name)+"\n"))
	}
	write(t, e.dir, "base/kustomization.yaml", []byte("resources: [base.yaml]\n"))
	write(t, e.dir, "base/base.yaml", stream(t, e.base))
	return e
}

// references are the names that the spec of a folder, or of the one above, refers to.
func references(t *testing.T, dir, kind string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, specFile))
	if errors.Is(err, os.ErrNotExist) {
		data, err = os.ReadFile(filepath.Join(filepath.Dir(dir), specFile))
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(kind+`: *([^,}\s]+)`).FindAllSubmatch(data, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

// apiManager is one with fields of its user.
func apiManager(name string) manifest.Object {
	o := manifest.Mapping("apiVersion", manifest.Scalar("apps.3scale.net/v1alpha1"), "kind", manifest.Scalar("APIManager"),
		"metadata", manifest.Mapping("name", manifest.Scalar(name)))
	manifest.Set(o, manifest.Scalar("apps.example.com"), "spec", "wildcardDomain")
	manifest.Set(o, manifest.Scalar("2"), "spec", "system", "appSpec", "note")
	manifest.Set(o, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, "spec", "externalComponents", "system", "database")
	return manifest.Object{Node: o}
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

// versions are those of the kinds in the pins.
var versions = map[string]string{"DeploymentConfig": "apps.openshift.io/v1", "Deployment": "apps/v1", "Job": "batch/v1"}

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
		o := manifest.Mapping("apiVersion", text(versions[w.Kind]), "kind", text(w.Kind), "metadata", manifest.Mapping("name", text(w.Name)))
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

// cases are specs by name: some of installations that an operator runs, and the golden
// cases. Of these it has the newest release of each owner and those with a name of
// their own, or all where FULL is set.
func cases(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../golden/testdata/*/*/" + specFile)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden cases: %v", err)
	}
	full := testinput.Full(t, "the golden cases of the releases but the newest")
	_, template := releases.TemplateLines()
	older := slices.DeleteFunc(releases.Lines(), func(line string) bool { return line == template })
	older = older[:len(older)-1]
	found := map[string][]byte{}
	for _, file := range files {
		dir := filepath.Dir(file)
		if !full && slices.Contains(older, filepath.Base(dir)) {
			continue
		}
		found[filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir)] = readFile(t, file)
	}
	for _, line := range releases.Lines() {
		if releases.Load(line).Owner == releases.OwnedByOperator && (full || !slices.Contains(older, line)) {
			found["operator/"+line] = caseOf(t, line)
		}
	}
	for name, spec := range map[string]string{
		"internal": `release: "2.15", profile: internal`,
		"async":    `release: "2.16", profile: self-managed, redis: {host: redis.example.com, port: 6379, password: ""}, databases: {backendQueues: {db: 1}, system: {db: 2}}, apiManager: {name: own, async: false}`,
		"keys": `release: 2.16.3, profile: self-managed, databases: {backendQueues: {db: 1}, system: {db: 2}}, secrets: {credentials: keys}, ` +
			`redis: {host: redis.example.com, port: 6380, username: bob, password: {fromEnv: REDIS_PASSWORD}, tls: {ca: {fromEnv: REDIS_CA}, certificate: {fromFile: tls/client.crt}, key: {fromFile: tls/client.key}}}`,
	} {
		found["operator/"+name] = []byte("apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata:\n  name: " + name + "\nspec: {" + spec + "}\n")
	}
	return found
}

// caseOf is the golden case of a release behind Sentinel. From 2.12 on one spec
// serves all releases.
func caseOf(t *testing.T, line string) []byte {
	t.Helper()
	from := line
	if releases.Load(line).Owner == releases.OwnedByOperator {
		from = "2.12"
	}
	data := readFile(t, "../../golden/testdata/sentinel/"+from+"/"+specFile)
	return bytes.Replace(data, []byte(`release: "`+from+`"`), []byte(`release: "`+line+`"`), 1)
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
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
	if code, out, _ := exitCode(t, dir, nil, args...); code != 1 || len(out) > 0 {
		t.Errorf("%v printed %d bytes, exit code %d, want exit code 1 and nothing printed", args, len(out), code)
	}
}

// TestDoors_secrets: the objects of a spec alone.
func TestDoors_secrets(t *testing.T) {
	chart, err := filepath.Abs("../../charts/threescale-redis")
	if err != nil {
		t.Fatal(err)
	}
	for name, spec := range cases(t) {
		t.Run(name, func(t *testing.T) {
			dir := environment(t, spec).dir
			if path.Base(name) == "delivery-none" {
				refusesNothing(t, dir, "render")
				refusesNothing(t, dir, "plugin", "generate")
				return
			}
			rendered := threescaleRedis(t, dir, nil, "-q", "render")
			want := objects(t, rendered)
			same(t, "KRM function", want, objects(t, stream(t, function(t, dir, nil))))
			if got := threescaleRedis(t, dir, nil, "-q", "plugin", "generate"); !bytes.Equal(got, rendered) {
				t.Errorf("the plugin differs:\n%s", gocmp.Diff(string(rendered), string(got)))
			}
			write(t, dir, "values.yaml", threescaleRedis(t, dir, nil, "-q", "render", "-o", "helm-values"))
			helm := testinput.Program(t, "helm-v3.22.0")
			same(t, "chart", want, objects(t, execute(t, dir, helm, "template", "x", chart, "-f", "values.yaml")))
		})
	}
}

// TestDoors_installation: the objects of an installation. Its workloads depend on the
// release and on the options of a case, and not on the profile.
func TestDoors_installation(t *testing.T) {
	cases := cases(t)
	if !testinput.Full(t, "installations of profiles but sentinel") {
		maps.DeleteFunc(cases, func(name string, _ []byte) bool { return path.Dir(name) != "sentinel" && path.Dir(name) != "operator" })
	}
	for name, spec := range cases {
		t.Run(name, func(t *testing.T) {
			e := environment(t, spec)
			dir := e.dir
			// A layer, since a function takes no base.
			based := []string{"-q", "render", "--set", "spec.base.manifests={base/base.yaml}"}
			rendered := threescaleRedis(t, dir, nil, based...)
			want := objects(t, rendered)
			if len(want) < len(e.rel.Workloads) {
				t.Fatalf("only %d objects", len(want))
			}
			if told := bytes.Count(rendered, []byte("redis: ")); e.rel.Operated() && told != len(e.rel.APIManager.External) {
				t.Errorf("the APIManager says %d times where Redis is:\n%s", told, rendered)
			}

			made := function(t, dir, nil)
			same(t, "KRM function", want, objects(t, stream(t, function(t, dir, append(e.base, made...)))))
			same(t, "spec.base.kustomization", want, objects(t, threescaleRedis(t, dir, nil, "-q", "render", "--set", "spec.base.kustomization=base")))

			threescaleRedis(t, dir, nil, "-q", "render", "-o", "kustomize", "-d", "component")
			write(t, dir, "root/kustomization.yaml", []byte("resources: [../base]\ncomponents: [../component]\n"))
			same(t, "Component", want, objects(t, build(t, filepath.Join(dir, "root"))))
		})
	}
}
