package manifest

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// scalar writes a scalar, in the style of its node where the text allows it.
func (l *layout) scalar(n *yaml.Node, indent int) {
	l.check(n, n.Tag)
	style, text := n.Style, n.Value
	switch {
	case style == 0 && strings.Contains(text, "\n"):
		style = yaml.LiteralStyle
	case style == 0 && resolvedTag(text) != n.Tag:
		style = yaml.DoubleQuotedStyle
	}
	l.unusual = l.unusual || style != 0 && n.Tag != "!!str"
	switch {
	case style == yaml.DoubleQuotedStyle:
		l.doubleQuoted(text)
	case style == yaml.LiteralStyle:
		l.literal(text, indent)
	case !printable(text) || style != 0 && style != yaml.SingleQuotedStyle:
		l.unusual = true
	case style == 0 && plain(text):
		l.out = append(l.out, text...)
	default:
		l.out = append(l.out, '\'')
		l.out = append(l.out, strings.ReplaceAll(text, "'", "''")...)
		l.out = append(l.out, '\'')
	}
}

// resolvedTag is what YAML takes a text without quotes for.
func resolvedTag(text string) string {
	const longestWord = len("false")
	if len(text) > longestWord && (text[0] >= 'A' && text[0] <= 'Z' || text[0] >= 'a' && text[0] <= 'z' || text[0] == '/') {
		return "!!str"
	}
	n := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	return n.ShortTag()
}

// printable reports whether a text is ASCII without control characters.
func printable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// plain reports whether a printable text can stand without quotes in a block.
func plain(text string) bool {
	if text == "" {
		return true
	}
	first, last := text[0], text[len(text)-1]
	switch {
	case strings.IndexByte("#,[]{}&*!|>'\"%@` ", first) >= 0, last == ' ', last == ':':
		return false
	case (first == '-' || first == '?') && (len(text) == 1 || text[1] == ' '):
		return false
	}
	return !strings.HasPrefix(text, "---") && !strings.HasPrefix(text, "...") &&
		!strings.Contains(text, ": ") && !strings.Contains(text, " #")
}

func (l *layout) doubleQuoted(text string) {
	l.out = append(l.out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			l.out = append(l.out, '\\', c)
		case c == '\n':
			l.out = append(l.out, '\\', 'n')
		case c < ' ' || c > '~':
			l.unusual = true
		default:
			l.out = append(l.out, c)
		}
	}
	l.out = append(l.out, '"')
}

// literal writes a text as a block. What does not begin or end with a line
// that has text, and lines that end with a blank, need more than that.
func (l *layout) literal(text string, indent int) {
	body, ended := strings.CutSuffix(text, "\n")
	if body == "" || body[0] == ' ' || body[0] == '\n' || strings.HasSuffix(body, "\n") || strings.HasSuffix(body, " ") || strings.Contains(body, " \n") {
		l.unusual = true
		return
	}
	l.out = append(l.out, '|')
	if !ended {
		l.out = append(l.out, '-')
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line == "" {
			l.out = append(l.out, '\n')
			continue
		}
		l.unusual = l.unusual || !printable(strings.ReplaceAll(line, "\t", ""))
		l.newline(indent)
		l.out = append(l.out, line...)
	}
}
