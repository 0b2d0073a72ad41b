package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// TestChart_package renders the package of the chart as the chart itself, with the
// values that the program of the release writes.
func TestChart_package(t *testing.T) {
	testinput.Program(t, "helm-v4.3.1")
	values := filepath.Join(t.TempDir(), "values.yaml")
	printed := output(t, program(here(t), "linux"), "render", "-o", "helm-values", filepath.Join(root, "examples/ci/environments/prod"))
	if err := os.WriteFile(values, []byte(printed), 0o644); err != nil {
		t.Fatal(err)
	}
	inDir(t, root, "make", "chart", "VERSION=1.2.3")
	packed := filepath.Join(dist, "chart/threescale-redis-1.2.3.tgz")
	for _, name := range []string{"helm-v3.22.0", "helm-v4.3.1"} {
		helm := testinput.Program(t, name)
		from := func(chart string) string {
			t.Helper()
			out, err := exec.Command(helm, "template", "redis", chart, "--values", values).Output()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return string(out)
		}
		if out, err := exec.Command(helm, "lint", "--strict", "--quiet", packed, "--values", values).CombinedOutput(); err != nil {
			t.Errorf("%s lint: %v\n%s", name, err, out)
		}
		want := from(filepath.Join(root, "charts/threescale-redis"))
		if diff := cmp.Diff(want, from(packed)); diff != "" || want == "" {
			t.Errorf("%s renders the package otherwise (-chart +package):\n%s", name, diff)
		}
		if out, err := exec.Command(helm, "template", "redis", packed, "--set", "secrets=x").CombinedOutput(); err == nil {
			t.Errorf("%s does not check the values against the schema of the package:\n%s", name, out)
		}
	}
	if err := os.Remove(packed); err != nil {
		t.Fatal(err)
	}
}

// TestChart_README wants the README of the chart to be made from its values.
func TestChart_README(t *testing.T) {
	docs := testinput.Program(t, "helm-docs-v1.14.2")
	cmd := exec.Command(docs, "--chart-search-root", "charts", "--template-files", "./README.md.gotmpl", "--dry-run")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(readText(t, "charts/threescale-redis/README.md"), string(out)); diff != "" {
		t.Errorf("run `make chart-readme` (-README +values):\n%s", diff)
	}
}
