package main

import (
	"fmt"
	"go/doc/comment"
	"io"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/explain"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// explainCmd explains a name.
type explainCmd struct {
	Name    string `arg:"" help:"A field of the spec, a key of a Secret or an env var: spec.redis.password, REDIS_STORAGE_URL, system-redis/URL, CONFIG_REDIS_PROXY." predictor:"explained"`
	Release string `placeholder:"RELEASE" help:"Say what holds for this release alone." predictor:"release"`
	listFlag
}

// Help implements kong.HelpProvider.
func (c *explainCmd) Help() string {
	return `Says what it is, who reads it in which release, what happens without it, and which
workloads must restart when it changes. A mapping of the spec stands for all its fields.

Examples:
  threescale-redis explain spec.redis.masterGroup
  threescale-redis explain REDIS_STORAGE_URL --release 2.12
  threescale-redis explain CONFIG_REDIS_PROXY --format json`
}

// Run prints what the name stands for.
func (c *explainCmd) Run(env *Env) error {
	rels := allReleases()
	if c.Release != "" {
		rel, err := releases.Find(c.Release)
		if err != nil {
			return usageError{named("release "+c.Release, err)}
		}
		rels = []releases.Release{rel}
	}
	topics, err := explain.Topics(c.Name, rels)
	if err != nil {
		return usageError{err}
	}
	if c.Format == "json" {
		return printJSON(env.Stdout, topics)
	}
	var parts []string
	for _, t := range topics {
		parts = append(parts, explained(t))
	}
	_, err = io.WriteString(env.Stdout, strings.Join(parts, "\n"))
	return err
}

func allReleases() []releases.Release {
	var all []releases.Release
	for _, line := range releases.Lines() {
		all = append(all, releases.Release{Pin: releases.Load(line)})
	}
	return all
}

// explained is a topic as text.
func explained(t explain.Topic) string {
	var b strings.Builder
	b.WriteString(hanging("", t.Name+": "+string(t.Kind)) + wrapped("", t.About))
	if len(t.Values) > 0 {
		fmt.Fprintf(&b, "One of %s.\n", strings.Join(t.Values, ", "))
	}
	for i, f := range t.Fields {
		if i == 0 {
			fmt.Fprintf(&b, "\nFields\n")
		}
		fmt.Fprintf(&b, "  %s\n%s", f.Name, wrapped("    ", f.About))
	}
	for _, s := range t.Spans {
		fmt.Fprintf(&b, "\n3scale %s\n", span(s.Releases))
		listed(&b, "Stands in", s.Keys)
		for _, fact := range s.Facts {
			b.WriteString(wrapped("  ", fact))
		}
		for _, r := range s.Reads {
			listed(&b, r.Env+", from "+r.From+", of", r.Containers)
		}
		listed(&b, "Read when a pod starts: restart", s.Restart)
	}
	return b.String()
}

// listed writes a heading with a line for each name below it, if there are names.
func listed(b *strings.Builder, heading string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(b, "  %s\n    %s\n", heading, strings.Join(names, "\n    "))
	}
}

// wrapped is a text in lines of 80 columns, each behind a prefix.
func wrapped(prefix, text string) string {
	p := comment.Printer{TextPrefix: prefix, TextWidth: 80 - len(prefix)}
	return string(p.Text(new(comment.Parser).Parse(text)))
}

// span returns "2.6" or "2.6 to 2.9".
func span(lines []string) string {
	if len(lines) == 1 {
		return lines[0]
	}
	return lines[0] + " to " + lines[len(lines)-1]
}
