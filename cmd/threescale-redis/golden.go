package main

import (
	"fmt"
	"path/filepath"

	"al.essio.dev/pkg/shellescape"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/golden"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// goldenCmd compares specs with the files beside them.
type goldenCmd struct {
	Path   []string `arg:"" optional:"" help:"Specs, or directories that are searched for threescale-redis.yaml. Without it: ./threescale-redis.yaml." predictor:"file"`
	Update bool     `help:"Write the files, instead of comparing."`
	reportFlag
}

// Help implements kong.HelpProvider.
func (c *goldenCmd) Help() string {
	return `golden/ beside a spec holds what it renders to: manifests.yaml the Secrets, with a
token in place of each password, and patches.yaml the annotations of the pods. The
env vars are the same for all specs of a release, and stand there by a digest. Of
spec.base and spec.template only the names of the objects are listed.

Committed, it shows in review what a change of the spec does, and in CI that
nothing else changed. No secret is needed.

Examples:
  threescale-redis golden --update environments/
  threescale-redis golden environments/
  threescale-redis golden --format junit environments/ > golden.xml`
}

// Run compares or updates the golden files of all specs.
func (c *goldenCmd) Run(env *Env, report *report) error {
	specs, err := readSpecs(env, specFlags{}, c.Path)
	if err != nil {
		return err
	}
	rendered, err := goldenFiles(env, report, specs)
	switch {
	case err != nil && (c.Update || c.Format == "text"):
		return err
	case err != nil:
		return findings{inputs: pathsOf(specs), issues: diag.From(err)}.print(env, report, c.Format, "")
	case c.Update:
		return c.update(report, specs, rendered)
	default:
		return c.compare(env, report, specs, rendered)
	}
}

func (c *goldenCmd) update(report *report, specs []namedSpec, rendered []map[string][]byte) error {
	updated := 0
	for i, s := range specs {
		changed, err := golden.Update(filepath.Join(s.dir(), golden.Dir), rendered[i])
		if err != nil {
			return err
		}
		updated += changed
	}
	report.say("%s: %s changed", count(len(specs), "spec"), count(updated, "file"))
	return nil
}

// compare prints the differences as text, and in a format for machines which specs
// differ.
func (c *goldenCmd) compare(env *Env, report *report, specs []namedSpec, rendered []map[string][]byte) error {
	update := shellescape.QuoteCommand(append([]string{program, "golden", "--update"}, c.Path...))
	found := findings{inputs: pathsOf(specs)}
	for i, s := range specs {
		diff, err := golden.Compare(filepath.Join(s.dir(), golden.Dir), rendered[i])
		if err != nil {
			return err
		}
		if diff == "" {
			continue
		}
		found.issues = append(found.issues, diag.Issue{
			Pos: diag.Position{File: s.name}, Message: "is not as its golden files say", Hint: "if that is meant: " + update,
		})
		if c.Format == "text" {
			fmt.Fprint(env.Stdout, diff)
		}
	}
	if c.Format != "text" {
		return found.print(env, report, c.Format, "")
	}
	if n := len(found.issues); n > 0 {
		report.say("%d of %s not as the golden files say; if that is meant: %s", n, count(len(specs), "spec"), update)
		return errDiffers
	}
	report.say("%s as the golden files say", count(len(specs), "spec"))
	return nil
}

// goldenFiles are the golden files of each spec. What is wrong with any of them
// comes in one error, before anything is written.
func goldenFiles(env *Env, report *report, specs []namedSpec) ([]map[string][]byte, error) {
	files := make([]map[string][]byte, len(specs))
	var issues diag.Issues
	progress := report.progress(env, "specs")
	for i, s := range specs {
		progress(i+1, len(specs))
		r, err := generator.Generate(s.parse(), generator.Secrets{Lookup: golden.Token, Tokens: true}, generator.Named{Files: disk{&env.Inputs}})
		if err == nil {
			files[i], err = golden.Files(format.Result{Name: s.name, Patched: r})
		}
		issues = append(issues, diag.From(err)...)
	}
	return files, issues.Err()
}
