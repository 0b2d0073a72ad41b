package clients

import (
	"cmp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Values are the values of the Secrets, by the names of Secret and key.
type Values map[string]map[string]string

// Reading is what one program makes of the keys of one database.
type Reading struct {
	Database string
	Client   Client
	// URL, SentinelHosts, Role and Namespace are the keys as they stand.
	URL, SentinelHosts, Role, Namespace Raw
	// To is what the program takes from the URL that it ends up with, nil where
	// it stops; with Sentinels the host is the master group.
	To *URL
	// Sentinels and MasterRole are what the program asks for the master.
	Sentinels  []Sentinel
	MasterRole string
	// Prefix is the namespace that the program uses.
	Prefix string
	// Problems are those of the four keys.
	Problems []Problem
}

// Raw is a key with its value as it stands.
type Raw struct {
	Secret, Key, Value string
	// Missing says that the Secret lacks a key of the release. The release has
	// no such key where Key is empty.
	Missing bool
}

// Problem is a fault with its place.
type Problem struct {
	Fault
	Secret, Key string
	Database    string
	// Client is the program; it is empty where the fault concerns all of them.
	Client Client
}

// Works reports whether the program gets as far as connecting.
func (r Reading) Works() bool {
	return r.To != nil && !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Effect == Stops })
}

// SamePassword reports whether all Sentinels have one password, as a
// Connection says.
func (r Reading) SamePassword() bool {
	return !slices.ContainsFunc(r.Sentinels, func(s Sentinel) bool { return s.Password != r.Sentinels[0].Password })
}

// Connection gives what the program ends up with. Where the Sentinels have
// several passwords it has the first.
func (r Reading) Connection() redis.Connection {
	if r.To == nil {
		return redis.Connection{}
	}
	c := redis.Connection{
		Host: r.To.Host, Port: r.To.Port, DB: r.To.DB,
		Username: r.To.Username, Password: r.To.Password, TLS: r.To.TLS,
		Namespace: r.Prefix,
	}
	if len(r.Sentinels) == 0 {
		return c
	}
	// The port of the URL has no meaning beside Sentinels.
	c.MasterGroup, c.Host, c.Port = c.Host, "", 0
	c.Sentinels.Role = r.MasterRole
	c.Sentinels.Password = r.Sentinels[0].Password
	for _, s := range r.Sentinels {
		c.Sentinels.Hosts = append(c.Sentinels.Hosts, s.Address)
	}
	return c
}

// Readings gives what the programs of a release make of the values: for each
// database in the order of Names, for each program that connects to it, the
// owner of the data first.
func Readings(values Values, rel releases.Release) []Reading {
	var readings []Reading
	for _, name := range redis.Names {
		if !rel.HasDatabase(name) {
			continue
		}
		for _, client := range readers[name] {
			readings = append(readings, read(values, rel, name, client))
		}
	}
	return readings
}

func read(values Values, rel releases.Release, database string, client Client) Reading {
	r := raw(values, rel, database, client)
	switch {
	case client == Porta && database == redis.BackendStorage && strings.TrimSpace(r.URL.Value) == "" && !r.URL.Missing:
		r.systemInstead(read(values, rel, redis.System, Porta))
	case database == redis.MessageBus && r.inherits():
		r.inherit(read(values, rel, redis.System, Porta))
	default:
		r.readURL(rel)
		r.readOthers()
	}
	if !behaviour(rel, client).Namespace {
		r.Prefix = ""
	}
	return r
}

// behaviour is what the pin says of the program.
func behaviour(rel releases.Release, client Client) releases.Client {
	if client == Apisonator {
		return rel.Clients.Apisonator
	}
	return rel.Clients.Porta
}

// raw gives the reading with its keys alone. A missing key is read as empty.
func raw(values Values, rel releases.Release, database string, client Client) Reading {
	r := Reading{Database: database, Client: client}
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if k.Database != database {
				continue
			}
			v, ok := values[s.Name][k.Name]
			key := Raw{Secret: s.Name, Key: k.Name, Value: v, Missing: !ok}
			switch k.Field {
			case "url":
				r.URL = key
			case "sentinelHosts":
				r.SentinelHosts = key
			case "sentinelRole":
				r.Role = key
			case "namespace":
				r.Namespace = key
			}
		}
	}
	return r
}

// readURL reads the URL as a program of the release does.
func (r *Reading) readURL(rel releases.Release) {
	to, faults := ReadURL(r.Client, r.URL.Value)
	r.To = to
	r.add(r.URL, faults)
	if to == nil {
		return
	}
	does := behaviour(rel, r.Client)
	if to.TLS && !does.TLS {
		r.add(r.URL, []Fault{r.Client.fault(URLTLS, Stops, "cannot connect with TLS (%s)", does.Library)})
	}
	if does.Usernames {
		return
	}
	if to.Username != "" && to.Username != "default" {
		r.add(r.URL, []Fault{r.Client.fault(URLUsername, Ignores, "sends no user name (%s)", does.Library)})
	}
	to.Username = ""
}

// readOthers reads the keys beside the URL.
func (r *Reading) readOthers() {
	r.readSentinels()
	r.readRole(r.Role)
	r.readNamespace()
}

func (r *Reading) readSentinels() {
	sentinels, faults := ReadSentinels(r.Client, r.SentinelHosts.Value)
	r.Sentinels = sentinels
	r.add(r.SentinelHosts, faults)
}

func (r *Reading) readNamespace() {
	namespace, faults := ReadNamespace(r.Client, r.Namespace.Value)
	r.Prefix = namespace
	r.add(r.Namespace, faults)
}

// readRole reads the role, which the program looks at beside Sentinels only.
func (r *Reading) readRole(key Raw) {
	if len(r.Sentinels) == 0 {
		_, faults := r.Client.rawRole(key.Value)
		r.add(key, faults)
		return
	}
	role, faults := ReadRole(r.Client, key.Value)
	r.MasterRole = role
	r.add(key, faults)
}

func (r *Reading) add(key Raw, faults []Fault) {
	for _, f := range faults {
		if !key.Missing {
			r.Problems = append(r.Problems, Problem{Fault: f, Secret: key.Secret, Key: key.Key, Database: r.Database, Client: r.Client})
		}
	}
}

// systemInstead is the trap of a blank REDIS_STORAGE_URL: porta drops it from
// its configuration, and redis-rb falls back to REDIS_URL, the system database.
func (r *Reading) systemInstead(system Reading) {
	r.To = system.To
	r.add(r.URL, []Fault{r.Client.fault(StorageURLBlank, Misleads, "silently uses the system Redis instead, with its database and password")})
	r.readOthers()
}

// compareProblems orders by Secret and key.
func compareProblems(a, b Problem) int {
	return cmp.Or(strings.Compare(a.Secret, b.Secret), strings.Compare(a.Key, b.Key))
}
