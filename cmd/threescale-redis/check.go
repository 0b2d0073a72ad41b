package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// checkCmd judges specs by all rules.
type checkCmd struct {
	specFlags
	pathArgs
	AcceptUnpinned bool   `help:"Take a spec.template that is no published one."`
	Format         string `enum:"text,json,github" default:"text" help:"text, json or github (annotations of a workflow)."`
}

// Help implements kong.HelpProvider.
func (c *checkCmd) Help() string {
	return `Prints what is wrong, one line each, and exits 1 if there is an error. The base or
the template is read and patched too. No secret is needed: what a rule could not
look at is noted as not checked.

Examples:
  threescale-redis check
  threescale-redis check environments/
  threescale-redis check --format github environments/`
}

// Run judges the specs. As text the issues go to standard error, as those of
// every command; a format for machines is the result, on standard output.
func (c *checkCmd) Run(env *Env, report *report) error {
	specs, err := readSpecs(env, c.specFlags, c.Path)
	if err != nil {
		return err
	}
	issues := diag.Issues{}
	for _, s := range specs {
		r, err := generator.Generate(s.parse(), generator.Secrets{Unneeded: true, Now: env.Now}, generator.Named{Files: disk{&env.Inputs}, AcceptUnpinned: c.AcceptUnpinned})
		issues = append(issues, diag.From(err)...)
		if r != nil {
			issues = append(issues, r.Issues...)
		}
	}
	return printIssues(env, report, c.Format, issues.Sorted(), count(len(specs), "spec")+" checked")
}

// printIssues prints issues in a format: as text to standard error, with one
// line on standard output where there is no error, else on standard output. An
// error makes the command fail.
func printIssues(env *Env, report *report, format string, issues diag.Issues, fine string) error {
	var err error
	switch format {
	case "json":
		err = checkJSON(env, issues)
	case "github":
		err = checkGithub(env, issues)
	default:
		err = checkText(env, report, issues, fine)
	}
	if err != nil {
		return err
	}
	if issues.Failed() {
		return errDiffers
	}
	return nil
}

func checkText(env *Env, report *report, issues diag.Issues, fine string) error {
	report.verbose = !report.quiet
	report.issues(issues)
	if issues.Failed() {
		return nil
	}
	fine += ": no errors"
	if !report.quiet {
		fine += ", " + countOf(issues, diag.Warning)
	}
	_, err := fmt.Fprintln(env.Stdout, fine)
	return err
}

// countOf counts the issues of a severity.
func countOf(issues diag.Issues, severity diag.Severity) string {
	n := 0
	for _, i := range issues {
		if i.Severity == severity {
			n++
		}
	}
	return count(n, severity.String())
}

// checkJSON prints a list of objects, one an issue.
func checkJSON(env *Env, issues diag.Issues) error {
	type row struct {
		Level   string `json:"level"`
		File    string `json:"file"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
		Path    string `json:"path,omitempty"`
		Rule    string `json:"rule,omitempty"`
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
	}
	rows := []row{}
	for _, i := range issues {
		i = i.Printable()
		rows = append(rows, row{i.Severity.String(), i.Pos.File, i.Pos.Line, i.Pos.Column, i.Path, i.Rule, i.Message, i.Hint})
	}
	enc := json.NewEncoder(env.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(rows)
}

// githubLevel are the commands of GitHub's workflow annotations.
var githubLevel = map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Note: "notice"}

// githubProperty escapes what would end a property of an annotation, githubData
// what would end its text.
var (
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
)

func checkGithub(env *Env, issues diag.Issues) error {
	for _, i := range issues {
		i = i.Printable()
		text := i.Message
		if i.Path != "" {
			text = i.Path + ": " + text
		}
		if i.Hint != "" {
			text += "\n" + i.Hint
		}
		title := i.Rule
		if title == "" {
			title = program
		}
		_, err := fmt.Fprintf(env.Stdout, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", githubLevel[i.Severity],
			githubProperty.Replace(i.Pos.File), max(i.Pos.Line, 1), max(i.Pos.Column, 1), githubProperty.Replace(title), githubData.Replace(text))
		if err != nil {
			return err
		}
	}
	return nil
}

// count returns "1 error", "2 errors".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
