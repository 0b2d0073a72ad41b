// Package outdir changes the files of a directory, all of them or none.
//
// Update writes the new files beside the old ones, with fsync, and then makes
// them visible in one of two ways:
//
//   - A directory that holds only files of the change is exchanged for a new one
//     by one system call. A reader, and a process that is killed at any moment,
//     leaves or finds all old files or all new ones.
//   - A directory that holds other files too is changed in place, file by file,
//     and so is one that cannot be exchanged: a mount point, the working
//     directory, a directory of another owner, any directory on Windows. Files
//     that are Last, such as kustomization.yaml, are taken away first and put
//     back last. A reader that starts from one of them finds all old files, all
//     new ones, or no such file. After a kill the same Update completes the
//     change.
//
// Either way a full disk leaves the old files, one process writes at a time, and
// the next Update removes what a killed one has left. The directory itself may be
// a symbolic link; no link below it is followed out of it. After an exchange a
// process that has the old directory as its working directory, and a container
// that mounts it, still see the old one, which is empty then.
package outdir

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// dirMode is the mode of new directories.
const dirMode = 0o755

// The names that Update uses in a directory while it works. They are no names of
// manifests, so `oc apply -f DIR` passes over them.
const (
	prefix   = ".threescale-redis."
	lockName = prefix + "lock"
	workName = prefix + "work"
)

// Own reports whether a name in a directory is one that Update uses while it
// works. A killed process leaves such files.
func Own(name string) bool { return name == lockName || name == workName }

// File is one file of a directory.
type File struct {
	// Name is the path below the directory, with slashes.
	Name string
	Data []byte
	Mode fs.FileMode
	// Last says that readers start from this file: it counts once all others are
	// in place.
	Last bool
}

// Change is what to write into a directory, and what to delete from it. Other files stay.
type Change struct {
	Write  []File
	Remove []string
	// Claim is put in place before a change in place begins, if not nil. It says
	// which files belong to the old or the new state, and is replaced by the File
	// of the same name in Write.
	Claim *File
}

// Update makes a directory hold what plan returns, and counts the files that
// differ from before. It makes the directory if need be. Plan is called with the
// directory locked; on an error of plan nothing is changed.
func Update(dir string, plan func(*os.Root) (Change, error)) (changed int, err error) {
	d, err := open(dir)
	if err != nil {
		return 0, err
	}
	defer func() { d.close(err != nil) }()
	if err := d.clear(); err != nil {
		return 0, err
	}
	c, err := plan(d.root)
	if err != nil {
		return 0, err
	}
	same, err := d.unchanged(&c)
	if err != nil {
		return 0, err
	}
	if changed = len(c.Write) - len(same) + len(c.Remove); changed == 0 {
		return 0, nil
	}
	done, err := d.exchange(c, same)
	if !done {
		err = d.replace(c, same)
	}
	return changed, err
}

// directory is a directory that this process alone changes.
type directory struct {
	// name is the directory as the caller calls it, path its real place.
	name, path string
	root       *os.Root
	locks      []lock
	// made are the directories that were made for it, the deepest first.
	made []string
}

// open makes and locks the directory.
func open(name string) (*directory, error) {
	d := &directory{name: name, made: missing(name)}
	if err := d.lock(); err != nil {
		d.unmake()
		return nil, err
	}
	var err error
	if d.root, err = os.OpenRoot(d.path); err != nil {
		d.close(true)
		return nil, d.failed("", err)
	}
	return d, nil
}

// missing are the directories that must be made for a directory to exist.
func missing(dir string) []string {
	var dirs []string
	for dir = filepath.Clean(dir); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return dirs
		}
		dirs = append(dirs, dir)
	}
}

// close ends the work on a directory, and removes the directories that were made
// for a change that failed.
func (d *directory) close(failed bool) {
	if d.root != nil {
		_ = d.root.Close()
	}
	d.unlock()
	if failed {
		d.unmake()
	}
}

func (d *directory) unmake() {
	for _, dir := range d.made {
		if os.Remove(dir) != nil {
			return
		}
	}
}

// clear removes what a killed process has left.
func (d *directory) clear() error {
	_ = os.RemoveAll(d.beside()) // where that fails, nothing will be written there
	return d.failed("", d.root.RemoveAll(workName))
}

// unchanged are the files of a change that are in place already. Files that are
// to be removed and do not exist are dropped from the change.
func (d *directory) unchanged(c *Change) (map[string]bool, error) {
	same := map[string]bool{}
	for _, f := range c.Write {
		is, err := d.holds(f)
		if err != nil {
			return nil, d.failed(f.Name, err)
		}
		if is {
			same[f.Name] = true
		}
	}
	c.Remove = slices.DeleteFunc(c.Remove, func(name string) bool {
		_, err := d.root.Lstat(name)
		return errors.Is(err, fs.ErrNotExist)
	})
	return same, nil
}

// holds reports whether a file is in place: with that content, and for its owner
// only if it is meant to be. Other modes may be those of a Git checkout.
func (d *directory) holds(f File) (bool, error) {
	info, err := d.root.Lstat(f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, syscall.EISDIR
	case !info.Mode().IsRegular() || info.Size() != int64(len(f.Data)) || !private(info) && f.Mode&others == 0:
		return false, nil
	}
	data, err := d.root.ReadFile(f.Name)
	return string(data) == string(f.Data), err
}

// failed is an error about a file of the directory, under the name that the
// caller has for it: temporary names mean nothing to people.
func (d *directory) failed(name string, err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	case err == nil:
		return nil
	}
	return &fs.PathError{Op: "write", Path: filepath.Join(d.name, filepath.FromSlash(name)), Err: err}
}

// folders are the directories above the files, each once, the topmost first.
func folders(names []string) []string {
	var dirs []string
	for _, name := range names {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			dirs = append(dirs, dir)
		}
	}
	slices.SortFunc(dirs, func(a, b string) int {
		if n := strings.Count(a, "/") - strings.Count(b, "/"); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(dirs)
}

// names are the files that a change writes, then those that it removes.
func (c Change) names() []string {
	var names []string
	for _, f := range c.Write {
		names = append(names, f.Name)
	}
	return append(names, c.Remove...)
}
