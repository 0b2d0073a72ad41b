package kustomize_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// TestBuild_race: a writer who changes links while builds run gets no file from
// outside of the root into one.
func TestBuild_race(t *testing.T) {
	top := t.TempDir()
	repo := filepath.Join(top, "repo", "base")
	object := func(from string) []byte {
		return fmt.Appendf(nil, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {from: %s}\n", from)
	}
	if err := errors.Join(
		os.MkdirAll(filepath.Join(repo, "in"), 0o755), os.MkdirAll(filepath.Join(top, "other"), 0o755),
		os.WriteFile(filepath.Join(repo, "kustomization.yaml"), []byte("resources: [link/a.yaml, link.yaml]\nnameSuffix: -x\n"), 0o644),
		os.WriteFile(filepath.Join(repo, "in/a.yaml"), object("inside"), 0o644),
		os.WriteFile(filepath.Join(repo, "in/b.yaml"), bytes.Replace(object("inside"), []byte("name: a"), []byte("name: b"), 1), 0o644),
		os.WriteFile(filepath.Join(top, "other/a.yaml"), object(canary), 0o644),
		os.WriteFile(filepath.Join(top, "other/b.yaml"), bytes.Replace(object(canary), []byte("name: a"), []byte("name: b"), 1), 0o644),
		os.Symlink("in", filepath.Join(repo, "link")), os.Symlink("in/b.yaml", filepath.Join(repo, "link.yaml")),
	); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			target := []string{"in", "../../other"}[i%2]
			temp := filepath.Join(repo, "temp")
			_ = os.Symlink(target, temp)
			_ = os.Rename(temp, filepath.Join(repo, "link"))
			_ = os.Symlink(target+"/b.yaml", temp)
			_ = os.Rename(temp, filepath.Join(repo, "link.yaml"))
		}
	})
	root, err := os.OpenRoot(filepath.Join(top, "repo"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	builds := 60
	if testinput.Full(t, "240 more builds") {
		builds = 300
	}
	built := 0
	for range builds {
		data, issues := kustomize.Build(root, "base", io.ReadAll)
		if bytes.Contains(data, []byte(canary)) || strings.Contains(issues.Error(), canary) {
			t.Fatalf("a build holds the file of somebody else:\n%s%v", data, issues)
		}
		if !issues.Failed() {
			built++
		}
	}
	close(stop)
	writer.Wait()
	t.Logf("%d of %d builds were built", built, builds)
}

// TestBuild_prints: Kustomize prints nothing itself, and what it would say is a
// warning of ours, without a value.
func TestBuild_prints(t *testing.T) {
	dir := folder(t, map[string]string{"secret.yaml": secret, "kustomization.yaml": `resources: [secret.yaml]
commonLabels: {a: b}
vars:
- name: UNUSED
  objref: {apiVersion: v1, kind: Secret, name: b}
  fieldref: {fieldPath: stringData}
`})
	stderr, logged := os.Stderr, log.Writer()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	log.SetOutput(w)
	_, issues := build(t, dir)
	back := os.Stderr == w && log.Writer() == io.Writer(w)
	os.Stderr = stderr
	log.SetOutput(logged)
	w.Close()
	if printed, err := io.ReadAll(r); err != nil || len(printed) > 0 {
		t.Errorf("Kustomize prints %q: %v", printed, err)
	}
	if !back {
		t.Error("standard error is not put back")
	}
	const want = `.: warning: kustomize has a warning about it
  hint: "kustomize build" prints it, and may quote secrets of the manifests
kustomization.yaml:2:1: warning: commonLabels: is deprecated in Kustomize: use labels
kustomization.yaml:3:1: warning: vars: is deprecated in Kustomize: use replacements`
	if issues.Error() != want {
		t.Errorf("got  %s\nwant %s", issues, want)
	}
}

// TestBuild_schema: the schema of one build is not that of the next one.
func TestBuild_schema(t *testing.T) {
	const patched = `resources: [deployment.yaml]
patches:
- patch: |-
    {apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{name: c, env: [{name: E, value: v}]}]}}}}
`
	const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {spec: {containers: [{name: c, image: i}]}}}
`
	plain := folder(t, map[string]string{"kustomization.yaml": patched, "deployment.yaml": deployment})
	want, issues := build(t, plain)
	if issues.Failed() || !bytes.Contains(want, []byte("image: i")) {
		t.Fatalf("%v\n%s", issues, want)
	}
	for name, schema := range map[string]string{"other": "definitions: {}\n", "broken": "x\n"} {
		_, issues := build(t, folder(t, map[string]string{
			"kustomization.yaml": patched + "openapi: {path: schema.yaml}\n", "deployment.yaml": deployment, "schema.yaml": schema,
		}))
		if issues.Failed() != (name == "broken") {
			t.Errorf("with the %s schema: %v", name, issues)
		}
		if got, issues := build(t, plain); issues.Failed() || !bytes.Equal(got, want) {
			t.Errorf("after a build with the %s schema: %v\n%s", name, issues, got)
		}
	}
}

// TestBuild_places: a base that is named from ever more places doubles with each
// level.
func TestBuild_places(t *testing.T) {
	files := map[string]string{}
	for level := range 24 {
		for _, side := range []string{"a", "b"} {
			files[fmt.Sprintf("%d%s/kustomization.yaml", level, side)] = fmt.Sprintf("namePrefix: %s-\nresources: [../%da, ../%db]\n", side, level+1, level+1)
		}
	}
	for _, side := range []string{"a", "b"} {
		files["24"+side+"/kustomization.yaml"] = "namePrefix: " + side + "-\nconfigMapGenerator: [{name: x, literals: [a=b]}]\n"
	}
	dir := folder(t, files)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, issues := kustomize.Build(root, "0a", io.ReadAll); !issues.Failed() || !strings.Contains(issues.Error(), "named from too many places") {
		t.Errorf("the issues are %v", issues)
	}
}

// runaway says that this process is the child of TestBuild_memory.
const runaway = "KUSTOMIZE_RUNAWAY"

// TestBuild_memory: a build that would need gigabytes is given up, and so are
// those after it. The process can only end then, so it is one of its own.
func TestBuild_memory(t *testing.T) {
	if dir := os.Getenv(runaway); dir != "" {
		for range 2 {
			_, issues := build(t, dir)
			fmt.Println(issues)
		}
		return
	}
	var objects strings.Builder
	for i := range 1_500 {
		fmt.Fprintf(&objects, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n", i)
	}
	dir := folder(t, map[string]string{
		// Kustomize parses a name as YAML, which takes long, unless it has a line break.
		"kustomization.yaml": "resources: [objects.yaml]\nnamePrefix: \"" + strings.Repeat("x", 250<<10) + "\\n\"\n",
		"objects.yaml":       objects.String(),
	})
	cmd := exec.Command(os.Args[0], "-test.run=^TestBuild_memory$")
	cmd.Env = append(os.Environ(), runaway+"="+dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := diag.Issue{Pos: diag.Position{File: "."}, Message: "kustomize needs more than 352 MiB of memory to build it"}.String() + "\n"
	if !strings.HasPrefix(string(out), want+want) {
		t.Errorf("the child prints %q", out)
	}
	t.Logf("the child had %d MiB at most", maxRSS(cmd.ProcessState)>>20)
}

// TestClusterScoped_building: builds that run at the same time, each with a schema of its
// own, change no answer.
func TestClusterScoped_building(t *testing.T) {
	dir := folder(t, map[string]string{
		"kustomization.yaml": "resources: [secret.yaml]\nopenapi: {path: schema.yaml}\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: b}}'}]\n",
		"secret.yaml":        secret,
		"schema.yaml": `{"definitions": {}, "paths": {"/apis/example.com/v1/things/{name}": ` +
			`{"get": {"x-kubernetes-action": "get", "x-kubernetes-group-version-kind": {"group": "example.com", "kind": "Thing", "version": "v1"}}}}}`,
	})
	builds := 8
	if testinput.Full(t, "42 more builds, with a schema of their own") {
		builds = 50
	}
	built := make(chan struct{})
	go func() {
		defer close(built)
		for range builds {
			_, _ = build(t, dir)
		}
	}()
	for asked := 0; ; asked++ {
		if kustomize.ClusterScoped("example.com/v1", "Thing") {
			t.Fatalf("asked %d times, and then another answer", asked)
		}
		select {
		case <-built:
			return
		default:
		}
	}
}
