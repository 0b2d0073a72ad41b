package kustomize

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/input"
)

// plant makes a tree of files, and of symbolic links, whose text begins with "->".
func plant(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(text, "->"); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func openTree(t testing.TB, dir string) *tree {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := newTree(root, io.ReadAll)
	tree.check = func(string, []byte) error { return nil }
	t.Cleanup(func() {
		tree.close()
		root.Close()
	})
	return tree
}

func TestTree_find(t *testing.T) {
	dir := plant(t, map[string]string{
		"a/b/file": "text", "a/link": "->b/file", "a/dir": "->b", "up": "->a/../a/dir/file",
		"out": "->../x", "deep": "->a/b/../../../x", "absolute": "->/etc/passwd", "loop": "->loop", "gone": "->nowhere",
	})
	tree := openTree(t, dir)
	for name, want := range map[string]string{
		"/": "/", "/a": "/a", "/a/b/file": "/a/b/file", "/a/link": "/a/b/file", "/a/dir/file": "/a/b/file", "/up": "/a/b/file",
		"/a/./b//file": "/a/b/file", "/a/b/../b": "/a/b",
	} {
		if at, err := tree.find(name); err != nil || at.name != want {
			t.Errorf("%s leads to %s, %v; want %s", name, at.name, err, want)
		}
	}
	for name, want := range map[string]error{
		"/out": errOutside, "/deep": errOutside, "/absolute": errOutside, "/../x": errOutside, "/loop": errLinks,
		"/gone": os.ErrNotExist, "/nix": os.ErrNotExist, "/a/b/file/x": errNotDir, "/a/b/file/..": errNotDir,
	} {
		if at, err := tree.find(name); !errors.Is(err, want) {
			t.Errorf("%s leads to %s, %v; want %v", name, at.name, err, want)
		}
	}
}

// TestTree_disk: on the disk, absolute links lead somewhere.
func TestTree_disk(t *testing.T) {
	dir, err := filepath.EvalSymlinks(plant(t, map[string]string{"file": "text"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "file"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	tree := openTree(t, "/")
	data, err := tree.ReadFile(filepath.Join(dir, "link"))
	if err != nil || string(data) != "text" {
		t.Errorf("the link holds %q: %v", data, err)
	}
}

// TestTree_once: what was read stays the same, and a file or a directory that was
// replaced since it was looked at is not read.
func TestTree_once(t *testing.T) {
	dir := plant(t, map[string]string{"a/file": "inside", "a/other": "inside", "b/file": "outside", "b/other": "outside"})
	tree := openTree(t, dir)
	if data, err := tree.ReadFile("/a/file"); err != nil || string(data) != "inside" {
		t.Fatalf("read %q: %v", data, err)
	}
	other, err := tree.find("/a/other")
	if err != nil {
		t.Fatal(err)
	}
	// The directory becomes a link to another one.
	if err := errors.Join(os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "c")), os.Symlink("b", filepath.Join(dir, "a"))); err != nil {
		t.Fatal(err)
	}
	if data, err := tree.readOnce(other); err != nil || string(data) != "inside" {
		t.Errorf("read %q: %v", data, err)
	}
	// The file becomes a link to another one.
	file, err := tree.find("/b/other")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "b/other")), os.Symlink("../c/file", filepath.Join(dir, "b/other"))); err != nil {
		t.Fatal(err)
	}
	if data, err := tree.readOnce(file); err == nil {
		t.Errorf("read %q of another file", data)
	}
}

func TestTree_special(t *testing.T) {
	dir := plant(t, map[string]string{"a/file": ""})
	if err := syscall.Mkfifo(filepath.Join(dir, "a/pipe"), 0o600); err != nil {
		t.Skipf("skipped: no named pipes here: %v", err)
	}
	tree := openTree(t, dir)
	if _, err := tree.ReadFile("/a/pipe"); !errors.Is(err, input.ErrSpecial) {
		t.Errorf("a pipe: %v", err)
	}
	if _, err := tree.ReadFile("/a"); !errors.Is(err, input.ErrDirectory) {
		t.Errorf("a directory: %v", err)
	}
}
