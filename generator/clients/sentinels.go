package clients

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Sentinel is what a program takes from one entry of SENTINEL_HOSTS.
type Sentinel struct {
	redis.Address
	// Password is this Sentinel's own. It stands raw, and is never decoded.
	Password secret.Value
}

// ReadSentinels gives the Sentinels that a program takes from the value. None
// without a fault means that it connects without Sentinels.
func ReadSentinels(client Client, value string) ([]Sentinel, []Fault) {
	entries, faults := client.sentinelEntries(value)
	var sentinels []Sentinel
	for i, e := range entries {
		s, more := client.sentinel(e)
		for _, f := range more {
			f.Message += fmt.Sprintf(" (entry %d)", i+1)
			faults = append(faults, f)
		}
		if s != nil {
			sentinels = append(sentinels, *s)
		}
	}
	if entries != nil && len(entries) == 0 {
		faults = append(faults, client.fault(SentinelsNone, Stops, "finds no Sentinel in the value"))
	}
	return sentinels, faults
}

// sentinelEntries splits the value. It gives nil where the program takes it for
// absent, and where porta's YAML breaks.
func (c Client) sentinelEntries(value string) ([]string, []Fault) {
	if c == Apisonator {
		if value == "" {
			return nil, nil
		}
		return splitEscaped(value), nil
	}
	text, faults, _ := c.quotedYAML(value)
	if strings.TrimSpace(text) == "" {
		return nil, faults
	}
	// Ruby's String#split drops empty entries at the end only.
	text = strings.TrimRight(text, ",")
	if text == "" {
		return []string{}, faults
	}
	return strings.Split(text, ","), faults
}

// splitEscaped does what apisonator's Splitter does: a backslash keeps the next
// character, comma or not, and goes. Blank entries are dropped.
func splitEscaped(value string) []string {
	entries, escaping := []string{}, false
	var entry []byte
	flush := func() {
		if stripped := strings.Trim(string(entry), "\x00\t\n\v\f\r "); stripped != "" {
			entries = append(entries, stripped)
		}
		entry = nil
	}
	for i := range len(value) {
		switch c := value[i]; {
		case escaping:
			entry, escaping = append(entry, c), false
		case c == ',':
			flush()
		case c == '\\':
			escaping = true
		default:
			entry = append(entry, c)
		}
	}
	flush()
	return entries
}

// portaScheme is the expression of porta's redis_config.rb: an entry that does
// not match gets redis:// in front.
var portaScheme = regexp.MustCompile(`(?m)^(?:rediss?|unix)://.+`)

func (c Client) sentinel(entry string) (*Sentinel, []Fault) {
	u, faults := c.sentinelURI(entry)
	switch {
	case u == nil:
		return nil, faults
	case value(u.host) == "":
		faults = append(faults, c.fault(SentinelSyntax, Misleads, "finds no host in an entry"))
	case u.scheme != "redis" && u.scheme != "rediss":
		return nil, append(faults, c.fault(SentinelSyntax, Stops, "does not know the scheme of an entry"))
	}
	s := &Sentinel{Address: redis.Address{Host: value(u.host), Port: redis.DefaultSentinelPort}, Password: secret.FromText(value(u.password))}
	if u.port != "" {
		port, ok := readPort(u.port)
		if !ok {
			faults = append(faults, c.fault(SentinelSyntax, Stops, "cannot connect to the port of an entry"))
		}
		s.Port = port
	}
	return s, append(faults, c.sentinelOddities(u)...)
}

func (c Client) sentinelURI(entry string) (*uri, []Fault) {
	if c == Apisonator {
		return apisonatorURI(entry)
	}
	if !portaScheme.MatchString(entry) {
		entry = "redis://" + entry
	}
	u, ok := parseURI(entry)
	if !ok {
		return nil, []Fault{c.fault(SentinelSyntax, Stops, "cannot parse an entry as a URL")}
	}
	return &u, nil
}

// sentinelOddities are the parts of an entry that the program does not use.
func (c Client) sentinelOddities(u *uri) []Fault {
	var faults []Fault
	if value(u.user) != "" {
		faults = append(faults, c.fault(SentinelUserinfo, Ignores, "ignores the user name of a Sentinel: a password needs a colon in front"))
	}
	if u.password != nil && *u.password == "" && c == Porta {
		faults = append(faults, c.fault(SentinelPasswordEmpty, Misleads, "sends an empty password to a Sentinel, which refuses it"))
	}
	if strings.Contains(value(u.password), "%") {
		faults = append(faults, c.fault(SentinelPasswordEncoded, Misleads, "sends the password of a Sentinel as it stands, percent signs included"))
	}
	if value(u.path) != "" || u.query != "" {
		faults = append(faults, c.fault(SentinelPath, Ignores, "ignores what follows the address of a Sentinel"))
	}
	return faults
}

// ReadRole gives the role that a program asks the Sentinels for.
func ReadRole(client Client, value string) (string, []Fault) {
	role, faults := client.rawRole(value)
	switch {
	case len(faults) > 0:
		return "", faults
	case role == "":
		return "master", nil
	case role != "master" && role != "slave":
		// redis-rb raises ArgumentError, Unknown instance role, for replica too.
		return "", []Fault{client.fault(Role, Stops, "knows the roles master and slave only")}
	}
	return role, nil
}

// rawRole gives the text of the role, which no program looks at without
// Sentinels; but porta parses it always.
func (c Client) rawRole(value string) (string, []Fault) {
	if c == Apisonator {
		return value, nil
	}
	role, ok := bareYAML(value)
	if !ok {
		return "", []Fault{c.fault(YAMLBreaks, Stops, "cannot read its configuration: the role stands bare in a YAML file, and breaks it")}
	}
	return role, nil
}

// ReadNamespace gives the namespace that a program uses; apisonator has none.
func ReadNamespace(client Client, value string) (string, []Fault) {
	if client == Apisonator {
		return "", nil
	}
	namespace, faults, _ := client.quotedYAML(value)
	if strings.TrimSpace(namespace) == "" {
		return "", faults
	}
	if namespace != value && len(faults) == 0 {
		faults = append(faults, client.fault(YAMLBreaks, Misleads, "drops white space around a line break: the value stands in double quotes in a YAML file"))
	}
	return namespace, faults
}
