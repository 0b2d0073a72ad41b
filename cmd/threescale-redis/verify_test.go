package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// reference is one of a spec that init writes.
var reference = regexp.MustCompile(`\{(fromEnv|fromFile): ([^}]+)\}`)

// What init writes of an installation of an operator, verify finds to be what runs.
func TestVerify_operator(t *testing.T) {
	pem := testinput.NewPEM(t)
	for _, name := range []string{
		"2.13.2-external", "2.13.2-internal", "2.14.1-sentinel", "2.15.1-internal", "2.15.1-external",
		"2.16.3-acl", "2.16.3-tls", "2.16.3-sentinel", "2.16.3-upgraded-from-2.15.1",
	} {
		t.Run(name, func(t *testing.T) {
			export := pem.In(string(testinput.Export(t, "operator/"+name+".yaml")))
			t.Chdir(t.TempDir())
			write(t, "export.yaml", export)
			var said bytes.Buffer
			vars := map[string]string{}
			run := func(code int, args ...string) string {
				t.Helper()
				var out bytes.Buffer
				env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, LookupEnv: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
				if got := run(env, args); got != code {
					t.Errorf("%s exits with %d, want %d:\n%s", args, got, code, said.String())
				}
				return out.String()
			}
			run(0, "verify", "export.yaml")
			if !strings.Contains(said.String(), "there is no spec: compared with 3scale "+name[:4]) {
				t.Errorf("says %s", said.String())
			}
			run(1, "verify", "export.yaml", "--release", "2.12")
			spec := run(0, "init", "--from", "export.yaml")
			write(t, "spec.yaml", spec)
			run(0, "verify", "export.yaml", "-f", "spec.yaml")
			for _, r := range reference.FindAllStringSubmatch(spec, -1) {
				switch {
				case strings.HasSuffix(r[2], "ca.pem"):
					write(t, r[2], pem.CA)
				case strings.HasSuffix(r[2], "certificate.pem"):
					write(t, r[2], pem.Certificate)
				case strings.HasSuffix(r[2], "key.pem"):
					write(t, r[2], pem.Key)
				default:
					vars[r[2]] = passwordOf(r[2])
				}
			}
			run(0, "verify", "export.yaml", "-f", "spec.yaml")
			for variable := range vars {
				vars[variable] += "-another"
			}
			if len(vars) > 0 {
				run(1, "verify", "export.yaml", "-f", "spec.yaml", "--format", "json")
			}
			if strings.Contains(said.String(), "FAKE") || strings.Contains(said.String(), "BEGIN") {
				t.Errorf("says a password: %s", said.String())
			}
		})
	}
}

// passwordOf is what stands behind a variable in the exports.
func passwordOf(variable string) string {
	for _, of := range []string{"SENTINEL", "STORAGE", "QUEUES"} {
		if strings.Contains(variable, of) {
			return "FAKE-" + strings.ToLower(of) + "-password"
		}
	}
	return "FAKE-system-password"
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Clean(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
