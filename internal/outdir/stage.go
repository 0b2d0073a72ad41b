package outdir

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"
)

// others are the permissions of everybody but the owner.
const others = 0o077

// private reports whether a file is for its owner only. Windows has no such
// modes.
func private(info fs.FileInfo) bool {
	return info.Mode()&others == 0 || runtime.GOOS == "windows"
}

// writers is how many files are written at the same time: file systems gather
// the fsyncs that wait.
const writers = 16

// staged is a file that is written under another name at first.
type staged struct {
	File
	as string
}

// ignoreAll makes Git pass over a directory of temporary files: the pattern that
// ignores the directory for which they are meant need not match theirs.
var ignoreAll = File{Name: ".gitignore", Data: []byte("*\n"), Mode: 0o644}

// write writes new files, and returns when all of them are on disk.
func (d *directory) write(root *os.Root, files []staged) error {
	errs := make([]error, len(files))
	var running sync.WaitGroup
	free := make(chan struct{}, writers)
	for i, f := range files {
		free <- struct{}{}
		running.Go(func() {
			errs[i] = d.failed(f.Name, writeNew(root, f))
			<-free
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func writeNew(root *os.Root, f staged) error {
	file, err := root.OpenFile(f.as, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(f.Data)
	if err == nil {
		err = file.Chmod(f.Mode)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDirs puts on disk which files are in directories.
func syncDirs(root *os.Root, dirs []string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no fsync for directories
	}
	for _, dir := range dirs {
		f, err := root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
