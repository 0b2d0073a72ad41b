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
	List    releasesListCmd    `cmd:"" default:"withargs" help:"List the releases."`
	Show    releasesShowCmd    `cmd:"" help:"Print the pin of a release."`
	Extract releasesExtractCmd `cmd:"" help:"Print the wiring of a template or an installation."`
}

type releasesListCmd struct{ listFlag }

// Run lists the release lines with their tags.
func (c *releasesListCmd) Run(env *Env) error {
	if c.Format == "json" {
		return printJSON(env.Stdout, releaseRows())
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RELEASE\tTAGS")
	for _, r := range releaseRows() {
		fmt.Fprintf(w, "%s\t%s\n", r.Release, strings.Join(r.Tags, ", "))
	}
	return w.Flush()
}

// listFlag is the format of a command that lists what is built in.
type listFlag struct {
	Format string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text or json."`
}

// releaseRow is a 3scale release that is built in.
type releaseRow struct {
	Release string   `json:"release"`
	Owner   string   `json:"owner"`
	Tags    []string `json:"tags"`
}

func releaseRows() []releaseRow {
	rows := []releaseRow{}
	for _, line := range releases.Lines() {
		pin := releases.Load(line)
		r := releaseRow{Release: line, Owner: string(pin.Owner)}
		for _, t := range pin.Tags {
			r.Tags = append(r.Tags, t.Name)
		}
		rows = append(rows, r)
	}
	return rows
}

type releasesShowCmd struct {
	Release string `arg:"" help:"Release line, template tag or patch release." predictor:"release"`
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
	File string `arg:"" help:"An OpenShift template of 3scale, or an export of an installation; \"-\" for standard input." predictor:"file"`
}

// Help implements kong.HelpProvider.
func (c *releasesExtractCmd) Help() string {
	return `Prints which Secrets, keys, workloads and env vars a template or an installation
wires, in the form of a pin. It prints no value of a Secret of an installation.

Examples:
  threescale-redis releases extract amp.yml
  oc get deployment,job,secret -o yaml | threescale-redis releases extract -`
}

// Run prints the wiring.
func (c *releasesExtractCmd) Run(env *Env) error {
	name, data, err := env.read(input.Export, c.File)
	if err != nil {
		return err
	}
	found, err := extract(name, data)
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

// extract reads the wiring off a template, or off the objects of a stream.
func extract(name string, data []byte) (releases.Wiring, error) {
	docs, err := manifest.ReadDocuments(name, data)
	if err != nil {
		return releases.Wiring{}, err
	}
	if len(docs) == 1 && manifest.Text(docs[0], "kind") == "Template" {
		return wiring.Extract(name, docs[0])
	}
	objects, err := manifest.Read(name, data)
	if err != nil {
		return releases.Wiring{}, err
	}
	found, err := wiring.ExtractObjects(objects)
	if err == nil && len(found.Secrets) == 0 && len(found.Workloads) == 0 {
		err = diag.Issues{{
			Pos:     diag.Position{File: name},
			Message: "must be an OpenShift template, or have the Secrets " + strings.Join(wiring.SecretNames(), " and ") + ", or workloads that read them",
		}}
	}
	return found, err
}
