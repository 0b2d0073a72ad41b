package move

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// pair is a database of an old Redis and its place in the new one.
type pair struct {
	// names are those of the logical databases in it: with one URL for both, the message
	// bus is in the database of system.
	names    []string
	old, new int
	place    Database
}

// route is all that goes from one old Redis to one new endpoint: one process of
// RedisShake.
type route struct {
	server   Server
	old, new redis.Connection
	pairs    []pair
}

// routes sorts the databases by their old Redis and new endpoint, in the order of the
// servers and of redis.Names.
func routes(o Options) []route {
	databases := slices.Clone(o.Databases)
	slices.SortStableFunc(databases, func(a, b Database) int {
		return cmp.Compare(slices.Index(redis.Names, a.Name), slices.Index(redis.Names, b.Name))
	})
	var all []route
	for _, s := range o.Servers {
		first := len(all)
		for _, d := range databases {
			if !s.has(d.Old) {
				continue
			}
			i := slices.IndexFunc(all[first:], func(r route) bool { return sameAccess(r.new, d.New) })
			if i < 0 {
				i = len(all) - first
				all = append(all, route{server: s, old: d.Old, new: d.New})
			}
			all[first+i].add(d)
		}
	}
	return all
}

// add adds a database, unless another name leads to it.
func (r *route) add(d Database) {
	i := slices.IndexFunc(r.pairs, func(p pair) bool { return p.old == d.Old.DB && p.new == d.New.DB })
	if i < 0 {
		r.pairs = append(r.pairs, pair{names: []string{d.Name}, old: d.Old.DB, new: d.New.DB, place: d})
		return
	}
	r.pairs[i].names = append(r.pairs[i].names, d.Name)
}

// sameAccess reports whether two connections reach the same server in the same way.
func sameAccess(a, b redis.Connection) bool {
	return a.Endpoint() == b.Endpoint() && a.Username == b.Username && a.Password == b.Password && a.TLS == b.TLS &&
		a.Sentinels.Username == b.Sentinels.Username && a.Sentinels.Password == b.Sentinels.Password
}

// has reports whether a connection leads to the server, by a short or a long name of
// its Service.
func (s Server) has(c redis.Connection) bool {
	if c.MasterGroup != "" || port(c.Port, redis.DefaultPort) != port(s.Address.Port, redis.DefaultPort) {
		return false
	}
	host, service := strings.ToLower(c.Host), strings.ToLower(s.Address.Host)
	return host == service || strings.HasPrefix(host, service+".") || strings.HasPrefix(service, host+".")
}

func port(port, standard int) int {
	if port == 0 {
		return standard
	}
	return port
}

// short are the names of databases in the names of files.
var short = map[string]string{redis.BackendStorage: "storage", redis.BackendQueues: "queues", redis.System: "system", redis.MessageBus: "bus"}

// name is that of the old Redis where it goes to one endpoint, else that of the databases.
func (r route) name(all []route) string {
	same := 0
	for _, other := range all {
		if other.server == r.server {
			same++
		}
	}
	if same == 1 {
		return r.server.Name
	}
	var names []string
	for _, name := range r.names() {
		names = append(names, short[name])
	}
	return strings.Join(names, "-")
}

func (r route) names() []string {
	var names []string
	for _, p := range r.pairs {
		names = append(names, p.names...)
	}
	return names
}

// oldDBs and newDBs are the numbers of the databases.
func (r route) oldDBs() []int { return r.numbers(func(p pair) int { return p.old }) }
func (r route) newDBs() []int { return r.numbers(func(p pair) int { return p.new }) }

func (r route) numbers(of func(pair) int) []int {
	var numbers []int
	for _, p := range r.pairs {
		numbers = append(numbers, of(p))
	}
	slices.Sort(numbers)
	return numbers
}

// where names a server and databases, without passwords.
func where(c redis.Connection, numbers []int) string {
	server := redis.Address{Host: c.Host, Port: port(c.Port, redis.DefaultPort)}.String()
	if c.MasterGroup != "" {
		var sentinels []string
		for _, h := range c.Sentinels.Hosts {
			sentinels = append(sentinels, redis.Address{Host: h.Host, Port: port(h.Port, redis.DefaultSentinelPort)}.String())
		}
		server = "master " + c.MasterGroup + " of the Sentinels " + strings.Join(sentinels, ", ")
	}
	word := "databases"
	if len(numbers) == 1 {
		word = "database"
	}
	return fmt.Sprintf("%s, %s %s", server, word, list(numbers))
}

func list(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// id tells one move from others, in the names of keys.
func id(back bool, routes []route) string {
	h := sha256.New()
	for _, r := range routes {
		fmt.Fprintln(h, back, r.server.Name, where(r.new, r.newDBs()), r.oldDBs())
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
