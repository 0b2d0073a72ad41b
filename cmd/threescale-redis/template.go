package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// templateCmd processes OpenShift templates.
type templateCmd struct {
	Render     templateRenderCmd     `cmd:"" default:"withargs" help:"Render a whole installation (the default)."`
	Parameters templateParametersCmd `cmd:"" help:"Print a parameter file to fill in."`
}

// templateRenderCmd renders a whole installation.
type templateRenderCmd struct {
	Template string `arg:"" help:"The OpenShift template." predictor:"file"`
	specFlags
	outputFlags
	Param          []string `short:"p" sep:"none" placeholder:"NAME=VALUE" help:"Set a parameter of the template."`
	ParamFile      []string `sep:"none" placeholder:"FILE" help:"Set parameters from a file of NAME=VALUE lines." predictor:"file"`
	AcceptUnpinned bool     `help:"Take a template that is no published one."`
	Output         string   `short:"o" default:"manifests" enum:"manifests,json" help:"manifests or json."`
}

// Help implements kong.HelpProvider.
func (c *templateRenderCmd) Help() string {
	return `Processes the template as "oc process --local" does, puts the Secrets of the spec
in the place of the template's, and patches the environment. What only a cluster
fills in is left out, and of the template's own Redis all but the two claims
(spec.template.internalRedis).

Examples:
  threescale-redis template parameters amp.yml --generate -o params.env
  threescale-redis template amp.yml -f threescale-redis.yaml --param-file params.env \
    -p WILDCARD_DOMAIN=apps.example.com | oc apply -f -`
}

// Run renders the installation in memory, and then writes once.
func (c *templateRenderCmd) Run(env *Env, report *report) error {
	f, err := format.Find(c.Output)
	if err != nil {
		return usageError{err}
	}
	if c.Dir != "" && f.Files == nil {
		return usagef("-o %s is one stream: leave out -d", f.Name)
	}
	specs, err := sources(env, c.specFlags, nil)
	if err != nil {
		return err
	}
	parameters, err := c.parameters(env)
	if err != nil {
		return err
	}
	specs[0].input.Template = &generator.Template{File: c.Template, Parameters: parameters}
	specs[0].input.AcceptUnpinned = c.AcceptUnpinned
	return c.write(env, report, f, specs)
}

// parameters gives those of the files, and on top those of the flags.
func (c *templateRenderCmd) parameters(env *Env) (map[string]secret.Value, error) {
	parameters := map[string]secret.Value{}
	var issues diag.Issues
	for _, file := range c.ParamFile {
		data, err := env.Inputs.File(input.Parameters, file)
		if err != nil {
			issues = append(issues, fileIssue(file, err))
			continue
		}
		values, err := template.ParseParamFile(file, data)
		issues = append(issues, diag.From(err)...)
		for name, value := range values {
			parameters[name] = value
		}
	}
	for _, param := range c.Param {
		name, value, ok := strings.Cut(param, "=")
		if !ok || name == "" {
			return nil, usagef("--param must be NAME=VALUE")
		}
		parameters[name] = secret.FromText(value)
	}
	return parameters, issues.Err()
}

// templateParametersCmd prints a parameter file.
type templateParametersCmd struct {
	Template string `arg:"" help:"The OpenShift template." predictor:"file"`
	Generate bool   `help:"Fill in the parameters that the template would generate, once."`
	Output   string `short:"o" placeholder:"FILE" help:"Write to this new file, readable by its owner only. It is never overwritten." predictor:"file"`
}

// Help implements kong.HelpProvider.
func (c *templateParametersCmd) Help() string {
	return `Generated values change with every run of "oc process"; rendering must be
repeatable, so that they are made once and kept in a file.

Examples:
  threescale-redis template parameters amp.yml
  threescale-redis template parameters amp.yml --generate -o params.env`
}

// Run prints or writes the file.
func (c *templateParametersCmd) Run(env *Env, report *report) error {
	if c.Generate && c.Output == "" {
		return usagef("--generate makes secrets: say -o FILE")
	}
	data, err := env.Inputs.File(input.Template, c.Template)
	if err != nil {
		return diag.Issues{fileIssue(c.Template, err)}
	}
	t, err := template.Parse(c.Template, data)
	if err != nil {
		return err
	}
	made, err := c.made(t)
	if err != nil {
		return err
	}
	if c.Output == "" {
		_, err = env.Stdout.Write(t.ParamFile(made))
		return err
	}
	if err := writeNew(c.Output, t.ParamFile(made)); err != nil {
		return err
	}
	report.say("%s generated, written to %s", count(len(made), "parameter"), c.Output)
	return nil
}

// made are fresh values of the parameters that are to be generated.
func (c *templateParametersCmd) made(t *template.Template) (map[string]string, error) {
	made := map[string]string{}
	for _, p := range t.Parameters {
		if !c.Generate || p.Generate == "" || p.Value != "" {
			continue
		}
		value, err := template.Generate(p.From, rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		made[p.Name] = value
	}
	return made, nil
}

// writeNew writes a file for its owner only, and refuses to overwrite one: what
// was generated before is in use.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, secretMode)
	if errors.Is(err, fs.ErrExist) {
		return diag.Issues{{
			Pos: diag.Position{File: path}, Message: "is there already, and is never overwritten: its values may be in use",
			Hint: "remove it, or name another file",
		}}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
