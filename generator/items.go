package generator

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Piped are the manifests of an installation that a program hands over, as Helm does to a
// post-renderer.
type Piped struct {
	// Name is for messages.
	Name string
	Data []byte
}

// Installation implements Target.
func (p Piped) Installation(c *Checked) (*Installation, error) {
	objects, err := manifest.NewReader(maxBaseValues).Read(p.Name, p.Data)
	if err != nil {
		return nil, err
	}
	whole := diag.Position{File: p.Name}
	if len(objects) == 0 {
		return nil, diag.Issues{{Pos: whole, Message: "holds no object"}}
	}
	var issues diag.Issues
	for _, o := range objects {
		issues = append(issues, manifest.Check(o)...)
	}
	if issues.Failed() {
		return nil, issues
	}
	return installed(c, objects, whole, issues)
}

// Unnamed reports that a spec names an installation where somebody else hands it over.
func Unnamed(doc spec.Document, why string) diag.Issues {
	var issues diag.Issues
	if base := doc.Spec.Base; base.Said {
		issues = append(issues, base.Issue("must not be given: "+why))
	}
	if template := doc.Spec.Template; template.Said {
		issues = append(issues, template.Issue("must not be given: "+why))
	}
	return issues
}

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
