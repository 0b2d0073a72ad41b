package manifest

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

const (
	// MaxValues is how many values one run reads, if nothing less is said. A whole
	// installation of 3scale has less than 10,000, and a value takes 200 bytes of
	// memory, or twice that in the densest text.
	MaxValues = 500_000
	// maxExpanded is how many values the aliases of one run may add.
	maxExpanded = 100_000
	// MaxIssues is where a reader of objects stops to look for more mistakes: an input
	// with so many is another kind of input.
	MaxIssues = 1000
	// maxDepth is how deep values are nested at most: the schemas in a
	// CustomResourceDefinition, the deepest objects, have less than 100 levels.
	maxDepth = 200
)

// Reader reads YAML and JSON within limits, which hold for all that it reads
// together. They are checked before the text is parsed, as far as they can be.
type Reader struct {
	limit, values, expanded int
}

// NewReader makes a Reader of so many values: keys, scalars, mappings and lists.
func NewReader(values int) *Reader {
	return &Reader{limit: values, values: values, expanded: maxExpanded}
}

// spend takes a text from the values that are left.
func (r *Reader) spend(file string, data []byte) error {
	if r.values -= CountValues(data); r.values < 0 {
		return diag.Issues{{Pos: diag.Position{File: file}, Message: fmt.Sprintf("must hold at most %d values", r.limit)}}
	}
	return nil
}

// CountValues estimates how many values a YAML or JSON text holds, without
// parsing it. It is never less than half of them: every value but the first has
// an indicator before it, unless it is empty, as those of `{a, b}`.
func CountValues(data []byte) int {
	n := 1
	var before byte // the last byte that is no blank
	for i, c := range data {
		switch c {
		case ',', '[', '{':
			n++
		case '\n':
			// In a JSON text that is laid out, the comma has counted.
			if before != ',' && before != '[' && before != '{' {
				n++
			}
			before = c
		case ':':
			if bytes.IndexByte([]byte(`"'}]`), before) >= 0 || endsIndicator(data[i+1:]) {
				n++
			}
		case '-', '?':
			if endsIndicator(data[i+1:]) {
				n++
			}
		}
		if c != ' ' && c != '\t' && c != '\r' {
			before = c
		}
	}
	return n
}

// endsIndicator reports whether what follows a "-", "?" or ":" makes it an
// indicator, and not a part of a scalar.
func endsIndicator(rest []byte) bool {
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n,[]{}"), rest[0]) >= 0
}

// checkDepth refuses what is nested too deeply.
func checkDepth(file string, n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return diag.Issues{{Pos: Position(file, n), Message: fmt.Sprintf("is nested in more than %d levels", maxDepth)}}
	}
	for _, child := range n.Content {
		if err := checkDepth(file, child, depth+1); err != nil {
			return err
		}
	}
	return nil
}
