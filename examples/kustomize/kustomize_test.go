// Package kustomize holds what users copy to run an installation with Kustomize.
package kustomize

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	builtin "github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// The Component in redis/ is what render writes there.
func TestComponent(t *testing.T) {
	data, err := os.ReadFile(spec.FileName)
	if err != nil {
		t.Fatal(err)
	}
	r, err := generator.Generate(spec.Parse([]spec.Layer{{Name: spec.FileName, Data: data}}, nil), generator.Secrets{}, generator.Named{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := format.Find("kustomize")
	if err != nil {
		t.Fatal(err)
	}
	files, err := f.Files(format.Result{Name: spec.FileName, Patched: r})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{}
	for _, file := range files {
		want[filepath.FromSlash(file.Name)] = bytes.TrimPrefix(file.Data, []byte(manifest.Marker+"\n"))
	}
	err = filepath.WalkDir("redis", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		name, _ := filepath.Rel("redis", path)
		got, err := os.ReadFile(path)
		if string(bytes.TrimPrefix(got, []byte(manifest.Marker+"\n"))) != string(want[name]) {
			t.Errorf("%s is not what `threescale-redis render -o kustomize -d redis/` writes", path)
		}
		delete(want, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("redis/%s is missing", name)
	}
}

// The recipe brings the Secrets of the Component and no other, and its token to
// the pods; the programs of users print the same.
func TestBuild(t *testing.T) {
	root, err := os.OpenRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	built, issues := builtin.Build(root, ".", io.ReadAll)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	check(t, built)
	for _, program := range []string{"kustomize-v5.5.0", "kustomize-v5.8.2"} {
		t.Run(program, func(t *testing.T) {
			out, err := exec.Command(testinput.Program(t, program), "build", ".").Output()
			if err != nil {
				t.Fatal(err)
			}
			check(t, out)
		})
	}
}

func check(t *testing.T, built []byte) {
	t.Helper()
	objects, err := manifest.Read("built", built)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.String())
		token := manifest.Text(o.Node, "spec", "template", "metadata", "annotations", wiring.TokenAnnotation)
		if o.Kind() == "DeploymentConfig" && (token == "" || !strings.Contains(manifest.Text(o.Node, "metadata", "labels", "app"), "3scale")) {
			t.Errorf("%s has the token %q", o, token)
		}
	}
	slices.Sort(names)
	want := []string{
		"DeploymentConfig/backend-cron", "DeploymentConfig/backend-listener", "DeploymentConfig/backend-worker",
		"DeploymentConfig/system-app", "DeploymentConfig/system-sidekiq", "DeploymentConfig/system-sphinx",
		"ExternalSecret/backend-redis", "ExternalSecret/system-redis",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the objects are %v", names)
	}
	if !bytes.Contains(built, []byte("MESSAGE_BUS_REDIS_SENTINEL_HOSTS")) || !bytes.Contains(built, []byte("RACK_ENV")) {
		t.Error("env vars are missing")
	}
}
