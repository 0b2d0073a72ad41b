package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// The modes of written files: a Secret is for its owner only.
const (
	fileMode   = 0o644
	secretMode = 0o600
	dirMode    = 0o755
)

// lastFile is written last: a directory without it is not yet for use.
const lastFile = "kustomization.yaml"

// writeFiles makes a directory hold exactly the files, each behind the marker
// line. A file without the marker that is in the way stays and is an error;
// marked files that are no longer made go. Nothing is written before all of
// that is known.
func writeFiles(dir string, files []format.File) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return diag.Issues{{Pos: diag.Position{File: dir}, Message: "must be a directory"}}
	}
	stale, err := markedFiles(dir)
	if err != nil {
		return err
	}
	var issues diag.Issues
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		switch marked, err := isMarked(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			issues = append(issues, fileIssue(path, err))
		case !marked:
			issues = append(issues, diag.Issue{
				Pos: diag.Position{File: path}, Message: "is in the way and was not made by " + program,
				Hint: "move it, or choose another directory",
			})
		}
		stale = slices.DeleteFunc(stale, func(s string) bool { return s == path })
	}
	if issues.Failed() {
		return issues
	}
	slices.SortStableFunc(files, func(a, b format.File) int {
		last := func(f format.File) int {
			if filepath.Base(f.Name) == lastFile {
				return 1
			}
			return 0
		}
		return last(a) - last(b)
	})
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(f.Name)), f); err != nil {
			return err
		}
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// writeFile puts a file in place by rename, so that nobody reads half of it.
func writeFile(path string, f format.File) error {
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	var failed *fs.PathError
	if errors.As(err, &failed) {
		failed.Path = path // nobody knows the name of the temporary file
	}
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	mode := fs.FileMode(fileMode)
	if f.Secret {
		mode = secretMode
	}
	data := f.Data
	if !bytes.HasPrefix(data, []byte(manifest.Marker)) {
		data = append([]byte(manifest.Marker+"\n"), data...)
	}
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Chmod(mode), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// markedFiles are the files below a directory that an earlier run made.
func markedFiles(dir string) ([]string, error) {
	var marked []string
	err := walkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		ours, err := isMarked(path)
		if ours {
			marked = append(marked, path)
		}
		return err
	})
	return marked, err
}

func isMarked(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start := make([]byte, len(manifest.Marker))
	n, _ := f.Read(start)
	return string(start[:n]) == manifest.Marker, nil
}

// refuseWorkTree is an error where a real secret value would be written into a
// Git work tree.
func refuseWorkTree(dir string, files []format.File) error {
	if !slices.ContainsFunc(files, func(f format.File) bool { return f.Secret }) {
		return nil
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for ; path != filepath.Dir(path); path = filepath.Dir(path) {
		if _, err := os.Stat(filepath.Join(path, ".git")); err == nil {
			return diag.Issues{{
				Pos:     diag.Position{File: dir},
				Message: "is in the Git work tree " + path + ", and secrets in plain text would be written there",
				Hint:    "write elsewhere, use placeholders or delivery: ExternalSecret, or say --plain-secrets",
			}}
		}
	}
	return nil
}
