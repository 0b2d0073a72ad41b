package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
)

// repository is what the plugin may read: the copy of a repository that Argo CD
// has sent, or the part of it that is known to be one. No path and no symbolic
// link leads out. It is a generator.Files.
type repository struct {
	root *os.Root
	// dir is the working directory, which paths are relative to, below the root.
	dir string
}

var (
	errOutside = errors.New("leads out of the repository that Argo CD has sent")
	errSpecial = errors.New("is no regular file")
)

// openRepository opens the repository above the working directory, if the path
// of the Application in it is the end of the working directory, or else that
// alone: Argo CD may send a part of the repository.
func openRepository(sourcePath string) (*repository, error) {
	wd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	top, dir := wd, "."
	if path := filepath.Clean(sourcePath); path != "." && filepath.IsLocal(path) {
		if above, ok := strings.CutSuffix(wd, string(filepath.Separator)+path); ok && above != "" {
			top, dir = above, path
		}
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	return &repository{root: root, dir: dir}, nil
}

func (r *repository) close() { _ = r.root.Close() }

// below gives a path as seen from the root.
func (r *repository) below(path string) (string, error) {
	name := filepath.Join(r.dir, path)
	if filepath.IsAbs(path) || !filepath.IsLocal(name) {
		return "", errOutside
	}
	return name, nil
}

// open opens a regular file, or a directory. It does not wait for a writer, as
// the open of a named pipe does.
func (r *repository) open(path string) (*os.File, error) {
	name, err := r.below(path)
	if err != nil {
		return nil, err
	}
	f, err := r.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, inside(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errSpecial
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// inside gives the error of an os.Root in our words.
func inside(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && path.Err.Error() == "path escapes from parent" {
		return errOutside
	}
	return err
}

func (r *repository) read(path string) ([]byte, error) {
	f, err := r.open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// spec parses the spec that the parameters name.
func (r *repository) spec(p parameters) (spec.Document, error) {
	var layers []spec.Layer
	var issues diag.Issues
	for _, file := range p.files {
		layer, err := r.layer(file)
		if err != nil {
			issues = append(issues, r.issue(file, err))
		}
		layers = append(layers, layer)
	}
	if issues.Failed() {
		return spec.Document{}, issues
	}
	return spec.Parse(layers, p.sets), nil
}

func (r *repository) layer(file string) (spec.Layer, error) {
	f, err := r.open(file)
	if err != nil {
		return spec.Layer{}, err
	}
	defer f.Close()
	return readLayer(file, f)
}

// issue says why a file of the Application can't be used.
func (r *repository) issue(file string, err error) diag.Issue {
	issue := diag.Issue{Pos: diag.Position{File: file}, Message: reason(err)}
	if errors.Is(err, fs.ErrNotExist) {
		issue.Hint = "the folder of the Application is " + r.dir
	}
	return issue
}

// ReadFile implements generator.Files.
func (r *repository) ReadFile(path string) ([]byte, error) {
	data, err := r.read(path)
	if err != nil {
		return nil, diag.Issues{r.issue(path, err)}
	}
	return data, nil
}

// Manifests implements generator.Files.
func (r *repository) Manifests(path string) ([]string, error) {
	start, err := r.below(path)
	if err != nil {
		return nil, diag.Issues{r.issue(path, err)}
	}
	files, err := manifests(path, func(walk fs.WalkDirFunc) error {
		return inside(fs.WalkDir(r.root.FS(), filepath.ToSlash(start), walk))
	})
	for i := range files {
		if files[i], err = filepath.Rel(r.dir, files[i]); err != nil {
			return nil, err
		}
	}
	return files, err
}

// Build implements generator.Files.
func (r *repository) Build(dir string) ([]byte, error) {
	name, err := r.below(dir)
	if err != nil {
		return nil, diag.Issues{r.issue(dir, err)}
	}
	top, err := filepath.EvalSymlinks(r.root.Name())
	if err != nil {
		return nil, err
	}
	files := &repositoryFiles{FileSystem: filesys.MakeFsOnDisk(), top: top}
	data, err := kustomize.Build(files, filepath.Join(top, name))
	if err != nil && files.refused != nil {
		return nil, diag.Issues{r.issue(dir, files.refused)}
	}
	issues := diag.From(err)
	for i := range issues {
		// The path of the copy is new in every request, and means nothing to people.
		issues[i].Pos.File = dir
	}
	return data, issues.Err()
}

// repositoryFiles is the disk as Kustomize sees it in a repository. Kustomize
// asks for the real path of everything that it loads.
type repositoryFiles struct {
	filesys.FileSystem
	top string
	// refused is the last error of a path that was refused.
	refused error
}

// CleanedAbs implements filesys.FileSystem.
func (f *repositoryFiles) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	dir, name, err := f.FileSystem.CleanedAbs(path)
	if err != nil {
		return dir, name, err
	}
	if below, err := filepath.Rel(f.top, dir.Join(name)); err != nil || !filepath.IsLocal(below) {
		f.refused = errOutside
		return "", "", errOutside
	}
	return dir, name, nil
}

// ReadFile implements filesys.FileSystem.
func (f *repositoryFiles) ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err, f.refused = errSpecial, errSpecial
	}
	if err != nil {
		return nil, err
	}
	return f.FileSystem.ReadFile(path)
}
