package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/explain"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// diffCmd explains a change.
type diffCmd struct {
	From    string `arg:"" help:"A spec or an export, as it is now; \"-\" is standard input." predictor:"file"`
	To      string `arg:"" optional:"" help:"A spec or an export, as it shall be. Without it: ./threescale-redis.yaml." predictor:"file"`
	Release string `placeholder:"RELEASE" help:"The release of an export without an APIManager that says it; without it, that of the other side." predictor:"release"`
	listFlag
}

// Help implements kong.HelpProvider.
func (c *diffCmd) Help() string {
	return `Says which keys of the Secrets change from one spec or export to another, who reads
them, which programs end up elsewhere, and which workloads must restart. It exits 1 if
something changes. Passwords are compared where they are known, and never printed.

An export is what "oc get secret -o yaml" prints, or more. verify compares a spec with
the env vars of the pods as well.

Examples:
  git show HEAD:threescale-redis.yaml | threescale-redis diff -
  threescale-redis diff staging.yaml prod.yaml
  oc get secret -n threescale -o yaml | threescale-redis diff -
  threescale-redis diff export.yaml threescale-redis.yaml --format json`
}

// Run compares the two sides.
func (c *diffCmd) Run(env *Env, report *report) error {
	if c.To == "" {
		c.To = spec.FileName
	}
	if c.From == stdin && c.To == stdin {
		return usagef("both sides can't be standard input")
	}
	var release releases.Release
	if c.Release != "" {
		var err error
		if release, err = releases.Find(c.Release); err != nil {
			return usageError{named("release "+c.Release, err)}
		}
	}
	sides, err := c.sides(env, report, release)
	if err != nil {
		return err
	}
	d := explain.Between(sides[0], sides[1])
	if c.Format == "json" {
		err = printJSON(env.Stdout, d)
	} else {
		err = printDifference(env.Stdout, d)
	}
	if err == nil && !d.Empty() {
		return errDiffers
	}
	return err
}

// sides reads both sides: first the specs, which can say the release and the namespace
// of an export.
func (c *diffCmd) sides(env *Env, report *report, release releases.Release) ([]explain.Side, error) {
	paths := []string{c.From, c.To}
	sides := make([]explain.Side, len(paths))
	exports := map[int][]export.File{}
	namespace := ""
	var issues diag.Issues
	for n, path := range paths {
		files, err := exportFile(env, path)
		switch {
		case err != nil:
			issues = append(issues, diag.From(err)...)
		case isSpec(files):
			checked, err := generator.Check(env.parser().Parse([]spec.Layer{{Name: files[0].Name, Data: files[0].Data}}, nil), generator.Secrets{Lookup: env.lookupIfThere})
			if err != nil {
				issues = append(issues, diag.From(err)...)
				continue
			}
			sides[n] = sideOfSpec(files[0].Name, checked)
			if namespace = checked.Metadata.Namespace.Value; release.Pin == nil {
				release = checked.Release
			}
		default:
			exports[n] = files
		}
	}
	if issues.Failed() {
		return nil, issues
	}
	for n, files := range exports {
		side, err := sideOfExport(report, files, release, namespace)
		issues = append(issues, diag.From(err)...)
		sides[n] = side
	}
	return sides, issues.Sorted().Err()
}

// ofSpec matches a line that begins a spec, in YAML or JSON.
var ofSpec = regexp.MustCompile(`(?m)^[{ \t]*["']?apiVersion["']?[ \t]*:[ \t]*["']?` + regexp.QuoteMeta(specGroup))

const specGroup = "threescale-redis.io/"

// isSpec reports whether a file is a spec, and not an export.
func isSpec(files []export.File) bool { return len(files) == 1 && ofSpec.Match(files[0].Data) }

func sideOfSpec(name string, c *generator.Checked) explain.Side {
	s := explain.Side{Name: name, Release: c.Release, Values: map[string]explain.Value{}, Settings: map[string]string{
		"spec.profile":          c.Profile.Name,
		"metadata.namespace":    c.Metadata.Namespace.Value,
		"spec.secrets.delivery": c.Spec.Secrets.DeliveredAs(),
		explain.Token:           c.Spec.Rollout.Token.Value,
		explain.Async:           strconv.FormatBool(!c.Spec.AsyncOff()),
	}}
	for _, own := range c.Secrets {
		for _, f := range own.Fields {
			v := explain.Value{Text: f.Mask()}
			if text, known := f.Reveal(); known {
				v.Exact = secret.FromText(text)
			}
			for _, p := range f.Passwords() {
				switch {
				case p.Kind() == secret.Placeholder:
					v.Behind = append(v.Behind, "a placeholder")
				case !p.Final():
					v.Behind = append(v.Behind, p.String())
				}
			}
			s.Values[own.Name+"/"+f.Key] = v
		}
	}
	return s
}

func sideOfExport(report *report, files []export.File, named releases.Release, namespace string) (explain.Side, error) {
	e, err := export.ReadSecrets(files, namespace)
	if err != nil {
		return explain.Side{}, err
	}
	release, err := e.Running()
	if e.APIManager == nil && named.Pin != nil {
		release, err = named, nil
	}
	if err != nil {
		issues := diag.From(err)
		issues[0].Hint = "name the release with --release"
		return explain.Side{}, issues
	}
	compared := verify.Compare(e, release, nil)
	ownEnv(report, compared)
	s := explain.Side{Name: e.Name, Release: compared.Release, Values: map[string]explain.Value{}}
	for _, own := range release.Secrets {
		for _, k := range own.Keys {
			if value, there := e.Values[own.Name][k.Name]; there {
				s.Values[own.Name+"/"+k.Name] = explain.Value{Text: compared.Display.Value(k.Field, value), Exact: secret.FromText(value)}
			}
		}
	}
	return s, nil
}

// printDifference prints a difference for people.
func printDifference(out io.Writer, d explain.Difference) error {
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", diag.Printable(d.From), diag.Printable(d.To))
	for _, s := range d.Settings {
		fmt.Fprintf(&b, "\n%s\n", s.Name)
		changed(&b, textOf(&s.Before), textOf(&s.After))
	}
	for _, c := range d.Keys {
		fmt.Fprintf(&b, "\n%s\n", c.Key)
		changed(&b, textOf(c.Before), textOf(c.After))
		if c.Note != "" {
			fmt.Fprintf(&b, "  (%s)\n", diag.Printable(c.Note))
		}
		b.WriteString(wrapped("  ", c.About))
		if c.After == nil {
			for _, fact := range c.Facts {
				b.WriteString(wrapped("  ", fact))
			}
		}
	}
	for i, m := range d.Databases {
		if i == 0 {
			b.WriteString("\nPrograms that end up elsewhere\n")
		}
		fmt.Fprintf(&b, "  %s: %s\n", m.Database, strings.Join(m.Programs, ", "))
		changed(&b, m.Before, m.After)
	}
	if len(d.Restart) > 0 {
		fmt.Fprintf(&b, "\nWorkloads to restart\n  %s\n", strings.Join(d.Restart, "\n  "))
	}
	if d.Empty() {
		b.WriteString("\nNothing changes.\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// textOf are the lines of a value: each Sentinel has its own.
func textOf(value *string) []string {
	switch {
	case value == nil:
		return nil
	case *value == "":
		return []string{`""`}
	}
	return strings.Split(*value, ",")
}

// changed prints the lines that go and those that come, or all where none does.
func changed(b *strings.Builder, before, after []string) {
	same := slices.Equal(before, after)
	for _, line := range before {
		if !slices.Contains(after, line) {
			fmt.Fprintf(b, "  - %s\n", diag.Printable(line))
		}
	}
	for _, line := range after {
		switch {
		case same:
			fmt.Fprintf(b, "    %s\n", diag.Printable(line))
		case !slices.Contains(before, line):
			fmt.Fprintf(b, "  + %s\n", diag.Printable(line))
		}
	}
}
