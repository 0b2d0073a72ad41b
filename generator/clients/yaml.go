package clients

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// porta's config/redis.yml, backend_redis.yml and message_bus.yml are ERB: the
// value of an env var becomes part of the YAML text. URL, namespace and
// Sentinels stand in double quotes there, the role stands bare.

// quotedYAML gives the text that porta finds between the double quotes, and
// reports false where the value breaks the file. Which escapes of a backslash
// are known depends on the version of libyaml, so each one is a fault.
func (c Client) quotedYAML(value string) (text string, faults []Fault, ok bool) {
	if !strings.ContainsFunc(value, inQuotes) {
		return value, nil, true
	}
	escape := strings.Contains(value, `\`)
	scalar, ok := embedded(`"` + value + `"`)
	if !ok || !escape && strings.Contains(value, `"`) {
		return "", []Fault{c.fault(YAMLBreaks, Stops, "cannot read its configuration: the value stands in double quotes in a YAML file, and breaks it")}, false
	}
	if escape {
		faults = append(faults, c.fault(YAMLBreaks, Misleads, "takes a backslash for an escape: the value stands in double quotes in a YAML file"))
	}
	return scalar.Value, faults, true
}

// inQuotes reports whether YAML looks at r between double quotes; of most values
// it takes everything as it stands.
func inQuotes(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

// bareYAML gives the text that porta finds for a value without quotes.
func bareYAML(value string) (string, bool) {
	scalar, ok := embedded(value)
	switch {
	case !ok || scalar.Style&yaml.TaggedStyle != 0:
		return "", false
	case scalar.Tag == "!!null":
		return "", true
	default:
		return scalar.Value, true
	}
}

// embedded parses a file with the text as the value of a key between two
// others, as in porta's files, and gives the scalar that comes out.
func embedded(text string) (*yaml.Node, bool) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("production:\n  a: x\n  value: "+text+"\n  z: x\n"), &doc); err != nil {
		return nil, false
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode || len(root.Content) != 2 || root.Content[1].Kind != yaml.MappingNode {
		return nil, false
	}
	keys := root.Content[1].Content
	if len(keys) != 6 || keys[2].Value != "value" || keys[4].Value != "z" || keys[3].Kind != yaml.ScalarNode {
		return nil, false
	}
	return keys[3], true
}
