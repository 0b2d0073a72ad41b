package kustomize_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
)

const (
	canary = "canary-2f9d"
	secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: b}\nstringData:\n  a: " + canary + "\n"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// build builds the kustomization in a directory, which is all that may be read.
func build(t *testing.T, dir string) ([]byte, diag.Issues) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	return kustomize.Build(root, ".", io.ReadAll)
}

// TestBuild_errors: no message quotes a value, and each helps.
func TestBuild_errors(t *testing.T) {
	const k = "kustomization.yaml"
	tests := map[string]struct{ kustomization, other, want string }{
		"missing file":    {"resources: [nix.yaml]", "", k + ":1:13: error: resources[0]: there is no such file"},
		"no kinds":        {"resources: [other.yaml]", "a: " + canary, "other.yaml:1:1: error: kind: is required"},
		"list":            {"resources: [other.yaml]", "- " + canary, "other.yaml:1:1: error: must be a Kubernetes object"},
		"no name":         {"resources: [other.yaml]", "apiVersion: v1\nkind: Secret\nstringData: {a: " + canary + "}", "other.yaml:1:1: error: metadata.name: is required"},
		"no YAML":         {"resources: [other.yaml]", "a: 1\nb: " + canary + ": c", "other.yaml:2:1: error: is not YAML"},
		"key twice":       {"resources: [other.yaml]", secret + "stringData: {}", "other.yaml:6:1: error: stringData: is given twice: first at other.yaml:4:1"},
		"twice":           {"resources: [secret.yaml, other.yaml]", secret, "has Secret.v1.[noGrp]/b.[noNs] twice"},
		"unknown key":     {"resorces: [" + canary + "]", "", k + `:1:1: error: resorces: unknown key` + "\n" + `  hint: did you mean "resources"?`},
		"wrong type":      {"resources: " + canary, "", k + ":1:12: error: resources: must be a list"},
		"number":          {"namePrefix: 1", "", k + ":1:13: error: namePrefix: must be a string: quote it"},
		"two mistakes":    {"namePrefix: 1\nresources: [nix.yaml]", "", k + ":2:13: error: resources[0]: there is no such file"},
		"deep in it":      {"patches: [{target: {kind: [" + canary + "]}}]", "", k + ":1:27: error: patches[0].target.kind: must be a string"},
		"patch of none":   {"resources: [secret.yaml]\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: q}, data: {a: " + canary + "}}'}]", "", "patch of Secret.v1.[noGrp]/q.[noNs]"},
		"bad patch":       {"resources: [secret.yaml]\npatches: [{patch: '" + canary + "'}]", "", "is neither a strategic merge patch nor a JSON patch"},
		"patch no YAML":   {"resources: [secret.yaml]\npatches: [{patch: 'a: " + canary + ": b'}]", "", k + ":2:19: error: patches[0].patch: is not YAML"},
		"failing test":    {"resources: [secret.yaml]\npatches: [{target: {kind: Secret}, patch: '[{\"op\": \"test\", \"path\": \"/stringData/a\", \"value\": \"" + canary + "x\"}]'}]", "", "kustomize can't build it"},
		"literal":         {"secretGenerator: [{name: x, literals: [" + canary + "]}]", "", "kustomize can't build it"},
		"outside":         {"resources: [/etc/passwd]", "", k + ":1:13: error: resources[0]: leads out of the repository"},
		"above":           {"resources: [../../x]", "", k + ":1:13: error: resources[0]: leads out of the repository"},
		"function":        {"generators: [other.yaml]", "apiVersion: v1\nkind: F\nmetadata: {name: b, annotations: {config.kubernetes.io/function: 'exec: {path: /" + canary + "}'}}", "needs a plugin"},
		"chart":           {"helmCharts: [{name: " + canary + "}]", "", k + ":1:1: error: helmCharts: needs helm, which is not run here"},
		"bad replacement": {"resources: [secret.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: " + canary + "}, targets: [{select: {kind: Secret}, fieldPaths: [data.c]}]}]", "", "kustomize can't build it"},
		"no target":       {"resources: [secret.yaml]\nreplacements: [{source: {kind: Secret}, targets: [null]}]", "", "makes kustomize break off"},
		"image":           {"resources: [secret.yaml]\nimages: [{name: 'x(', newTag: a}]", "", k + ":2:17: error: images[0].name: must be a regular expression"},
		"selector":        {"resources: [secret.yaml]\npatches: [{path: other.yaml, target: {name: 'x('}}]", "", k + ":2:45: error: patches[0].target.name: must be a regular expression"},
		"schema":          {"resources: [secret.yaml]\nopenapi: {path: other.yaml}\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: b}}'}]", canary, "makes kustomize break off"},
		"other kind":      {"kind: " + canary, "", k + ":1:7: error: kind: must be Kustomization or Component"},
		"self alias":      {"resources: [other.yaml]", "apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: &a [*a]", "other.yaml:1:1: error: its aliases expand to more"},
		"self alias here": {"resources: &a [*a]", "", k + ":1:1: error: its aliases expand to more"},
		"bomb":            {"resources: [other.yaml]", "kind: A\nmetadata: {name: a}\n" + bomb, "other.yaml:1:1: error: its aliases expand to more"},
		"bomb in a patch": {"patches: [{path: other.yaml}]", bomb, "other.yaml:1:1: error: its aliases expand to more"},
		"inline bomb":     {"patches:\n- patch: |-\n    " + strings.ReplaceAll(bomb, "\n", "\n    "), "", k + ":2:10: error: patches[0].patch: its aliases expand to more"},
		"bomb inside":     {"transformers:\n- |-\n  " + strings.ReplaceAll(bomb, "\n", "\n  "), "", k + ":2:3: error: transformers[0]: its aliases expand to more"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{k: tt.kustomization + "\n", "secret.yaml": secret, "other.yaml": tt.other + "\n"})
			data, issues := build(t, dir)
			if !issues.Failed() || data != nil {
				t.Fatalf("no error, but %v\n%s", issues, data)
			}
			if !strings.Contains(issues.Error(), tt.want) {
				t.Errorf("%q is missing in: %v", tt.want, issues)
			}
			if strings.Contains(issues.Error(), canary) {
				t.Errorf("the error quotes a value: %v", issues)
			}
		})
	}
}

// bomb is a few lines of aliases that stand for gigabytes.
var bomb = func() string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10))
	}
	return text
}()

// TestBuild_remote: neither HTTP nor git leaves the machine, and both work again
// for others afterwards.
func TestBuild_remote(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++ }))
	defer server.Close()
	// A git that says that it was run.
	git := folder(t, map[string]string{"git": "#!/bin/sh\necho run >> \"$0.log\"\nexit 1\n"})
	if err := os.Chmod(filepath.Join(git, "git"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := git + ":/usr/bin:/bin"
	t.Setenv("PATH", path)
	for name, kustomization := range map[string]string{
		"resource by HTTP":    "resources: [" + server.URL + "/x.yaml]",
		"patch by HTTP":       "resources: [secret.yaml]\npatches: [{path: " + server.URL + "/x.yaml}]",
		"transformer by HTTP": "resources: [secret.yaml]\ntransformers: [" + server.URL + "/x.yaml]",
		"file by HTTP":        "configMapGenerator: [{name: x, files: [a=" + server.URL + "/x.yaml]}]",
		"git over HTTP":       "resources: ['" + server.URL + "/a/b.git?ref=main']",
		"git over SSH":        "resources: ['git@127.0.0.1:a/b.git']",
		"local repository":    "resources: ['file:///a/b.git']",
		"component":           "components: ['https://127.0.0.1:1/a/b?ref=main']",
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"kustomization.yaml": kustomization + "\n", "secret.yaml": secret})
			_, issues := build(t, dir)
			if !issues.Failed() || !strings.Contains(issues.Error(), "names something remote, and rendering uses no network") {
				t.Errorf("the issues are %v", issues)
			}
		})
	}
	if asked > 0 {
		t.Error("the server was asked")
	}
	if _, err := os.Stat(filepath.Join(git, "git.log")); err == nil {
		t.Error("git was run")
	}
	if os.Getenv("PATH") != path {
		t.Error("the PATH is not put back")
	}
	if answer, err := http.Get(server.URL); err != nil {
		t.Errorf("HTTP is not put back: %v", err)
	} else {
		answer.Body.Close()
	}
}

func TestClusterScoped(t *testing.T) {
	for kind, want := range map[string]bool{
		"v1 Namespace": true, "rbac.authorization.k8s.io/v1 ClusterRole": true, "v1 PersistentVolume": true,
		"v1 Secret": false, "rbac.authorization.k8s.io/v1 RoleBinding": false, "apps.openshift.io/v1 DeploymentConfig": false,
		"route.openshift.io/v1 Route": false, "policy/v1beta1 PodDisruptionBudget": false,
	} {
		apiVersion, kind, _ := strings.Cut(kind, " ")
		if got := kustomize.ClusterScoped(apiVersion, kind); got != want {
			t.Errorf("%s %s: %t", apiVersion, kind, got)
		}
	}
}
