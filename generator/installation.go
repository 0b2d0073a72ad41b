package generator

import (
	"fmt"

	"github.com/threescale-redis/threescale-redis/generator/helm"
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
	// ofTemplate says that the objects have no namespace yet.
	ofTemplate bool
	// ofBase says that pods of the objects must find the Secrets in their namespace.
	ofBase bool
}

// placed puts issues about objects that are not there where the installation is
// named.
func (i *Installation) placed(err error) diag.Issues {
	issues := diag.From(err)
	for n := range issues {
		if issues[n].Pos.File == "" {
			issues[n].Pos = i.named
		}
	}
	return issues
}

// once refuses objects of an installation that are there twice, such as in two
// namespaces: a spec is for one installation.
func once(c *Checked, objects []manifest.Object) error {
	ours := map[string]bool{}
	if !c.Release.Operated() {
		for _, w := range c.Release.Workloads {
			ours[w.Kind+"/"+w.Name] = true
		}
	}
	for _, s := range c.Release.Secrets {
		ours["Secret/"+s.Name] = true
	}
	return twice(objects, func(o manifest.Object) string {
		if !ours[o.String()] {
			return ""
		}
		return o.String()
	})
}

// twice reports the objects that share a key with an earlier one; an empty key
// is shared by none.
func twice(objects []manifest.Object, key func(manifest.Object) string) error {
	var issues diag.Issues
	first := map[string]manifest.Object{}
	for _, o := range objects {
		k := key(o)
		if k == "" {
			continue
		}
		if other, found := first[k]; found {
			issues = append(issues, o.Issue(o.Node, o.String(), "is there twice: first at %s", manifest.Position(other.File, other.Node)))
			continue
		}
		first[k] = o
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
	// Build returns what `kustomize build` prints for a directory. The issues may
	// be warnings beside it.
	Build(dir string) ([]byte, diag.Issues)
	// Chart returns a Helm chart: a package, or the files of a directory.
	Chart(path string) (helm.Source, error)
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
	case c.Spec.Template.Said && c.Release.Operated():
		issue := c.Spec.Template.Issue(fmt.Sprintf("3scale %s has no template: an operator makes its pods", c.Release))
		issue.Hint = "name the manifests with the APIManager in spec.base, or render -o kustomize"
		return nil, diag.Issues{issue}
	case c.Spec.Template.Said:
		return n.template(c)
	case c.Spec.Base.Said:
		return n.base(c)
	default:
		return nil, nil
	}
}
