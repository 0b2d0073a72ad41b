package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
)

// disk reads bases and templates. It is a generator.Files.
type disk struct{ inputs *input.Run }

// manifestExtensions are the endings of manifest files in a directory.
var manifestExtensions = []string{".yaml", ".yml", ".json"}

// ReadFile implements generator.Files.
func (s disk) ReadFile(path string) ([]byte, error) {
	data, err := s.inputs.File(input.Manifests, path)
	if err != nil {
		return nil, diag.Issues{fileIssue(path, err)}
	}
	return data, nil
}

// Manifests returns the file, or the manifest files below the directory.
func (disk) Manifests(path string) ([]string, error) {
	return manifests(path, func(walk fs.WalkDirFunc) error { return walkDir(path, walk) })
}

// manifests collects the manifest files that a walk from a path meets; a file
// at its start counts whatever its ending.
func manifests(path string, walk func(fs.WalkDirFunc) error) ([]string, error) {
	var files []string
	at, start := path, true
	err := walk(func(file string, d fs.DirEntry, err error) error {
		first := start
		start = false
		switch {
		case err != nil:
			if !first {
				at = file
			}
			return err
		case d.IsDir() && !first && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case kustomize.IsKustomization(d.Name()):
			return diag.Issues{{
				Pos: diag.Position{File: file}, Message: "is a kustomization among manifests",
				Hint: "name its directory in spec.base.kustomization",
			}}
		case !d.IsDir() && (first || slices.Contains(manifestExtensions, filepath.Ext(file))):
			files = append(files, file)
		}
		return nil
	})
	var issues diag.Issues
	switch {
	case errors.As(err, &issues):
		return nil, issues
	case err != nil:
		return nil, diag.Issues{fileIssue(at, err)}
	case len(files) == 0:
		return nil, diag.Issues{{Pos: diag.Position{File: path}, Message: "no manifests below this directory"}}
	}
	return files, nil
}

// Chart implements generator.Files.
func (s disk) Chart(path string) (helm.Source, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		data, err := s.ReadFile(path)
		return helm.Source{Path: path, Archive: data}, err
	}
	return chart(path, func(walk fs.WalkDirFunc) error { return walkDir(path, walk) }, filepath.Clean(path), s.ReadFile)
}

// chart reads the files of a chart that a walk meets below a directory. Folders such as
// .git are no part of it.
func chart(path string, walk func(fs.WalkDirFunc) error, dir string, read func(string) ([]byte, error)) (helm.Source, error) {
	source := helm.Source{Path: path, Files: map[string][]byte{}}
	err := walk(func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return diag.Issues{fileIssue(file, err)}
		case d.IsDir() && filepath.Clean(file) != dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		source.Files[filepath.ToSlash(name)], err = read(filepath.Join(path, name))
		return err
	})
	return source, err
}

// Build implements generator.Files.
func (s disk) Build(dir string) ([]byte, diag.Issues) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, diag.Issues{fileIssue(dir, err)}
	}
	top := filepath.VolumeName(path) + string(filepath.Separator)
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, diag.Issues{fileIssue(top, err)}
	}
	defer func() { _ = root.Close() }()
	return build(s.inputs, root, strings.TrimPrefix(path, top), dir)
}

// build builds a kustomization below a root. The directory is one in the root,
// and shown is what the spec calls it.
func build(inputs *input.Run, root *os.Root, dir, shown string) ([]byte, diag.Issues) {
	data, issues := kustomize.Build(root, dir, func(f io.Reader) ([]byte, error) {
		return inputs.Read(input.Manifests, f)
	})
	for i := range issues {
		issues[i].Pos.File = filepath.Join(shown, issues[i].Pos.File)
	}
	return data, issues
}
