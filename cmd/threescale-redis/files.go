package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/installed/migrate"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/outdir"
)

// The modes of written files: what may hold a secret is for its owner only.
const (
	fileMode    = 0o644
	privateMode = 0o600
)

// startFiles are the files that others start from: kustomize from the one, people
// from the other.
var startFiles = []string{"kustomization.yaml", migrate.Name}

// output is what a command writes into a directory.
type output struct {
	dir string
	// index says which command writes; its list of files is filled in by write.
	index index
	files []format.File
	// check judges the directory as it is, if not nil.
	check func(root *os.Root) error
}

// write makes the directory hold the files, each behind the marker line, all of
// them or none. A file that is in the way and was not made by this program is an
// error, and so is a directory that belongs to another command, format or spec.
// Files of an earlier run that are no longer made go, unless somebody has changed
// them.
func (o output) write(report *report) error {
	if info, err := os.Stat(o.dir); err == nil && !info.IsDir() {
		return diag.Issues{{Pos: diag.Position{File: o.dir}, Message: "must be a directory"}}
	}
	files, err := o.marked()
	if err != nil {
		return err
	}
	var kept []string
	_, err = outdir.Update(o.dir, func(root *os.Root) (c outdir.Change, err error) {
		c, kept, err = o.plan(root, files)
		return c, err
	})
	if err != nil {
		return err
	}
	for _, name := range kept {
		report.say("%s is no longer made, and stays because somebody has changed it", filepath.Join(o.dir, filepath.FromSlash(name)))
	}
	return nil
}

// marked are the files as they are written. Their names come from objects too, so
// they are judged.
func (o *output) marked() ([]outdir.File, error) {
	o.index.Files = map[string]string{}
	slices.Sort(o.index.Specs)
	var files []outdir.File
	var issues diag.Issues
	for _, f := range o.files {
		at := diag.Position{File: filepath.Join(o.dir, filepath.FromSlash(f.Name))}
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			issues = append(issues, diag.Issue{Pos: at, Message: "must be in the directory: an object has a name that is a path"})
		}
		if _, twice := o.index.Files[f.Name]; twice {
			issues = append(issues, diag.Issue{
				Pos: at, Message: "would be written twice: two objects have the same kind and name",
				Hint: "leave out -d",
			})
		}
		file := outdir.File{Name: f.Name, Data: marked(f.Data), Mode: fileMode, Last: slices.Contains(startFiles, path.Base(f.Name))}
		o.index.Files[f.Name] = digest(file.Data)
		if f.Secret || f.Private {
			file.Mode, o.index.Files[f.Name] = privateMode, ""
		}
		files = append(files, file)
	}
	return files, issues.Err()
}

// plan compares the directory with the files. Nothing is written before all that
// is in the way is known.
func (o output) plan(root *os.Root, files []outdir.File) (c outdir.Change, kept []string, err error) {
	old, err := readIndex(root, o.dir)
	if err != nil {
		return c, nil, err
	}
	if err := o.index.replaces(old, root, o.dir); err != nil {
		return c, nil, err
	}
	if err := overlapping(root, o.dir, files); err != nil {
		return c, nil, err
	}
	if o.check != nil {
		if err := o.check(root); err != nil {
			return c, nil, err
		}
	}
	if err := o.blocked(root); err != nil {
		return c, nil, err
	}
	if c.Remove, kept, err = old.stale(root, o.index.Files); err != nil {
		return c, nil, err
	}
	final, err := o.index.file()
	if err != nil {
		return c, nil, err
	}
	claim, err := o.index.with(old).file()
	c.Write, c.Claim = append(files, final), &claim
	return c, kept, err
}

// blocked says which files are in the way: those without the marker.
func (o output) blocked(root *os.Root) error {
	var issues diag.Issues
	for _, name := range slices.Sorted(maps.Keys(o.index.Files)) {
		file := filepath.Join(o.dir, filepath.FromSlash(name))
		switch ours, _, err := ownFile(root, name); {
		case errors.Is(err, fs.ErrNotExist):
		case err == nil && !ours, errors.Is(err, input.ErrSpecial):
			issues = append(issues, inTheWay(file)...)
		case err != nil:
			issues = append(issues, fileIssue(file, err))
		}
	}
	return issues.Err()
}

func inTheWay(file string) diag.Issues {
	return diag.Issues{{
		Pos: diag.Position{File: file}, Message: "is in the way and was not made by " + program,
		Hint: "move it, or choose another directory",
	}}
}
