package kustomize_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/filesys"

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
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBuild_errors: no message quotes a value, and each helps.
func TestBuild_errors(t *testing.T) {
	tests := map[string]struct{ kustomization, other, want string }{
		"missing file":    {"resources: [nix.yaml]", "", "nix.yaml: there is no such file"},
		"no kinds":        {"resources: [other.yaml]", "a: " + canary, "other.yaml: must be Kubernetes objects"},
		"list":            {"resources: [other.yaml]", "- " + canary, "other.yaml: must be Kubernetes objects"},
		"no name":         {"resources: [other.yaml]", "apiVersion: v1\nkind: Secret\nstringData: {a: " + canary + "}", "without metadata.name"},
		"no YAML":         {"resources: [other.yaml]", "a: 1\nb: " + canary + ": c", "other.yaml: is not YAML: line 2"},
		"twice":           {"resources: [secret.yaml, other.yaml]", secret, "has Secret.v1.[noGrp]/b.[noNs] twice"},
		"unknown key":     {"resorces: [" + canary + "]", "", `unknown key "resorces"`},
		"wrong type":      {"resources: " + canary, "", "kustomize can't build it"},
		"patch of none":   {"resources: [secret.yaml]\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: q}, data: {a: " + canary + "}}'}]", "", "patch of Secret.v1.[noGrp]/q.[noNs]"},
		"bad patch":       {"resources: [secret.yaml]\npatches: [{patch: '" + canary + "'}]", "", "is neither a strategic merge patch nor a JSON patch"},
		"failing test":    {"resources: [secret.yaml]\npatches: [{target: {kind: Secret}, patch: '[{\"op\": \"test\", \"path\": \"/stringData/a\", \"value\": \"" + canary + "x\"}]'}]", "", "kustomize can't build it"},
		"literal":         {"secretGenerator: [{name: x, literals: [" + canary + "]}]", "", "kustomize can't build it"},
		"outside":         {"resources: [/etc/passwd]", "", "/etc/passwd: is outside of its kustomization"},
		"function":        {"generators: [other.yaml]", "apiVersion: v1\nkind: F\nmetadata: {name: b, annotations: {config.kubernetes.io/function: 'exec: {path: /" + canary + "}'}}", "needs a plugin"},
		"chart":           {"helmCharts: [{name: " + canary + "}]", "", "needs a plugin or a chart"},
		"bad replacement": {"resources: [secret.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: " + canary + "}, targets: [{select: {kind: Secret}, fieldPaths: [data.c]}]}]", "", "kustomize can't build it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"kustomization.yaml": tt.kustomization + "\n", "secret.yaml": secret, "other.yaml": tt.other + "\n"})
			data, err := kustomize.Build(filesys.MakeFsOnDisk(), dir)
			if err == nil {
				t.Fatalf("no error, but:\n%s", data)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q is missing in: %v", tt.want, err)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes a value: %v", err)
			}
		})
	}
}

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
			_, err := kustomize.Build(filesys.MakeFsOnDisk(), dir)
			if err == nil || !strings.Contains(err.Error(), "names something remote, and rendering uses no network") {
				t.Errorf("the error is %v", err)
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
