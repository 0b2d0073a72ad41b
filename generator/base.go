package generator

import (
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Files reads what spec.base and spec.template name.
type Files interface {
	// ReadFile returns the content of a file.
	ReadFile(path string) ([]byte, error)
	// Manifests returns the manifest files that a path means: the file itself, or
	// those of a directory.
	Manifests(path string) ([]string, error)
	// Build returns what `kustomize build` prints for a directory.
	Build(dir string) ([]byte, error)
}

// Named is the installation that the spec names in spec.template or spec.base.
type Named struct {
	Files Files
	// AcceptUnpinned takes a template that no pin knows, with a warning.
	AcceptUnpinned bool
}

// Installation implements Target.
func (n Named) Installation(c *Checked) (*Installation, error) {
	switch {
	case c.Spec.Template.Said:
		return n.template(c)
	case c.Spec.Base.Said:
		objects, err := readBase(c.Spec.Base.Value, n.Files)
		// The env vars come where the Component puts them.
		return &Installation{Objects: objects, named: c.Spec.Base.Pos, order: wiring.PinFirst, keepsSecrets: true}, err
	default:
		return nil, nil
	}
}

// readBase reads the manifests or the kustomization.
func readBase(base spec.Base, files Files) ([]manifest.Object, error) {
	if dir := base.Kustomization; dir.Said {
		data, err := files.Build(dir.Value)
		if err != nil {
			return nil, at(dir.Value, err)
		}
		return manifest.Read(dir.Value, data)
	}
	var objects []manifest.Object
	var issues diag.Issues
	for _, path := range base.Manifests.Value {
		names, err := files.Manifests(path.Value)
		issues = append(issues, diag.From(at(path.Value, err))...)
		for _, name := range names {
			data, err := files.ReadFile(name)
			if err != nil {
				issues = append(issues, diag.From(at(name, err))...)
				continue
			}
			found, err := manifest.Read(name, data)
			issues = append(issues, diag.From(err)...)
			objects = append(objects, found...)
		}
	}
	return objects, issues.Err()
}

// at puts the file in front of what went wrong with it.
func at(file string, err error) error {
	var issues diag.Issues
	for _, i := range diag.From(err) {
		if i.Pos.File == "" {
			i.Pos.File = file
		}
		issues = append(issues, i)
	}
	return issues.Err()
}
