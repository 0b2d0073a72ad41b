package migrate

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

func sequence(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

func null() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// name gives the name of an entry of a list.
func name(n *yaml.Node) *yaml.Node { return manifest.Scalar(manifest.Text(n, "name")) }

// named gives the entry that has the name of another one, or nil.
func named(list []*yaml.Node, n *yaml.Node) *yaml.Node {
	return manifest.Named(sequence(list...), manifest.Text(n, "name"))
}

// equal reports whether two nodes say the same.
func equal(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.ShortTag() == b.ShortTag() && slices.EqualFunc(a.Content, b.Content, equal)
}

// fields iterates over a mapping.
func fields(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}
