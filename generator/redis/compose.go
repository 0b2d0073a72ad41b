package redis

import (
	"fmt"
	"strconv"

	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Secret is one of the two Secrets with its fields, in the order of the pin.
type Secret struct {
	Name   string
	Fields []Field
}

// Compose returns the values of the keys of the release. A key that a connection has
// no use for is empty, since pods refer to it, or left out where it is optional. It
// panics where the release has keys for a database that dbs lacks: a blank
// MESSAGE_BUS_URL would inherit from the system database instead.
func Compose(dbs Databases, rel releases.Release, credentials Credentials) []Secret {
	return fields(rel, func(k releases.Key) []Part {
		c, ok := dbs[k.Database]
		if !ok {
			panic(fmt.Sprintf("release %s reads %s, which has no connection", rel, k.Database))
		}
		return composer{c, credentials.In(rel, k.Database), sparse(rel)}.field(k.Field)
	})
}

// Internal returns the values for the Redis pods that the template or the operator
// itself brings, with the namespaces of the system database and of the message bus.
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
			if p := parts(k); p != nil || !k.Optional {
				out.Fields = append(out.Fields, Field{Key: k.Name, Database: k.Database, Parts: p})
			}
		}
		secrets = append(secrets, out)
	}
	return secrets
}

// sparse reports whether as little as possible is percent-encoded, since a program of
// the release does not decode: apisonator in async mode, the operator's check of 2.15.
func sparse(rel releases.Release) bool {
	return rel.Clients.Async != nil || rel.Clients.Operator != nil && rel.Clients.Operator.Parser == releases.RedisCLI
}

// composer composes the values of one connection.
type composer struct {
	Connection
	credentials Credentials
	sparse      bool
}

// field returns what a key says of the connection.
func (c composer) field(name string) []Part {
	switch name {
	case "url":
		return c.url()
	case "sentinelHosts":
		return c.sentinelHosts()
	case "sentinelRole":
		return literal(c.role())
	case "namespace":
		return literal(c.Namespace)
	case "username", "password":
		return c.ownKey(name == "password", c.Username, c.Password, c.inKeys())
	case "sentinelUsername", "sentinelPassword":
		return c.ownKey(name == "sentinelPassword", c.Sentinels.Username, c.Sentinels.Password, c.MasterGroup != "" && c.Sentinels.InKeys(c.credentials))
	case "ca":
		return c.pem(c.TLS.CA)
	case "certificate":
		return c.pem(c.TLS.Certificate)
	case "key":
		return c.pem(c.TLS.Key)
	default:
		panic(fmt.Sprintf("a pin names the field %q", name))
	}
}

// ownKey is the value of a key for a user name or a password.
func (c composer) ownKey(forPassword bool, username string, password secret.Value, inKeys bool) []Part {
	switch {
	case !inKeys:
		return nil
	case !forPassword:
		return literal(username)
	case password.IsSet():
		return []Part{{Secret: password, Form: Whole}}
	default:
		return nil
	}
}

// pem is the value of a key for a PEM text. The key must exist where TLS is on, even
// if there is nothing to say.
func (c composer) pem(text secret.Value) []Part {
	switch {
	case !c.TLS.On:
		return nil
	case text.IsSet():
		return []Part{{Secret: text, Form: PEM}}
	default:
		return []Part{{}}
	}
}

func (c composer) url() []Part {
	start := "redis://"
	if c.TLS.On {
		start = "rediss://"
	}
	where := c.MasterGroup
	if where == "" {
		where = Address{c.Host, portOr(c.Port, DefaultPort)}.String()
	}
	end := where + "/" + strconv.Itoa(c.DB)
	user := percentEncode(c.Username)
	switch {
	case c.inKeys():
		return literal(start + end)
	case c.Password.IsSet():
		return []Part{{Text: start + user}, {Secret: c.Password, Form: c.form()}, {Text: end}}
	case c.Username != "":
		return literal(start + user + ":@" + end)
	default:
		return literal(start + end)
	}
}

// form is how the password stands in the URL. Whatever replaces a placeholder cannot
// encode.
func (c composer) form() Form {
	switch {
	case c.Password.Kind() == secret.Placeholder:
		return Raw
	case c.sparse:
		return Sparse
	default:
		return Encoded
	}
}

func (c composer) inKeys() bool { return c.Connection.InKeys(c.credentials) }

// sentinelHosts lists the Sentinels without blanks, which stop porta, and with
// their ports, whose default differs between programs.
func (c composer) sentinelHosts() []Part {
	if c.MasterGroup == "" {
		return nil
	}
	s := c.Sentinels
	var parts []Part
	text := ""
	for i, h := range s.Hosts {
		if i > 0 {
			text += ","
		}
		text += "redis://"
		if s.Password.IsSet() && !s.InKeys(c.credentials) {
			parts = append(parts, Part{Text: text + s.Username}, Part{Secret: s.Password, Form: Raw})
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
