package clients

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// porta's config/redis.yml, backend_redis.yml and message_bus.yml are ERB: the
// value of an env var becomes part of the YAML text. URL, namespace and
// Sentinels stand in double quotes there, the role stands bare.

// quotedYAML returns the text that porta finds between the double quotes, and
// reports false where the value breaks the file. Which escapes of a backslash
// are known depends on the version of libyaml, so each one is a fault.
func (p program) quotedYAML(value string) (text string, faults []Fault, ok bool) {
	if !strings.ContainsFunc(value, inQuotes) {
		return value, nil, true
	}
	escape := strings.Contains(value, `\`)
	scalar, ok := embedded(`"`+value+`"`, redis.System)
	if !ok || !escape && strings.Contains(value, `"`) {
		return "", []Fault{p.fault(YAMLBreaks, Stops, "cannot read its configuration: the value stands in double quotes in a YAML file, and breaks it")}, false
	}
	if escape {
		faults = append(faults, p.fault(YAMLBreaks, Misleads, "takes a backslash for an escape: the value stands in double quotes in a YAML file"))
	}
	return scalar.Value, faults, true
}

// inQuotes reports whether YAML looks at r between double quotes; of most values
// it takes everything as it stands.
func inQuotes(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

// bareYAML returns the text that porta finds for a value without quotes. Rails
// drops what is blank, and false is blank there.
func (p program) bareYAML(value, database string) (string, []Fault) {
	scalar, ok := embedded(value, database)
	switch {
	case !ok || scalar.Style&yaml.TaggedStyle != 0:
		return "", []Fault{p.fault(YAMLBreaks, Stops, "cannot read its configuration: the role stands bare in a YAML file, and breaks it")}
	case scalar.Tag == "!!null", scalar.Style == 0 && psychFalse.MatchString(scalar.Value), strings.TrimSpace(scalar.Value) == "":
		return "", nil
	default:
		return scalar.Value, nil
	}
}

// psychFalse is what Psych, Ruby's YAML library, reads as false.
var psychFalse = regexp.MustCompile(`^(?i:no|false|off)$`)

// embedded parses a file with the text as the value of a key between two others,
// as in porta's files, and returns the scalar that comes out. message_bus.yml has
// its keys one level deeper, so that lines which belong to a value in the other
// files do not belong to it there.
func embedded(text, database string) (*yaml.Node, bool) {
	head, indent := "production:\n", "  "
	if database == redis.MessageBus {
		head, indent = "production:\n  redis:\n", "    "
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(head+indent+"a: x\n"+indent+"value: "+text+"\n"+indent+"z: x\n"), &doc); err != nil {
		return nil, false
	}
	n := doc.Content[0]
	for range strings.Count(head, "\n") {
		if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
			return nil, false
		}
		n = n.Content[1]
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 6 {
		return nil, false
	}
	if n.Content[2].Value != "value" || n.Content[4].Value != "z" || n.Content[3].Kind != yaml.ScalarNode {
		return nil, false
	}
	return n.Content[3], true
}
