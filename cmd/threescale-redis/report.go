package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// report owns every word on standard error.
//
// Its rules: a line begins with the place in the input, or with the name of the
// program; lower case, no full stop; say what is required; a hint proposes the
// fix on a line of its own; a secret value appears nowhere.
type report struct {
	out     io.Writer
	quiet   bool
	verbose bool
	// limit is how many errors one run prints.
	limit int
}

// maxErrors is the usual limit: more help nobody.
const maxErrors = 50

// issues prints errors, warnings unless quiet, and notes if verbose.
func (r *report) issues(is diag.Issues) {
	failed := 0
	for _, i := range is.Sorted() {
		switch {
		case i.Severity == diag.Warning && r.quiet, i.Severity == diag.Note && !r.verbose:
			continue
		case i.Severity == diag.Error:
			if failed++; failed > r.limit {
				continue
			}
		}
		r.issue(i)
	}
	if failed > r.limit {
		r.say("%d more errors", failed-r.limit)
	}
}

func (r *report) issue(i diag.Issue) {
	line := i.String()
	if i.Pos.File == "" {
		line = program + ": " + line
	}
	fmt.Fprintln(r.out, line)
}

// say prints a line that is not an issue, unless quiet.
func (r *report) say(format string, args ...any) {
	if !r.quiet {
		fmt.Fprintln(r.out, program+": "+diag.Printable(fmt.Sprintf(format, args...)))
	}
}

// usage prints a mistake on the command line and where help is.
func (r *report) usage(err error, command string) {
	var issues diag.Issues
	if errors.As(err, &issues) {
		r.issues(issues)
	} else {
		fmt.Fprintf(r.out, "%s: %s\n", program, err)
	}
	help := program
	for _, word := range strings.Fields(command) {
		if strings.HasPrefix(word, "<") || strings.HasPrefix(word, "[") {
			break
		}
		help += " " + word
	}
	fmt.Fprintf(r.out, "  run %q for help\n", help+" --help")
}
