package manifest

import (
	"iter"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Field follows keys of mappings down from a node; nil where one is missing.
func Field(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		i := index(n, key)
		if i < 0 {
			return nil
		}
		n = n.Content[i+1]
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
	}
	return n
}

// Text returns the scalar at a path, or "".
func Text(n *yaml.Node, path ...string) string {
	if f := Field(n, path...); f != nil && f.Kind == yaml.ScalarNode {
		return f.Value
	}
	return ""
}

// index is the place of a key in the Content of a mapping, or -1.
func index(n *yaml.Node, key string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// Set puts a value at a path, in place where the key is there, else at the end
// of its mapping. Mappings on the way are made.
func Set(n, value *yaml.Node, path ...string) {
	for len(path) > 1 {
		next := Field(n, path[0])
		if next == nil || next.Kind != yaml.MappingNode {
			next = Mapping()
			Set(n, next, path[0])
		}
		n, path = next, path[1:]
	}
	if i := index(n, path[0]); i >= 0 {
		n.Content[i+1] = value
		return
	}
	n.Content = append(n.Content, Scalar(path[0]), value)
}

// Remove takes a key out of a mapping; a nil node or a missing key is fine.
func Remove(n *yaml.Node, key string) {
	if i := index(n, key); i >= 0 {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
}

// Items are the entries of a list; a nil node has none.
func Items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// Named returns the entry of a list with that name, or nil.
func Named(list *yaml.Node, name string) *yaml.Node {
	for _, item := range Items(list) {
		if Text(item, "name") == name {
			return item
		}
	}
	return nil
}

// Scalar is a string node. It is quoted on output where YAML would read
// something else.
func Scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	if n.Style == 0 {
		n.Tag = "!!str"
	}
	if yaml11.MatchString(text) || n.Style == yaml.LiteralStyle && !block.MatchString(text) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// block matches the texts that the encoder writes as a block that reads back:
// one that begins with a tab, for example, does not.
var block = regexp.MustCompile(`^[!-~]`)

// yaml11 matches what YAML 1.1 reads as a boolean or a number to the base of 60
// and YAML 1.2 as a string. The encoder follows 1.2, kubectl and oc read 1.1.
var yaml11 = regexp.MustCompile(`^(?i:y|yes|n|no|on|off)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// Mapping makes a mapping node from keys and nodes in turn.
func Mapping(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Content = append(n.Content, Scalar(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return n
}

// Clone returns a deep copy of a node.
func Clone(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = Clone(child)
	}
	return &c
}

// Sequence makes a list node.
func Sequence(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

// Null makes a null node.
func Null() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"} }

// Fields iterates over the keys and values of a mapping, in order; a node that
// is not a mapping has none.
func Fields(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// Equal reports whether two nodes hold the same, whatever their spelling.
func Equal(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.ShortTag() == b.ShortTag() && slices.EqualFunc(a.Content, b.Content, Equal)
}
