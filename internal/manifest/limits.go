package manifest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

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
	data = utf8Text(data)
	n := 1
	var before byte // the last byte that is not a blank
	for i, c := range data {
		switch {
		case c == ',' || c == '[' || c == '{':
			n++
		case lineBreak(data[i:]):
			// In a JSON text that is laid out, the comma has counted.
			if bytes.IndexByte([]byte(",[{"), before) < 0 {
				n++
			}
			before = '\n'
			continue
		case (c == ':' || c == '?') && startsToken(data[:i]), (c == ':' || c == '-' || c == '?') && endsIndicator(data[i+1:]):
			n++
		}
		if c != ' ' && c != '\t' {
			before = c
		}
	}
	return n
}

// startsToken reports whether a ":" or "?" after a text stands at the beginning of
// a token, where both are indicators in a flow, whatever follows: {"a":1}, [?a].
func startsToken(before []byte) bool {
	if len(before) == 0 {
		return true
	}
	last := before[len(before)-1]
	// A byte beyond ASCII may be the end of a line break.
	return last >= 0x80 || bytes.IndexByte([]byte(" \t\r\n,[]{}\"':?"), last) >= 0
}

// endsIndicator reports whether what follows a "-", "?" or ":" makes it an
// indicator, and not a part of a scalar.
func endsIndicator(rest []byte) bool {
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t,[]{}"), rest[0]) >= 0 || lineBreak(rest)
}

// lineBreak reports whether a text begins with what ends a line in YAML 1.1, the
// parser's version: beside CR and LF that is NEL, LS and PS.
func lineBreak(text []byte) bool {
	switch text[0] {
	case '\n', '\r':
		return true
	case 0xC2:
		return bytes.HasPrefix(text, []byte("\u0085"))
	case 0xE2:
		return bytes.HasPrefix(text, []byte("\u2028")) || bytes.HasPrefix(text, []byte("\u2029"))
	default:
		return false
	}
}

// utf8Text returns a text that begins with the mark of UTF-16 in UTF-8. The parser
// takes both, and PowerShell writes UTF-16.
func utf8Text(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return data
	}
	text := make([]byte, 0, len(data)/2)
	for rest := data[2:]; len(rest) > 1; rest = rest[2:] {
		r := rune(order.Uint16(rest))
		if utf16.IsSurrogate(r) && len(rest) > 3 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(rest[2:]))); pair != utf8.RuneError {
				r, rest = pair, rest[2:]
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return text
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
