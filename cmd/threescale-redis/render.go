package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// renderCmd renders specs.
type renderCmd struct {
	specFlags
	pathArgs
	outputFlags
	paramFlags
	AcceptUnpinned bool   `help:"Take a spec.template that is no published one."`
	Output         string `short:"o" default:"manifests" placeholder:"FORMAT" help:"${formats}." predictor:"format"`
}

// outputFlags say where a result goes.
type outputFlags struct {
	Dir          dirFlag `short:"d" placeholder:"DIR" help:"Write files into this directory, not to standard output." predictor:"dir"`
	PlainSecrets bool    `help:"Write secrets in plain text even into a Git work tree."`
}

// dirFlag is a directory, never an empty name: where the shell variable of a
// script is not set, secrets would go to standard output.
type dirFlag string

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *dirFlag) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("must name a directory")
	}
	*d = dirFlag(text)
	return nil
}

// Help implements kong.HelpProvider.
func (c *renderCmd) Help() string {
	return "Formats:\n" + formatHelp() + `
Examples:
  threescale-redis render
  threescale-redis render -f base.yaml -f prod.yaml --set spec.release=2.8
  threescale-redis render environments/ -o kustomize -d build/
  threescale-redis render --param-file params.env   # of spec.template
  threescale-redis render | oc apply -f -`
}

// formatHelp lists the formats with what they are.
func formatHelp() string {
	var b strings.Builder
	for _, f := range format.All() {
		for i, line := range strings.Split(f.Help, "\n") {
			name := f.Name
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(&b, "  %-13s  %s\n", name, line)
		}
	}
	return b.String()
}

// Run renders the specs in memory, and then writes once.
func (c *renderCmd) Run(env *Env, report *report) error {
	f, err := format.Find(c.Output)
	switch {
	case err != nil:
		return usageError{err}
	case c.Dir == "" && f.Document == nil:
		return usagef("-o %s makes several files: say -d DIR", f.Name)
	case c.Dir != "" && f.Files == nil:
		return usagef("-o %s is one stream: leave out -d", f.Name)
	}
	if err := oneStdin(c.File, c.Path, c.ParamFile); err != nil {
		return err
	}
	parameters, err := c.parameters(env)
	if err != nil {
		return err
	}
	specs, err := readSpecs(env, c.specFlags, c.Path)
	if err != nil {
		return err
	}
	for i := range specs {
		specs[i].parameters = parameters
	}
	if f.View {
		return c.write(env, report, "render", f, specs, nowhere{})
	}
	return c.write(env, report, "render", f, specs, generator.Named{Files: disk{&env.Inputs}, AcceptUnpinned: c.AcceptUnpinned})
}

// nowhere is the target of what is the same in any installation.
type nowhere struct{}

// Installation returns none.
func (nowhere) Installation(*generator.Checked) (*generator.Installation, error) { return nil, nil }

// write renders the specs and puts the results where the flags say: to standard
// output as one stream, or into the directory.
func (o outputFlags) write(env *Env, report *report, command string, f format.Format, specs []namedSpec, target generator.Target) error {
	w := resultWriter{format: f, report: report, stream: o.Dir == "", several: len(specs) > 1}
	secrets := generator.Secrets{Lookup: env.lookup, Unneeded: !f.Secrets, Now: env.Now}
	if f.View {
		secrets = generator.Secrets{Lookup: env.lookupIfThere, Undelivered: true, Now: env.Now}
	}
	progress, done := report.progress(env, "specs"), 0
	err := generate(specs, secrets, target, func(r format.Result) error {
		done++
		progress(done, len(specs))
		return w.add(r)
	})
	if err != nil {
		progress(len(specs), len(specs))
		return err
	}
	for _, r := range w.said {
		r()
	}
	if w.stream {
		_, err := env.Stdout.Write(f.Join(w.documents))
		return err
	}
	if !o.PlainSecrets {
		if err := refuseWorkTree(env, string(o.Dir), w.files); err != nil {
			return err
		}
	}
	out := output{dir: string(o.Dir), files: w.files, index: index{Command: command, Format: f.Name, Specs: w.specs}}
	if err := out.write(report); err != nil {
		return err
	}
	report.say("%s written to %s; applied, they roll %s", count(len(w.files), "file"), o.Dir, w.rolls())
	return nil
}

// maxTogether is how many specs are rendered at the same time at most: each may
// have a base that is as large as a base can be.
const maxTogether = 4

// generate renders the specs, as many at the same time as there are cores, and
// hands each result on in the order of the specs: one that is done waits for its
// turn, so few are in memory. What is wrong with any of them comes in one error.
func generate(specs []namedSpec, secrets generator.Secrets, target generator.Target, use func(format.Result) error) error {
	type outcome struct {
		format.Result
		err error
	}
	turns := make(chan chan outcome, min(runtime.GOMAXPROCS(0), maxTogether)-1)
	go func() {
		defer close(turns)
		for i, s := range specs {
			turn := make(chan outcome, 1)
			turns <- turn
			specs[i].layers = nil // s has the text, which nobody else needs
			go func() {
				r, err := generator.Generate(s.parse(), secrets, target)
				turn <- outcome{format.Result{Name: s.name, Patched: r}, err}
			}()
		}
	}()
	var issues diag.Issues
	for turn := range turns {
		o := <-turn
		if o.err == nil {
			o.err = use(o.Result)
		}
		issues = append(issues, diag.From(o.err)...)
	}
	return issues.Err()
}

// resultWriter writes results in memory as they come.
type resultWriter struct {
	format  format.Format
	report  *report
	stream  bool
	several bool

	unique    format.Unique
	documents []format.Document
	files     []format.File
	specs     []string
	// owners are the specs by the name of their folder.
	owners map[string]string
	// said are the warnings and notices, for when all is well.
	said    []func()
	patched []string
	// operated says that an operator makes the pods of a result.
	operated bool
}

func (w *resultWriter) add(r format.Result) error {
	if w.format.Objects && len(r.Objects) == 0 {
		// Argo CD takes an empty result for an application without objects, and prunes.
		return diag.Issues{{
			Pos: diag.Position{File: r.Name}, Path: "spec.secrets.delivery",
			Message: "is None, which leaves no object to render",
			Hint:    "-o patches and -o kustomize give the env patches alone, and spec.base or spec.template whole objects",
		}}
	}
	issues, notices := append(r.Issues, w.format.Warnings(r)...), r.Notices
	patched := w.format.Patches || r.Base != nil
	if patched && r.Release.Operated() {
		notices = append(notices, r.OperatorRolls())
	}
	w.said = append(w.said, func() {
		w.report.issues(issues)
		for _, notice := range notices {
			w.report.say("%s", notice)
		}
	})
	if patched && r.Release.Operated() {
		w.operated = true
	} else if patched {
		for _, workload := range r.Release.Workloads {
			w.patched = append(w.patched, workload.Name)
		}
	}
	w.specs = append(w.specs, r.Metadata.Name.Value)
	if !w.stream {
		return w.addFiles(r)
	}
	if !w.format.View {
		if err := w.unique.Add(r); err != nil {
			return err
		}
	}
	data, err := w.format.Document(r)
	w.documents = append(w.documents, format.Document{Name: r.Name, Data: data})
	return err
}

// addFiles keeps the files of a result. Several results have a folder each, with
// the name of the environment.
func (w *resultWriter) addFiles(r format.Result) error {
	files, err := w.format.Files(r)
	if err != nil {
		return err
	}
	if w.several {
		name := r.Metadata.Name.Value
		if other, ok := w.owners[name]; ok {
			return diag.Issues{{
				Pos: diag.Position{File: r.Name}, Path: "metadata.name",
				Message: fmt.Sprintf("is %q, as in %s: both would be written to one folder", name, other),
			}}
		}
		if w.owners == nil {
			w.owners = map[string]string{}
		}
		w.owners[name] = r.Name
		for i := range files {
			files[i].Name = name + "/" + files[i].Name
		}
	}
	w.files = append(w.files, files...)
	return nil
}

// rolls names the workloads whose pods roll when the result is applied.
func (w *resultWriter) rolls() string {
	slices.Sort(w.patched)
	switch {
	case len(w.patched) == 0 && w.operated:
		return "nothing but what the operator rolls"
	case len(w.patched) == 0:
		return "nothing: pods read a changed Secret when they start"
	}
	return strings.Join(slices.Compact(w.patched), ", ")
}
