package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// releasesCmd shows the pins.
type releasesCmd struct {
	List    releasesListCmd    `cmd:"" default:"1" help:"List the releases."`
	Show    releasesShowCmd    `cmd:"" help:"Print the pin of a release."`
	Extract releasesExtractCmd `cmd:"" help:"Print the wiring of an OpenShift template."`
}

type releasesListCmd struct{}

// Run lists the release lines with their tags.
func (*releasesListCmd) Run(env *Env) error {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RELEASE\tTAGS")
	for _, line := range releases.Lines() {
		var tags []string
		for _, t := range releases.Load(line).Tags {
			tags = append(tags, t.Name)
		}
		fmt.Fprintf(w, "%s\t%s\n", line, strings.Join(tags, ", "))
	}
	return w.Flush()
}

type releasesShowCmd struct {
	Release string `arg:"" help:"Release line or template tag." predictor:"release"`
}

// Run prints the pin as it stands in the source.
func (c *releasesShowCmd) Run(env *Env) error {
	release, err := releases.Find(c.Release)
	if err != nil {
		return usageError{named("release "+c.Release, err)}
	}
	_, err = env.Stdout.Write(releases.Source(release.Line))
	return err
}

type releasesExtractCmd struct {
	Template string `arg:"" help:"An OpenShift template of 3scale." predictor:"file"`
}

// Help implements kong.HelpProvider.
func (c *releasesExtractCmd) Help() string {
	return `Prints which Secrets, keys, workloads and env vars a template wires, in the
form of a pin.

Example:
  threescale-redis releases extract amp.yml`
}

// Run prints the wiring.
func (c *releasesExtractCmd) Run(env *Env) error {
	data, err := env.Inputs.File(input.Template, c.Template)
	if err != nil {
		return diag.Issues{fileIssue(c.Template, err)}
	}
	docs, err := manifest.ReadDocuments(c.Template, data)
	if err != nil {
		return err
	}
	if len(docs) != 1 {
		return diag.Issues{{Pos: diag.Position{File: c.Template}, Message: "must be one OpenShift template"}}
	}
	found, err := wiring.Extract(c.Template, docs[0])
	if err != nil {
		return err
	}
	out, err := found.YAML()
	if err != nil {
		return err
	}
	_, err = env.Stdout.Write(out)
	return err
}
