package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// reportFlag is the format of a command that judges inputs.
type reportFlag struct {
	Format string `enum:"text,json,github,sarif,junit" default:"text" placeholder:"FORMAT" help:"text, json, github (annotations of a workflow), sarif (code scanning) or junit."`
}

// findings are what a command that judges inputs has found.
type findings struct {
	// inputs are the files that were judged.
	inputs []string
	issues diag.Issues
	// strict says that warnings fail too, but for those that are accepted.
	strict bool
	// byObject says that text stands below the Kubernetes objects that it is about.
	byObject bool
}

// fails reports whether an issue makes the command fail.
func (f findings) fails(i diag.Issue) bool {
	return i.Severity == diag.Error || f.strict && i.Severity == diag.Warning && !i.Accepted
}

// print prints findings in a format: as text to standard error, with one line on
// standard output where nothing fails, else on standard output.
func (f findings) print(env *Env, report *report, format, fine string) error {
	f.issues = f.issues.Sorted()
	var err error
	switch format {
	case "json":
		err = f.json(env.Stdout)
	case "github":
		err = f.github(env.Stdout)
	case "sarif":
		err = f.sarif(env.Stdout)
	case "junit":
		err = f.junit(env.Stdout)
	default:
		err = f.text(env, report, fine)
	}
	if err == nil && slices.ContainsFunc(f.issues, f.fails) {
		return errDiffers
	}
	return err
}

func (f findings) text(env *Env, report *report, fine string) error {
	report.verbose = !report.quiet
	if f.byObject {
		report.byObject(f.issues)
	} else {
		report.issues(f.issues)
	}
	if f.issues.Failed() {
		return nil
	}
	failing := 0
	for _, i := range f.issues {
		if !f.fails(i) {
			continue
		}
		if failing++; report.quiet {
			report.issue(i) // which is as good as an error
		}
	}
	if failing > 0 {
		report.say("--strict: correct the warnings, or accept them in spec.allow with a reason")
		return nil
	}
	fine += ": no errors"
	if !report.quiet {
		fine += ", " + countOf(f.issues, diag.Warning)
	}
	_, err := fmt.Fprintln(env.Stdout, fine)
	return err
}

// countOf counts the issues of a severity in words.
func countOf(issues diag.Issues, severity diag.Severity) string {
	return count(number(issues, severity), severity.String())
}

func number(issues diag.Issues, severity diag.Severity) int {
	n := 0
	for _, i := range issues {
		if i.Severity == severity {
			n++
		}
	}
	return n
}

// count returns "1 error", "2 errors".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// json prints an object: the issues, and how many there are.
func (f findings) json(out io.Writer) error {
	type row struct {
		Level   string `json:"level"`
		File    string `json:"file"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
		Path    string `json:"path,omitempty"`
		Rule    string `json:"rule,omitempty"`
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
		// Accepted says that spec.allow accepts it.
		Accepted bool `json:"accepted,omitempty"`
	}
	rows := []row{}
	for _, i := range f.issues {
		i = i.Printable()
		rows = append(rows, row{i.Severity.String(), i.Pos.File, i.Pos.Line, i.Pos.Column, i.Path, i.Rule, i.Message, i.Hint, i.Accepted})
	}
	return printJSON(out, struct {
		Issues  []row          `json:"issues"`
		Summary map[string]int `json:"summary"`
	}{rows, map[string]int{
		"inputs": len(f.inputs), "errors": number(f.issues, diag.Error), "warnings": number(f.issues, diag.Warning), "notes": number(f.issues, diag.Note),
	}})
}

func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// githubLevel are the commands of GitHub's workflow annotations.
var githubLevel = map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Note: "notice"}

// githubProperty escapes what would end a property of an annotation, githubData
// what would end its text.
var (
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
)

func (f findings) github(out io.Writer) error {
	for _, i := range f.issues {
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
		_, err := fmt.Fprintf(out, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", githubLevel[i.Severity],
			githubProperty.Replace(i.Pos.File), max(i.Pos.Line, 1), max(i.Pos.Column, 1), githubProperty.Replace(title), githubData.Replace(text))
		if err != nil {
			return err
		}
	}
	return nil
}

// junit prints a case for each input, and for each other file where something is
// wrong. Warnings and notes are its output.
func (f findings) junit(out io.Writer) error {
	var cases []junitCase
	for _, file := range f.files() {
		var wrong diag.Issues
		var other []string
		for _, i := range f.issues {
			switch {
			case i.Pos.File != file:
			case f.fails(i):
				wrong = append(wrong, i)
			default:
				other = append(other, i.String())
			}
		}
		c := junitCase{Class: program, Name: diag.Printable(file), Output: strings.Join(other, "\n")}
		if len(wrong) > 0 {
			message := countOf(wrong, diag.Error)
			if f.strict {
				message += ", " + countOf(wrong, diag.Warning)
			}
			c.Failure = &junitText{Message: message, Text: wrong.Error()}
		}
		cases = append(cases, c)
	}
	return writeJUnit(out, program, []junitSuite{suiteOf(program, cases)})
}

// files are the inputs, and the other files that issues are about.
func (f findings) files() []string {
	var files []string
	for _, input := range f.inputs {
		if input == stdin {
			input = stdinName
		}
		files = append(files, filepath.Clean(input))
	}
	for _, i := range f.issues {
		files = append(files, i.Pos.File)
	}
	return unique(files)
}
