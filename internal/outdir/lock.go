package outdir

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// patience is how long a process waits for another one. A change takes
// milliseconds, seconds on a slow disk.
var patience = 10 * time.Second

// retry is how often it looks.
const retry = 20 * time.Millisecond

// lock is a file that is locked by the operating system: a process that is
// killed leaves the file, and not the lock.
type lock = *flock.Flock

// lockMode lets other users lock a file that a killed process has left.
const lockMode = 0o644

// lock makes the directory and waits for its lock. Who had the lock before may
// have exchanged the directory or removed the file, so it counts only if the file
// is still the one in the directory.
func (d *directory) lock() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		if err := os.MkdirAll(d.name, dirMode); err != nil {
			return d.failed("", err)
		}
		real, err := filepath.EvalSymlinks(d.name)
		if err == nil {
			real, err = filepath.Abs(real)
		}
		if err != nil {
			return d.failed("", err)
		}
		l := newLock(real)
		ok, err := l.TryLockContext(ctx, retry)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return diag.Issues{{
				Pos: diag.Position{File: d.name}, Message: "another process is writing into this directory",
				Hint: "wait until it is done",
			}}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return d.failed("", err)
		case ok && inPlace(l):
			d.path, d.locks = real, []lock{l}
			return nil
		}
		_ = l.Close()
	}
}

func newLock(dir string) lock {
	return flock.New(filepath.Join(dir, lockName), flock.SetPermissions(lockMode))
}

// inPlace reports whether the path of a lock still leads to the file that is
// locked.
func inPlace(l lock) bool {
	held, err := l.Stat()
	now, errNow := os.Lstat(l.Path())
	return err == nil && errNow == nil && os.SameFile(held, now)
}

// unlock removes the file and lets go of it. Windows refuses to remove an open
// file, and nobody else can have locked it if it does not.
func (d *directory) unlock() {
	file := filepath.Join(d.path, lockName)
	if runtime.GOOS != "windows" {
		_ = os.Remove(file)
	}
	for _, l := range d.locks {
		_ = l.Close()
	}
	if runtime.GOOS == "windows" {
		_ = os.Remove(file)
	}
}
