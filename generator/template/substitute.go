package template

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

var (
	parameterInText = regexp.MustCompile(`\$\{([a-zA-Z0-9_]+)\}`)
	wholeParameter  = regexp.MustCompile(`^\$\{\{([a-zA-Z0-9_]+)\}\}$`)
)

// substitute fills parameters into a text. With ${{NAME}} as the whole text the
// value stands for itself and need not be a string. Like oc it replaces one
// match after the other in what it has so far, and leaves unknown names alone.
func substitute(text string, values map[string]string) (result string, isString bool) {
	if !strings.Contains(text, "${") {
		return text, true
	}
	if m := wholeParameter.FindStringSubmatch(text); m != nil {
		if value, known := values[m[1]]; known {
			return value, false
		}
	}
	result = text
	for _, m := range parameterInText.FindAllStringSubmatch(text, -1) {
		if value, known := values[m[1]]; known {
			result = strings.Replace(result, m[0], value, 1)
		}
	}
	return result, true
}

// substitution copies an object and fills the parameters in on the way.
type substitution struct {
	texts map[string]string
	// free are nodes made in advance: a template has 13,000.
	free []yaml.Node
	// twice is a key that has become the same as another of its mapping.
	twice *yaml.Node
	// bytes and values are what the parameters have brought in.
	bytes, values int
}

// The limits of what parameters bring in. A template names a parameter in so many
// places that a value of a megabyte would become gigabytes.
const (
	maxFilledBytes  = 16 << 20
	maxFilledValues = 100_000
)

var filledTooMuch = fmt.Sprintf("must bring at most %d MiB and %d values into the objects", maxFilledBytes>>20, maxFilledValues)

// over reports whether the parameters have brought in too much.
func (s *substitution) over() bool { return s.bytes > maxFilledBytes || s.values > maxFilledValues }

// fill fills the parameters into a text, unless they bring in too much.
func (s *substitution) fill(text string) (string, bool) {
	if strings.Contains(text, "${") {
		for _, m := range parameterInText.FindAllStringSubmatch(text, -1) {
			s.bytes += len(s.texts[m[1]])
		}
		if m := wholeParameter.FindStringSubmatch(text); m != nil {
			s.bytes += len(s.texts[m[1]])
			s.values += manifest.CountValues([]byte(s.texts[m[1]]))
		}
	}
	if s.over() {
		return text, true
	}
	return substitute(text, s.texts)
}

func (s *substitution) node(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		return s.scalar(n)
	}
	c := s.copy(n)
	c.Content = make([]*yaml.Node, 0, len(n.Content))
	if n.Kind != yaml.MappingNode {
		for _, item := range n.Content {
			c.Content = append(c.Content, s.node(item))
		}
		return c
	}
	renamed := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := s.key(n.Content[i]), s.node(n.Content[i+1])
		renamed = renamed || key.Value != n.Content[i].Value
		// oc drops a key whose value becomes null; storageClassName relies on it.
		if value.Tag == "!!null" && n.Content[i+1].Tag != "!!null" {
			continue
		}
		c.Content = append(c.Content, key, value)
	}
	if renamed {
		if twice := duplicate(c); twice != nil {
			s.twice = twice
		}
	}
	return c
}

// copy returns a shallow copy of a node.
func (s *substitution) copy(n *yaml.Node) *yaml.Node {
	if len(s.free) == 0 {
		s.free = make([]yaml.Node, 256)
	}
	c := &s.free[0]
	s.free = s.free[1:]
	*c = *n
	return c
}

func (s *substitution) key(n *yaml.Node) *yaml.Node {
	text, _ := s.fill(n.Value)
	return s.withText(n, text)
}

func (s *substitution) scalar(n *yaml.Node) *yaml.Node {
	if n.Tag != "!!str" {
		return s.copy(n)
	}
	text, isString := s.fill(n.Value)
	if !isString {
		if value := fromJSON(text); value != nil {
			value.Line, value.Column = n.Line, n.Column
			return value
		}
	}
	return s.withText(n, text)
}

// withText copies a string node with another text, quoted where it has to be.
func (s *substitution) withText(n *yaml.Node, text string) *yaml.Node {
	c := s.copy(n)
	if text != n.Value {
		c.Value, c.Style = text, manifest.Scalar(text).Style
	}
	return c
}

// fromJSON returns a JSON value as a node; nil where the text is not JSON, or has a
// number that a float64 cannot hold, which oc then takes for a string.
func fromJSON(text string) *yaml.Node {
	var asOC any
	if json.Unmarshal([]byte(text), &asOC) != nil {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return nil
	}
	// Encoded again, JSON has no escapes but those that YAML has as well.
	data, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var doc yaml.Node
	if yaml.NewDecoder(strings.NewReader(escaped(data))).Decode(&doc) != nil {
		return nil
	}
	unquote(doc.Content[0])
	return doc.Content[0]
}

// escaped writes the characters of a JSON text that YAML takes only as escapes, such
// as U+007F and U+FFFF, as escapes that both know.
func escaped(data []byte) string {
	var b strings.Builder
	for _, r := range string(data) {
		if r < 0x7f || r > 0xffff {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
