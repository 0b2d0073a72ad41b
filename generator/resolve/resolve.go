// Package resolve fills the four databases from a spec: what a database does
// not say it takes from spec.redis, and the message bus from system. Each field
// remembers where in the spec it was said, so that a rule points there.
package resolve

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Database is one logical database with everything filled in.
type Database struct {
	Name string
	redis.Connection
	// origin maps a field to the path in the spec that said it.
	origin map[string]string
}

// ReadBack is a database that was read from the values of a cluster. The paths
// are those of its fields, which it says all.
func ReadBack(name string, c redis.Connection, paths map[string]string) Database {
	return Database{Name: name, Connection: c, origin: paths}
}

// Path is where the spec says a field of the database, or would say it.
func (d Database) Path(field string) string {
	if path, ok := d.origin[field]; ok {
		return path
	}
	return d.own(field)
}

// Own reports whether the database itself says the field.
func (d Database) Own(field string) bool { return d.origin[field] == d.own(field) }

// Says reports whether the spec says the field, for this database or a shared one.
func (d Database) Says(field string) bool { return d.origin[field] != "" }

func (d Database) own(field string) string { return "spec.databases." + d.Name + "." + field }

// Databases fills the databases that the release has, in the order of
// redis.Names. Issues carry paths; the caller knows the positions.
func Databases(s spec.Spec, rel releases.Release) ([]Database, diag.Issues) {
	var issues diag.Issues
	shared := Database{origin: map[string]string{}}
	issues = append(issues, shared.overlay(s.Redis, "spec.redis.")...)

	var databases []Database
	for _, name := range redis.Names {
		said, base := declared(s.Databases, name), shared
		if name == redis.MessageBus && (said == nil || said.Host == nil && said.MasterGroup == nil) {
			base = find(databases, redis.System)
			base.Namespace = ""
		}
		d := Database{Name: name, Connection: base.Connection, origin: map[string]string{}}
		for field, path := range base.origin {
			d.origin[field] = path
		}
		delete(d.origin, "namespace")
		if said != nil {
			issues = append(issues, d.overlay(said.Connection, d.own(""))...)
			d.say("namespace", said.Namespace != "", func() { d.Namespace = said.Namespace })
		}
		if rel.HasDatabase(name) {
			databases = append(databases, d.withDefaults())
		}
	}
	return databases, issues
}

func declared(s spec.Databases, name string) *spec.Database {
	return map[string]*spec.Database{
		redis.BackendStorage: s.BackendStorage,
		redis.BackendQueues:  s.BackendQueues,
		redis.System:         s.System,
		redis.MessageBus:     s.MessageBus,
	}[name]
}

func find(databases []Database, name string) Database {
	for _, d := range databases {
		if d.Name == name {
			return d
		}
	}
	return Database{}
}

// say sets a field that the database itself says.
func (d *Database) say(field string, said bool, set func()) {
	if said {
		set()
		d.origin[field] = d.own(field)
	}
}

// overlay puts what a connection says over what the database has. A host leads
// to a server and a master group to Sentinels: saying one drops an inherited
// other.
func (d *Database) overlay(c spec.Connection, at string) diag.Issues {
	if c.Host != nil {
		d.MasterGroup, d.Sentinels = "", redis.Sentinels{}
		d.drop("masterGroup", "sentinels.hosts", "sentinels.password", "sentinels.role")
	} else if c.MasterGroup != nil {
		d.Host, d.Port = "", 0
		d.drop("host", "port")
	}
	take(d, at, "host", c.Host, &d.Host)
	take(d, at, "masterGroup", c.MasterGroup, &d.MasterGroup)
	take(d, at, "port", c.Port, &d.Port)
	take(d, at, "db", c.DB, &d.DB)
	take(d, at, "username", c.Username, &d.Username)
	take(d, at, "password", c.Password, &d.Password)
	take(d, at, "tls", c.TLS, &d.TLS)
	if c.Sentinels == nil {
		return nil
	}
	take(d, at, "sentinels.password", c.Sentinels.Password, &d.Sentinels.Password)
	take(d, at, "sentinels.role", c.Sentinels.Role, &d.Sentinels.Role)
	return d.overlayHosts(c.Sentinels.Hosts, at+"sentinels.hosts")
}

// take sets a field to what is said of it below a path; nil says nothing.
func take[T any](d *Database, at, field string, said, value *T) {
	if said != nil {
		*value = *said
		d.origin[field] = at + field
	}
}

// drop forgets where fields were said.
func (d *Database) drop(fields ...string) {
	for _, f := range fields {
		delete(d.origin, f)
	}
}

func (d *Database) overlayHosts(hosts []string, at string) (issues diag.Issues) {
	if hosts == nil {
		return nil
	}
	d.origin["sentinels.hosts"] = at
	d.Sentinels.Hosts = nil
	for i, text := range hosts {
		address, err := parseAddress(text)
		if err != nil {
			issues = append(issues, diag.Issue{Path: fmt.Sprintf("%s[%d]", at, i), Message: err.Error()})
		}
		d.Sentinels.Hosts = append(d.Sentinels.Hosts, address)
	}
	return issues
}

// parseAddress reads host or host:port.
func parseAddress(text string) (redis.Address, error) {
	if strings.Contains(text, "@") {
		return redis.Address{}, fmt.Errorf("must be host or host:port; the password stands in sentinels.password")
	}
	if strings.Count(text, ":") > 1 && !strings.HasPrefix(text, "[") || strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return redis.Address{Host: strings.Trim(text, "[]"), Port: redis.DefaultSentinelPort}, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return redis.Address{Host: text, Port: redis.DefaultSentinelPort}, nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return redis.Address{Host: host}, fmt.Errorf("must be host or host:port, with a port from 1 to 65535")
	}
	return redis.Address{Host: host, Port: n}, nil
}

// withDefaults fills what nobody said: the port of a server, and the role that
// the clients ask the Sentinels for.
func (d Database) withDefaults() Database {
	if d.Host != "" && d.Port == 0 {
		d.Port = redis.DefaultPort
	}
	if d.MasterGroup != "" && d.Sentinels.Role == "" {
		d.Sentinels.Role = "master"
	}
	return d
}

// Connections gives the databases by name, as redis.Compose takes them.
func Connections(databases []Database) redis.Databases {
	connections := redis.Databases{}
	for _, d := range databases {
		connections[d.Name] = d.Connection
	}
	return connections
}
