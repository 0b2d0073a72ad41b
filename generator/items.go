package generator

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

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
