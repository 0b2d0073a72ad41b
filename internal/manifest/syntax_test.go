package manifest

import (
	"strings"
	"testing"
)

// The word canary stands wherever a parser could quote its input.
func TestReadDocuments_syntax(t *testing.T) {
	const hint = "\n  hint: indent with spaces; quote values that begin with @, `, %, & or *"
	tests := map[string]struct{ in, want string }{
		"no colon":         {"a: b\ncanary\nc: d\n", "f.yaml:2:1: error: is not YAML: could not find expected ':'"},
		"unclosed list":    {"a: b\nc: [canary\nd: e\n", "f.yaml:2:1: error: is not YAML: did not find expected ',' or ']'"},
		"end in a list":    {"a: b\nc:\n - [canary", "f.yaml:3:1: error: is not YAML: did not find expected ',' or ']'"},
		"list in mapping":  {"a: b\n- canary\n", "f.yaml:2:1: error: is not YAML: did not find expected key\n  hint: a line from here on is indented wrongly, or lacks a quote"},
		"after a quote":    {"a: b\nb: 'x' canary\n", "f.yaml:2:1: error: is not YAML: did not find expected key\n  hint: a line from here on is indented wrongly, or lacks a quote"},
		"less indented":    {"a: b\nb:\n  - x\n canary\nc: d", "f.yaml:4:1: error: is not YAML: did not find expected key\n  hint: a line from here on is indented wrongly, or lacks a quote"},
		"two colons":       {"a: b\nc: canary: e\n", "f.yaml:2:1: error: is not YAML: mapping values are not allowed in this context\n  hint: quote a value that has \": \" inside, and check the indentation"},
		"tab":              {"a: b\n\tcanary: d\n", "f.yaml:2:1: error: is not YAML: found a tab character that violates indentation"},
		"unclosed quote":   {"a: b\nc: \"canary\nb: c\n", "f.yaml:2:1: error: is not YAML: found unexpected end of stream\n  hint: close the quote"},
		"unknown anchor":   {"a: b\nb:\n  c: *canary\n", "f.yaml:3:6: error: is not YAML: unknown anchor\n  hint: a value that begins with \"*\" must be quoted"},
		"at sign":          {"a: @canary\n", "f.yaml:1:1: error: is not YAML: found character that cannot start any token" + hint},
		"empty anchor":     {"a: b\nb: &\nc: canary", "f.yaml:2:1: error: is not YAML: did not find expected alphabetic or numeric character" + hint},
		"escape":           {"a: b\nb: \"\\qcanary\"\n", "f.yaml:2:1: error: is not YAML: found unknown escape character"},
		"directive":        {"a: b\n...\n%canary\n---\n", "f.yaml:3:1: error: is not YAML: found unknown directive name"},
		"tag handle":       {"a: b\nc: !canary!x y\n", "f.yaml:2:1: error: is not YAML: found undefined tag handle"},
		"no UTF-8":         {"a: b\nb: canary\xff\n", "f.yaml:2:10: error: is not YAML: invalid leading UTF-8 octet"},
		"control":          {"a: b\r\nb: ä\x01\n", "f.yaml:2:5: error: is not YAML: control characters are not allowed"},
		"100,000 levels":   {strings.Repeat("[", 100_000), "f.yaml:1:1: error: is not YAML: exceeded max depth of 10000"},
		"100,000 mappings": {strings.Repeat("{a: ", 100_000), "f.yaml:1:1: error: is not YAML: exceeded max depth of 10000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ReadDocuments("f.yaml", []byte(tt.in))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
