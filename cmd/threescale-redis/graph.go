package main

import (
	"github.com/threescale-redis/threescale-redis/generator/graph"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// graphCmd draws a spec or an export.
type graphCmd struct {
	Export []string `arg:"" optional:"" help:"An export in place of a spec: what \"oc get dc,secret -o yaml\" prints, or \"oc get apimanager,dc,deployment,job,secret -o yaml\" where an operator runs 3scale: files, directories, or \"-\" for standard input." predictor:"file"`
	specFlags
	Release string `placeholder:"RELEASE" help:"The release of an export without an APIManager that says it." predictor:"release"`
	Output  string `short:"o" enum:"mermaid,svg" default:"mermaid" placeholder:"FORMAT" help:"mermaid or svg."`
}

// Help implements kong.HelpProvider.
func (c *graphCmd) Help() string {
	return `Draws which pods reach which database on which Redis: through which Sentinels, from
which keys of which Secret, what is shared and what collides. It reads the values
as the programs of the release do, and shows where these disagree. No secret is
needed and none is shown. In 2.16 the text of a password can decide which key holds it.

Examples:
  threescale-redis graph -f threescale-redis.yaml
  threescale-redis graph -o svg > redis.svg
  threescale-redis graph export.yaml --release 2.7
  oc get apimanager,dc,deployment,job,secret -o yaml > export.yaml
  threescale-redis graph export.yaml`
}

// Run prints the picture.
func (c *graphCmd) Run(env *Env, report *report) error {
	g, err := c.graph(env, report)
	if err != nil {
		return err
	}
	picture := g.Mermaid()
	if c.Output == "svg" {
		picture = g.SVG()
	}
	_, err = env.Stdout.Write(picture)
	return err
}

func (c *graphCmd) graph(env *Env, report *report) (*graph.Graph, error) {
	switch {
	case len(c.Export) == 0 && c.Release != "":
		return nil, usagef("--release is for an export: a spec says its release, and --set spec.release=%s says another", c.Release)
	case len(c.Export) > 0 && len(c.File)+len(c.Set) > 0:
		return nil, usagef("a picture is of a spec or of an export: leave out -f and --set, or the export")
	case len(c.Export) > 0:
		return c.ofExport(env, report)
	}
	checked, err := oneSpec(env, c.specFlags, env.lookupIfThere)
	if err != nil {
		return nil, err
	}
	report.issues(checked.Issues)
	return graph.FromSpec(checked), nil
}

func (c *graphCmd) ofExport(env *Env, report *report) (*graph.Graph, error) {
	var release releases.Release
	if c.Release != "" {
		var err error
		if release, err = releases.Find(c.Release); err != nil {
			return nil, usageError{named("release "+c.Release, err)}
		}
	}
	e, err := readExport(env, report, c.Export, "")
	if err != nil {
		return nil, err
	}
	rel, err := releaseOf(e, release)
	if err != nil {
		return nil, err
	}
	return graph.FromExport(verify.Compare(e, rel, nil)), nil
}

// releaseOf is the release that the export says it runs, or that somebody named for one
// that says none.
func releaseOf(e *export.Export, named releases.Release) (releases.Release, error) {
	if named.Pin == nil {
		rel, err := e.Running()
		if err != nil {
			issues := diag.From(err)
			issues[0].Hint = "name the release with --release"
			return rel, issues
		}
		return rel, nil
	}
	rel, issues := e.Release(named)
	return rel, issues.Err()
}
