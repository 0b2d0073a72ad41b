package main

import (
	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// checkCmd checks specs against all rules.
type checkCmd struct {
	specFlags
	pathArgs
	reportFlag
	Strict         bool `help:"Exit 1 if there is a warning that spec.allow does not accept."`
	AcceptUnpinned bool `help:"Take a spec.template that is no published one."`
}

// Help implements kong.HelpProvider.
func (c *checkCmd) Help() string {
	return `Prints what is wrong, one line each, and exits 1 if there is an error. The base or
the template is read and patched too. No secret is needed: what a rule could not
look at is noted as not checked.

Examples:
  threescale-redis check
  threescale-redis check --strict environments/
  threescale-redis check --format github environments/
  threescale-redis check --format sarif environments/ > check.sarif`
}

// Run judges the specs. As text the issues go to standard error, as those of
// every command; a format for machines is the result, on standard output.
func (c *checkCmd) Run(env *Env, report *report) error {
	specs, err := readSpecs(env, c.specFlags, c.Path)
	if err != nil {
		return err
	}
	found := findings{inputs: pathsOf(specs), strict: c.Strict}
	progress := report.progress(env, "specs")
	for i, s := range specs {
		progress(i, len(specs))
		r, err := generator.Generate(s.parse(), generator.Secrets{Unneeded: true, Now: env.Now}, generator.Named{Files: disk{&env.Inputs}, AcceptUnpinned: c.AcceptUnpinned})
		found.issues = append(found.issues, diag.From(err)...)
		if r != nil {
			found.issues = append(found.issues, r.Issues...)
		}
	}
	progress(len(specs), len(specs))
	return found.print(env, report, c.Format, count(len(specs), "spec")+" checked")
}
