package manifest

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

var (
	errorLine     = regexp.MustCompile(`^line (\d+): `)
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	// badBytes are the messages of the YAML reader, which has no positions.
	badBytes = regexp.MustCompile(`control characters|UTF-8|Unicode`)
	// parserError matches the messages of the YAML parser proper: their line
	// counts from 0, while that of the scanner's counts from 1.
	parserError = regexp.MustCompile(`did not find expected (<|node content|'-' indicator|key|',' or)|undefined tag handle`)
)

// syntaxError says where and why data is not YAML. Of the parser's messages
// only the one about an anchor quotes the input, and it is left out here.
func syntaxError(file string, data []byte, err error) diag.Issue {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	issue := diag.Issue{Pos: diag.Position{File: file, Line: 1, Column: 1}}
	if m := errorLine.FindStringSubmatch(message); m != nil {
		message = strings.TrimPrefix(message, m[0])
		issue.Pos.Line, _ = strconv.Atoi(m[1])
		if parserError.MatchString(message) {
			issue.Pos.Line++
		}
		// The end of the input counts as a line of its own.
		last := bytes.Count(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) + 1
		issue.Pos.Line = min(issue.Pos.Line, last)
	}
	switch m := unknownAnchor.FindStringSubmatch(message); {
	case m != nil:
		message = "unknown anchor"
		issue.Hint = `a value that begins with "*" must be quoted`
		issue.Pos.Line, issue.Pos.Column = lineAndColumn(data, bytes.Index(data, []byte("*"+m[1])))
	case badBytes.MatchString(message):
		issue.Pos.Line, issue.Pos.Column = lineAndColumn(data, indexBadByte(data))
	case strings.Contains(message, "did not find expected key"):
		// The place may be the beginning of the mapping that the line is in.
		issue.Hint = "a line from here on is indented wrongly, or lacks a quote"
	case strings.Contains(message, "mapping values are not allowed"):
		issue.Hint = `quote a value that has ": " inside, and check the indentation`
	case strings.Contains(message, "unexpected end of stream"):
		issue.Hint = "close the quote"
	case strings.Contains(message, "cannot start any token"), strings.Contains(message, "alphabetic or numeric character"):
		issue.Hint = "indent with spaces; quote values that begin with @, `, %, & or *"
	}
	issue.Message = "is not YAML: " + message
	return issue
}

// lineAndColumn returns the place of an offset; both count from 1.
func lineAndColumn(data []byte, offset int) (line, column int) {
	before := data[:max(offset, 0)]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// indexBadByte finds the first byte that no YAML text holds.
func indexBadByte(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		control := r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r < 0xa0 && r != 0x85
		if r == utf8.RuneError && size == 1 || control && r != '\r' {
			return i
		}
		i += size
	}
	return 0
}
