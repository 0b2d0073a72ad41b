package wiring

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// kustomizes are the real programs that a Component is built with.
var kustomizes = []string{"kustomize-v5.5.0", "kustomize-v5.8.2"}

const overBase = "resources: [base.yaml]\ncomponents: [redis]\n"

// The wiring of every template, as it is and without any Redis env, built with
// the real programs: exactly the env vars of the pin once, the rest untouched,
// and the same objects that Apply returns.
func TestComponent_templates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rel := release(t, name)
			wired := templateObjects(t, path)
			bases := map[string][]manifest.Object{"as it is": wired, "without Redis env": withoutRedis(wired, rel)}
			for label, base := range bases {
				want, err := Apply(base, rel, PinFirst, testAnnotations(rel))
				if err != nil {
					t.Fatal(err)
				}
				checkWiring(t, rel, base, want)
				files := map[string]string{"base.yaml": write(t, base), "kustomization.yaml": overBase}
				put(t, files, rel)
				dir := tree(t, files)
				for _, program := range kustomizes {
					t.Run(label+"/"+program, func(t *testing.T) {
						got := withoutSecrets(mustBuild(t, program, dir))
						if diff := cmp.Diff(parsed(t, want), parsed(t, got)); diff != "" {
							t.Errorf("Apply and the Component differ (-Apply +Component):\n%s", diff)
						}
					})
				}
			}
		})
	}
}

func withoutSecrets(objects []manifest.Object) []manifest.Object {
	var rest []manifest.Object
	for _, o := range objects {
		if o.Kind() != "Secret" || (o.Name() != "backend-redis" && o.Name() != "system-redis") {
			rest = append(rest, o)
		}
	}
	return rest
}

// each builds a folder with each real program, side by side.
func each(t *testing.T, dir string, check func(t *testing.T, out string, err error)) {
	t.Helper()
	for _, program := range kustomizes {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			out, err := build(t, program, dir)
			check(t, out, err)
		})
	}
}

func TestComponent_appliedTwice(t *testing.T) {
	rel, base := template27(t)
	once, err := Apply(base, rel, PinFirst, testAnnotations(rel))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"base.yaml": write(t, once), "kustomization.yaml": overBase}
	put(t, files, rel)
	each(t, tree(t, files), func(t *testing.T, out string, err error) {
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parsed(t, once), parsed(t, withoutSecrets(read(t, out)))); diff != "" {
			t.Error(diff)
		}
	})
}

// A literal value, a reference to a ConfigMap and an optional reference all
// become the one reference of the pin. A container whose name begins with that
// of a patched one keeps its image.
func TestComponent_otherSources(t *testing.T) {
	rel, base := template27(t)
	base = meddle(t, base)
	want, err := Apply(base, rel, PinFirst, testAnnotations(rel))
	if err != nil {
		t.Fatal(err)
	}
	checkWiring(t, rel, base, want)
	files := map[string]string{"base.yaml": write(t, base), "kustomization.yaml": overBase}
	put(t, files, rel)
	each(t, tree(t, files), func(t *testing.T, out string, err error) {
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parsed(t, want), parsed(t, withoutSecrets(read(t, out)))); diff != "" {
			t.Error(diff)
		}
	})
}

// A base in JSON, as oc process prints it, and one with quotes and comments are
// the same objects.
func TestComponent_spelling(t *testing.T) {
	rel, base := template27(t)
	want, err := Apply(base, rel, PinFirst, testAnnotations(rel))
	if err != nil {
		t.Fatal(err)
	}
	plain := write(t, base)
	asJSON := &strings.Builder{}
	for i, o := range base {
		data, err := sigsyaml.YAMLToJSON([]byte(write(t, base[i:i+1])))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(asJSON, "%s---\n%s\n", strings.Repeat("# "+o.String()+"\n", i%2), data)
	}
	containers := regexp.MustCompile(`(?m)^( +(?:- )?name: )(backend-\w+|system-\w+|check-svc)$`)
	for name, text := range map[string]string{
		"JSON":          asJSON.String(),
		"double quotes": containers.ReplaceAllString(plain, `$1"$2"`),
		"single quotes": containers.ReplaceAllString(plain, `$1'$2'`),
		"comments":      containers.ReplaceAllString(plain, `$1$2 # the name`),
		"both":          containers.ReplaceAllString(plain, `$1"$2" # the "name"`),
	} {
		t.Run(name, func(t *testing.T) {
			if text == plain {
				t.Fatal("nothing is spelled otherwise")
			}
			files := map[string]string{"base.yaml": text, "kustomization.yaml": overBase}
			put(t, files, rel)
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(parsed(t, want), parsed(t, withoutSecrets(read(t, out)))); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A namespace that stands in the base, and one that a kustomization sets below
// or above the Component, all work with patches that have none.
func TestComponent_namespaces(t *testing.T) {
	rel, base := template27(t)
	spaced := clone(base)
	for _, o := range spaced {
		manifest.Set(o.Node, manifest.Scalar("threescale"), "metadata", "namespace")
	}
	want, err := Apply(spaced, rel, PinFirst, testAnnotations(rel))
	if err != nil {
		t.Fatal(err)
	}
	wanted := workloads(t, rel, want)
	cases := map[string]struct {
		base        []manifest.Object
		root, below string
	}{
		"in the objects": {spaced, "", ""},
		"set below":      {base, "", "namespace: threescale\n"},
		"set above":      {base, "namespace: threescale\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{
				"base/base.yaml":          write(t, c.base),
				"base/kustomization.yaml": c.below + "resources: [base.yaml]\n",
				"kustomization.yaml":      c.root + "resources: [base]\ncomponents: [redis]\n",
			}
			put(t, files, rel)
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(wanted, workloads(t, rel, read(t, out))); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// workloads returns the objects that the pin names, parsed.
func workloads(t *testing.T, rel releases.Release, objects []manifest.Object) map[string]any {
	t.Helper()
	var found []manifest.Object
	for _, w := range rel.Workloads {
		found = append(found, named(t, objects, w.Kind, w.Name))
	}
	return parsed(t, found)
}

func TestComponent_namePrefix(t *testing.T) {
	rel, base := template27(t)
	files := map[string]string{"base.yaml": write(t, base), "kustomization.yaml": "namePrefix: dev-\n" + overBase}
	put(t, files, rel)
	each(t, tree(t, files), func(t *testing.T, out string, err error) {
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, o := range read(t, out) {
			if o.Kind() == "DeploymentConfig" {
				countRefs(o.Node, got)
			}
		}
		count := map[string]int{}
		for _, name := range []string{"backend-redis", "system-redis", "dev-backend-redis", "dev-system-redis"} {
			count[name] = got[name]
		}
		want := map[string]int{"dev-backend-redis": 45, "dev-system-redis": 56, "backend-redis": 0, "system-redis": 0}
		if diff := cmp.Diff(want, count); diff != "" {
			t.Error(diff)
		}
	})
}

// recreating27 is the installation with a system-app that recreates its pods: its
// hook stands elsewhere.
func recreating27(t *testing.T) (releases.Release, []manifest.Object) {
	t.Helper()
	rel, base := template27(t)
	base = clone(base)
	strategy := manifest.Field(named(t, base, "DeploymentConfig", "system-app").Node, "spec", "strategy")
	manifest.Set(strategy, manifest.Field(strategy, "rollingParams"), "recreateParams")
	manifest.Remove(strategy, "rollingParams")
	manifest.Set(strategy, manifest.Scalar("Recreate"), "type")
	return rel, base
}

// A Component for known objects patches the hook of the strategy in force, and a
// namePrefix reaches it. Made for none it fails the build.
func TestComponent_recreate(t *testing.T) {
	rel, base := recreating27(t)
	want, err := Apply(base, rel, PinFirst, testAnnotations(rel))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		known []manifest.Object
		root  string
	}{"known": {base, overBase}, "with a prefix": {base, "namePrefix: dev-\n" + overBase}, "unknown": {nil, overBase}} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"base.yaml": write(t, withoutRedis(base, rel)), "kustomization.yaml": c.root}
			put(t, files, rel)
			component, err := Component(rel, c.known, testAnnotations(rel), []string{"secrets.yaml"})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range component {
				files["redis/"+f.Name] = string(f.Data)
			}
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				switch {
				case c.known == nil:
					if err == nil || !strings.Contains(err.Error(), "rollingParams.pre.execNewPod.containerName") {
						t.Errorf("builds %d bytes, says %v", len(out), err)
					}
				case err != nil:
					t.Error(err)
				case c.root == overBase:
					if diff := cmp.Diff(parsed(t, want), parsed(t, withoutSecrets(read(t, out)))); diff != "" {
						t.Errorf("Apply and the Component differ (-Apply +Component):\n%s", diff)
					}
				default:
					got := map[string]int{}
					countRefs(named(t, read(t, out), "DeploymentConfig", "dev-system-app").Node, got)
					if got["dev-system-redis"] != 4*8 || got["system-redis"] != 0 {
						t.Errorf("refers to %v", got)
					}
				}
			})
		})
	}
}

func countRefs(n *yaml.Node, count map[string]int) {
	if ref := manifest.Field(n, "secretKeyRef"); ref != nil {
		count[manifest.Text(ref, "name")]++
	}
	for _, c := range n.Content {
		countRefs(c, count)
	}
}

// Whatever a strategic patch would silently damage must fail the build.
func TestComponent_guards(t *testing.T) {
	rel, base := template27(t)
	system := func(objects []manifest.Object) *yaml.Node {
		return named(t, objects, "DeploymentConfig", "system-app").Node
	}
	cases := map[string]struct {
		change func(objects []manifest.Object) []manifest.Object
		root   string
		want   string
	}{
		"own openapi": {root: "openapi: {path: own.yaml}\n" + overBase, want: "fieldPath"},
		"missing DeploymentConfig": {change: func(objects []manifest.Object) []manifest.Object {
			var rest []manifest.Object
			for _, o := range objects {
				if o.String() != "DeploymentConfig/backend-cron" {
					rest = append(rest, o)
				}
			}
			return rest
		}, want: "backend-cron"},
		"renamed container": {change: func(objects []manifest.Object) []manifest.Object {
			list := manifest.Field(system(objects), "spec", "template", "spec", "containers")
			manifest.Set(manifest.Named(list, "system-master"), manifest.Scalar("system-masters"), "name")
			return objects
		}, want: "system-master"},
		"renamed init container": {change: func(objects []manifest.Object) []manifest.Object {
			o := named(t, objects, "DeploymentConfig", "system-sidekiq")
			list := manifest.Field(o.Node, "spec", "template", "spec", "initContainers")
			manifest.Set(manifest.Named(list, "check-svc"), manifest.Scalar("wait-check-svc"), "name")
			return objects
		}, want: "check-svc"},
		"missing hook": {change: func(objects []manifest.Object) []manifest.Object {
			manifest.Remove(manifest.Field(system(objects), "spec", "strategy", "rollingParams"), "pre")
			return objects
		}, want: "execNewPod"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects := clone(base)
			if c.change != nil {
				objects = c.change(objects)
				if _, err := Apply(objects, rel, PinFirst, nil); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Apply says %v, want a word about %s", err, c.want)
				}
			} else {
				c.change = func(objects []manifest.Object) []manifest.Object { return objects }
			}
			root := c.root
			if root == "" {
				root = overBase
			}
			files := map[string]string{"base.yaml": write(t, objects), "kustomization.yaml": root, "own.yaml": "definitions: {}\n"}
			put(t, files, rel)
			each(t, tree(t, files), func(t *testing.T, out string, err error) {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("built %d bytes, says %v; want a failure about %s", len(out), err, c.want)
				}
			})
		})
	}
}

// The user's own objects come out byte for byte as without us, wherever the
// Component stands.
func TestComponent_usersOwnObjects(t *testing.T) {
	rel, base := template27(t)
	user := map[string]string{"own/own.yaml": usersObjects, "patch.yaml": usersPatches, "base/base.yaml": write(t, base)}
	const patches = "patches: [{path: patch.yaml}]\n"
	plain := "resources: [base.yaml]\n"
	with := "resources: [base.yaml]\ncomponents: [../redis]\n"
	own := "resources: [own.yaml]\n"
	patchedOwn := own + patches
	layouts := map[string]struct{ root, base, own, without string }{
		"Component at the root":     {"resources: [base, own]\ncomponents: [redis]\n" + patches, plain, own, "resources: [base, own]\n" + patches},
		"at the root, own first":    {"resources: [own, base]\ncomponents: [redis]\n" + patches, plain, own, "resources: [own, base]\n" + patches},
		"in a base listed first":    {"resources: [base, own]\n" + patches, with, own, "resources: [base, own]\n" + patches},
		"in a base listed last":     {"resources: [own, base]\n" + patches, with, own, "resources: [own, base]\n" + patches},
		"listed first, own patches": {"resources: [base, own]\n", with, patchedOwn, "resources: [base, own]\n"},
		"listed last, own patches":  {"resources: [own, base]\n", with, patchedOwn, "resources: [own, base]\n"},
	}
	for name, l := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := func(root, base string) string {
				files := map[string]string{"kustomization.yaml": root, "base/kustomization.yaml": base, "own/kustomization.yaml": l.own}
				for n, text := range user {
					files[n] = text
				}
				files["own/patch.yaml"] = usersPatches
				put(t, files, rel)
				return tree(t, files)
			}
			ours, without := folder(l.root, l.base), folder(l.without, plain)
			for _, program := range kustomizes {
				t.Run(program, func(t *testing.T) {
					t.Parallel()
					got, err := build(t, program, ours)
					if err != nil {
						t.Fatal(err)
					}
					want, err := build(t, program, without)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(usersPart(want), usersPart(got)); diff != "" {
						t.Errorf("the user's objects changed (-without +with):\n%s", diff)
					}
					checkWiring(t, rel, withoutUsers(read(t, want)), withoutUsers(withoutSecrets(read(t, got))))
				})
			}
		})
	}
}

// usersPart returns the documents of a build that are the user's own.
func usersPart(out string) []string {
	var docs []string
	for _, doc := range strings.Split(out, "---\n") {
		if strings.Contains(doc, "  name: own") {
			docs = append(docs, doc)
		}
	}
	if len(docs) != 6 {
		panic(fmt.Sprintf("%d of the user's documents", len(docs)))
	}
	return docs
}

func withoutUsers(objects []manifest.Object) []manifest.Object {
	var rest []manifest.Object
	for _, o := range objects {
		if o.Name() != "own" {
			rest = append(rest, o)
		}
	}
	return rest
}

// put adds the Component to files, in the folder redis.
func put(t testing.TB, files map[string]string, rel releases.Release) {
	t.Helper()
	component, err := Component(rel, nil, testAnnotations(rel), []string{"secrets.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range component {
		files["redis/"+f.Name] = string(f.Data)
	}
	var secrets []manifest.Object
	for _, s := range rel.Secrets {
		secrets = append(secrets, manifest.Object{Node: manifest.Mapping(
			"apiVersion", manifest.Scalar("v1"), "kind", manifest.Scalar("Secret"),
			"metadata", manifest.Mapping("name", manifest.Scalar(s.Name)))})
	}
	files["redis/secrets.yaml"] = write(t, secrets)
}

// build runs a real kustomize over a folder.
func build(t testing.TB, program, dir string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(testinput.Program(t, program), "build", dir)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, stderr.String())
	}
	if stderr.Len() > 0 {
		t.Errorf("%s says: %s", program, stderr.String())
	}
	return stdout.String(), nil
}

func mustBuild(t testing.TB, program, dir string) []manifest.Object {
	t.Helper()
	out, err := build(t, program, dir)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, out)
}

// tree writes files into a new folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
