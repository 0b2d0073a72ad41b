package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

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
	// colored says that severities have a color.
	colored bool
	// patience is how long a run is silent before it shows how far it is.
	patience time.Duration
}

// maxErrors is the usual limit: more help nobody.
const maxErrors = 50

// issues prints errors, warnings unless quiet, and notes if verbose.
func (r *report) issues(is diag.Issues) {
	shown, more := r.shown(is)
	for _, i := range shown {
		r.issue(i)
	}
	r.more(more)
}

// shown are the issues that are printed, and how many errors there are beyond.
func (r *report) shown(is diag.Issues) (shown diag.Issues, more int) {
	failed := 0
	for _, i := range is.Sorted() {
		switch {
		case i.Severity == diag.Warning && r.quiet, i.Severity == diag.Note && !r.verbose:
			continue
		case i.Severity == diag.Error:
			if failed++; failed > r.limit {
				more++
				continue
			}
		}
		shown = append(shown, i)
	}
	return shown, more
}

func (r *report) more(failed int) {
	if failed > 0 {
		r.say("%d more errors", failed)
	}
}

func (r *report) issue(i diag.Issue) {
	line := i.String()
	if i.Pos.File == "" {
		line = program + ": " + line
	}
	fmt.Fprintln(r.out, r.color(i, line))
}

// color colors the severity in the text of an issue.
func (r *report) color(i diag.Issue, text string) string {
	if word := i.Severity.String() + ": "; r.colored {
		return strings.Replace(text, word, colors[i.Severity]+word+"\x1b[0m", 1)
	}
	return text
}

// colors are those that compilers use.
var colors = map[diag.Severity]string{diag.Error: "\x1b[1;31m", diag.Warning: "\x1b[1;35m", diag.Note: "\x1b[1;36m"}

// say prints a line that is not an issue, unless quiet.
func (r *report) say(format string, args ...any) {
	if !r.quiet {
		fmt.Fprintln(r.out, program+": "+diag.Printable(fmt.Sprintf(format, args...)))
	}
}

// progress returns what shows how far a long run is: on a terminal, in one line that
// goes away at the end, and nowhere else.
func (r *report) progress(env *Env, noun string) func(done, all int) {
	if r.quiet || !env.Terminal {
		return func(int, int) {}
	}
	shown := false
	return func(done, all int) {
		if time.Since(env.Now) < r.patience {
			return
		}
		if shown {
			fmt.Fprint(r.out, "\r\x1b[K")
		}
		if shown = done < all; shown {
			fmt.Fprintf(r.out, "%d of %d %s", done, all, noun)
		}
	}
}

// usage prints a mistake on the command line and where the program, by its name here,
// has help.
func (r *report) usage(err error, name, command string) {
	var issues diag.Issues
	if errors.As(err, &issues) {
		r.issues(issues)
	} else {
		fmt.Fprintf(r.out, "%s: %s\n", program, err)
	}
	help := name
	for _, word := range strings.Fields(command) {
		if strings.HasPrefix(word, "<") || strings.HasPrefix(word, "[") {
			break
		}
		help += " " + word
	}
	fmt.Fprintf(r.out, "  run %q for help\n", help+" --help")
}
