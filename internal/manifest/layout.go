package manifest

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// layout writes an object in block style, byte for byte as the encoder does and
// many times faster: writing is most of the work on a whole installation. What
// is rare in an object it calls unusual, and leaves to the encoder.
type layout struct {
	out     []byte
	unusual bool
}

// layOut returns a mapping as YAML, or false where only the encoder knows how.
func layOut(n *yaml.Node) ([]byte, bool) {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return nil, false
	}
	var l layout
	l.check(n, "!!map")
	l.mapping(n, 0)
	return append(l.out, '\n'), !l.unusual
}

// check finds what the layout does not know: comments, anchors, tags.
func (l *layout) check(n *yaml.Node, tag string) {
	l.unusual = l.unusual || n.Tag != tag && n.Tag != "" || n.Style != 0 && len(n.Content) > 0 ||
		n.HeadComment != "" || n.LineComment != "" || n.FootComment != "" || n.Anchor != ""
}

func (l *layout) newline(indent int) {
	const blanks = "                                "
	l.out = append(l.out, '\n')
	for ; indent > len(blanks); indent -= len(blanks) {
		l.out = append(l.out, blanks...)
	}
	l.out = append(l.out, blanks[:indent]...)
}

// mapping writes a block whose first key stands where the output ends.
func (l *layout) mapping(n *yaml.Node, indent int) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if i > 0 {
			l.newline(indent)
		}
		l.key(n.Content[i])
		l.out = append(l.out, ':')
		switch value := n.Content[i+1]; {
		case value.Kind == yaml.MappingNode && len(value.Content) > 0:
			l.check(value, "!!map")
			l.newline(indent + 2)
			l.mapping(value, indent+2)
		case value.Kind == yaml.SequenceNode && len(value.Content) > 0:
			l.check(value, "!!seq")
			l.newline(indent)
			l.sequence(value, indent)
		default:
			l.leaf(value, indent)
		}
	}
}

// sequence writes a block whose first dash stands where the output ends.
func (l *layout) sequence(n *yaml.Node, indent int) {
	for i, item := range n.Content {
		if i > 0 {
			l.newline(indent)
		}
		l.out = append(l.out, '-')
		switch {
		case item.Kind == yaml.MappingNode && len(item.Content) > 0:
			l.check(item, "!!map")
			l.out = append(l.out, ' ')
			l.mapping(item, indent+2)
		case item.Kind == yaml.SequenceNode && len(item.Content) > 0:
			l.check(item, "!!seq")
			l.out = append(l.out, ' ')
			l.sequence(item, indent+2)
		default:
			l.leaf(item, indent)
		}
	}
}

// key writes a key. A long one would stand behind a question mark, and a block
// cannot be one.
func (l *layout) key(n *yaml.Node) {
	const longest = 128
	if n.Kind != yaml.ScalarNode || n.Value == "" || len(n.Value) > longest || n.Style == yaml.LiteralStyle || strings.Contains(n.Value, "\n") {
		l.unusual = true
		return
	}
	l.scalar(n, 0)
}

// leaf writes what stands on the line of its key or dash.
func (l *layout) leaf(n *yaml.Node, indent int) {
	switch n.Kind {
	case yaml.MappingNode:
		l.check(n, "!!map")
		l.out = append(l.out, " {}"...)
	case yaml.SequenceNode:
		l.check(n, "!!seq")
		l.out = append(l.out, " []"...)
	case yaml.ScalarNode:
		if n.Value != "" || n.Tag != "!!null" {
			l.out = append(l.out, ' ')
		}
		l.scalar(n, indent+2)
	default:
		l.unusual = true
	}
}
