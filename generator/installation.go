package generator

import (
	"slices"

	"go.yaml.in/yaml/v3"

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

// Items are the items of a ResourceList: all that a function is given of an
// installation. Those without workloads get the Secrets; to an installation
// nothing is added, since its Secrets can be made elsewhere.
type Items []manifest.Object

// Installation implements Target.
func (items Items) Installation(c *Checked) (*Installation, error) {
	if err := items.once(c); err != nil {
		return nil, err
	}
	workloads := slices.ContainsFunc(items, func(o manifest.Object) bool { return o.Kind() == "DeploymentConfig" })
	return &Installation{
		Objects: items, named: c.Spec.Base.Pos, order: wiring.PinFirst,
		keepsSecrets: true, complete: workloads, unpatched: !workloads,
	}, nil
}

// once refuses a workload or a Secret that is there twice, such as in two
// namespaces: a spec is for one installation.
func (items Items) once(c *Checked) error {
	ours := map[string]bool{}
	for _, w := range c.Release.Workloads {
		ours[w.Kind+"/"+w.Name] = true
	}
	for _, s := range c.Release.Secrets {
		ours["Secret/"+s.Name] = true
	}
	var issues diag.Issues
	first := map[string]*yaml.Node{}
	for _, o := range items {
		name := o.String()
		if at, twice := first[name]; twice && ours[name] {
			issues = append(issues, o.Issue(o.Node, name, "is there twice: first at %s", manifest.Position(o.File, at)))
		}
		first[name] = o.Node
	}
	return issues.Err()
}
