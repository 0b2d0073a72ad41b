package release_test

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestREADME_install runs the first commands of the README, against this release.
func TestREADME_install(t *testing.T) {
	releases := serve(t)
	w := newWorkspace(t)
	m := regexp.MustCompile("(?s)\n## Install\n.*?```sh\n(.*?)```").FindStringSubmatch(readText(t, "README.md"))
	if m == nil {
		t.Fatal("the README has no commands to install")
	}
	script := m[1]
	for old, text := range map[string]string{
		"v=0.1.0": "v=" + version(t), "platform=linux_amd64": "platform=" + runtime.GOOS + "_" + runtime.GOARCH,
		"https://github.com/threescale-redis/threescale-redis/releases/download": releases,
	} {
		if !strings.Contains(script, old) {
			t.Fatalf("the commands do not have %s:\n%s", old, script)
		}
		script = strings.ReplaceAll(script, old, text)
	}
	here(t)
	out, err := w.bash(script)
	if err != nil || strings.Count(out, "kind: Secret") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestIgnored wants a build in the root to leave nothing that Git would add.
func TestIgnored(t *testing.T) {
	for _, name := range []string{"threescale-redis", "threescale-redis.exe", "bin/threescale-redis", "dist/artifacts.json"} {
		inDir(t, root, "git", "check-ignore", "--quiet", name)
	}
	if out := inDir(t, root, "git", "ls-files", "-ci", "--exclude-standard"); out != "" {
		t.Errorf("ignored, and yet in Git:\n%s", out)
	}
}
