package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/installed/migrate"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// migrateCmd plans the way from what runs to a spec.
type migrateCmd struct {
	From []string `required:"" sep:"none" placeholder:"EXPORT" help:"What \"oc get dc,secret -o yaml\" prints, or \"oc get apimanager,dc,deployment,job,secret -o yaml\" where an operator runs 3scale: a file, a directory, or \"-\" for standard input; may be repeated." predictor:"file"`
	specFlags
	Dir          string `short:"d" required:"" placeholder:"DIR" help:"Write the plan into this directory." predictor:"dir"`
	Data         string `enum:"live,offline,none," default:"" placeholder:"HOW" help:"Take the data along: live while 3scale runs, offline while it is down, none; in the place of spec.data.move."`
	KeepPortal   bool   `help:"Leave the portals up while data moves live."`
	PlainSecrets bool   `help:"Write secrets in plain text even into a Git work tree."`
	Format       string `enum:"text,json" default:"text" help:"json prints the plan on standard output too."`
}

// Help implements kong.HelpProvider.
func (c *migrateCmd) Help() string {
	return `Writes PLAN.md, a runbook, and what its commands need: patches with only what
differs, the Secrets, and the way back. With --data or spec.data the plan takes
the data along. Nothing is changed in a cluster.

Examples:
  oc get dc,secret -o yaml > export.yaml   # of a template, up to 2.12
  oc get apimanager,dc,deployment,job,secret -o yaml > export.yaml
  threescale-redis migrate --from export.yaml -d migration/
  threescale-redis migrate --from export.yaml -d migration/ --data live`
}

// Run plans in memory, and then writes once.
func (c *migrateCmd) Run(env *Env, report *report) error {
	if slices.Contains(c.From, stdin) && slices.Contains(c.File, stdin) {
		return usagef("the export and the spec can't both be standard input")
	}
	want, err := oneSpec(env, c.specFlags, env.lookup)
	if err != nil {
		return err
	}
	e, err := readExport(env, report, c.From, want.Metadata.Namespace.Value)
	if err != nil {
		return err
	}
	plan, err := migrate.New(verify.Compare(e, want.Release, want), migrate.Options{Data: c.Data, KeepPortal: c.KeepPortal})
	if err != nil {
		return err
	}
	text, err := plan.Markdown()
	if err != nil {
		return err
	}
	files := append(plan.Files, format.File{Name: migrate.Name, Data: text})
	if !c.PlainSecrets {
		if err := refuseWorkTree(env, c.Dir, files); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		return err
	}
	out := output{
		dir: c.Dir, files: files,
		index: index{Command: "migrate", Specs: []string{want.Metadata.Name.Value}},
		check: func(root *os.Root) error { return keepRollback(root, c.Dir, files) },
	}
	if err := out.write(report); err != nil {
		return err
	}
	report.issues(withoutNotes(want))
	for _, text := range plan.InTheWay {
		report.say("in the way: %s", text)
	}
	if plan.Nothing() {
		report.say("nothing to do: what runs is what the spec says")
	}
	report.say("%s written to %s; the steps roll %s", count(len(files), "file"), c.Dir, plan.Rolls())
	if c.Format == "json" {
		_, err = env.Stdout.Write(append(data, '\n'))
	}
	return err
}

// keepRollback is an error where the directory holds the way back of another
// plan: once that plan is carried out, nothing else knows what was there before.
func keepRollback(root *os.Root, dir string, files []format.File) error {
	return fs.WalkDir(root.FS(), migrate.RollbackDir, func(name string, d fs.DirEntry, err error) error {
		at := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == migrate.RollbackDir:
			return nil
		case err != nil:
			return diag.Issues{fileIssue(at, err)}
		case !d.Type().IsRegular():
			return nil
		}
		ours, sum, err := ownFile(root, name)
		if err != nil {
			return diag.Issues{fileIssue(at, err)}
		}
		same := slices.ContainsFunc(files, func(f format.File) bool { return f.Name == name && sum == digest(marked(f.Data)) })
		if same || !ours {
			return nil
		}
		return diag.Issues{{
			Pos: diag.Position{File: at}, Message: "is the way back of another plan",
			Hint: "choose another directory, or remove this one if nothing of that plan was carried out",
		}}
	})
}
