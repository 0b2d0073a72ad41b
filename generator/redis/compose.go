package redis

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Secret is one of the two Secrets with its fields, in the order of the pin.
type Secret struct {
	Name   string
	Fields []Field
}

// Field is the value of one key. A key that a connection has no use for has no
// Parts: the pods refer to every key, so each is there, empty.
type Field struct {
	Key string
	// Database is the logical database that the value is about.
	Database string
	Parts    []Part
}

// Part is a literal text, or a password as a URL carries it: ":password@".
type Part struct {
	Text     string
	Password secret.Value
	// Encode says that the password stands percent-encoded.
	Encode bool
}

// Compose returns the values of all keys of the release. It panics where the
// release has keys for a database that dbs lacks: a blank MESSAGE_BUS_URL would
// inherit from the system database instead.
func Compose(dbs Databases, rel releases.Release) []Secret {
	return fields(rel, func(k releases.Key) []Part {
		c, ok := dbs[k.Database]
		if !ok {
			panic(fmt.Sprintf("release %s reads %s, which has no connection", rel, k.Database))
		}
		return c.field(k.Field)
	})
}

// Internal returns the values for the Redis pods that the template itself brings,
// with the namespaces of the system database and of the message bus.
func Internal(rel releases.Release, systemNamespace, busNamespace string) []Secret {
	return fields(rel, func(k releases.Key) []Part {
		switch {
		case k.Field != "namespace":
			return literal(k.Internal)
		case k.Database == MessageBus:
			return literal(busNamespace)
		default:
			return literal(systemNamespace)
		}
	})
}

// fields fills every key of the release.
func fields(rel releases.Release, parts func(releases.Key) []Part) []Secret {
	secrets := make([]Secret, 0, len(rel.Secrets))
	for _, s := range rel.Secrets {
		out := Secret{Name: s.Name}
		for _, k := range s.Keys {
			out.Fields = append(out.Fields, Field{Key: k.Name, Database: k.Database, Parts: parts(k)})
		}
		secrets = append(secrets, out)
	}
	return secrets
}

// field returns what a key says of the connection.
func (c Connection) field(name string) []Part {
	switch name {
	case "url":
		return c.url()
	case "sentinelHosts":
		return c.sentinelHosts()
	case "sentinelRole":
		return literal(c.role())
	case "namespace":
		return literal(c.Namespace)
	default:
		panic(fmt.Sprintf("a pin names the field %q", name))
	}
}

func (c Connection) url() []Part {
	start := "redis://"
	if c.TLS {
		start = "rediss://"
	}
	where := c.MasterGroup
	if where == "" {
		where = Address{c.Host, portOr(c.Port, DefaultPort)}.String()
	}
	end := where + "/" + strconv.Itoa(c.DB)
	user := percentEncode(c.Username)
	switch {
	case c.Password.IsSet():
		// Whatever replaces a placeholder cannot encode.
		encode := c.Password.Kind() != secret.Placeholder
		return []Part{{Text: start + user}, {Password: c.Password, Encode: encode}, {Text: end}}
	case c.Username != "":
		return literal(start + user + ":@" + end)
	default:
		return literal(start + end)
	}
}

// sentinelHosts lists the Sentinels without blanks, which stop porta, and with
// their ports, whose default differs between programs.
func (c Connection) sentinelHosts() []Part {
	if c.MasterGroup == "" {
		return nil
	}
	var parts []Part
	text := ""
	for i, h := range c.Sentinels.Hosts {
		if i > 0 {
			text += ","
		}
		text += "redis://"
		if c.Sentinels.Password.IsSet() {
			parts = append(parts, Part{Text: text}, Part{Password: c.Sentinels.Password})
			text = ""
		}
		text += Address{h.Host, portOr(h.Port, DefaultSentinelPort)}.String()
	}
	return append(parts, literal(text)...)
}

func (c Connection) role() string {
	switch {
	case c.MasterGroup == "":
		return ""
	case c.Sentinels.Role == "":
		return "master"
	default:
		return c.Sentinels.Role
	}
}

func literal(text string) []Part {
	if text == "" {
		return nil
	}
	return []Part{{Text: text}}
}

func portOr(port, standard int) int {
	if port == 0 {
		return standard
	}
	return port
}

// Reveal returns the value for the Secret. It reports false where the text of one
// of its passwords is not known.
func (f Field) Reveal() (string, bool) {
	for _, p := range f.Parts {
		if !p.Password.Known() {
			return "", false
		}
	}
	return f.text(func(p Part) string {
		if p.Encode {
			return percentEncode(p.Password.Reveal())
		}
		return p.Password.Reveal()
	}), true
}

// Mask returns the value for people: redis://:***@mymaster/5.
func (f Field) Mask() string { return f.text(func(Part) string { return secret.Mask }) }

// text joins the parts; password returns the text of a password.
func (f Field) text(password func(Part) string) string {
	var b strings.Builder
	for _, p := range f.Parts {
		if p.Password.IsSet() {
			b.WriteString(":" + password(p) + "@")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// Passwords are the passwords in the value, in their order.
func (f Field) Passwords() []secret.Value {
	var values []secret.Value
	for _, p := range f.Parts {
		if p.Password.IsSet() {
			values = append(values, p.Password)
		}
	}
	return values
}

// percentEncode leaves only unreserved characters (RFC 3986, section 2.3). A blank
// becomes %20: both programs take a plus sign for a blank, other programs do not.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
