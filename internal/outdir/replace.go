package outdir

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// replace changes the directory in place. All that needs room on the disk is done
// before the first file is touched.
func (d *directory) replace(c Change, same map[string]bool) error {
	files, err := d.stage(c, same)
	if err == nil {
		err = d.makeFolders(c)
	}
	if err != nil {
		_ = d.root.RemoveAll(workName)
		d.prune(c.names())
		return err
	}
	if err := d.apply(files, c.Remove); err != nil {
		return diag.Issues{{
			Pos: diag.Position{File: d.name}, Message: fmt.Sprintf("is changed in part only: %v", err),
			Hint: "run the same command again",
		}}
	}
	d.prune(c.Remove)
	dirs := slices.DeleteFunc(folders(c.names()), func(dir string) bool { return !d.exists(dir) })
	if err := syncDirs(d.root, append(dirs, ".")); err != nil {
		return d.failed("", err)
	}
	return d.failed("", d.root.RemoveAll(workName))
}

// stage writes the new files under temporary names. They are returned in the
// order in which they are put in place: the claim, the others, those that are
// Last.
func (d *directory) stage(c Change, same map[string]bool) ([]staged, error) {
	if err := d.root.Mkdir(workName, 0o700); err != nil {
		return nil, d.failed("", err)
	}
	var files, last []staged
	if c.Claim != nil {
		claim := *c.Claim
		claim.Last = false
		files = append(files, staged{File: claim})
	}
	for _, f := range c.Write {
		switch {
		case f.Last:
			last = append(last, staged{File: f})
		case !same[f.Name]:
			files = append(files, staged{File: f})
		}
	}
	files = append(files, last...)
	for i := range files {
		files[i].as = path.Join(workName, strconv.Itoa(i))
	}
	ignore := staged{ignoreAll, path.Join(workName, ignoreAll.Name)}
	return files, d.write(d.root, append(files, ignore))
}

func (d *directory) makeFolders(c Change) error {
	for _, f := range c.Write {
		if dir := path.Dir(f.Name); dir != "." {
			if err := d.root.MkdirAll(dir, dirMode); err != nil {
				return d.failed(f.Name, err)
			}
		}
	}
	return nil
}

// apply puts staged files in place, and removes what no longer counts before
// those that are Last.
func (d *directory) apply(files []staged, remove []string) error {
	last := slices.IndexFunc(files, func(f staged) bool { return f.Last })
	if last < 0 {
		last = len(files)
	}
	claimed := func(name string) bool { return last > 0 && files[0].Name == name }
	for _, f := range files[last:] {
		if !claimed(f.Name) {
			if err := d.remove(f.Name); err != nil {
				return err
			}
		}
	}
	for _, f := range files[:last] {
		if err := d.root.Rename(f.as, f.Name); err != nil {
			return d.failed(f.Name, err)
		}
	}
	for _, name := range remove {
		if err := d.remove(name); err != nil {
			return err
		}
	}
	for _, f := range files[last:] {
		if err := d.root.Rename(f.as, f.Name); err != nil {
			return d.failed(f.Name, err)
		}
	}
	return nil
}

func (d *directory) remove(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d.failed(name, err)
	}
	return nil
}

// prune removes the directories above files that are gone, if they are empty.
func (d *directory) prune(names []string) {
	dirs := folders(names)
	slices.Reverse(dirs)
	for _, dir := range dirs {
		_ = d.root.Remove(dir)
	}
}

func (d *directory) exists(name string) bool {
	_, err := d.root.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}
