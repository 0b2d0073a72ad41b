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

// kills is how many runs are killed.
const kills = 60

// A run that is killed at any moment leaves all files of the run before, or all of
// its own.
func TestKilled(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a", "b", "c"} {
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
	for i := range kills {
		host := []string{"one", "two"}[i%2]
		cmd := render(host)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(span * time.Duration(i) / kills)
		_ = cmd.Process.Kill()
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		got := ""
		for host, state := range states {
			if maps.Equal(state, tree(t, "out")) {
				got = host
			}
		}
		if got == "" {
			t.Fatalf("kill %d left a mix", i)
		}
		found[got]++
	}
	if len(found) != len(states) {
		t.Errorf("the kills did not hit both states: %v", found)
	}
	if out, err := render("one").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
}

// tree are the files below a directory by name, but for the lock, which a process
// that is killed leaves.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".threescale-redis.lock" {
			return err
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
