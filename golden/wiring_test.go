package golden_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/golden"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// TestWiring compares each distinct wiring with its file, which has the name of the
// first release that is wired so and lists all of them. UPDATE_GOLDEN=1 writes the
// files.
func TestWiring(t *testing.T) {
	lines := map[string][]string{}
	var distinct []string
	for _, line := range templateLines() {
		patches := string(wiringOf(t, line))
		if lines[patches] == nil {
			distinct = append(distinct, patches)
		}
		lines[patches] = append(lines[patches], line)
	}
	const dir = "testdata/wiring"
	want := map[string]bool{}
	for _, patches := range distinct {
		file := filepath.Join(dir, lines[patches][0]+".yaml")
		text := fmt.Sprintf("# Wiring %s of %s.\n%s", golden.Digest([]byte(patches)), strings.Join(lines[patches], ", "), patches)
		want[file] = true
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v: run `make golden`, and read it", err)
		}
		if diff := cmp.Diff(strings.Split(text, "\n"), strings.Split(string(have), "\n")); diff != "" {
			t.Errorf("%s (-rendered +file):\n%s", file, diff)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !want[file] {
			t.Errorf("%s is the wiring of no release: remove it", file)
		}
	}
}

// templateLines are the releases whose pods are patched: those of the others are the
// operator's.
func templateLines() []string {
	return slices.DeleteFunc(releases.Lines(), func(line string) bool { return releases.Load(line).Owner != releases.OwnedByUser })
}

func wiringOf(t *testing.T, line string) []byte {
	t.Helper()
	rel, err := releases.Find(line)
	if err != nil {
		t.Fatal(err)
	}
	patches, err := golden.Wiring(rel)
	if err != nil {
		t.Fatal(err)
	}
	return patches
}

// The patches for `oc patch` are those of the Component, but for the hooks.
func TestWiring_strategic(t *testing.T) {
	for _, line := range templateLines() {
		rel, err := releases.Find(line)
		if err != nil {
			t.Fatal(err)
		}
		docs, err := manifest.ReadDocuments(line, wiringOf(t, line))
		if err != nil {
			t.Fatal(err)
		}
		if len(docs) != len(rel.Workloads) {
			t.Fatalf("%s: %d patches for %d workloads", line, len(docs), len(rel.Workloads))
		}
		for _, w := range rel.Workloads {
			i := slices.IndexFunc(docs, func(n *yaml.Node) bool { return manifest.Text(n, "metadata", "name") == w.Name })
			if i < 0 {
				t.Errorf("%s: no patch for %s", line, w.Name)
				continue
			}
			component := encoded(t, manifest.Field(docs[i], "spec", "template"))
			strategic := encoded(t, manifest.Field(wiring.Strategic(w, nil), "spec", "template"))
			if !bytes.Equal(component, strategic) {
				t.Errorf("%s: %s: %s", line, w.Name, cmp.Diff(string(component), string(strategic)))
			}
			if hook := manifest.Field(docs[i], "spec", "strategy"); (hook != nil) != (w.PreHook != nil) {
				t.Errorf("%s: %s: the hook is patched: %t", line, w.Name, hook != nil)
			}
		}
	}
}

func encoded(t *testing.T, n *yaml.Node) []byte {
	t.Helper()
	data, err := manifest.Encode(n)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
