package clients

import (
	"cmp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Values are the values of the Secrets, by the names of Secret and key.
type Values map[string]map[string]string

// Reading is what one program makes of the keys of one database.
type Reading struct {
	Database string
	Client   Client
	// The keys as they stand.
	URL, SentinelHosts, Role, Namespace Raw
	Username, Password                  Raw
	SentinelUsername, SentinelPassword  Raw
	CA, Certificate, PrivateKey         Raw
	// To is what the program takes from the URL and the credentials that it ends up
	// with, nil where it stops; with Sentinels the host is the master group.
	To *URL
	// Sentinels and MasterRole are what the program asks for the master.
	Sentinels  []Sentinel
	MasterRole string
	// Prefix is the namespace that the program uses.
	Prefix string
	// System is the system database where the program takes from it what the keys do
	// not say.
	System *Reading
	// Problems are those of the keys.
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
func (r Reading) SamePassword() bool { return samePassword(r.Sentinels) }

// Connection returns what the program ends up with. Where the Sentinels have
// several passwords it has the first.
func (r Reading) Connection() redis.Connection {
	if r.To == nil {
		return redis.Connection{}
	}
	c := redis.Connection{
		Host: r.To.Host, Port: r.To.Port, DB: r.To.DB,
		Username: r.To.Username, Password: r.To.Password,
		Namespace: r.Prefix,
	}
	if r.To.TLS {
		c.TLS = redis.TLS{On: true, CA: pem(r.CA), Certificate: pem(r.Certificate), Key: pem(r.PrivateKey)}
	}
	if len(r.Sentinels) == 0 {
		return c
	}
	// The port of the URL has no meaning beside Sentinels.
	c.MasterGroup, c.Host, c.Port = c.Host, "", 0
	c.Sentinels.Role = r.MasterRole
	c.Sentinels.Username, c.Sentinels.Password = r.Sentinels[0].Username, r.Sentinels[0].Password
	for _, s := range r.Sentinels {
		c.Sentinels.Hosts = append(c.Sentinels.Hosts, s.Address)
	}
	return c
}

// Beside returns Connection. The operator's check has there what the owner of the data
// has where it does not look itself: it may select no database, and may read only some
// of the Sentinels.
func (r Reading) Beside(owner Reading) redis.Connection {
	c := r.Connection()
	if r.Client != Operator || !owner.Works() {
		return c
	}
	data := owner.Connection()
	c.DB = data.DB
	n := min(len(data.Sentinels.Hosts), len(c.Sentinels.Hosts))
	if n > 0 && slices.Equal(data.Sentinels.Hosts[:n], c.Sentinels.Hosts) {
		c.Sentinels.Hosts = data.Sentinels.Hosts
	}
	return c
}

// pem is a PEM text without the line end that it needs not have.
func pem(key Raw) secret.Value { return secret.FromText(strings.TrimRight(key.Value, "\n")) }

// Readings returns what the programs of a release make of the values: for each
// database in the order of Names, for each program that connects to it, the
// owner of the data first.
func Readings(values Values, rel releases.Release) []Reading {
	var readings []Reading
	for _, name := range redis.Names {
		if !rel.HasDatabase(name) {
			continue
		}
		for _, p := range programs(rel, name) {
			readings = append(readings, read(values, rel, name, p))
		}
	}
	return readings
}

func read(values Values, rel releases.Release, database string, p program) Reading {
	r := raw(values, rel, database, p.name)
	r.readSentinels(p)
	switch {
	case p.name == Porta && database == redis.BackendStorage && strings.TrimSpace(r.URL.Value) == "" && !r.URL.Missing:
		r.systemInstead(p, read(values, rel, redis.System, p))
	case database == redis.MessageBus && r.inherits(p):
		r.inherit(p, read(values, rel, redis.System, p))
		return r
	default:
		r.readURL(p)
	}
	r.readCredentials(p)
	r.readRole(p)
	r.readNamespace(p)
	return r
}

// raw returns the reading with its keys alone. A missing key is read as empty.
func raw(values Values, rel releases.Release, database string, client Client) Reading {
	r := Reading{Database: database, Client: client}
	fields := map[string]*Raw{
		"url": &r.URL, "sentinelHosts": &r.SentinelHosts, "sentinelRole": &r.Role, "namespace": &r.Namespace,
		"username": &r.Username, "password": &r.Password,
		"sentinelUsername": &r.SentinelUsername, "sentinelPassword": &r.SentinelPassword,
		"ca": &r.CA, "certificate": &r.Certificate, "key": &r.PrivateKey,
	}
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if key, ok := fields[k.Field]; ok && k.Database == database {
				v, there := values[s.Name][k.Name]
				*key = Raw{Secret: s.Name, Key: k.Name, Value: v, Missing: !there}
			}
		}
	}
	return r
}

// readURL reads the URL as a program of the release does.
func (r *Reading) readURL(p program) {
	to, faults := p.readURL(r.URL.Value, len(r.Sentinels) > 0)
	r.To = to
	r.add(r.URL, faults)
	if to == nil {
		return
	}
	if to.TLS && !p.does.TLS {
		r.add(r.URL, []Fault{p.fault(URLTLS, Stops, "cannot connect with TLS (%s)", p.does.Library)})
	}
	if p.does.Usernames {
		return
	}
	if to.Username != "" && to.Username != "default" {
		r.add(r.URL, []Fault{p.fault(URLUsername, Ignores, "sends no user name (%s)", p.does.Library)})
	}
	to.Username = ""
}

func (r *Reading) readSentinels(p program) {
	sentinels, faults := p.readSentinels(r.SentinelHosts.Value)
	r.Sentinels = sentinels
	r.add(r.SentinelHosts, faults)
	r.readSentinelCredentials(p)
}

func (r *Reading) readNamespace(p program) {
	namespace, faults := p.readNamespace(r.Namespace.Value)
	r.Prefix = namespace
	r.add(r.Namespace, faults)
}

func (r *Reading) readRole(p program) {
	role, faults := p.readRole(r.Role.Value, r.Database, len(r.Sentinels) > 0)
	r.MasterRole = role
	r.add(r.Role, faults)
}

func (r *Reading) add(key Raw, faults []Fault) {
	for _, f := range faults {
		if !key.Missing {
			r.Problems = append(r.Problems, Problem{Fault: f, Secret: key.Secret, Key: key.Key, Database: r.Database, Client: r.Client})
		}
	}
}

// systemInstead is the trap of a blank REDIS_STORAGE_URL: porta drops it from its
// configuration, and its library falls back to REDIS_URL, the system database.
func (r *Reading) systemInstead(p program, system Reading) {
	r.System = &system
	if system.To != nil {
		r.To = new(*system.To)
	}
	r.add(r.URL, []Fault{p.fault(StorageURLBlank, Misleads, "silently uses the system Redis instead, with its database and password")})
}

// compareProblems orders by Secret and key.
func compareProblems(a, b Problem) int {
	return cmp.Or(strings.Compare(a.Secret, b.Secret), strings.Compare(a.Key, b.Key))
}
