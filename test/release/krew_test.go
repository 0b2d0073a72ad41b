package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// TestKrewManifest takes the manifest through krew's own validation. It knows no
// version like 0.0.0-untagged.1a2b3c4, and the archives are not published.
func TestKrewManifest(t *testing.T) {
	artifacts(t, "Archive")
	manifest := filepath.Join(dist, "krew/threescale-redis.yaml")
	out, err := exec.Command(testinput.Program(t, "validate-krew-manifest-v0.4.3"), "-manifest", manifest, "-skip-install").CombinedOutput()
	if err != nil {
		t.Errorf("krew: %v\n%s", err, out)
	}
	data, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	sums := string(distFile(t, artifacts(t, "Checksum")[0].Name))
	for _, a := range artifacts(t, "Archive") {
		line := a.Name
		i := strings.Index(sums, "  "+line)
		if i < 64 || !strings.Contains(string(data), sums[i-64:i]) || !strings.Contains(string(data), line) {
			t.Errorf("the manifest does not have %s with its checksum:\n%s", line, data)
		}
	}
}

// TestKubectl calls the program as kubectl does, which runs a plugin by its path.
func TestKubectl(t *testing.T) {
	dir := here(t)
	plugin := filepath.Join(dir, "kubectl-threescale_redis")
	if err := os.Symlink(program(dir, runtime.GOOS), plugin); err != nil {
		t.Fatal(err)
	}
	if out := output(t, plugin, "verify", "--help"); !strings.HasPrefix(out, "Usage: kubectl threescale-redis verify ") {
		t.Errorf("the help does not say how it was called:\n%s", out)
	}
	if out := output(t, plugin, "render", filepath.Join(root, "examples/environments/prod")); strings.Count(out, "kind: Secret") != 2 {
		t.Errorf("render as a plugin prints no two Secrets:\n%s", out)
	}
}
