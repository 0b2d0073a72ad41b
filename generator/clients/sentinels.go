package clients

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Sentinel is one Sentinel as a program asks it.
type Sentinel struct {
	redis.Address
	Username string
	// Password is what the program sends to this Sentinel.
	Password secret.Value
}

// readSentinels returns the Sentinels that a program takes from the value. None
// without a fault means that it connects without Sentinels.
func (p program) readSentinels(value string) ([]Sentinel, []Fault) {
	switch p.does.Parser {
	case releases.GoRedis:
		return p.goSentinels(value)
	case releases.RedisCLI:
		return p.shellSentinels(value)
	default:
		return p.rubySentinels(value)
	}
}

func (p program) rubySentinels(value string) ([]Sentinel, []Fault) {
	entries, faults := p.sentinelEntries(value)
	var sentinels []Sentinel
	var users, passwords []*string
	for i, e := range entries {
		u, s, more := p.sentinel(e)
		for _, f := range more {
			f.Message += fmt.Sprintf(" (entry %d)", i+1)
			faults = append(faults, f)
		}
		if s != nil {
			sentinels = append(sentinels, *s)
			users, passwords = append(users, u.user), append(passwords, u.password)
		}
	}
	if p.does.Parser != releases.RedisRB {
		return sentinels, append(faults, p.oneLogin(sentinels, users, passwords)...)
	}
	if !samePassword(sentinels) {
		faults = append(faults, p.fault(SentinelPasswords, Ignores, "sends each Sentinel a password of its own, and they differ"))
	}
	return sentinels, faults
}

func samePassword(sentinels []Sentinel) bool {
	return !slices.ContainsFunc(sentinels, func(s Sentinel) bool { return s.Password != sentinels[0].Password })
}

// sentinelEntries splits the value. It returns nil where the program takes it for
// absent, and where porta's YAML breaks.
func (p program) sentinelEntries(value string) ([]string, []Fault) {
	if p.isApisonator() {
		return p.apisonatorEntries(value)
	}
	text, faults, _ := p.quotedYAML(value)
	if strings.TrimSpace(text) == "" {
		return nil, faults
	}
	// Ruby's String#split drops empty entries at the end only.
	text = strings.TrimRight(text, ",")
	if text == "" {
		return nil, append(faults, p.fault(SentinelsNone, Stops, "finds no Sentinel in the value"))
	}
	return strings.Split(text, ","), faults
}

// rubySpace is what Ruby's String#strip removes.
const rubySpace = "\x00\t\n\v\f\r "

// apisonatorEntries does what apisonator does up to 2.14, and what it does since
// it has redis-client: there a list without an entry counts as none.
func (p program) apisonatorEntries(value string) ([]string, []Fault) {
	old := p.does.Parser == releases.RedisRB
	if value == "" || !old && strings.Trim(value, rubySpace) == "" {
		return nil, nil
	}
	entries := splitEscaped(value)
	switch {
	case len(entries) > 0:
		return entries, nil
	case old:
		return nil, []Fault{p.fault(SentinelsNone, Stops, "finds no Sentinel in the value")}
	default:
		return nil, []Fault{p.fault(SentinelsNone, Misleads, "finds no Sentinel in the value, and takes the master group for a host")}
	}
}

// splitEscaped does what apisonator's Splitter does: a backslash keeps the next
// character, comma or not, and goes. Blank entries are dropped.
func splitEscaped(value string) []string {
	var entries []string
	var entry []byte
	escaping := false
	flush := func() {
		if stripped := strings.Trim(string(entry), rubySpace); stripped != "" {
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

// schemePorts are the ports that Ruby's URI gives to an address of that scheme
// which has none of its own.
var schemePorts = map[string]int{"ftp": 21, "http": 80, "https": 443, "ldap": 389, "ldaps": 636}

// sentinel reads one entry. The user name and the password are those of the entry.
func (p program) sentinel(entry string) (*uri, *Sentinel, []Fault) {
	u, faults := p.sentinelURI(entry)
	if u == nil {
		return nil, nil, faults
	}
	if value(u.host) == "" {
		faults = append(faults, p.fault(SentinelSyntax, Misleads, "finds no host in an entry"))
	}
	s := &Sentinel{Address: redis.Address{Host: value(u.host), Port: redis.DefaultSentinelPort}, Password: secret.FromText(value(u.password))}
	switch port := schemePorts[u.scheme]; {
	case u.port != "":
		var ok bool
		if s.Port, ok = readPort(u.port); !ok {
			faults = append(faults, p.fault(SentinelSyntax, Stops, "cannot connect to the port of an entry"))
		}
	case port != 0:
		s.Port = port
		faults = append(faults, p.fault(SentinelSyntax, Misleads, "takes port %d for an entry of that scheme", port))
	}
	return u, s, append(faults, p.sentinelOddities(u)...)
}

// portaScheme is the expression of porta's redis_config.rb: an entry that does
// not match gets redis:// in front.
var portaScheme = regexp.MustCompile(`(?m)^(?:rediss?|unix)://.+`)

func (p program) sentinelURI(entry string) (*uri, []Fault) {
	if p.isApisonator() {
		return p.apisonatorURI(entry)
	}
	var faults []Fault
	if !portaScheme.MatchString(entry) {
		if strings.Contains(entry, "://") {
			faults = append(faults, p.fault(SentinelSyntax, Misleads, "takes the scheme of an entry for its host"))
		}
		entry = "redis://" + entry
	}
	u, ok := p.parseURI(entry)
	if !ok {
		return nil, append(faults, p.fault(SentinelSyntax, Stops, "cannot parse an entry as a URL"))
	}
	return &u, faults
}

// sentinelOddities are the parts of an entry that the program does not use.
func (p program) sentinelOddities(u *uri) []Fault {
	var faults []Fault
	if u.scheme != "redis" && u.scheme != "rediss" {
		faults = append(faults, p.fault(SentinelScheme, Ignores, "ignores the scheme of an entry"))
	}
	switch {
	case value(u.user) == "":
	case !p.does.Usernames:
		faults = append(faults, p.fault(SentinelUserinfo, Ignores, "ignores the user name of a Sentinel: a password needs a colon in front"))
	case u.password == nil:
		faults = append(faults, p.fault(SentinelUserinfo, Ignores, "takes what stands before the @ for the user name of a Sentinel: a password needs a colon in front"))
	}
	if u.password != nil && *u.password == "" && p.name == Porta {
		faults = append(faults, p.fault(SentinelPasswordEmpty, Misleads, "sends an empty password to a Sentinel, which refuses it"))
	}
	if strings.Contains(value(u.password), "%") {
		faults = append(faults, p.fault(SentinelPasswordEncoded, Misleads, "sends the password of a Sentinel as it stands, percent signs included"))
	}
	if value(u.path) != "" || u.query != "" {
		faults = append(faults, p.fault(SentinelPath, Ignores, "ignores what follows the address of a Sentinel"))
	}
	return faults
}

// oneLogin does what redis-client and async-redis do: the first user name and the
// first password of the list are for all Sentinels.
func (p program) oneLogin(sentinels []Sentinel, users, passwords []*string) []Fault {
	user, _ := first(users)
	password, same := first(passwords)
	for i := range sentinels {
		sentinels[i].Username, sentinels[i].Password = user, secret.FromText(password)
	}
	if same {
		return nil
	}
	return []Fault{p.fault(SentinelPasswords, Ignores, "sends the first password to all Sentinels, and they differ")}
}

// first returns the first text, and reports whether all are the same.
func first(texts []*string) (text string, same bool) {
	var found *string
	same = true
	for _, t := range texts {
		switch {
		case t == nil:
		case found == nil:
			found = t
		default:
			same = same && *t == *found
		}
	}
	return value(found), same
}
