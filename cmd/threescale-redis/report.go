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

// progress returns what shows how far a long run is: on a terminal, in one line that
// goes away at the end, and nowhere else.
func (r *report) progress(env *Env) func(done, all int) {
	if r.quiet || !env.Terminal {
		return nil
	}
	return func(done, all int) {
		const clear = "\r\x1b[K"
		if fmt.Fprint(r.out, clear); done < all {
			fmt.Fprintf(r.out, "%d of %d checks", done, all)
		}
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
