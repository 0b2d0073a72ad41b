package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/diag"
	"github.com/threescale-redis/threescale-redis/generator/format"
)

// renderCmd renders specs.
type renderCmd struct {
	specFlags
	pathArgs
	outputFlags
	AcceptUnpinned bool   `help:"Take a spec.template that is no published one."`
	Output         string `short:"o" default:"manifests" placeholder:"FORMAT" help:"manifests, json, patches, kustomize, helm-values or argocd-ignore." predictor:"format"`
}

// outputFlags say where a result goes.
type outputFlags struct {
	Dir          string `short:"d" placeholder:"DIR" help:"Write files into this directory, not to standard output." predictor:"dir"`
	PlainSecrets bool   `help:"Write secrets in plain text even into a Git work tree."`
}

// Help implements kong.HelpProvider.
func (c *renderCmd) Help() string {
	return `Formats:
  manifests      complete objects as YAML: the Secrets, or the whole installation
                 where the spec has a base or a template
  json           the same as one v1 List
  patches        env patches for "oc patch"
  kustomize      a Component for "kustomize build" and "oc apply -k"; needs -d
  helm-values    values for the chart threescale-redis
  argocd-ignore  the ignoreDifferences of an Argo CD Application

Examples:
  threescale-redis render
  threescale-redis render -f base.yaml -f prod.yaml --set spec.release=2.8
  threescale-redis render environments/ -o kustomize -d build/
  threescale-redis render | oc apply -f -`
}

// Run renders the specs in memory, and then writes once.
func (c *renderCmd) Run(env *Env, report *report) error {
	f, err := format.Find(c.Output)
	switch {
	case err != nil:
		return usageError{err}
	case c.Dir == "" && f.Stream == nil:
		return usagef("-o %s makes several files: say -d DIR", f.Name)
	case c.Dir != "" && f.Files == nil:
		return usagef("-o %s is one stream: leave out -d", f.Name)
	}
	specs, err := sources(env, c.specFlags, c.Path)
	if err != nil {
		return err
	}
	for i := range specs {
		specs[i].input.AcceptUnpinned = c.AcceptUnpinned
	}
	results, err := generate(env, specs)
	if err != nil {
		return err
	}
	return c.write(env, report, f, results)
}

// generate renders the specs. What is wrong with any of them comes in one error.
func generate(env *Env, specs []source) ([]format.Source, error) {
	var results []format.Source
	var issues diag.Issues
	for _, s := range specs {
		s.input.Lookup, s.input.Sources = env.lookup, diskSources{}
		r, err := generator.Generate(s.input)
		issues = append(issues, diag.From(err)...)
		results = append(results, format.Source{Name: s.name, Result: r})
	}
	return results, issues.Err()
}

// write puts the results where the flags say: to standard output as one stream,
// or into the directory, each of several into a folder of its own.
func (o outputFlags) write(env *Env, report *report, f format.Format, results []format.Source) error {
	for _, r := range results {
		report.issues(append(r.Issues, f.Warnings(r)...))
		for _, notice := range r.Notices {
			report.say("%s", notice)
		}
	}
	if o.Dir == "" {
		if err := format.Unique(results); err != nil {
			return err
		}
		data, err := f.Stream(results)
		if err != nil {
			return err
		}
		_, err = env.Stdout.Write(data)
		return err
	}
	files, err := o.files(f, results)
	if err != nil {
		return err
	}
	if !o.PlainSecrets {
		if err := refuseWorkTree(o.Dir, files); err != nil {
			return err
		}
	}
	if err := writeFiles(o.Dir, files); err != nil {
		return err
	}
	report.say("%s written to %s; applied, they roll %s", count(len(files), "file"), o.Dir, rolls(f, results))
	return nil
}

// rolls names the workloads whose pods roll when the result is applied.
func rolls(f format.Format, results []format.Source) string {
	var names []string
	for _, r := range results {
		if f.Patches || r.Base != nil {
			for _, w := range r.Release.Workloads {
				names = append(names, w.Name)
			}
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "nothing: pods read a changed Secret when they start"
	}
	return strings.Join(slices.Compact(names), ", ")
}

// files gives the files of all results. Several results have a folder each,
// with the name of the environment.
func (o outputFlags) files(f format.Format, results []format.Source) ([]format.File, error) {
	var files []format.File
	owner := map[string]string{}
	for _, r := range results {
		found, err := f.Files(r)
		if err != nil {
			return nil, err
		}
		if len(results) > 1 {
			name := r.Spec.Metadata.Name
			if other, ok := owner[name]; ok {
				return nil, diag.Issues{{
					Pos:     diag.Position{File: r.Name},
					Message: fmt.Sprintf("metadata.name %s is that of %s too: both would be written to %s", name, other, filepath.Join(o.Dir, name)),
				}}
			}
			owner[name] = r.Name
			for i := range found {
				found[i].Name = name + "/" + found[i].Name
			}
		}
		files = append(files, found...)
	}
	return files, nil
}
