// Package resolve fills the four databases from a spec: what a database does
// not say it takes from spec.redis, and the message bus from system. Each field
// keeps its place in the spec, so that a rule points there.
package resolve

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Database is one logical database with everything that it inherits. A field
// that nobody says has the place where the database itself would say it.
type Database struct {
	Name string
	spec.Database
	// Own is what the spec says of this database itself.
	Own spec.Database
	// Addresses are those of Sentinels.Hosts.
	Addresses []spec.Field[redis.Address]
}

// Databases fills the databases that the release has, in the order of redis.Names.
func Databases(s spec.Spec, rel releases.Release) ([]Database, diag.Issues) {
	databases := make([]Database, 0, len(redis.Names))
	var system spec.Connection
	_, issues := addresses(s.Redis.Sentinels.Hosts)
	for _, name := range redis.Names {
		own := declared(s.Databases, name)
		_, found := addresses(own.Sentinels.Hosts)
		issues = append(issues, found...)

		d := Database{Name: name, Database: own, Own: own}
		if name == redis.MessageBus && !own.Host.Said && !own.MasterGroup.Said {
			d.Connection = inherit(own.Connection, system)
		} else {
			d.Connection = inherit(own.Connection, s.Redis)
		}
		if name == redis.System {
			system = d.Connection
		}
		d.Host.Value = strings.TrimSuffix(strings.TrimPrefix(d.Host.Value, "["), "]") // of an IPv6 address
		d.Addresses, _ = addresses(d.Sentinels.Hosts)
		if rel.HasDatabase(name) {
			databases = append(databases, d)
		}
	}
	return databases, issues
}

func declared(s spec.Databases, name string) spec.Database {
	switch name {
	case redis.BackendStorage:
		return s.BackendStorage.Value
	case redis.BackendQueues:
		return s.BackendQueues.Value
	case redis.System:
		return s.System.Value
	default:
		return s.MessageBus.Value
	}
}

// inherit takes from another connection what a connection does not say. A host
// leads to a server and a master group to Sentinels: saying one drops an
// inherited other.
func inherit(own, from spec.Connection) spec.Connection {
	switch {
	case own.Host.Said:
		from.MasterGroup, from.Sentinels = spec.Field[string]{}, spec.Sentinels{}
	case own.MasterGroup.Said:
		from.Host, from.Port = spec.Field[string]{}, spec.Field[int]{}
	}
	return spec.Connection{
		Host:        own.Host.Or(from.Host),
		Port:        own.Port.Or(from.Port),
		DB:          own.DB.Or(from.DB),
		MasterGroup: own.MasterGroup.Or(from.MasterGroup),
		Username:    own.Username.Or(from.Username),
		Password:    own.Password.Or(from.Password),
		TLS:         inheritTLS(own.TLS, from.TLS),
		Sentinels: spec.Sentinels{
			Hosts:    own.Sentinels.Hosts.Or(from.Sentinels.Hosts),
			Username: own.Sentinels.Username.Or(from.Sentinels.Username),
			Password: own.Sentinels.Password.Or(from.Sentinels.Password),
			Role:     own.Sentinels.Role.Or(from.Sentinels.Role),
		},
	}
}

func inheritTLS(own, from spec.Field[spec.TLS]) spec.Field[spec.TLS] {
	merged := own.Or(from)
	merged.Value = spec.TLS{
		CA:          own.Value.CA.Or(from.Value.CA),
		Certificate: own.Value.Certificate.Or(from.Value.Certificate),
		Key:         own.Value.Key.Or(from.Value.Key),
	}
	return merged
}

// addresses reads the Sentinels of a list.
func addresses(hosts spec.List[string]) ([]spec.Field[redis.Address], diag.Issues) {
	var found []spec.Field[redis.Address]
	var issues diag.Issues
	for _, host := range hosts.Value {
		address, err := parseAddress(host.Value)
		issues = append(issues, host.Issues(err)...)
		found = append(found, spec.Field[redis.Address]{Place: host.Place, Value: address, Said: true})
	}
	return found, issues
}

// parseAddress reads host or host:port.
func parseAddress(text string) (redis.Address, error) {
	if strings.Contains(text, "@") {
		return redis.Address{}, errors.New("must be host or host:port; the password stands in sentinels.password")
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
		return redis.Address{Host: host}, errors.New("must be host or host:port, with a port from 1 to 65535")
	}
	return redis.Address{Host: host, Port: n}, nil
}

// Plain is the connection without places. It has what nobody need say: the port
// of a server, and the role that the clients ask the Sentinels for.
func (d Database) Plain() redis.Connection {
	c := redis.Connection{
		Host:        d.Host.Value,
		Port:        d.Port.Value,
		DB:          d.DB.Value,
		MasterGroup: d.MasterGroup.Value,
		Username:    d.Username.Value,
		Password:    d.Password.Value,
		Sentinels: redis.Sentinels{
			Username: d.Sentinels.Username.Value,
			Password: d.Sentinels.Password.Value,
			Role:     d.Sentinels.Role.Value,
		},
		Namespace: d.Namespace.Value,
	}
	if tls := d.TLS; tls.Said {
		c.TLS = redis.TLS{On: true, CA: tls.Value.CA.Value, Certificate: tls.Value.Certificate.Value, Key: tls.Value.Key.Value}
	}
	for _, a := range d.Addresses {
		c.Sentinels.Hosts = append(c.Sentinels.Hosts, a.Value)
	}
	if c.Host != "" && c.Port == 0 {
		c.Port = redis.DefaultPort
	}
	if c.MasterGroup != "" && c.Sentinels.Role == "" {
		c.Sentinels.Role = "master"
	}
	return c
}

// ReadBack is a database that was read from the values of a cluster, which say
// every field. The places are those of the keys, by the fields of the pin; what has no
// key of its own stands in the URL or in the list of Sentinels.
func ReadBack(name string, c redis.Connection, keys map[string]spec.Place) Database {
	url, sentinels := keys["url"], keys["sentinelHosts"]
	at := func(field string, otherwise spec.Place) spec.Place {
		if place, ok := keys[field]; ok {
			return place
		}
		return otherwise
	}
	d := Database{Name: name, Database: spec.Database{
		Connection: spec.Connection{
			Host:        said(url, c.Host),
			Port:        said(url, c.Port),
			DB:          said(url, c.DB),
			MasterGroup: said(url, c.MasterGroup),
			Username:    said(at("username", url), c.Username),
			Password:    said(at("password", url), c.Password),
			TLS: spec.Field[spec.TLS]{Place: url, Said: c.TLS.On, Value: spec.TLS{
				CA:          said(at("ca", url), c.TLS.CA),
				Certificate: said(at("certificate", url), c.TLS.Certificate),
				Key:         said(at("key", url), c.TLS.Key),
			}},
			Sentinels: spec.Sentinels{
				Hosts:    said[[]spec.Field[string]](sentinels, nil),
				Username: said(at("sentinelUsername", sentinels), c.Sentinels.Username),
				Password: said(at("sentinelPassword", sentinels), c.Sentinels.Password),
				Role:     said(keys["sentinelRole"], c.Sentinels.Role),
			},
		},
		Namespace: said(keys["namespace"], c.Namespace),
	}}
	for i, a := range c.Sentinels.Hosts {
		item := sentinels
		item.Path = fmt.Sprintf("%s[%d]", sentinels.Path, i)
		d.Addresses = append(d.Addresses, said(item, a))
	}
	return d
}

func said[T any](at spec.Place, value T) spec.Field[T] {
	return spec.Field[T]{Place: at, Value: value, Said: true}
}

// Connections are the databases by name, as redis.Compose takes them.
func Connections(databases []Database) redis.Databases {
	connections := redis.Databases{}
	for _, d := range databases {
		connections[d.Name] = d.Plain()
	}
	return connections
}
