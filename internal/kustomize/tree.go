package kustomize

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/threescale-redis/threescale-redis/internal/input"
)

const (
	// maxDirs is how many directories one build opens, and maxLinks how many
	// symbolic links lead to one file, as on Linux.
	maxDirs  = 1000
	maxLinks = 40
)

var (
	errOutside  = errors.New("leads out of the repository")
	errChanged  = errors.New("changed while it was read")
	errReadOnly = errors.New("is not written to")
	errTooMany  = fmt.Errorf("is in more than %d directories", maxDirs)
	errLinks    = errors.New("too many levels of symbolic links")
	errNotDir   = errors.New("is below a file")
)

// tree is what a build reads: the files below a root, each opened once and kept.
// Kustomize asks where a path leads, decides whether it may be read, and then
// reads by path. Somebody who can write there changes a link in between. Here a
// path leads to a directory that is held open, and what was read stays the same.
//
// Paths begin with a slash, which is the root. It is a filesys.FileSystem.
type tree struct {
	read func(io.Reader) ([]byte, error)
	// disk says that the root is that of the disk, so that absolute links lead
	// somewhere.
	disk bool
	// dirs and files are those that are open or were read, by their real path.
	dirs  map[string]directory
	files map[string][]byte
	// check looks at a file that Kustomize reads.
	check func(name string, data []byte) error
}

// directory is an open directory, or a path below one: some may be passed and
// not read, such as the home of other people.
type directory struct {
	root *os.Root
	path string
}

func newTree(root *os.Root, read func(io.Reader) ([]byte, error)) *tree {
	return &tree{
		read: read, disk: root.Name() == filepath.VolumeName(root.Name())+string(filepath.Separator),
		dirs: map[string]directory{"/": {root, "."}}, files: map[string][]byte{},
	}
}

// close closes all directories but the root, which is not its own.
func (t *tree) close() {
	for name, d := range t.dirs {
		if name != "/" && d.path == "." {
			_ = d.root.Close()
		}
	}
}

// found is where a path leads.
type found struct {
	name string // the real path
	info fs.FileInfo
}

// find follows a path from the root to what is there, link by link.
func (t *tree) find(name string) (found, error) {
	at := found{name: "/"}
	links := 0
	rest := strings.Split(filepath.ToSlash(name), "/")
	for len(rest) > 0 {
		step := rest[0]
		rest = rest[1:]
		switch {
		case step == "" || step == ".":
			continue
		case at.info != nil && !at.info.IsDir():
			return at, errNotDir
		case step == ".." && at.name == "/" && !t.disk:
			return at, errOutside
		case step == "..":
			at = found{name: path.Dir(at.name)}
			continue
		}
		next, link, err := t.step(at.name, step)
		switch {
		case err != nil:
			return at, err
		case link == "":
			at = next
			continue
		}
		if links++; links > maxLinks {
			return at, errLinks
		}
		if filepath.IsAbs(link) {
			if !t.disk {
				return at, errOutside
			}
			at = found{name: "/"}
		}
		rest = append(strings.Split(filepath.ToSlash(link), "/"), rest...)
	}
	return at, nil
}

// step looks at an entry of a directory, which it opens where it is one. It
// returns where a symbolic link leads.
func (t *tree) step(dir, name string) (next found, link string, err error) {
	d := t.dirs[dir]
	below := filepath.Join(d.path, name)
	info, err := d.root.Lstat(below)
	if err != nil {
		return next, "", err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		link, err = d.root.Readlink(below)
		return next, link, err
	}
	next = found{path.Join(dir, name), info}
	if info.IsDir() {
		err = t.enter(next, d.root, below)
	}
	return next, "", err
}

// enter opens a directory.
func (t *tree) enter(dir found, parent *os.Root, below string) error {
	if _, open := t.dirs[dir.name]; open {
		return nil
	}
	if len(t.dirs) >= maxDirs {
		return errTooMany
	}
	root, err := parent.OpenRoot(below)
	if errors.Is(err, fs.ErrPermission) {
		t.dirs[dir.name] = directory{parent, below}
		return nil
	}
	if err != nil {
		return err
	}
	t.dirs[dir.name] = directory{root, "."}
	if info, err := root.Stat("."); err != nil || !os.SameFile(info, dir.info) {
		return errChanged
	}
	return nil
}

// readOnce reads a file that find has found.
func (t *tree) readOnce(file found) ([]byte, error) {
	if data, ok := t.files[file.name]; ok {
		return data, nil
	}
	d := t.dirs[path.Dir(file.name)]
	f, err := input.OpenIn(d.root, filepath.Join(d.path, path.Base(file.name)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !os.SameFile(info, file.info) {
		return nil, errChanged
	}
	data, err := t.read(f)
	if err == nil {
		t.files[file.name] = data
	}
	return data, err
}

// isDir reports whether a place is a directory, as those without an entry are.
func (f found) isDir() bool { return f.info == nil || f.info.IsDir() }

// CleanedAbs implements filesys.FileSystem.
func (t *tree) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	at, err := t.find(name)
	switch {
	case err != nil:
		return "", "", err
	case at.isDir():
		return filesys.ConfirmedDir(at.name), "", nil
	default:
		return filesys.ConfirmedDir(path.Dir(at.name)), path.Base(at.name), nil
	}
}

// ReadFile implements filesys.FileSystem.
func (t *tree) ReadFile(name string) ([]byte, error) {
	at, err := t.find(name)
	if err != nil {
		return nil, err
	}
	if at.isDir() {
		return nil, input.ErrDirectory
	}
	data, err := t.readOnce(at)
	if err == nil {
		err = t.check(at.name, data)
	}
	return data, err
}

// Exists implements filesys.FileSystem.
func (t *tree) Exists(name string) bool {
	_, err := t.find(name)
	return err == nil
}

// IsDir implements filesys.FileSystem.
func (t *tree) IsDir(name string) bool {
	at, err := t.find(name)
	return err == nil && at.isDir()
}

// The rest of filesys.FileSystem is for what no build without a network does.

func (t *tree) Create(string) (filesys.File, error)  { return nil, errReadOnly }
func (t *tree) Mkdir(string) error                   { return errReadOnly }
func (t *tree) MkdirAll(string) error                { return errReadOnly }
func (t *tree) RemoveAll(string) error               { return errReadOnly }
func (t *tree) WriteFile(string, []byte) error       { return errReadOnly }
func (t *tree) Open(string) (filesys.File, error)    { return nil, errReadOnly }
func (t *tree) ReadDir(string) ([]string, error)     { return nil, errReadOnly }
func (t *tree) Glob(string) ([]string, error)        { return nil, errReadOnly }
func (t *tree) Walk(string, filepath.WalkFunc) error { return errReadOnly }
