package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/internal/outdir"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// killedSpec is a spec whose host tells two states apart.
const killedSpec = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: %s}
spec:
  release: "2.7"
  profile: self-managed
  redis: {host: redis.example.com, password: hunter2}
  databases: {backendQueues: {db: 1}, system: {db: 2}, messageBus: {db: 3}}
`

// A run that is killed at any moment leaves all files of the run before, or all of
// its own. Where somebody else's file stands among them, this holds for each
// kustomization.yaml that is found, and the next run completes the rest.
func TestKilled(t *testing.T) {
	kills := 8
	if testinput.Full(t, "32 more kills") {
		kills = 40
	}
	for _, others := range []string{"", "out/b/notes.txt"} {
		t.Run("beside "+others, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if others != "" {
				writeAll(t, map[string]string{others: "mine"})
			}
			killRuns(t, kills, others == "")
			if others != "" && tree(t, "out")[others] != "mine" {
				t.Errorf("%s is gone", others)
			}
		})
	}
}

// killRuns kills runs as often as kills says, ever later, and on until both states were
// hit.
func killRuns(t *testing.T, kills int, exchanged bool) {
	t.Helper()
	environments := []string{"a", "b", "c"}
	for _, name := range environments {
		writeAll(t, map[string]string{filepath.Join("envs", name, "threescale-redis.yaml"): fmt.Sprintf(killedSpec, name)})
	}
	render := func(host string) *exec.Cmd {
		return exec.Command(program, "render", "-q", "envs", "-o", "kustomize", "-d", "out", "--set", "spec.redis.host="+host)
	}
	states := map[string]map[string]string{}
	var span time.Duration
	for _, host := range []string{"one", "two"} {
		start := time.Now()
		if out, err := render(host).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		span = time.Since(start)
		states[host] = tree(t, "out")
	}
	found := map[string]int{}
	for i := 0; i < kills || len(found) < len(states) && i < 20*kills; i++ {
		killRun(t, render([]string{"one", "two"}[i%2]), span*time.Duration(i)/time.Duration(kills))
		for host, state := range states {
			if maps.Equal(state, tree(t, "out")) {
				found[host]++
			}
		}
		if exchanged && found["one"]+found["two"] != i+1 {
			t.Fatalf("kill %d left a mix", i)
		}
		for _, name := range environments {
			got := tree(t, filepath.Join("out", name))
			_, whole := got[filepath.Join("out", name, "kustomization.yaml")]
			if whole && !isOf(states, name, got) {
				t.Fatalf("kill %d left a mix in %s", i, name)
			}
		}
	}
	t.Logf("found after a kill: %v", found)
	if len(found) != len(states) {
		t.Errorf("the kills did not hit both states: %v", found)
	}
	if out, err := render("one").CombinedOutput(); err != nil || !maps.Equal(tree(t, "out"), states["one"]) {
		t.Errorf("the next run does not complete the files (%v): %s", err, out)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
}

// isOf reports whether the files of an environment are those of one state.
func isOf(states map[string]map[string]string, name string, got map[string]string) bool {
	for _, state := range states {
		want := maps.Clone(state)
		maps.DeleteFunc(want, func(file, _ string) bool {
			return filepath.Dir(file) != filepath.Join("out", name) && filepath.Dir(filepath.Dir(file)) != filepath.Join("out", name)
		})
		if maps.Equal(want, got) {
			return true
		}
	}
	return false
}

func killRun(t *testing.T, cmd *exec.Cmd, after time.Duration) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
}

// tree are the files below a directory by name, but for those that a killed process
// leaves.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && outdir.Own(d.Name()):
			return fs.SkipDir
		case d.IsDir() || outdir.Own(d.Name()):
			return nil
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
