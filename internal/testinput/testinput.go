// Package testinput finds real inputs for tests: the OpenShift templates of
// 3scale and exports of installations, in a folder named shared beside the
// repository. Tests skip, and say so, where it is absent.
package testinput

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"testing"
)

// Template reads a template: Template(t, "2.7.1.GA", "amp.yml").
func Template(t testing.TB, tag, name string) []byte {
	t.Helper()
	return read(t, "templates", tag, name)
}

// Templates returns the paths of all templates at hand, by tag/name.
func Templates(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder(t), "templates", "*", "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no templates in %s: %v", folder(t), err)
	}
	templates := map[string]string{}
	for _, p := range paths {
		templates[filepath.Base(filepath.Dir(p))+"/"+filepath.Base(p)] = p
	}
	return templates
}

// SampleTemplates are the templates of the oldest and the newest tag, or all where
// FULL is set: for tests that take long with each.
func SampleTemplates(t testing.TB) map[string]string {
	t.Helper()
	templates := Templates(t)
	if Full(t, "the templates between the oldest and the newest") {
		return templates
	}
	names := slices.Sorted(maps.Keys(templates))
	oldest, newest := path.Dir(names[0]), path.Dir(names[len(names)-1])
	maps.DeleteFunc(templates, func(name, _ string) bool { return path.Dir(name) != oldest && path.Dir(name) != newest })
	return templates
}

// Digests reads the list of the digests of all published templates.
func Digests(t testing.TB) []byte {
	t.Helper()
	return read(t, "templates", "SHA256SUMS")
}

// Export reads an export of an installation: Export(t, "installed-2.6.0.GA.yaml").
func Export(t testing.TB, name string) []byte {
	t.Helper()
	return read(t, "exports", name)
}

// OperatorExports returns the paths of the exports of installations that an operator
// runs, by name: 2.16.3-tls.yaml.
func OperatorExports(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder(t), "exports", "operator", "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no exports in %s: %v", folder(t), err)
	}
	exports := map[string]string{}
	for _, p := range paths {
		exports[filepath.Base(p)] = p
	}
	return exports
}

// Source returns the path of the source of a program: Source(t, "redis-3.2.13.tar.gz").
func Source(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join(folder(t), "src", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("skipped: %s is absent", file)
	}
	return file
}

// Full reports whether FULL is set, as `make check` does: tests that take long then
// run all of what. Else they run a part, and say so.
func Full(t testing.TB, what string) bool {
	t.Helper()
	if os.Getenv("FULL") != "" { //nolint:forbidigo // only tests import this package
		return true
	}
	t.Logf("skipped: %s: `make check` runs it", what)
	return false
}

// Program finds a real program, such as kustomize-v5.8.2. A test that needs one
// skips where it is missing, unless REQUIRE_TOOLS is set, as `make check` does.
func Program(t testing.TB, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	switch {
	case err == nil:
		return file
	case os.Getenv("REQUIRE_TOOLS") != "": //nolint:forbidigo // only tests import this package
		t.Fatalf("%s is not on the PATH: run `make tools`", name)
	default:
		t.Skipf("skipped: %s is not on the PATH: `make check` installs and uses it", name)
	}
	return ""
}

func read(t testing.TB, elems ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{folder(t)}, elems...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// folder is the folder shared beside the repository.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	shared := filepath.Join(filepath.Dir(dir), "shared")
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("skipped: no real templates and exports: %s is absent", shared)
	}
	return shared
}
