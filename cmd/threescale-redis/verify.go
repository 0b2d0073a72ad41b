package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// verifyCmd compares what runs with a spec.
type verifyCmd struct {
	Export []string `arg:"" help:"What \"oc get dc,secret -o yaml\" prints, or \"oc get apimanager,dc,deployment,job,secret -o yaml\" where an operator runs 3scale: files, directories, or \"-\" for standard input." predictor:"file"`
	specFlags
	reportFlag
	Release string `placeholder:"RELEASE" help:"Compare with this release and the rules alone, without a spec." predictor:"release"`
}

// Help implements kong.HelpProvider.
func (c *verifyCmd) Help() string {
	return `Prints what differs, by workload and Secret, and exits 1 if something does.
Passwords are compared where the spec's references are set, and never printed. Without a spec the
release and the rules are asked; the APIManager says which release runs.

Examples:
  oc get dc,secret -o yaml | threescale-redis verify - -f prod.yaml
  oc get apimanager,dc,deployment,job,secret -o yaml > export.yaml
  threescale-redis verify export.yaml
  threescale-redis verify export.yaml --release 2.7`
}

// Run compares. The issues go where those of check go.
func (c *verifyCmd) Run(env *Env, report *report) error {
	found, err := c.compare(env, report)
	if err != nil {
		return err
	}
	found.Clock = env.Now
	issues := found.Issues()
	err = findings{inputs: c.Export, issues: issues, byObject: true}.print(env, report, c.Format, exported(found)+" matches")
	if errors.Is(err, errDiffers) {
		report.say("%s does not match: %s, %s", exported(found), countOf(issues, diag.Error), countOf(issues, diag.Warning))
	}
	return err
}

func (c *verifyCmd) compare(env *Env, report *report) (*verify.Report, error) {
	if c.Release != "" {
		if len(c.File)+len(c.Set) > 0 {
			return nil, usagef("--release is for a comparison without a spec: leave out -f and --set")
		}
		rel, err := releases.Find(c.Release)
		if err != nil {
			return nil, usageError{named("release "+c.Release, err)}
		}
		e, err := readExport(env, report, c.Export, "")
		if err != nil {
			return nil, err
		}
		return verify.Compare(e, rel, nil), nil
	}
	if c.withoutSpec() {
		return c.running(env, report)
	}
	if slices.Contains(c.Export, stdin) && slices.Contains(c.File, stdin) {
		return nil, usagef("the export and the spec can't both be standard input")
	}
	want, err := oneSpec(env, c.specFlags, env.lookupIfThere)
	if err != nil {
		return nil, err
	}
	report.issues(withoutNotes(want))
	e, err := readExport(env, report, c.Export, want.Metadata.Namespace.Value)
	if err != nil {
		return nil, err
	}
	return verify.Compare(e, want.Release, want), nil
}

// withoutSpec reports whether nobody names a spec, and none is where it usually is.
func (c *verifyCmd) withoutSpec() bool {
	_, err := os.Stat(spec.FileName)
	return len(c.File)+len(c.Set) == 0 && errors.Is(err, fs.ErrNotExist)
}

// running compares with the release that the APIManager says.
func (c *verifyCmd) running(env *Env, report *report) (*verify.Report, error) {
	e, err := readExport(env, report, c.Export, "")
	if err != nil {
		return nil, err
	}
	rel, err := e.Running()
	if err != nil {
		return nil, append(diag.From(err), diag.Issue{
			Pos: diag.Position{File: spec.FileName}, Message: "there is no such file", Hint: "name a spec with -f, or a release with --release",
		})
	}
	report.say("there is no spec: compared with 3scale %s, which %s says, and with the rules", rel, e.APIManager)
	return verify.Compare(e, rel, nil), nil
}

// withoutNotes are the warnings of the spec itself.
func withoutNotes(c *generator.Checked) diag.Issues {
	return slices.DeleteFunc(slices.Clone(c.Issues), func(i diag.Issue) bool { return i.Severity == diag.Note })
}

// exported names what was compared.
func exported(r *verify.Report) string {
	if r.Export.Namespace == "" {
		return r.Export.Name
	}
	return r.Export.Name + " (namespace " + r.Export.Namespace + ")"
}
