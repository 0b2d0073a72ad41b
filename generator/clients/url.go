package clients

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// URL is what a program takes from the value of a URL key.
type URL struct {
	TLS bool
	// Username is the user name as the program sends it.
	Username string
	Password secret.Value
	// Host is a host, or the name of the master group. An IPv6 address has its
	// brackets where the program keeps them.
	Host string
	Port int
	DB   int
}

// readURL returns what the program takes from a URL, or nil where it stops. With
// Sentinels the host is the name of a master group, and no program looks at the port.
func (p program) readURL(value string, group bool) (*URL, []Fault) {
	switch p.does.Parser {
	case releases.GoRedis:
		return p.goURL(value)
	case releases.RedisCLI:
		return p.shellURL(value, group)
	default:
		return p.rubyURL(value, group)
	}
}

// rubyURL does what the Ruby libraries do.
func (p program) rubyURL(value string, group bool) (*URL, []Fault) {
	u, faults := p.parseURL(value)
	if u == nil {
		return nil, faults
	}
	if u.scheme != "redis" && u.scheme != "rediss" {
		return nil, append(faults, p.fault(URLScheme, Stops, "requires redis:// at the start of the URL"))
	}
	if u.host == nil || *u.host == "" {
		return nil, append(faults, p.fault(URLHost, Stops, "finds no host in the URL"))
	}
	url := &URL{TLS: u.scheme == "rediss", Host: *u.host}
	if p.does.Parser == releases.RedisClient {
		url.Host = strings.TrimSuffix(strings.TrimPrefix(url.Host, "["), "]")
	}
	more := url.userinfo(p, u)
	more = append(more, url.port(p, u, group)...)
	more = append(more, url.database(p, u)...)
	if p.isApisonator() && len(faults) > 0 {
		// It went astray in apisonatorURI; what follows is not an address.
		if p.does.Parser == releases.RedisClient {
			return nil, append(faults, p.fault(URLDatabase, Stops, "finds no database in what is left of the URL"))
		}
		return url, faults
	}
	return url, append(faults, more...)
}

// parseURL does what the program does before its library looks into the URL.
func (p program) parseURL(text string) (*uri, []Fault) {
	var faults []Fault
	if p.name == Porta {
		var ok bool
		if text, faults, ok = p.quotedYAML(text); !ok {
			return nil, faults
		}
	}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, []Fault{p.fault(URLBlank, Stops, "requires a URL")}
	case p.isApisonator():
		return p.apisonatorURI(text)
	}
	u, ok := p.parseURI(text)
	if !ok {
		return nil, []Fault{p.fault(URLSyntax, Stops, "cannot parse this as a URL")}
	}
	return &u, faults
}

// parseURI does what URI.parse does in the Ruby of the program.
func (p program) parseURI(text string) (uri, bool) {
	u, ok := parseURI(text)
	return u, ok && !(p.does.StrictQuery && badEscape.MatchString(u.query))
}

var (
	badEscape   = regexp.MustCompile(`%[^0-9A-Fa-f]{2}`)
	redisScheme = regexp.MustCompile(`^(?i:rediss?)://`)
)

// apisonatorURI does what to_redis_uri does (apisonator, storage_helpers.rb): what
// is not a URL, has no scheme, or is opaque, is tried again with redis:// in front. A
// URL with an unencoded @ in its password so leads to a host named "redis".
func (p program) apisonatorURI(text string) (*uri, []Fault) {
	if u, ok := p.parseURI(text); ok && u.scheme != "" && u.path != nil {
		return &u, nil
	}
	u, ok := p.parseURI("redis://" + text)
	if !ok {
		return nil, []Fault{p.fault(URLSyntax, Stops, "cannot parse this as a URL")}
	}
	if redisScheme.MatchString(text) {
		return &u, []Fault{p.fault(URLReserved, Misleads, "cannot parse this as a URL, puts redis:// in front of it, and connects to a host named %q without a password", *u.host)}
	}
	return &u, nil
}

// userinfo takes the credentials. No Ruby library decodes a user name; those that
// decode a password do it as a form is decoded.
func (to *URL) userinfo(p program, from *uri) []Fault {
	if from.user == nil {
		return nil
	}
	to.Username = *from.user
	password := from.password
	var faults []Fault
	switch {
	case password != nil && *password == "":
		return []Fault{p.fault(URLPasswordEmpty, Misleads, "sends an empty password, which servers refuse")}
	case password == nil && p.does.Parser == releases.RedisRB:
		return []Fault{p.fault(URLUserinfo, Ignores, "takes what stands before the @ for a user name: a password needs a colon in front")}
	case password == nil:
		to.Username, password = "", from.user
		faults = append(faults, p.fault(URLUserinfo, Ignores, "takes what stands before the @ for the password, though other programs do not: it needs a colon in front"))
	case p.does.Usernames && strings.Contains(to.Username, "%"):
		faults = append(faults, p.fault(URLUsernameEncoded, Misleads, "sends the user name as it stands, percent signs included"))
	}
	return append(faults, to.password(p, *password)...)
}

func (to *URL) password(p program, raw string) []Fault {
	if p.does.Parser == releases.AsyncRedis {
		to.Password = secret.FromText(raw)
		if strings.Contains(raw, "%") {
			return []Fault{p.fault(URLPasswordEncoded, Misleads, "sends the password as it stands, percent signs included")}
		}
		return nil
	}
	to.Password = secret.FromText(unescape(raw))
	if strings.Contains(raw, "+") {
		return []Fault{p.fault(URLPasswordPlus, Misleads, "turns the + in the password into a blank: it must stand as %%2B")}
	}
	return nil
}

func (to *URL) port(p program, from *uri, group bool) []Fault {
	to.Port = redis.DefaultPort
	if from.port == "" {
		return nil
	}
	port, ok := readPort(from.port)
	to.Port = port
	if !ok && !group {
		return []Fault{p.fault(URLPort, Stops, "cannot connect to that port")}
	}
	return nil
}

func readPort(digits string) (int, bool) {
	port, err := strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return 0, false
	}
	return port, true
}
