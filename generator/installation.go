package generator

import (
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Target is what a spec is rendered into.
type Target interface {
	// Installation reads it; nil says that there is none.
	Installation(*Checked) (*Installation, error)
}

// Installation is what the Secrets and the env patches are put into.
type Installation struct {
	Objects []manifest.Object
	// Issues are warnings, Notices what else there is to say.
	Issues  diag.Issues
	Notices []string

	// named is where somebody names the installation: there an object is missing.
	named diag.Position
	// order is that of the env vars.
	order wiring.Order
	// keepsSecrets says that a Secret stays that the spec delivers in another way.
	keepsSecrets bool
	// complete says that Secrets which are not there are made elsewhere.
	complete bool
	// unpatched says that there are no workloads.
	unpatched bool
}

// placed puts issues about objects that are not there where the installation is
// named.
func (i *Installation) placed(err error) error {
	issues := diag.From(err)
	for n := range issues {
		if issues[n].Pos.File == "" {
			issues[n].Pos = i.named
		}
	}
	return issues.Err()
}

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
