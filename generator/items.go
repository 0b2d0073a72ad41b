package generator

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Items are the items of a ResourceList: all that a function is given of an
// installation. Those without workloads, or without an APIManager where an operator
// makes the pods, get the Secrets; to an installation nothing is added, since its
// Secrets can be made elsewhere.
type Items []manifest.Object

// Installation implements Target.
func (items Items) Installation(c *Checked) (*Installation, error) {
	if err := once(c, items); err != nil {
		return nil, err
	}
	patchable := func(o manifest.Object) bool { return o.Kind() == "DeploymentConfig" }
	if c.Release.Operated() {
		patchable = wiring.IsAPIManager
	}
	installed := slices.ContainsFunc(items, patchable)
	var issues diag.Issues
	if !installed {
		issues = c.TokenUnused(items)
	}
	return &Installation{
		Objects: items, Issues: issues, named: c.Spec.Base.Pos, order: wiring.PinFirst,
		keepsSecrets: true, complete: installed, unpatched: !installed,
	}, nil
}
