// Package examples holds what users copy.
package examples

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// The Component in redis/ is what render writes there.
func TestComponents(t *testing.T) {
	for _, dir := range []string{"kustomize", "operator"} {
		want := component(t, dir)
		redis := filepath.Join(dir, "redis")
		err := filepath.WalkDir(redis, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
				return err
			}
			name, _ := filepath.Rel(redis, path)
			got, err := os.ReadFile(path)
			if string(unmarked(got)) != string(want[name]) {
				t.Errorf("%s is not what `threescale-redis render -o kustomize -d redis/` writes", path)
			}
			delete(want, name)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name := range want {
			t.Errorf("%s/%s is missing", redis, name)
		}
	}
}

// builds checks what the built-in Kustomize makes of a folder, and what the programs of
// users do.
func builds(t *testing.T, dir string, check func(*testing.T, []byte)) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	built, issues := kustomize.Build(root, ".", io.ReadAll)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	check(t, built)
	for _, program := range []string{"kustomize-v5.5.0", "kustomize-v5.8.2"} {
		t.Run(program, func(t *testing.T) {
			out, err := exec.Command(testinput.Program(t, program), "build", dir).Output()
			if err != nil {
				t.Fatal(err)
			}
			check(t, out)
		})
	}
}

// component returns the files that the spec of an example renders to.
func component(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, spec.FileName))
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
	found := map[string][]byte{}
	for _, file := range files {
		found[filepath.FromSlash(file.Name)] = unmarked(file.Data)
	}
	return found
}

func unmarked(data []byte) []byte { return bytes.TrimPrefix(data, []byte(manifest.Marker+"\n")) }
