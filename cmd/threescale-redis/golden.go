package main

import (
	"fmt"
	"path/filepath"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/golden"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// goldenCmd compares specs with the files beside them.
type goldenCmd struct {
	Path   []string `arg:"" help:"Specs, or directories that are searched for threescale-redis.yaml." predictor:"file"`
	Update bool     `help:"Write the files, instead of comparing."`
}

// Help implements kong.HelpProvider.
func (c *goldenCmd) Help() string {
	return `golden/ beside a spec holds what it renders to, with a token in place of each
secret. Committed, it shows in review what a change of the spec does, and in CI
that nothing else changed. No secret is needed.

Examples:
  threescale-redis golden --update environments/
  threescale-redis golden environments/`
}

// Run compares or updates the golden files of all specs.
func (c *goldenCmd) Run(env *Env, report *report) error {
	specs, err := sources(env, specFlags{}, c.Path)
	if err != nil {
		return err
	}
	var issues diag.Issues
	differs, updated := 0, 0
	for _, s := range specs {
		s.input.Lookup, s.input.Tokens, s.input.Sources = golden.Token, true, diskSources{&env.Inputs}
		r, err := generator.Generate(s.input)
		if err != nil {
			issues = append(issues, diag.From(err)...)
			continue
		}
		files, err := golden.Files(format.Source{Name: s.name, Result: r})
		if err != nil {
			return err
		}
		dir := filepath.Join(s.dir(), golden.Dir)
		if c.Update {
			changed, err := golden.Update(dir, files)
			if err != nil {
				return err
			}
			updated += changed
			continue
		}
		diff, err := golden.Compare(dir, files)
		if err != nil {
			return err
		}
		if diff != "" {
			differs++
			fmt.Fprint(env.Stdout, diff)
		}
	}
	if issues.Failed() {
		return issues
	}
	if c.Update {
		report.say("%s: %s changed", count(len(specs), "spec"), count(updated, "file"))
		return nil
	}
	if differs > 0 {
		report.say("%d of %s not as the golden files say; if that is meant: %s golden --update", differs, count(len(specs), "spec"), program)
		return errDiffers
	}
	report.say("%s as the golden files say", count(len(specs), "spec"))
	return nil
}
