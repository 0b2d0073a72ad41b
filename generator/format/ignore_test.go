package format

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// oneFile is a base of one file.
type oneFile struct{ text string }

func (f oneFile) ReadFile(string) ([]byte, error)          { return []byte(f.text), nil }
func (oneFile) Manifests(path string) ([]string, error)    { return []string{path}, nil }
func (oneFile) Build(string) (data []byte, is diag.Issues) { panic("is no kustomization") }

// generated is what a spec renders to over a base.
func generated(t *testing.T, text, base string) Result {
	t.Helper()
	text = "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: a}\nspec:\n" + text
	if base != "" {
		text += "  base: {manifests: [base.yaml]}\n"
	}
	r, err := generator.Generate(spec.Parse([]spec.Layer{{Name: "spec", Data: []byte(text)}}, nil), generator.Secrets{}, generator.Named{Files: oneFile{base}})
	if err != nil {
		t.Fatal(err)
	}
	return Result{Name: "spec", Patched: r}
}

// specOf is a spec for the installation of an export: 2.16.3-tls.yaml.
func specOf(export string) string {
	release, kind, _ := strings.Cut(strings.TrimSuffix(export, ".yaml"), "-")
	head := "  release: " + release + "\n"
	const databases = "  databases: {backendQueues: {db: 1}, system: {db: 2}}\n"
	switch kind {
	case "internal":
		return head + "  profile: internal\n"
	case "sentinel":
		return head + "  profile: sentinel\n  redis: {masterGroup: m, password: p, sentinels: {hosts: [a:26379, b:26379, c:26379], password: p}}\n" + databases
	case "acl":
		return head + "  profile: self-managed\n  secrets: {credentials: keys}\n  redis: {host: redis.example.com, port: 6379, username: u, password: p}\n" + databases
	case "tls":
		return head + "  profile: self-managed\n  redis: {host: redis.example.com, port: 6379, password: p, tls: {ca: {placeholder: <a>}, certificate: {placeholder: <b>}, key: {placeholder: <c>}}}\n" + databases
	default:
		return head + "  profile: self-managed\n  redis: {host: redis.example.com, port: 6379, password: p}\n" + databases
	}
}

// leaves are the paths to all that is no mapping with something in it.
func leaves(n *yaml.Node, path []string) [][]string {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return [][]string{path}
	}
	var found [][]string
	for key, value := range manifest.Fields(n) {
		found = append(found, leaves(value, append(slices.Clone(path), key.Value))...)
	}
	return found
}

var step = regexp.MustCompile(`\.([A-Za-z]+)|\["([^"]+)"\]`)

// ignored are the paths that a document ignores in objects, by Kind/name.
func ignored(t *testing.T, r Result) map[string][][]string {
	t.Helper()
	data, err := ignoreDocument(r)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := manifest.ReadDocuments("ignore", data)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][][]string{}
	for _, n := range manifest.Items(manifest.Field(docs[0], "ignoreDifferences")) {
		id := manifest.Text(n, "kind") + "/" + manifest.Text(n, "name")
		for _, e := range manifest.Items(manifest.Field(n, "jqPathExpressions")) {
			var path []string
			for _, m := range step.FindAllStringSubmatch(e.Value, -1) {
				path = append(path, m[1]+m[2])
			}
			found[id] = append(found[id], path)
		}
	}
	return found
}

// What the operator has added to the APIManager and the Secrets of each export is
// ignored, and nothing that is rendered.
func TestIgnoreDocument_operator(t *testing.T) {
	const base = "apiVersion: apps.3scale.net/v1alpha1\nkind: APIManager\nmetadata: {name: apimanager, namespace: threescale}\nspec: {wildcardDomain: apps.example.com, externalComponents: {system: {database: true}}}\n"
	added := 0
	for name, path := range testinput.OperatorExports(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		live, err := manifest.Read(path, data)
		if err != nil {
			t.Fatal(err)
		}
		r := generated(t, specOf(name), base)
		paths := ignored(t, r)
		if len(paths) != 1 {
			t.Errorf("%s: differences are ignored in %d objects", name, len(paths))
		}
		covered := func(o manifest.Object, path []string) bool {
			return slices.ContainsFunc(paths[o.String()], func(p []string) bool {
				return len(p) <= len(path) && slices.Equal(p, path[:len(p)])
			})
		}
		for _, ours := range r.Objects {
			i := slices.IndexFunc(live, func(o manifest.Object) bool { return o.String() == ours.String() })
			if i < 0 {
				t.Fatalf("%s: has no %s", name, ours)
			}
			for _, path := range leaves(ours.Node, nil) {
				if covered(ours, path) {
					t.Errorf("%s: %s: %v is rendered, and ignored", name, ours, path)
				}
			}
			for _, path := range leaves(live[i].Node, nil) {
				// What a server writes into each object, Argo CD knows by itself; the
				// labels of an upgraded installation are those that 2.15 renders.
				server := path[0] == "metadata" && !slices.Contains([]string{"annotations", "labels"}, path[1])
				if server || path[len(path)-1] == "app" || path[len(path)-1] == "threescale_component" || manifest.Field(ours.Node, path...) != nil {
					continue
				}
				if added++; !covered(ours, path) {
					t.Errorf("%s: %s: %v was added by the operator, and is not ignored", name, ours, path)
				}
			}
		}
	}
	if added < 200 {
		t.Errorf("only %d fields were added", added)
	}
}

// Fields that the base has itself are not ignored; highAvailability is what the
// operator rewrites.
func TestIgnoreDocument_base(t *testing.T) {
	of := specOf("2.16.3-external.yaml")
	all := ignored(t, generated(t, of, ""))["APIManager/apimanager"]
	own := "{apiVersion: apps.3scale.net/v1alpha1, kind: APIManager, metadata: {name: prod}, spec: {highAvailability: {enabled: true}, system: {appSpec: {replicas: 2}}, tenantName: 3scale}}"
	r := generated(t, of, own)
	got := ignored(t, r)["APIManager/prod"]
	has := func(paths [][]string, path ...string) bool {
		return slices.ContainsFunc(paths, func(p []string) bool { return slices.Equal(p, path) })
	}
	for _, path := range [][]string{{"spec", "system", "appSpec"}, {"spec", "tenantName"}} {
		if has(got, path...) || !has(all, path...) {
			t.Errorf("%v: ignored with the base: %t, without: %t", path, has(got, path...), has(all, path...))
		}
	}
	for _, path := range [][]string{{"spec", "highAvailability"}, {"spec", "externalComponents"}} {
		if !has(got, path...) || has(all, path...) {
			t.Errorf("%v: ignored with the base: %t, without: %t", path, has(got, path...), has(all, path...))
		}
	}
	if !has(got, "metadata", "annotations", wiring.VersionAnnotation) || !has(got, "status") || !has(got, "spec", "system", "sidekiqSpec") {
		t.Errorf("only %v", got)
	}
	if warned := len(ownFields(r)); warned != 0 {
		t.Errorf("%d warnings with a base", warned)
	}
	if warned := ownFields(generated(t, of, "")); len(warned) != 1 || warned.Failed() {
		t.Errorf("without a base: %v", warned)
	}
}

func (oneFile) Chart(string) (helm.Source, error) { panic("is no chart") }
