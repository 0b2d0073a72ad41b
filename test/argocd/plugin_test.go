package argocd

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

const baseSpec = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: base}
spec:
  release: "2.7"
  profile: self-managed
  redis: {host: redis.example.com, password: {fromEnv: REDIS_PASSWORD}}
  databases:
    backendStorage: {db: 0}
    backendQueues: {db: 1}
    system: {db: 2, namespace: system}
    messageBus: {db: 3, namespace: bus}
`

const prodLayer = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: prod, namespace: threescale}
spec:
  redis: {host: prod.example.com}
`

// environments is a repository with a complete spec, a layer over it, and a
// folder without a spec.
func environments(t testing.TB) string {
	return repository(t, map[string]string{
		"dev/threescale-redis.yaml":  baseSpec,
		"prod/threescale-redis.yaml": prodLayer,
		"none/README.md":             "nothing here\n",
		"bad/threescale-redis.yaml":  strings.Replace(baseSpec, "{fromEnv: REDIS_PASSWORD}", "[canary]", 1),
	})
}

// password sets REDIS_PASSWORD in an Application.
func password(text string) v1alpha1.Env {
	return v1alpha1.Env{{Name: "REDIS_PASSWORD", Value: text}}
}

func array(name string, values ...string) v1alpha1.ApplicationSourcePluginParameter {
	return v1alpha1.ApplicationSourcePluginParameter{Name: name, OptionalArray: &v1alpha1.OptionalArray{Array: values}}
}

func dict(name string, values map[string]string) v1alpha1.ApplicationSourcePluginParameter {
	return v1alpha1.ApplicationSourcePluginParameter{Name: name, OptionalMap: &v1alpha1.OptionalMap{Map: values}}
}

// encoded is how a text that is a whole value stands in a Secret.
func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestPlugin_match(t *testing.T) {
	s, repo := startServer(t, examples), environments(t)
	for path, want := range map[string]bool{"dev": true, "prod": true, "none": false} {
		if got := s.matches(t, app{repo: repo, path: path}); got != want {
			t.Errorf("%s matches: %t", path, got)
		}
	}
}

// TestPlugin_parameters applies what is announced, and wants what comes without.
func TestPlugin_parameters(t *testing.T) {
	s := startServer(t, examples)
	a := app{repo: environments(t), path: "dev", plugin: v1alpha1.ApplicationSourcePlugin{Env: password("p")}}
	announced, err := s.parameters(t, a)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.generate(t.Context(), t, a)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range announced.ParameterAnnouncements {
		names = append(names, p.Name)
		switch p.CollectionType {
		case "array":
			a.plugin.Parameters = append(a.plugin.Parameters, array(p.Name, p.Array...))
		case "map":
			a.plugin.Parameters = append(a.plugin.Parameters, dict(p.Name, p.Map))
		default:
			t.Errorf("parameter %s is neither an array nor a map", p.Name)
		}
	}
	if got := strings.Join(names, " "); got != "files set" {
		t.Errorf("announced are %s", got)
	}
	if got, err := s.generate(t.Context(), t, a); err != nil || got != want {
		t.Errorf("what is announced is not what is applied: %v\n%s", err, got)
	}
}

func TestPlugin_layersAndFields(t *testing.T) {
	s := startServer(t, examples)
	got, err := s.generate(t.Context(), t, app{repo: environments(t), path: "prod", plugin: v1alpha1.ApplicationSourcePlugin{
		Env: password("p"),
		Parameters: v1alpha1.ApplicationSourcePluginParameters{
			array("files", "../dev/threescale-redis.yaml", "threescale-redis.yaml"),
			dict("set", map[string]string{"spec.databases.system.namespace": "other"}),
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		encoded("redis://:p@prod.example.com:6379/0"), encoded("other"), `"namespace":"threescale"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in:\n%s", want, got)
		}
	}
}

func TestPlugin_manyRequests(t *testing.T) {
	const canary = "canary-of-the-application"
	s := startServer(t, examples)
	a := app{repo: environments(t), path: "dev", plugin: v1alpha1.ApplicationSourcePlugin{Env: password(canary)}}
	want, err := s.generate(t.Context(), t, a)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(want, encoded("redis://:"+canary+"@redis.example.com:6379/0")) {
		t.Errorf("the password is not in:\n%s", want)
	}
	sameAnswers(t, s, a, want, 1000)
	if log := s.log(t); strings.Contains(log, canary) {
		t.Error("the log of the server shows the secret")
	}
}

// TestPlugin_environment: whoever writes to Git can't read the environment of
// the sidecar, but for what the sidecar allows.
func TestPlugin_environment(t *testing.T) {
	s := startServer(t, examples, "REDIS_PASSWORD=canary-of-the-sidecar", "ALLOWED=from-the-sidecar",
		"THREESCALE_REDIS_ALLOWED_ENV=OTHER, ALLOWED")
	a := app{repo: environments(t), path: "dev"}
	_, err := s.generate(t.Context(), t, a)
	if err == nil || !strings.Contains(err.Error(), "ARGOCD_ENV_REDIS_PASSWORD is not set") {
		t.Errorf("want an error for REDIS_PASSWORD, got %v", err)
	}
	a.plugin.Env = v1alpha1.Env{{Name: "THREESCALE_REDIS_ALLOWED_ENV", Value: "REDIS_PASSWORD"}}
	if _, err := s.generate(t.Context(), t, a); err == nil {
		t.Error("an Application can allow itself the sidecar's environment")
	}
	a.plugin.Parameters = v1alpha1.ApplicationSourcePluginParameters{
		dict("set", map[string]string{"spec.redis.password.fromEnv": "ALLOWED"}),
	}
	got, err := s.generate(t.Context(), t, a)
	if want := encoded("redis://:from-the-sidecar@redis.example.com:6379/0"); err != nil || !strings.Contains(got, want) {
		t.Errorf("an allowed variable is not read: %v", err)
	}
	if strings.Contains(s.log(t), "canary") {
		t.Error("the log of the server shows the secret")
	}
}

func TestPlugin_errors(t *testing.T) {
	s, repo := startServer(t, examples), environments(t)
	if err := os.Symlink("loop.yaml", filepath.Join(repo, "none/loop.yaml")); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path       string
		parameters v1alpha1.ApplicationSourcePluginParameters
		want       string
	}{
		"bad spec":      {"bad", nil, "threescale-redis.yaml:7:46: error: spec.redis.password: must be a string, or a mapping"},
		"no spec":       {"none", nil, "there is no such file"},
		"symlink loop":  {"none", v1alpha1.ApplicationSourcePluginParameters{array("files", "loop.yaml")}, "too many levels of symbolic links"},
		"outside":       {"dev", v1alpha1.ApplicationSourcePluginParameters{array("files", "../../canary.yaml")}, "leads out of the repository"},
		"absolute":      {"dev", v1alpha1.ApplicationSourcePluginParameters{array("files", "/etc/passwd")}, "leads out of the repository"},
		"unknown":       {"dev", v1alpha1.ApplicationSourcePluginParameters{array("file", "canary")}, `did you mean "files"?`},
		"plain secret":  {"dev", v1alpha1.ApplicationSourcePluginParameters{dict("set", map[string]string{"spec.redis.password": "canary"})}, "spec.redis.password"},
		"no manifests":  {"dev", v1alpha1.ApplicationSourcePluginParameters{dict("set", map[string]string{"spec.secrets.delivery": "None"})}, "renders no manifests"},
		"secret's file": {"dev", v1alpha1.ApplicationSourcePluginParameters{dict("set", map[string]string{"spec.redis.password.fromFile": "/etc/passwd"})}, "leads out of the repository"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := app{repo: repo, path: tt.path, plugin: v1alpha1.ApplicationSourcePlugin{Env: password("canary"), Parameters: tt.parameters}}
			got, err := s.generate(t.Context(), t, a)
			if err == nil {
				t.Fatalf("no error, but:\n%s", got)
			}
			text := err.Error()
			if !strings.Contains(text, tt.want) {
				t.Errorf("%q is missing in: %v", tt.want, err)
			}
			if strings.Contains(strings.ReplaceAll(text, "canary.yaml", ""), "canary") || strings.Contains(text, s.workDir) {
				t.Errorf("the error shows a secret, or the path of the copy: %v", err)
			}
			if lines := strings.Count(text, "\n"); lines > 10 || len(text) > 1500 {
				t.Errorf("the error is too long for people: %d lines", lines)
			}
		})
	}
}

// TestPlugin_deadline lets requests run out of time at every moment of their
// life: each returns all manifests or none, and leaves no process behind.
func TestPlugin_deadline(t *testing.T) {
	s := startServer(t, examples)
	a := app{repo: environments(t), path: "dev", plugin: v1alpha1.ApplicationSourcePlugin{Env: password("p")}}
	want, err := s.generate(t.Context(), t, a)
	if err != nil {
		t.Fatal(err)
	}
	late := 0
	// The server keeps 100 ms of the time for its answer.
	for d := 100 * time.Millisecond; d < 200*time.Millisecond; d += 2 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		switch got, err := s.generate(ctx, t, a); {
		case err != nil:
			late++
		case got != want:
			t.Errorf("after %s an answer differs:\n%s", d, got)
		}
		cancel()
	}
	if late == 0 {
		t.Error("no request ran out of time")
	}
	for range 20 {
		if len(children(t, s.pid)) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if left := children(t, s.pid); len(left) > 0 {
		t.Errorf("processes are left behind: %v", left)
	}
	if got, err := s.generate(t.Context(), t, a); err != nil || got != want {
		t.Errorf("the server does not recover: %v", err)
	}
}

// children are the processes that a process has started and that still live.
func children(t *testing.T, pid int) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		t.Skip("there is no /proc to see processes in")
	}
	var found []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // It has ended.
		}
		var id, parent int
		var name, state string
		if _, err := fmt.Sscanf(string(data), "%d %s %s %d", &id, &name, &state, &parent); err == nil && parent == pid {
			found = append(found, name)
		}
	}
	return found
}
