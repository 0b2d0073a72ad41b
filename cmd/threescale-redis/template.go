package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// templateCmd processes OpenShift templates.
type templateCmd struct {
	Render     templateRenderCmd     `cmd:"" default:"withargs" help:"Render a whole installation (the default)."`
	Parameters templateParametersCmd `cmd:"" help:"Print a parameter file to fill in."`
}

// templateRenderCmd renders a whole installation.
type templateRenderCmd struct {
	Template string `arg:"" help:"The OpenShift template, or \"-\" for standard input." predictor:"file"`
	specFlags
	outputFlags
	paramFlags
	AcceptUnpinned bool   `help:"Take a template that is no published one."`
	Output         string `short:"o" default:"manifests" enum:"manifests,json" help:"manifests or json."`
}

// paramFlags set parameters of a template.
type paramFlags struct {
	Param     []string `short:"p" sep:"none" placeholder:"NAME=VALUE" help:"Set a parameter of the template; it wins over a file."`
	ParamFile []string `sep:"none" placeholder:"FILE" help:"Set parameters from a file of NAME=VALUE lines, or \"-\" for standard input." predictor:"file"`
}

// Help implements kong.HelpProvider.
func (c *templateRenderCmd) Help() string {
	return `Processes the template as "oc process --local" does, puts the Secrets of the spec
in the place of the template's, and patches the environment. What only a cluster
fills in is left out, and of the template's own Redis all but the two claims
(spec.template.internalRedis). A parameter that only those Secrets have is an
error, since it would have no effect.

Examples:
  threescale-redis template parameters amp.yml --generate -o params.env
  threescale-redis template amp.yml --param-file params.env \
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
	if err := oneStdin(c.File, c.ParamFile, []string{c.Template}); err != nil {
		return err
	}
	specs, err := readSpecs(env, c.specFlags, nil)
	issues := diag.From(err)
	parameters, err := c.parameters(env)
	if usage := (usageError{}); errors.As(err, &usage) {
		return err
	}
	issues = append(issues, diag.From(err)...)
	file, reader, err := c.template(env)
	issues = append(issues, diag.From(err)...)
	if issues.Failed() {
		return issues
	}
	specs[0].sets = append(specs[0].sets, spec.Set("spec.template.file", file))
	specs[0].parameters = parameters
	return c.write(env, report, "template", f, specs, generator.Named{Files: reader, AcceptUnpinned: c.AcceptUnpinned})
}

// template names the template, and returns what reads it.
func (c *templateRenderCmd) template(env *Env) (file string, reader generator.Files, err error) {
	if c.Template != stdin {
		return c.Template, disk{&env.Inputs}, nil
	}
	name, data, err := env.read(input.Template, stdin)
	return name, piped{disk: disk{&env.Inputs}, name: name, data: data}, err
}

// piped is the disk with one more file, which came in on standard input.
type piped struct {
	disk
	name string
	data []byte
}

// ReadFile implements generator.Files.
func (p piped) ReadFile(path string) ([]byte, error) {
	if path == p.name {
		return p.data, nil
	}
	return p.disk.ReadFile(path)
}

// oneStdin refuses a second reader of standard input, which would find nothing.
func oneStdin(files ...[]string) error {
	readers := 0
	for _, file := range slices.Concat(files...) {
		if file == stdin {
			readers++
		}
	}
	if readers > 1 {
		return usagef("standard input can be one of the template, the spec and a parameter file")
	}
	return nil
}

// parameters are those of the files, and over them those of the flags.
func (f paramFlags) parameters(env *Env) (map[string]secret.Value, error) {
	flags, err := f.given()
	if err != nil {
		return nil, err
	}
	parameters := map[string]secret.Value{}
	fromFiles, err := paramFiles(env, f.ParamFile)
	maps.Copy(parameters, fromFiles)
	maps.Copy(parameters, flags)
	return parameters, err
}

// given reads NAME=VALUE. As for oc, a name that is given twice is an error.
func (f paramFlags) given() (map[string]secret.Value, error) {
	parameters := map[string]secret.Value{}
	var twice []string
	for _, flag := range f.Param {
		name, value, ok := strings.Cut(flag, "=")
		if !ok || name == "" {
			return nil, usagef("--param must be NAME=VALUE")
		}
		if _, given := parameters[name]; given && !slices.Contains(twice, name) {
			twice = append(twice, name)
		}
		parameters[name] = secret.FromText(value)
	}
	if len(twice) > 0 {
		return nil, usagef("--param gives more than one value for %s", strings.Join(twice, ", "))
	}
	return parameters, nil
}

// paramFiles reads parameter files.
func paramFiles(env *Env, paths []string) (map[string]secret.Value, error) {
	var params template.Params
	var issues diag.Issues
	for _, path := range paths {
		name, data, err := env.read(input.Parameters, path)
		if err == nil {
			err = params.Read(name, data)
		}
		issues = append(issues, diag.From(err)...)
	}
	return params.Values, issues.Err()
}

// templateParametersCmd prints a parameter file.
type templateParametersCmd struct {
	Template string `arg:"" help:"The OpenShift template, or \"-\" for standard input." predictor:"file"`
	Generate bool   `help:"Fill in the parameters that the template would generate, once."`
	Output   string `short:"o" placeholder:"FILE" help:"Write to this new file, readable by its owner only. It is never overwritten." predictor:"file"`

	PlainSecrets bool `help:"Write secrets in plain text even into a Git work tree."`
}

// Help implements kong.HelpProvider.
func (c *templateParametersCmd) Help() string {
	return `Generated values change with every run of "oc process"; rendering must be
repeatable, so that they are made once and kept in a file. Parameters that set
the Redis are left out: the spec has it.

Examples:
  threescale-redis template parameters amp.yml
  threescale-redis template parameters amp.yml --generate -o params.env`
}

// Run prints or writes the file.
func (c *templateParametersCmd) Run(env *Env, report *report) error {
	if c.Generate && c.Output == "" {
		return usagef("--generate makes secrets: say -o FILE")
	}
	name, data, err := env.read(input.Template, c.Template)
	if err != nil {
		return err
	}
	t, err := template.Parse(name, data)
	if err != nil {
		return err
	}
	ours := template.Replaced{}
	for _, name := range releases.SecretNames() {
		ours[name] = nil
	}
	t = t.Replacing(ours)
	made := map[string]string{}
	if c.Generate {
		if made, err = t.Generated(rand.Reader); err != nil {
			return err
		}
	}
	if c.Output == "" {
		_, err = env.Stdout.Write(t.ParamFile(made))
		return err
	}
	if !c.PlainSecrets {
		dir, name := filepath.Split(c.Output)
		if err := refuseWorkTree(env, filepath.Clean(dir), []format.File{{Name: name, Secret: len(made) > 0}}); err != nil {
			return err
		}
	}
	if err := writeNew(c.Output, t.ParamFile(made)); err != nil {
		return err
	}
	report.say("%s generated, written to %s", count(len(made), "parameter"), c.Output)
	return nil
}

// writeNew writes a file for its owner only, and refuses to overwrite one: what
// was generated before is in use.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateMode)
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
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half of it would be taken for the values in use
	}
	return err
}
