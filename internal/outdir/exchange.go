package outdir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The directory beside the one to exchange, and the new directory in it.
const newName = "new"

func (d *directory) beside() string {
	return filepath.Join(filepath.Dir(d.path), "."+filepath.Base(d.path)+workName)
}

// errInPlace says that a directory must be changed in place.
var errInPlace = errors.New("can't be exchanged")

// exchange makes a new directory and exchanges it for the old one, if that is
// possible.
func (d *directory) exchange(c Change, same map[string]bool) (done bool, err error) {
	ours := map[string]bool{lockName: true}
	for _, name := range c.names() {
		ours[name] = true
	}
	if !d.holdsOnly(ours) || d.inUse() {
		return false, nil
	}
	err = d.build(c, same)
	made := filepath.Join(d.beside(), newName)
	if err == nil {
		err = exchange(made, d.path)
	}
	if err != nil {
		_ = os.RemoveAll(d.beside())
		return false, nil // what is wrong, such as a full disk, is so in place too
	}
	if parent, err := os.Open(filepath.Dir(d.path)); err == nil {
		_ = parent.Sync()
		_ = parent.Close()
	}
	return true, d.dispose(made, ours)
}

// holdsOnly reports whether all files of the directory are ours.
func (d *directory) holdsOnly(ours map[string]bool) bool {
	dirs := map[string]bool{".": true}
	var names []string
	for name := range ours {
		names = append(names, name)
	}
	for _, dir := range folders(names) {
		dirs[dir] = true
	}
	return fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !(e.IsDir() && dirs[name] || e.Type().IsRegular() && ours[name]) {
			return errInPlace
		}
		return err
	}) == nil
}

// inUse reports whether the working directory is the directory or below it: the
// user's shell would be left in the old one.
func (d *directory) inUse() bool {
	dir, err := os.Getwd()
	here, errHere := os.Stat(d.path)
	if err != nil || errHere != nil {
		return true
	}
	for {
		if info, err := os.Stat(dir); err != nil || os.SameFile(info, here) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
		dir = filepath.Dir(dir)
	}
}

// build makes the new directory: files that stay the same are links to the old
// ones, and modes of directories are kept. It is locked before anybody sees it.
func (d *directory) build(c Change, same map[string]bool) error {
	if err := os.Mkdir(d.beside(), 0o700); err != nil {
		return err
	}
	work, err := os.OpenRoot(d.beside())
	if err != nil {
		return err
	}
	defer work.Close()
	if err := work.Mkdir(newName, dirMode); err != nil {
		return err
	}
	root, err := work.OpenRoot(newName)
	if err != nil {
		return err
	}
	defer root.Close()
	dirs, err := d.mirror(root, c)
	if err != nil {
		return err
	}
	var files []staged
	for _, f := range c.Write {
		if same[f.Name] && os.Link(filepath.Join(d.path, f.Name), filepath.Join(d.beside(), newName, f.Name)) == nil {
			continue
		}
		files = append(files, staged{f, f.Name})
	}
	if err := errors.Join(
		d.write(work, []staged{{ignoreAll, ignoreAll.Name}}),
		d.write(root, files),
		syncDirs(root, dirs),
	); err != nil {
		return err
	}
	l := newLock(filepath.Join(d.beside(), newName))
	d.locks = append(d.locks, l)
	if ok, err := l.TryLock(); !ok || err != nil {
		return errors.Join(errInPlace, err)
	}
	return nil
}

// mirror makes the directories of a change, with the permissions of those that
// exist. Owners and special bits are left to directories that are changed in
// place.
func (d *directory) mirror(root *os.Root, c Change) ([]string, error) {
	var names []string
	for _, f := range c.Write {
		names = append(names, f.Name)
	}
	dirs := append([]string{"."}, folders(names)...)
	for _, dir := range dirs {
		if err := root.MkdirAll(dir, dirMode); err != nil {
			return nil, err
		}
		old, err := d.root.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		made, errMade := root.Stat(dir)
		if err := errors.Join(err, errMade); err != nil {
			return nil, err
		}
		if !sameOwner(old, made) || old.Mode().Type()|old.Mode().Perm() != old.Mode() {
			return nil, errInPlace
		}
		if err := root.Chmod(dir, old.Mode().Perm()); err != nil {
			return nil, err
		}
	}
	return dirs, nil
}

// dispose removes the old directory. A file that somebody has put there after
// holdsOnly moves to the new one.
func (d *directory) dispose(old string, ours map[string]bool) error {
	err := filepath.WalkDir(old, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(old, file)
		if err != nil || ours[filepath.ToSlash(name)] {
			return err
		}
		to := filepath.Join(d.path, name)
		return errors.Join(os.MkdirAll(filepath.Dir(to), dirMode), os.Rename(file, to))
	})
	return errors.Join(err, os.RemoveAll(d.beside()))
}
