package outdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lastName is the file of a state that is Last.
const lastName = "kustomization.yaml"

// foreignName is a file that is in no state.
const foreignName = "d0/notes.txt"

// state is a set of files whose content begins with its name. Two states have
// most names in common, and each has some of its own.
func state(name string, size int) []File {
	files := []File{{Name: lastName, Data: []byte(name), Mode: 0o644, Last: true}}
	for i := range 24 {
		file := fmt.Sprintf("d%d/f%d.yaml", i%3, i)
		if i%4 == 0 {
			file = fmt.Sprintf("d%d/%s/f%d.yaml", i%3, name, i)
		}
		files = append(files, File{Name: file, Data: []byte(name + strings.Repeat("x", size)), Mode: 0o644})
	}
	files[1].Mode = 0o600
	return files
}

const smallFile = 10

// to is a plan for a state: the files that only the other states have go.
func to(files []File, others ...[]File) func(*os.Root) (Change, error) {
	c := Change{Write: files}
	for _, other := range others {
		for _, f := range other {
			if !slices.ContainsFunc(files, func(g File) bool { return g.Name == f.Name }) {
				c.Remove = append(c.Remove, f.Name)
			}
		}
	}
	return func(*os.Root) (Change, error) { return c, nil }
}

func toA() func(*os.Root) (Change, error) {
	return to(state("A", smallFile), state("B", smallFile))
}

func toB() func(*os.Root) (Change, error) {
	return to(state("B", smallFile), state("A", smallFile))
}

// update fails the test on an error.
func update(t *testing.T, dir string, plan func(*os.Root) (Change, error)) int {
	t.Helper()
	changed, err := Update(dir, plan)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// tree are the files below a directory by name, without those of Update itself.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		switch {
		case err != nil || name == ".":
			return err
		case e.IsDir() && Own(e.Name()):
			return fs.SkipDir
		case e.IsDir() || Own(e.Name()):
			return nil
		}
		data, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// content are the files of a state by name.
func content(files []File) map[string]string {
	want := map[string]string{}
	for _, f := range files {
		want[f.Name] = string(f.Data)
	}
	return want
}

// checkState fails the test where a directory holds anything else than the state
// and the foreign files, or where something is left of the work.
func checkState(t *testing.T, dir string, files []File, foreign map[string]string) {
	t.Helper()
	want := content(files)
	for name, text := range foreign {
		want[name] = text
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Fatalf("the directory differs (-want +got):\n%s", diff)
	}
	checkClean(t, dir)
}

func checkClean(t *testing.T, dir string) {
	t.Helper()
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{filepath.Join(real, lockName), filepath.Join(real, workName), (&directory{path: real}).beside()} {
		if _, err := os.Lstat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left behind: %s", left)
		}
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// ways are both ways to change a directory, each with the files of others that
// make Update take it.
var ways = map[string]map[string]string{
	"exchanged": nil,
	"in place":  {foreignName: "mine"},
}

// inBothWays runs a test for both ways; the directory holds the foreign files.
func inBothWays(t *testing.T, test func(t *testing.T, dir string, foreign map[string]string)) {
	for name, foreign := range ways {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			for file, text := range foreign {
				put(t, dir, file, text)
			}
			test(t, dir, foreign)
		})
	}
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Ino
}

func TestUpdate(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		a, b := state("A", smallFile), state("B", smallFile)
		if got := update(t, dir, toA()); got != len(a) {
			t.Errorf("%d files changed, want %d", got, len(a))
		}
		checkState(t, dir, a, foreign)
		info, err := os.Stat(filepath.Join(dir, a[1].Name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("a private file: %v (%v)", info.Mode(), err)
		}
		before := inode(t, dir)
		if got := update(t, dir, toB()); got != len(b)+len(toChange(t, toB()).Remove) {
			t.Errorf("%d files changed", got)
		}
		checkState(t, dir, b, foreign)
		if exchanged := inode(t, dir) != before; exchanged != (foreign == nil) {
			t.Errorf("the directory was exchanged: %t", exchanged)
		}
	})
}

func toChange(t *testing.T, plan func(*os.Root) (Change, error)) Change {
	t.Helper()
	c, err := plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A second Update touches nothing: not even the directory.
func TestUpdate_twice(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, _ map[string]string) {
		update(t, dir, toA())
		past := time.Unix(1e9, 0)
		before := map[string]fs.FileInfo{}
		for name := range tree(t, dir) {
			path := filepath.Join(dir, name)
			if err := os.Chtimes(path, past, past); err != nil {
				t.Fatal(err)
			}
			before[path], _ = os.Stat(path)
		}
		before[dir], _ = os.Stat(dir)
		if got := update(t, dir, toA()); got != 0 {
			t.Errorf("%d files changed", got)
		}
		for path, info := range before {
			now, err := os.Stat(path)
			if err != nil || !os.SameFile(info, now) || path != dir && !now.ModTime().Equal(past) {
				t.Errorf("%s is touched (%v)", path, err)
			}
		}

		// One file differs: the others stay as they are.
		changed := state("A", smallFile)
		changed[5].Data = []byte("other")
		if got := update(t, dir, to(changed)); got != 1 {
			t.Errorf("%d files changed, want 1", got)
		}
		for _, f := range changed {
			info, err := os.Stat(filepath.Join(dir, f.Name))
			if err != nil {
				t.Fatal(err)
			}
			if kept := info.ModTime().Equal(past); kept != (f.Name != changed[5].Name) && !f.Last {
				t.Errorf("%s: the time is kept: %t", f.Name, kept)
			}
		}
	})
}

// A private file that others can read is written again.
func TestUpdate_private(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, _ map[string]string) {
		update(t, dir, toA())
		file := filepath.Join(dir, state("A", smallFile)[1].Name)
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := update(t, dir, toA()); got != 1 {
			t.Errorf("%d files changed, want 1", got)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v (%v)", info.Mode(), err)
		}
	})
}

// The permissions of directories stay.
func TestUpdate_modes(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, _ map[string]string) {
		update(t, dir, toA())
		for _, path := range []string{dir, filepath.Join(dir, "d1")} {
			if err := os.Chmod(path, 0o750); err != nil {
				t.Fatal(err)
			}
		}
		update(t, dir, toB())
		for _, path := range []string{dir, filepath.Join(dir, "d1")} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o750 {
				t.Errorf("%s: %v (%v)", path, info.Mode(), err)
			}
		}
	})
}

// The directory may be a link, and a directory in it may not lead out.
func TestUpdate_links(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		update(t, dir, toA())
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		update(t, link, toB())
		checkState(t, link, state("B", smallFile), foreign)
		if got, err := os.Readlink(link); err != nil || got != dir {
			t.Errorf("the link is %q (%v)", got, err)
		}

		outside := t.TempDir()
		if err := os.Symlink(outside, filepath.Join(dir, "d9")); err != nil {
			t.Fatal(err)
		}
		out := append(state("A", smallFile), File{Name: "d9/x", Mode: 0o644})
		if _, err := Update(dir, to(out)); err == nil {
			t.Error("writes through a link")
		}
		if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
			t.Errorf("outside: %v (%v)", entries, err)
		}
		checkClean(t, dir)
	})
}

// What is wrong is known before anything is changed.
func TestUpdate_errors(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		update(t, dir, toA())
		taken := append(state("B", smallFile), File{Name: "d0", Mode: 0o644})
		if _, err := Update(dir, to(taken, state("A", smallFile))); !errors.Is(err, syscall.EISDIR) || !strings.Contains(err.Error(), filepath.Join(dir, "d0")) {
			t.Errorf("a name that is a directory: %v", err)
		}
		checkState(t, dir, state("A", smallFile), foreign)
		for _, name := range []string{"../x", "d0/../../x", "/x", lastName + "/x"} {
			if _, err := Update(dir, to(append(state("B", smallFile), File{Name: name, Mode: 0o644}))); err == nil {
				t.Errorf("writes %s", name)
			}
			checkState(t, dir, state("A", smallFile), foreign)
		}
		wrong := errors.New("wrong")
		if _, err := Update(dir, func(*os.Root) (Change, error) { return Change{}, wrong }); !errors.Is(err, wrong) {
			t.Errorf("an error of the plan: %v", err)
		}
		checkState(t, dir, state("A", smallFile), foreign)
	})
}

// A directory that was made for a change that failed goes again.
func TestUpdate_unmade(t *testing.T) {
	top := t.TempDir()
	if _, err := Update(filepath.Join(top, "a", "b"), func(*os.Root) (Change, error) { return Change{}, errors.New("wrong") }); err == nil {
		t.Error("no error")
	}
	if entries, err := os.ReadDir(top); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
	put(t, top, "file", "")
	if _, err := Update(filepath.Join(top, "file"), toA()); err == nil {
		t.Error("a file is taken for a directory")
	}
}

// The working directory is changed in place: the user's shell stays in it.
func TestUpdate_workingDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	update(t, dir, toA())
	for _, wd := range []string{dir, filepath.Join(dir, "d1")} {
		before := inode(t, dir)
		t.Chdir(wd)
		update(t, dir, toB())
		checkState(t, dir, state("B", smallFile), nil)
		if inode(t, dir) != before {
			t.Errorf("%s: the directory was exchanged", wd)
		}
		update(t, dir, toA())
	}
}

// In place, files that are Last are taken away first and put back last: what
// stops in between leaves none of them.
func TestUpdate_last(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	put(t, dir, foreignName, "mine")
	update(t, dir, toA())
	d, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close(false)
	c := toChange(t, toB())
	c.Claim = &File{Name: "claim", Data: []byte("claim"), Mode: 0o644, Last: true}
	c.Write = append(c.Write, File{Name: "claim", Data: []byte("last"), Mode: 0o644, Last: true})
	// A directory that appears after the plan stops the change halfway.
	if err := os.Remove(filepath.Join(dir, c.Write[20].Name)); err != nil {
		t.Fatal(err)
	}
	put(t, dir, c.Write[20].Name+"/stop", "")
	err = d.replace(c, nil)
	if err == nil || !strings.Contains(err.Error(), "is changed in part only") || !strings.Contains(err.Error(), "run the same command again") {
		t.Fatalf("the error is %v", err)
	}
	got := tree(t, dir)
	if _, there := got[lastName]; there {
		t.Errorf("%s stands beside half of the files", lastName)
	}
	checkIgnored(t, filepath.Join(dir, workName))
	if got["claim"] != "claim" {
		t.Errorf("the claim is %q", got["claim"])
	}
	if got[c.Write[1].Name] != string(c.Write[1].Data) || got[c.Write[22].Name] == string(c.Write[22].Data) {
		t.Error("was not stopped halfway")
	}

	if err := errors.Join(os.RemoveAll(filepath.Join(dir, c.Write[20].Name)), d.clear(), d.replace(c, nil)); err != nil {
		t.Fatal(err)
	}
	want := content(c.Write)
	want[foreignName] = "mine"
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// checkIgnored fails the test where Git would see what a killed process leaves.
func checkIgnored(t *testing.T, work string) {
	t.Helper()
	if data, err := os.ReadFile(filepath.Join(work, ".gitignore")); err != nil || string(data) != "*\n" {
		t.Errorf("Git does not ignore %s: %q (%v)", work, data, err)
	}
}

// A file that appears while the new directory is built is not lost.
func TestUpdate_added(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	update(t, dir, toA())
	d, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := toChange(t, toB())
	if err := d.build(c, nil); err != nil {
		t.Fatal(err)
	}
	checkIgnored(t, d.beside())
	put(t, dir, "new/mine", "mine")
	made := filepath.Join(d.beside(), newName)
	ours := map[string]bool{lockName: true}
	for _, name := range c.names() {
		ours[name] = true
	}
	if err := errors.Join(exchange(made, dir), d.dispose(made, ours)); err != nil {
		t.Fatal(err)
	}
	d.close(false)
	checkState(t, dir, state("B", smallFile), map[string]string{"new/mine": "mine"})
}

// Many at once: each is whole, and none fails.
func TestUpdate_atOnce(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		var running sync.WaitGroup
		for i := range 8 {
			running.Go(func() {
				for range 5 {
					plan := toA()
					if i%2 == 0 {
						plan = toB()
					}
					if _, err := Update(dir, plan); err != nil {
						t.Errorf("%d: %v", i, err)
					}
				}
			})
		}
		running.Wait()
		files := state(tree(t, dir)[lastName], smallFile)
		checkState(t, dir, files, foreign)
	})
}

// A process that waits for too long says why, and changes nothing.
func TestUpdate_busy(t *testing.T) {
	defer func(before time.Duration) { patience = before }(patience)
	patience = 5 * retry
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		update(t, dir, toA())
		_, err := Update(dir, func(*os.Root) (Change, error) {
			_, err := Update(dir, toB())
			return Change{}, err
		})
		if want := dir + ": error: another process is writing into this directory"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("the error is %v", err)
		}
		checkState(t, dir, state("A", smallFile), foreign)
	})
}
