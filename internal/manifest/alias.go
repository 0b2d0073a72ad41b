package manifest

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"
)

var errTooManyAliases = errors.New("its aliases expand to more than any real object")

// Expanded replaces every alias and merge key of a document by what it stands
// for, so that a change in one place changes no other. A document without any
// comes back as it is.
func (r *Reader) Expanded(n *yaml.Node) (*yaml.Node, error) {
	if !hasAlias(n) {
		return n, nil
	}
	return expand(n, &r.expanded, 0, false)
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

func expand(n *yaml.Node, budget *int, depth int, aliased bool) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		return expand(n.Alias, budget, depth, true)
	}
	if aliased {
		if *budget--; *budget < 0 || depth > maxDepth {
			return nil, errTooManyAliases
		}
	}
	c := *n
	c.Anchor, c.Content = "", make([]*yaml.Node, 0, len(n.Content))
	for _, child := range n.Content {
		e, err := expand(child, budget, depth+1, aliased)
		if err != nil {
			return nil, err
		}
		c.Content = append(c.Content, e)
	}
	if c.Kind == yaml.MappingNode {
		spliceMerges(&c)
	}
	return &c, nil
}

// spliceMerges replaces merge keys (<<) by the fields that they bring. A field
// of the mapping itself wins, then the earliest merged mapping.
func spliceMerges(n *yaml.Node) {
	for i := 0; i+1 < len(n.Content); {
		if n.Content[i].Tag != "!!merge" {
			i += 2
			continue
		}
		merged := n.Content[i+1]
		n.Content = slices.Delete(n.Content, i, i+2)
		sources := []*yaml.Node{merged}
		if merged.Kind == yaml.SequenceNode {
			sources = merged.Content
		}
		for _, s := range sources {
			for j := 0; s.Kind == yaml.MappingNode && j+1 < len(s.Content); j += 2 {
				if index(n, s.Content[j].Value) < 0 {
					n.Content = append(n.Content, s.Content[j], s.Content[j+1])
				}
			}
		}
	}
}
