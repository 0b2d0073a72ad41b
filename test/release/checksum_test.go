package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestChecksums checks the files as people do, and then an archive that was changed.
func TestChecksums(t *testing.T) {
	sums := artifacts(t, "Checksum")[0]
	dir := t.TempDir()
	copied := append(artifacts(t, "Archive"), artifacts(t, "SBOM")...)
	for _, a := range append(copied, sums) {
		if err := os.WriteFile(filepath.Join(dir, a.Name), distFile(t, a.Name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := check(dir, sums.Name); err != nil || strings.Count(out, ": OK\n") != len(copied) {
		t.Fatalf("sha256sum -c does not take what was made: %v\n%s", err, out)
	}
	changed := copied[0].Name
	data := distFile(t, changed)
	data[len(data)/2] ^= 1
	if err := os.WriteFile(filepath.Join(dir, changed), data, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := check(dir, sums.Name); err == nil || !strings.Contains(out, changed+": FAILED\n") {
		t.Errorf("sha256sum -c takes an archive that was changed: %v\n%s", err, out)
	}
}

func check(dir, sums string) (string, error) {
	cmd := exec.Command("sha256sum", "-c", sums)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
