// Package redis describes how 3scale reaches its Redis databases, and composes the
// values of the backend-redis and system-redis Secrets from that. Package clients
// reads such values back as the programs of a release do: what one composes, the
// other reads back the same.
package redis

import (
	"net"
	"slices"
	"strconv"

	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The logical databases of 3scale, by their names in the spec and in the pins.
const (
	BackendStorage = "backendStorage"
	BackendQueues  = "backendQueues"
	System         = "system"
	MessageBus     = "messageBus"
)

// Names are the logical databases in the order of the spec.
var Names = []string{BackendStorage, BackendQueues, System, MessageBus}

// Used are the databases that a program of the release connects to. The Secrets of some
// releases have keys for a message bus that porta does not have any more.
func Used(rel releases.Release) []string {
	return slices.DeleteFunc(slices.Clone(Names), func(name string) bool {
		return !rel.HasDatabase(name) || name == MessageBus && !rel.ReadsMessageBus()
	})
}

// Default ports: of a Redis server and of a Sentinel.
const (
	DefaultPort         = 6379
	DefaultSentinelPort = 26379
)

// Databases are the connections by the name of their database. A release
// without a message bus has none there.
type Databases map[string]Connection

// Connection is how one logical database is reached.
type Connection struct {
	// Host and Port are of the server; with a MasterGroup both are empty.
	Host string
	Port int
	// DB is the index for SELECT.
	DB int
	// MasterGroup is the name by which the Sentinels know the master.
	MasterGroup string
	Username    string
	Password    secret.Value
	TLS         TLS
	Sentinels   Sentinels
	// Namespace is the prefix that porta puts before its keys.
	Namespace string
}

// TLS are the PEM texts of a connection with TLS.
type TLS struct {
	On                   bool
	CA, Certificate, Key secret.Value
}

// Sentinels are the Sentinels of a connection. User name and password are for all.
type Sentinels struct {
	Hosts    []Address
	Username string
	Password secret.Value
	// Role is the kind of node that the client asks for: master, slave, or empty.
	Role string
}

// Address is a host and its port.
type Address struct {
	Host string
	Port int
}

// String returns host:port.
func (a Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// Endpoint names the server, or the master group and its Sentinels, that the
// connection leads to: what two connections to the same Redis share.
func (c Connection) Endpoint() string {
	if c.MasterGroup == "" {
		return Address{c.Host, c.Port}.String()
	}
	endpoint := c.MasterGroup
	for _, h := range c.Sentinels.Hosts {
		endpoint += " " + h.String()
	}
	return endpoint
}
