//go:build linux

package outdir

import (
	"bufio"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// helperVar is the directory that a helper process changes.
const helperVar = "OUTDIR_HELPER"

// TestMain is the helper where a test has started it: it changes the directory
// from one state to the other until it is killed, or once where it can't.
func TestMain(m *testing.M) {
	dir := os.Getenv(helperVar)
	if dir == "" {
		os.Exit(m.Run())
	}
	for i := 0; ; i++ {
		for _, plan := range []func(*os.Root) (Change, error){toA(), toB()} {
			if _, err := Update(dir, plan); err != nil {
				_, _ = os.Stderr.WriteString(err.Error())
				os.Exit(1)
			}
		}
		if i == 0 {
			_, _ = os.Stdout.WriteString("ready\n")
		}
	}
}

func helper(dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVar+"="+dir)
	return cmd
}

// A process that is killed at any moment leaves the old files or the new ones.
// In place, a reader that starts from a file that is Last finds these, or no such
// file. The next Update leaves nothing behind.
func TestUpdate_killed(t *testing.T) {
	kills := 10
	if testinput.Full(t, "50 more kills") {
		kills = 60
	}
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		found := map[string]int{}
		start := time.Now()
		update(t, dir, toA())
		update(t, dir, toB())
		span := time.Since(start)
		for i := 0; i < kills || found["A"]*found["B"] == 0 && i < 20*kills; i++ {
			kill(t, dir, span*time.Duration(i)/time.Duration(kills))
			got := tree(t, dir)
			name, there := got[lastName]
			if !there {
				name = "none"
			}
			found[name]++
			if there || foreign == nil {
				want := content(state(name, smallFile))
				maps.Copy(want, foreign)
				if !maps.Equal(want, got) {
					t.Fatalf("kill %d: a mix that says it is %s", i, name)
				}
			}
			if i%2 == 0 {
				update(t, dir, toA())
				checkState(t, dir, state("A", smallFile), foreign)
			}
		}
		t.Logf("found after a kill: %v", found)
		if found["A"] == 0 || found["B"] == 0 {
			t.Errorf("the kills did not hit both states: %v", found)
		}
	})
}

// kill starts a helper and kills it some time after its first changes.
func kill(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := helper(dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("was not killed: %v", err)
	}
}

// A disk that is full leaves the old files, wherever it gets full.
func TestUpdate_fullDisk(t *testing.T) {
	inBothWays(t, func(t *testing.T, _ string, foreign map[string]string) {
		disk := t.TempDir()
		const pages = 160
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=640k,nr_inodes=200"); err != nil {
			t.Skipf("skipped: a small disk can be mounted by root only: %v", err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		dir, filler := filepath.Join(disk, "out"), filepath.Join(disk, "filler")
		for file, text := range foreign {
			put(t, dir, file, text)
		}
		update(t, dir, to(state("A", smallFile)))
		full := 0
		for free := range pages {
			if err := os.WriteFile(filler, make([]byte, (pages-free)*4096), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			files := state("B", 6000)
			_, err := Update(dir, to(files, state("A", smallFile)))
			if err == nil {
				checkState(t, dir, files, foreign)
				break
			}
			if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), workName) || !strings.Contains(err.Error(), dir) {
				t.Fatalf("%d pages free: %v", free, err)
			}
			full++
			checkState(t, dir, state("A", smallFile), foreign)
		}
		if full < 10 || full == pages {
			t.Errorf("the disk was full %d times", full)
		}
	})
}

// A directory that can't be written to stays as it is; one whose parent can't be
// is changed in place.
func TestUpdate_readOnly(t *testing.T) {
	inBothWays(t, func(t *testing.T, dir string, foreign map[string]string) {
		update(t, dir, toA())
		before := inode(t, dir)
		asRoot := asNobody(t, dir)
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		if _, err := Update(dir, toB()); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), " "+dir+": ") {
			t.Errorf("the error is %v", err)
		}
		checkState(t, dir, state("A", smallFile), foreign)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		update(t, dir, toB())
		asRoot() // other threads have written files for their owner only
		checkState(t, dir, state("B", smallFile), foreign)
		if inode(t, dir) != before {
			t.Error("the directory was exchanged")
		}
	})
}

// asNobody gives the directory to another user, takes its parent from them, and
// continues with their rights until the returned function is called: those of
// root go past all modes.
func asNobody(t *testing.T, dir string) func() {
	t.Helper()
	const nobody = 65534
	parent := filepath.Dir(dir)
	t.Cleanup(func() { _ = os.Chmod(parent, 0o755) })
	if os.Geteuid() != 0 {
		if err := os.Chmod(parent, 0o555); err != nil {
			t.Fatal(err)
		}
		return func() {}
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, nobody, nobody))
	})
	if err := errors.Join(err, os.Chmod(filepath.Dir(parent), 0o755)); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // the rights are those of the thread
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	asRoot := sync.OnceFunc(func() {
		_ = syscall.Setfsuid(0)
		runtime.UnlockOSThread()
	})
	t.Cleanup(asRoot)
	return asRoot
}
