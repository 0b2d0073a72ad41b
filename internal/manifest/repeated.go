package manifest

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Repeated reports every key that a mapping has twice, in a document or a part of
// one. The parser takes both, kubectl the last one, and other programs the first.
func Repeated(file string, n *yaml.Node) diag.Issues {
	return repeated(file, n, nil, nil)
}

// repeated walks below the keys that lead to the node.
func repeated(file string, n *yaml.Node, above []string, issues diag.Issues) diag.Issues {
	switch {
	case len(issues) >= MaxIssues:
		return issues
	case n.Kind != yaml.MappingNode:
		for _, item := range n.Content {
			issues = repeated(file, item, above, issues)
		}
		return issues
	}
	if at, first := twice(n); at != nil {
		issue := diag.Issue{
			Pos: Position(file, at), Path: shownPath(append(above, at.Value)),
			Message: "is given twice: first at " + Position(file, first).String(),
		}
		if slices.Contains([]string{"apiVersion", "items", "kind"}, at.Value) {
			issue.Hint = `put a line "---" between two objects, and between two exports`
		}
		issues = append(issues, issue)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		issues = repeated(file, n.Content[i+1], append(above, n.Content[i].Value), issues)
	}
	return issues
}

// plainKey matches the keys that messages show: any other one may be a value
// that lost its quotes.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_./-]{1,80}$`)

func shownPath(keys []string) string {
	shown := make([]string, len(keys))
	for i, key := range keys {
		if shown[i] = key; !plainKey.MatchString(key) {
			shown[i] = "?"
		}
	}
	return strings.Join(shown, ".")
}

// twice returns the first key that a mapping has twice, and the one before it.
func twice(n *yaml.Node) (at, first *yaml.Node) {
	const few = 32 // up to here comparing all pairs is faster than a map
	var seen map[string]*yaml.Node
	if len(n.Content) > few {
		seen = make(map[string]*yaml.Node, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			continue
		}
		if seen == nil {
			first = earlier(n.Content[:i], key.Value)
		} else {
			first = seen[key.Value]
			seen[key.Value] = key
		}
		if first != nil {
			return key, first
		}
	}
	return nil, nil
}

// earlier returns the key among the pairs with that text: 1 and "1" are one in JSON.
func earlier(pairs []*yaml.Node, text string) *yaml.Node {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i].Kind == yaml.ScalarNode && pairs[i].Value == text {
			return pairs[i]
		}
	}
	return nil
}
