package main

import (
	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// postRenderCmd is what Helm calls.
type postRenderCmd struct{ specFlags }

// Help implements kong.HelpProvider.
func (c *postRenderCmd) Help() string {
	return `Reads the manifests of a 3scale installation, as Helm has rendered them, and prints
them patched: the Secrets in the place of those that are there, and the env vars of the
pods, or the APIManager. It fails where a workload of the release is missing.

Helm 3 calls the program itself, Helm 4 a plugin: docs/helm.md.

Examples:
  helm upgrade --install 3scale ./chart --post-renderer threescale-redis \
    --post-renderer-args post-render \
    --post-renderer-args -f --post-renderer-args prod.yaml
  helm template 3scale ./chart | threescale-redis post-render -f prod.yaml`
}

// Run prints the whole installation, or nothing.
func (c *postRenderCmd) Run(env *Env, report *report) error {
	for _, file := range c.File {
		if file == stdin {
			return usagef("the manifests are standard input: name a file with -f")
		}
	}
	specs, err := readSpecs(env, c.specFlags, nil)
	if err != nil {
		return err
	}
	name, data, err := env.read(input.Manifests, stdin)
	if err != nil {
		return err
	}
	doc := specs[0].parse()
	doc.Issues = append(doc.Issues, generator.Unnamed(doc, "standard input is the installation")...)
	r, err := generator.Generate(doc, generator.Secrets{Lookup: env.lookup, Now: env.Now}, generator.Piped{Name: name, Data: data})
	if err != nil {
		return err
	}
	report.issues(r.Issues)
	out, err := manifest.Write(r.Objects)
	if err != nil {
		return err
	}
	_, err = env.Stdout.Write(out)
	return err
}
