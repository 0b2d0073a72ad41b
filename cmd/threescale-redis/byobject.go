package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// objectPath is the path of an issue about a Kubernetes object: its kind and name, and
// what in it.
var objectPath = regexp.MustCompile(`^([A-Z]\w*/[\w-]+)(?:$|[/.](.*))`)

// byObject prints issues as issues does, but below the object that each is about, in
// lines of 80 columns. What is about no object comes first, as it is.
func (r *report) byObject(is diag.Issues) {
	shown, more := r.shown(is)
	var headings []string
	below := map[string]diag.Issues{}
	for _, i := range shown {
		m := objectPath.FindStringSubmatch(i.Path)
		if m == nil {
			r.issue(i)
			continue
		}
		heading := diag.Printable(i.Pos.File) + ": " + m[1]
		if below[heading] == nil {
			headings = append(headings, heading)
		}
		i.Path = m[2]
		below[heading] = append(below[heading], i)
	}
	for _, heading := range headings {
		fmt.Fprintf(r.out, "%s\n", heading)
		for _, i := range below[heading] {
			place := ""
			if i.Pos.Line > 0 {
				place = fmt.Sprintf("%d:%d: ", i.Pos.Line, i.Pos.Column)
			}
			i.Pos = diag.Position{}
			text, hint, _ := strings.Cut(i.String(), "\n  hint: ")
			fmt.Fprint(r.out, r.color(i, hanging("  ", place+text)))
			if hint != "" {
				fmt.Fprint(r.out, hanging("    ", "hint: "+hint))
			}
		}
	}
	r.more(more)
}

// hanging is a text in lines of 80 columns, where it has blanks: the first behind an
// indent, and the others two columns further. An env var stays with its key, which
// stands behind it in parentheses.
func hanging(indent, text string) string {
	const width = 80
	var b strings.Builder
	column := 0
	const glue = "\x00"
	for _, word := range strings.Fields(strings.ReplaceAll(text, " (", glue+"(")) {
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > width:
			b.WriteString("\n  " + indent)
			column = len(indent) + 2
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(strings.ReplaceAll(word, glue, " "))
		column += len(word)
	}
	return b.String() + "\n"
}
