// Package generator turns a spec into everything a 3scale installation needs to
// use its Redis, in three steps:
//
//	spec.Document ─Check─> Checked ─Render─> Rendered ─Patch─> Patched
//	                          └─ Target ─> Installation ─────────┘
//
// The steps are pure functions: what they need from outside, they ask of their
// arguments.
package generator

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Generate takes all steps. The error is diag.Issues for all that is wrong with
// the spec, warnings included.
func Generate(doc spec.Document, secrets Secrets, target Target) (*Patched, error) {
	checked, err := Check(doc, secrets)
	if err != nil {
		return nil, err
	}
	rendered, err := Render(checked)
	if err != nil {
		return nil, err
	}
	installation, err := target.Installation(checked)
	if err != nil {
		return nil, append(checked.Issues, diag.From(err)...).Sorted()
	}
	return Patch(rendered, installation)
}

// Checked is a spec that all rules have judged.
type Checked struct {
	spec.File
	Profile   profiles.Profile
	Release   releases.Release
	Databases []resolve.Database
	// Secrets are the composed values, in parts that know what is secret.
	Secrets []redis.Secret
	// Issues are warnings and notes.
	Issues diag.Issues

	// undelivered says that nobody needs the Secrets themselves.
	undelivered bool
}

// Check judges a spec by all rules and composes the values.
func Check(doc spec.Document, secrets Secrets) (*Checked, error) {
	c := &Checked{File: doc.File, undelivered: secrets.Unneeded || secrets.Undelivered}
	issues := slices.Concat(doc.Issues, c.findFacts())
	if issues.Failed() {
		return nil, issues.Sorted()
	}
	issues = append(issues, secrets.lookUp(&c.File)...)
	databases, found := resolve.Databases(c.Spec, c.Release)
	c.Databases, issues = databases, append(issues, found...)
	issues = append(issues, rule.CheckSpec(rule.Input{
		Spec: c.Spec, Profile: c.Profile, Release: c.Release, Databases: c.Databases, Tokens: secrets.Tokens, Now: secrets.Now,
	})...)
	if issues.Failed() {
		return nil, issues.Sorted()
	}
	c.Issues = issues.Sorted()
	c.Secrets = c.compose()
	return c, nil
}

// Rendered is a spec with the objects that deliver its values.
type Rendered struct {
	*Checked
	// Values are those of the chart; Delivered are the Secrets or ExternalSecrets
	// that the chart makes of them.
	Values    helm.Values
	Delivered []manifest.Object
}

// Render lays out the Secrets or ExternalSecrets with the chart.
func Render(c *Checked) (*Rendered, error) {
	r := &Rendered{Checked: c}
	if c.undelivered {
		return r, nil
	}
	var err error
	if r.Values, err = c.chartValues(); err != nil {
		return nil, err
	}
	r.Delivered, err = helm.Render(r.Values)
	return r, err
}

// Patched is a spec with all objects that it is for.
type Patched struct {
	*Rendered
	// Objects are the whole installation, or what is delivered where there is none.
	Objects []manifest.Object
	// Base is the installation as it was; nil where there is none.
	Base []manifest.Object
	// Issues are those of the spec and of the installation, Notices what else
	// there is to say of the latter.
	Issues  diag.Issues
	Notices []string
}

// Patch puts what is delivered into an installation, if there is one, and patches it:
// the env of its pods, or the APIManager of the operator that makes them.
func Patch(r *Rendered, i *Installation) (*Patched, error) {
	issues := slices.Concat(r.Issues, r.tokenOfOperated())
	if i == nil {
		return &Patched{Rendered: r, Objects: r.Delivered, Issues: issues}, nil
	}
	objects, issues := i.replaceSecrets(r), slices.Concat(issues, i.Issues, i.split(r))
	if !issues.Failed() && !i.unpatched {
		var err error
		if r.Release.Operated() {
			objects, err = r.setSwitches(objects)
		} else {
			objects, err = wiring.Apply(objects, r.Release, i.order, r.Annotations())
		}
		issues = append(issues, i.placed(err)...)
	}
	if issues.Failed() {
		return nil, issues.Sorted()
	}
	i.intoNamespace(r, objects)
	return &Patched{Rendered: r, Objects: objects, Base: i.Objects, Issues: issues, Notices: i.Notices}, nil
}
