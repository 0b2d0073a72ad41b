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
	if !slices.ContainsFunc(n.Content, func(key *yaml.Node) bool { return key.Tag == "!!merge" }) {
		return
	}
	var own, merged []*yaml.Node
	given := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Tag != "!!merge":
			own = append(own, key, value)
			given[key.Value] = true
		case value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		default:
			merged = append(merged, value)
		}
	}
	for _, m := range merged {
		for i := 0; m.Kind == yaml.MappingNode && i+1 < len(m.Content); i += 2 {
			if key := m.Content[i]; !given[key.Value] {
				own = append(own, key, m.Content[i+1])
				given[key.Value] = true
			}
		}
	}
	n.Content = own
}
