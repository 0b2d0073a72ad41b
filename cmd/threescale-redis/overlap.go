package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/outdir"
)

// overlapping is an error where a directory belongs to an index above it, or
// files would be written below it to where another index is.
func overlapping(root *os.Root, dir string, files []outdir.File) error {
	if err := belongsAbove(dir); err != nil {
		return err
	}
	for _, f := range files {
		for sub := path.Dir(f.Name); sub != "."; sub = path.Dir(sub) {
			if _, err := root.Lstat(path.Join(sub, indexName)); err != nil {
				continue
			}
			below := filepath.Join(dir, filepath.FromSlash(sub))
			owner, hint := "another command", "choose another directory"
			if i := indexAt(below); i != nil {
				owner, hint = i.String(), i.makeRoom()
			}
			return diag.Issues{{Pos: diag.Position{File: below}, Message: "holds the files of " + owner, Hint: hint}}
		}
	}
	return nil
}

// belongsAbove is an error where an index above a directory lists files in it.
func belongsAbove(dir string) error {
	real, err := realPath(dir)
	if err != nil {
		return err
	}
	for above := real; above != filepath.Dir(above); {
		above = filepath.Dir(above)
		below, err := filepath.Rel(above, real)
		if err != nil {
			return err
		}
		if i := indexAt(above); i != nil && i.lists(filepath.ToSlash(below)) {
			return diag.Issues{{
				Pos:     diag.Position{File: dir},
				Message: fmt.Sprintf("belongs to %s, which holds the files of %s", above, i),
				Hint:    "choose another directory",
			}}
		}
	}
	return nil
}

// indexAt is the index of a directory, nil where none can be read.
func indexAt(dir string) *index {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil
	}
	defer root.Close()
	i, _ := readIndex(root, dir)
	return i
}
