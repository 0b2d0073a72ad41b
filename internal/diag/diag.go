// Package diag describes what is wrong with an input: where, at which path, and
// what is required. Every step of the pipeline collects Issues in one run; the
// CLI prints them. A message never contains a value that could be a secret.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Position is a place in an input file. Line and Column count from 1; a zero
// Line means the whole input, such as a --set flag.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns file:line:column, or the file alone where there is no line.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Severity says what an Issue means for the run.
type Severity int

// An Error fails the run, a Warning is printed, a Note says what could not be
// judged.
const (
	Error Severity = iota
	Warning
	Note
)

// String returns the word that compilers use, which CI annotators parse.
func (s Severity) String() string {
	return [...]string{"error", "warning", "note"}[s]
}

// Issue is one thing to say about an input.
type Issue struct {
	Severity Severity
	Pos      Position
	// Path is the field the issue is about: spec.redis.password.
	Path string
	// Rule is the name of the rule that was broken, empty for a plain mistake.
	Rule string
	// Message says what is required, in lower case, without a full stop.
	Message string
	// Hint proposes a fix; it may be empty.
	Hint string
	// Accepted says that somebody knows of it and gave a reason.
	Accepted bool
}

// String returns the issue on one line, and the hint on a second one. Names and
// values of inputs can be in it: what a terminal would act on is escaped.
func (i Issue) String() string {
	i = i.Printable()
	var b strings.Builder
	if pos := i.Pos.String(); pos != "" {
		b.WriteString(pos + ": ")
	}
	b.WriteString(i.Severity.String() + ": ")
	if i.Path != "" {
		b.WriteString(i.Path + ": ")
	}
	b.WriteString(i.Message)
	if i.Rule != "" {
		b.WriteString(" [" + i.Rule + "]")
	}
	if i.Hint != "" {
		b.WriteString("\n  hint: " + i.Hint)
	}
	return b.String()
}

// Printable returns the issue with all its texts made printable. A message can be
// a list: its lines are indented, so that none can pass for an issue.
func (i Issue) Printable() Issue {
	i.Pos.File, i.Path, i.Hint = Printable(i.Pos.File), Printable(i.Path), Printable(i.Hint)
	lines := strings.Split(i.Message, listed)
	for n, line := range lines {
		lines[n] = Printable(line)
	}
	i.Message = strings.Join(lines, listed)
	return i
}

// listed begins a line of a list in a message.
const listed = "\n  "

// Printable escapes what is neither a visible character nor a blank, as Go does in a
// quoted string: line ends, the ESC that starts a terminal's commands, marks that
// turn the direction of writing.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// Issues are all that one run has to say. As an error they print one per line.
type Issues []Issue

// Error implements error.
func (is Issues) Error() string {
	lines := make([]string, len(is))
	for n, i := range is {
		lines[n] = i.String()
	}
	return strings.Join(lines, "\n")
}

// Failed reports whether one of the issues is an Error.
func (is Issues) Failed() bool {
	return slices.ContainsFunc(is, func(i Issue) bool { return i.Severity == Error })
}

// Sorted returns the issues by file, line, column and path, each once.
func (is Issues) Sorted() Issues {
	sorted := slices.Clone(is)
	slices.SortStableFunc(sorted, func(a, b Issue) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			a.Pos.Line-b.Pos.Line,
			a.Pos.Column-b.Pos.Column,
			strings.Compare(a.Path, b.Path),
		)
	})
	return slices.Compact(sorted)
}

// Err returns the issues as an error if one of them is an Error, else nil.
func (is Issues) Err() error {
	if !is.Failed() {
		return nil
	}
	return is
}

// From returns the issues inside err, or one Error that says what err says.
func From(err error) Issues {
	var is Issues
	switch {
	case err == nil:
		return nil
	case errors.As(err, &is):
		return is
	default:
		return Issues{{Message: err.Error()}}
	}
}

// Nearest returns the candidate that is a likely misspelling of word, or "".
func Nearest(word string, candidates []string) string {
	best, bestDistance := "", 1+len(word)/3
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d <= bestDistance && (best == "" || d < bestDistance) {
			best, bestDistance = c, d
		}
	}
	return best
}

// DidYouMean returns a hint that offers the nearest candidate, or "".
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
