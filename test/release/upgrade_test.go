package release_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// TestRenovate wants renovate.json to find every tool of the Makefile but the oldest
// Kustomize.
func TestRenovate(t *testing.T) {
	var config struct {
		CustomManagers []struct{ MatchStrings []string }
	}
	if err := json.Unmarshal([]byte(readText(t, "renovate.json")), &config); err != nil {
		t.Fatal(err)
	}
	makefile := readText(t, "Makefile")
	found := regexp.MustCompile(config.CustomManagers[0].MatchStrings[0]).FindAllStringSubmatch(makefile, -1)
	pinned := regexp.MustCompile(`(?m)^[A-Z0-9_]+ *:= v\d`).FindAllString(makefile, -1)
	if len(found) != len(pinned)-1 || len(found) == 0 {
		t.Errorf("%d of %d tools have a module above them: %q", len(found), len(pinned), found)
	}
	for _, m := range found {
		if !strings.Contains(makefile, "go-install,"+m[1]+"/") && !strings.Contains(makefile, "go-install,"+m[1]+"@") {
			t.Errorf("no tool is installed from %s", m[1])
		}
	}
}

// TestVulnerabilities runs make vuln with databases of its own: what is called fails,
// what is not does not, and a database that cannot be reached is no finding.
func TestVulnerabilities(t *testing.T) {
	testinput.Program(t, "govulncheck-v1.9.0")
	for _, c := range []struct {
		name, db, say string
		fails         bool
	}{
		{"called", vulnerable(t, "Engine.Render"), "GO-2026-0001", true},
		{"not called", vulnerable(t, "Nothing"), "No vulnerabilities found", false},
		{"unreachable", "https://vuln.go.dev", "NOT CHECKED for vulnerabilities: https://vuln.go.dev cannot be reached", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("make", "vuln", "VULNDB="+c.db, "VULN_PACKAGES=./generator/helm")
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "HTTPS_PROXY=http://127.0.0.1:1") // where nobody listens
			out, err := cmd.CombinedOutput()
			if (err != nil) != c.fails || !strings.Contains(string(out), c.say) {
				t.Errorf("make vuln: %v\n%s", err, out)
			}
		})
	}
}

// vulnerable writes a database that has a vulnerability in a function of Helm's
// engine, and returns its address.
func vulnerable(t *testing.T, symbol string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"index/db.json":      `{"modified": "2026-01-01T00:00:00Z"}`,
		"index/modules.json": `[{"path": "helm.sh/helm/v3", "vulns": [{"id": "GO-2026-0001", "modified": "2026-01-01T00:00:00Z"}]}]`,
		"ID/GO-2026-0001.json": `{"schema_version": "1.3.1", "id": "GO-2026-0001", "modified": "2026-01-01T00:00:00Z", "affected": [{
  "package": {"name": "helm.sh/helm/v3", "ecosystem": "Go"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
  "ecosystem_specific": {"imports": [{"path": "helm.sh/helm/v3/pkg/engine", "symbols": ["` + symbol + `"]}]}}]}`,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "file://" + dir
}
