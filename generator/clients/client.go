// Package clients reads the values of the backend-redis and system-redis Secrets as
// the programs of 3scale do: apisonator, the backend that authorizes API calls, and
// porta, the developer and admin portal. They differ in how they parse and decode a
// value, and so does one program from release to release.
package clients

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Client is a program that reads the Secrets. The functions that take one do
// what it does with a value in the releases up to 2.14; TLS, user names and
// namespaces depend on the release, and Readings applies them.
type Client string

// The programs.
const (
	Apisonator Client = "apisonator"
	Porta      Client = "porta"
)

// readers are the programs that connect to a database, in every release; the
// first is the one whose data it is.
var readers = map[string][]Client{
	redis.BackendStorage: {Apisonator, Porta},
	redis.BackendQueues:  {Apisonator},
	redis.System:         {Porta},
	redis.MessageBus:     {Porta},
}

// Effect is what a fault in a value does.
type Effect int

const (
	// Stops means that the program does not start, or cannot connect.
	Stops Effect = iota
	// Misleads means that the program connects elsewhere than the value means.
	Misleads
	// Ignores means that the program goes on, with less or more than a Connection can say.
	Ignores
)

// Severity is that of an issue about a fault.
func (e Effect) Severity() diag.Severity {
	if e == Ignores {
		return diag.Warning
	}
	return diag.Error
}

// Fault says what a program does with a value that it does not take as it
// stands. The message never quotes the value.
type Fault struct {
	Kind    Kind
	Effect  Effect
	Message string
}

func (c Client) fault(k Kind, e Effect, format string, args ...any) Fault {
	return Fault{Kind: k, Effect: e, Message: string(c) + " " + fmt.Sprintf(format, args...)}
}

// URL is what a program takes from the value of a URL key.
type URL struct {
	TLS bool
	// Username is the user name as it stands; no program decodes it.
	Username string
	Password secret.Value
	// Host is a host, or the name of the master group; IPv6 addresses keep
	// their brackets.
	Host string
	Port int
	DB   int
}

// ReadURL gives what the program takes from a URL, or nil where it stops.
func ReadURL(client Client, value string) (*URL, []Fault) {
	u, faults := client.parse(value)
	if u == nil {
		return nil, faults
	}
	if u.scheme != "redis" && u.scheme != "rediss" {
		return nil, append(faults, client.fault(URLScheme, Stops, "requires redis:// at the start of the URL"))
	}
	if u.host == nil || *u.host == "" {
		return nil, append(faults, client.fault(URLHost, Stops, "finds no host in the URL"))
	}
	url := &URL{TLS: u.scheme == "rediss", Host: *u.host}
	more := url.userinfo(client, u)
	more = append(more, url.address(client, u)...)
	if client == Apisonator && len(faults) > 0 {
		// It went astray in apisonatorURI; what follows is no address.
		return url, faults
	}
	return url, append(faults, more...)
}

// parse does what the program does before it looks into the URL.
func (c Client) parse(text string) (*uri, []Fault) {
	var faults []Fault
	if c == Porta {
		var ok bool
		if text, faults, ok = c.quotedYAML(text); !ok {
			return nil, faults
		}
	}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, []Fault{c.fault(URLBlank, Stops, "requires a URL")}
	case c == Apisonator:
		return apisonatorURI(text)
	}
	u, ok := parseURI(text)
	if !ok {
		return nil, []Fault{c.fault(URLSyntax, Stops, "cannot parse this as a URL")}
	}
	return &u, faults
}

var redisScheme = regexp.MustCompile(`^(?i:rediss?)://`)

// apisonatorURI does what to_redis_uri does (apisonator, storage.rb): what is no
// URL, has no scheme, or is opaque, is tried again with redis:// in front. A
// URL with an unencoded @ in its password so leads to a host named "redis".
func apisonatorURI(text string) (*uri, []Fault) {
	if u, ok := parseURI(text); ok && u.scheme != "" && u.path != nil {
		return &u, nil
	}
	u, ok := parseURI("redis://" + text)
	if !ok {
		return nil, []Fault{Apisonator.fault(URLSyntax, Stops, "cannot parse this as a URL")}
	}
	if redisScheme.MatchString(text) {
		return &u, []Fault{Apisonator.fault(URLReserved, Misleads, "cannot parse this as a URL, puts redis:// in front of it, and connects to a host named %q without a password", *u.host)}
	}
	return &u, nil
}

// userinfo takes the credentials. A password is decoded as a form is.
func (to *URL) userinfo(client Client, from *uri) []Fault {
	to.Username = value(from.user)
	switch {
	case from.user == nil:
		return nil
	case from.password == nil:
		return []Fault{client.fault(URLUserinfo, Ignores, "takes what stands before the @ for a user name: a password needs a colon in front")}
	case *from.password == "":
		return []Fault{client.fault(URLPasswordEmpty, Misleads, "sends an empty password, which servers refuse")}
	}
	to.Password = secret.FromText(unescape(*from.password))
	if strings.Contains(*from.password, "+") {
		return []Fault{client.fault(URLPasswordPlus, Misleads, "turns the + in the password into a blank: it must stand as %%2B")}
	}
	return nil
}

var databasePath = regexp.MustCompile(`^(?:/[0-9]*)?$`)

// address takes port and database.
func (to *URL) address(client Client, from *uri) []Fault {
	var faults []Fault
	to.Port = redis.DefaultPort
	if from.port != "" {
		port, ok := readPort(from.port)
		if !ok {
			faults = append(faults, client.fault(URLPort, Stops, "cannot connect to that port"))
		}
		to.Port = port
	}
	db, err := toInteger(strings.TrimPrefix(value(from.path), "/"))
	to.DB = db
	switch {
	case err != nil || db < 0:
		faults = append(faults, client.fault(URLDatabase, Stops, "cannot select the database of that index"))
	case !databasePath.MatchString(value(from.path)):
		faults = append(faults, client.fault(URLDatabase, Misleads, "takes the path of the URL for database %d", db))
	}
	if from.query != "" {
		faults = append(faults, client.fault(URLQuery, Ignores, "ignores what stands after the ? in the URL"))
	}
	return faults
}

func readPort(digits string) (int, bool) {
	port, err := strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return 0, false
	}
	return port, true
}
