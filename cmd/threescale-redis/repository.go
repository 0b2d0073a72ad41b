package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
)

// repository is what the plugin may read: the copy of a repository that Argo CD
// has sent, or the part of it that is known to be one. No path and no symbolic
// link leads out. It is a generator.Files.
type repository struct {
	root   *os.Root
	inputs *input.Run
	// dir is the working directory, which paths are relative to, below the root.
	dir string
}

var errOutside = errors.New("leads out of the repository that Argo CD has sent")

// openRepository opens the repository above the working directory, if the path
// of the Application in it is the end of the working directory, or else that
// alone: Argo CD may send a part of the repository.
func openRepository(env *Env, sourcePath string) (*repository, error) {
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
	return &repository{root: root, inputs: &env.Inputs, dir: dir}, nil
}

func (r *repository) close() { _ = r.root.Close() }

// below returns a path as seen from the root.
func (r *repository) below(path string) (string, error) {
	name := filepath.Join(r.dir, path)
	if filepath.IsAbs(path) || !filepath.IsLocal(name) {
		return "", errOutside
	}
	return name, nil
}

// inside returns the error of an os.Root in our words.
func inside(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && path.Err.Error() == "path escapes from parent" {
		return errOutside
	}
	return err
}

// read reads a file.
func (r *repository) read(kind input.Kind, path string) ([]byte, error) {
	name, err := r.below(path)
	if err != nil {
		return nil, err
	}
	f, err := input.OpenIn(r.root, name)
	if err != nil {
		return nil, inside(err)
	}
	defer f.Close()
	return r.inputs.Read(kind, f)
}

// spec parses the spec that the parameters name.
func (r *repository) spec(p parameters) (spec.Document, error) {
	var layers []spec.Layer
	var issues diag.Issues
	for _, file := range p.files {
		data, err := r.read(input.Spec, file)
		if err != nil {
			issues = append(issues, r.issue(file, err))
		}
		layers = append(layers, spec.Layer{Name: file, Data: data})
	}
	if issues.Failed() {
		return spec.Document{}, issues
	}
	parser := spec.Parser{Read: func(file string) ([]byte, error) {
		data, err := r.read(input.Spec, file)
		if err != nil {
			err = errors.New(reason(err))
		}
		return data, err
	}}
	return parser.Parse(layers, p.sets), nil
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
	data, err := r.read(input.Manifests, path)
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

// Chart implements generator.Files.
func (r *repository) Chart(path string) (helm.Source, error) {
	start, err := r.below(path)
	if err != nil {
		return helm.Source{}, diag.Issues{r.issue(path, err)}
	}
	info, err := r.root.Stat(start)
	if err != nil {
		return helm.Source{}, diag.Issues{r.issue(path, inside(err))}
	}
	if !info.IsDir() {
		data, err := r.ReadFile(path)
		return helm.Source{Path: path, Archive: data}, err
	}
	walk := func(walk fs.WalkDirFunc) error { return fs.WalkDir(r.root.FS(), filepath.ToSlash(start), walk) }
	return chart(path, walk, filepath.Clean(start), r.ReadFile)
}

// Build implements generator.Files.
func (r *repository) Build(dir string) ([]byte, diag.Issues) {
	name, err := r.below(dir)
	if err != nil {
		return nil, diag.Issues{r.issue(dir, err)}
	}
	return build(r.inputs, r.root, name, dir)
}
