package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// broken finds the rules that a spec breaks, in what is said about it.
var broken = regexp.MustCompile(`(?m)(?:error|warning|note): .*\[([a-z-]+)\]$`)

// TestInit_renders: what init prints for any profile and release renders as it is,
// once its references are set. The pins say what is to be said about it.
func TestInit_renders(t *testing.T) {
	for _, profile := range profiles.Names() {
		for _, line := range releases.Lines() {
			if p, err := profiles.Find(profile); err != nil || p.Reach == profiles.InTemplate && len(releases.Load(line).InternalRedis) == 0 {
				continue // a script has the error
			}
			t.Run(profile+"/"+line, func(t *testing.T) {
				spec, _ := succeeds(t, "", "init", profile, "--release", line)
				writePEM(t, spec)
				var want []string
				c := releases.Load(line).Clients
				if strings.Contains(spec, "sentinels:") && (c.Apisonator.UnresolvedSentinelStops || c.Porta.UnresolvedSentinelStops) {
					want = append(want, "sentinel-name-resolves")
				}
				if c.Apisonator.StatsCleaner && strings.Contains(spec, "password: ") {
					want = append(want, "stats-cleaner-fails")
				}
				out, said := succeeds(t, spec, "check", "-f", "-")
				if !strings.Contains(out, "no errors") {
					t.Errorf("check says: %s", out)
				}
				var got []string
				for _, m := range broken.FindAllStringSubmatch(said, -1) {
					if !strings.Contains(m[0], ": not checked: ") { // what is behind a reference
						got = append(got, m[1])
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the rules (-want +got):\n%s\n%s", diff, said)
				}
				if out, _ := succeeds(t, spec, "render", "-f", "-"); strings.Count(out, "\nkind: Secret\n") != 2 {
					t.Errorf("renders:\n%s", out)
				}
			})
		}
	}
}

// writePEM writes the files that a spec refers to into a new working directory.
func writePEM(t *testing.T, spec string) {
	t.Helper()
	t.Chdir(t.TempDir())
	pem := testinput.NewPEM(t)
	for _, m := range regexp.MustCompile(`fromFile: ([\w.-]+)`).FindAllStringSubmatch(spec, -1) {
		text := pem.Certificate
		switch {
		case strings.Contains(m[1], "key"):
			text = pem.Key
		case strings.Contains(m[1], "ca"):
			text = pem.CA
		}
		if err := os.WriteFile(m[1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInit_text compares what init prints with files that are here to read: the
// newest release is the default. UPDATE_GOLDEN=1 writes the files.
func TestInit_text(t *testing.T) {
	for _, profile := range profiles.Names() {
		text, _ := succeeds(t, "", "init", profile)
		file := filepath.Join("testdata", "init", profile+".yaml")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v: run `make golden`, and read it", err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-file +printed):\n%s", file, diff)
		}
		for _, part := range []string{"helm.sh/resource-policy: keep", "argocd.argoproj.io/sync-options: Prune=false", "\n# yaml-language-server: "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q", profile, part)
			}
		}
		const tag = "2.7.1.GA"
		if text, _ := succeeds(t, "", "init", profile, "--release", tag); !strings.Contains(text, "\n  release: \""+tag+"\"\n") {
			t.Errorf("%s for the tag %s:\n%s", profile, tag, text)
		}
	}
}

// succeeds runs a command in this process with some password in each env var, and
// returns what is on both streams.
func succeeds(t *testing.T, stdin string, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := &Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, LookupEnv: func(name string) (string, bool) {
		return "some-" + strings.ToLower(name), strings.HasSuffix(name, "_PASSWORD") || strings.HasSuffix(name, "_TOKEN")
	}}
	if code := run(env, args); code != exitOK {
		t.Fatalf("%v exits %d:\n%s", args, code, errs.String())
	}
	return out.String(), errs.String()
}
