package release_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// clone clones the last commit of the repository, with the tools of this one.
func clone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	inDir(t, root, "git", "clone", "--quiet", "--no-tags", ".", dir)
	tools, err := filepath.Abs(filepath.Join(root, ".tools"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(tools, filepath.Join(dir, ".tools")); err != nil {
		t.Fatal(err)
	}
	// .gitignore means the folder, and not a link in its place.
	if err := os.WriteFile(filepath.Join(dir, ".git/info/exclude"), []byte("/.tools\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func inDir(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// TestSnapshotVersion wants the version of a snapshot to say what it lacks: a tag, a
// commit of its own, a clean tree.
func TestSnapshotVersion(t *testing.T) {
	testinput.Program(t, "goreleaser-v2.15.1")
	dir := clone(t)
	config, err := os.ReadFile(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// Only the version is of interest: nothing is built.
	var all map[string]any
	if err := yaml.Unmarshal(config, &all); err != nil {
		t.Fatal(err)
	}
	only := map[string]any{
		"version": all["version"], "project_name": all["project_name"], "snapshot": all["snapshot"],
		"builds": []any{map[string]any{"skip": true}}, "changelog": all["changelog"],
	}
	config, err = yaml.Marshal(only)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "goreleaser.yaml")
	if err := os.WriteFile(file, config, 0o644); err != nil {
		t.Fatal(err)
	}
	expect := func(state, want string) {
		t.Helper()
		inDir(t, dir, "make", "release-snapshot", "CONFIG="+file)
		data, err := os.ReadFile(filepath.Join(dir, "dist/metadata.json"))
		if err != nil {
			t.Fatal(err)
		}
		var metadata struct{ Version string }
		if err := json.Unmarshal(data, &metadata); err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile("^" + want + "$").MatchString(metadata.Version) {
			t.Errorf("%s: the version is %s, want %s", state, metadata.Version, want)
		}
	}
	expect("no tag", `0\.0\.0-untagged\.[0-9a-f]{7,}`)
	inDir(t, dir, "git", "tag", "v1.2.3")
	expect("a tag", `1\.2\.4-snapshot\.[0-9a-f]{7,}`)
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte("changed\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	expect("a tag and a change", `1\.2\.4-snapshot\.[0-9a-f]{7,}\.dirty`)
	inDir(t, dir, "git", "tag", "-d", "v1.2.3")
	expect("a change and no tag", `0\.0\.0-untagged\.[0-9a-f]{7,}\.dirty`)
}

// TestReproducible makes the release once more, in another folder.
func TestReproducible(t *testing.T) {
	sums := artifacts(t, "Checksum")[0].Name
	want := string(distFile(t, sums))
	if strings.Contains(sums, ".dirty") || !strings.Contains(sums, strings.TrimSpace(inDir(t, root, "git", "rev-parse", "--short", "HEAD"))) {
		t.Skip("skipped: what is in dist was not made from the last commit")
	}
	dir := clone(t)
	inDir(t, dir, "make", "release-here")
	data, err := os.ReadFile(filepath.Join(dir, "dist", sums))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if !strings.Contains(want, line) {
			t.Errorf("a second build is not the same: %s is not in\n%s", line, want)
		}
	}
}
