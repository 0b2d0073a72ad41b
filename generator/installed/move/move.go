// Package move renders what copies the data of 3scale's Redis to another one: for
// each copy a Secret with the configuration of RedisShake and a bare Pod that runs it,
// and for each old Redis a script that runs in its pod and checks the copies. It
// connects to nothing, and renders all or nothing.
package move

import (
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Mode is how data moves.
type Mode string

// Live copies while 3scale writes: RedisShake is a replica of the source, which must
// serve PSYNC. Offline copies once, while nobody writes.
const (
	Live    Mode = "live"
	Offline Mode = "offline"
)

// Options are what there is to move.
type Options struct {
	Mode Mode
	// Image is that of RedisShake; ImagePath names it in issues.
	Image     string
	ImagePath string
	// Databases are those that move, and no others.
	Databases []Database
	// Servers are the old Redis servers of the installation.
	Servers []Server
	// Back swaps source and target. The scripts run in the old pods all the same.
	Back bool
}

// Database is a logical database that moves.
type Database struct {
	// Name is one of redis.Names.
	Name string
	// Path and Pos are of its field in the spec, for issues.
	Path string
	Pos  diag.Position
	// Old and New are where its data is before the plan, and after it.
	Old, New redis.Connection
}

// Server is an old Redis server: a pod of the installation, behind a Service.
type Server struct {
	// Name is short, and goes into the names of files: backend, system.
	Name string
	// Workload is what `oc rsh` takes: dc/backend-redis.
	Workload string
	// Address is that of the Service: backend-redis:6379. A database whose Old host is
	// the same, or a longer name of it, is on this server.
	Address redis.Address
}

// Move is all that is rendered.
type Move struct {
	Copies []Copy
	Checks []Check
}

// Copy is one process of RedisShake: from one server to one.
type Copy struct {
	// Name is that of the file: data/copy-NAME.yaml.
	Name string
	// Object is the name of the Secret and of the Pod, and of the ConfigMap where
	// Sentinels are asked.
	Object string
	// Server is the old Redis, whose Check belongs to the copy.
	Server Server
	// Databases are the names of the databases that it copies.
	Databases []string
	// From and To say it to people, without passwords.
	From, To string
	// MasterEnv is the env var that the Pod takes from a ConfigMap that is named Object,
	// from the key of the same name: HOST:PORT of the master, as the mode `master` of the
	// script prints it. It is TARGET, and SOURCE on the way back; empty where no Sentinel
	// is asked.
	MasterEnv string
	// File is the text of the file, with passwords: Secret and Pod, for `oc create`.
	File string
	// Masked is the same with *** for the passwords.
	Masked string
}

// Check is the script of one old Redis, a shell script with passwords that is sent to
// `bash -s -- MODE` in its pod. It exits with 0 or 1; each complaint is a line
// `NOT OK: ...`. The modes:
//
//	ready    before anything changes: the target answers, is empty, no cluster, not
//	         older, evicts nothing; the source can save; it is a good time of day
//	flush    empties the databases of the target, those of the copies alone. Refused
//	         unless ready has found them empty, and while others use them. On the way
//	         back it empties the old databases after their data is in a file of its own
//	master   prints HOST:PORT of the master, and nothing else (Copy.MasterEnv)
//	begin    a failed BGSAVE of the source no longer stops its writes
//	copied   waits until the copies have caught up, while they are connected
//	synced   all that was written to the source until now is in the target, in 60 s
//	clients  nobody but the copies uses the databases of the source
//	waiting  each job that waits in the source waits in the target
//	carry    puts those that do not there: for a copy that ended too early
//	counts   prints how many keys there are
//	sample   compares keys at random
//	stopped  no copy is connected to the source any more
//	end      undoes begin, and deletes the keys of the script
type Check struct {
	// Name is that of the file: data/check-NAME.sh. It is the name of the Server.
	Name   string
	Server Server
	// File is the text of the script, with passwords.
	File string
}

// New renders a move. Issues that are no errors come with it; with an error it is nil.
func New(o Options) (*Move, diag.Issues) {
	issues := refuse(o).Sorted()
	if issues.Failed() {
		return nil, issues
	}
	routes := routes(o)
	m := &Move{}
	for _, r := range routes {
		c, err := r.render(o, routes)
		if err != nil {
			return nil, append(issues, diag.From(err)...)
		}
		m.Copies = append(m.Copies, c)
	}
	for _, s := range o.Servers {
		if script := newScript(o, s, routes); len(script.Pairs) > 0 {
			m.Checks = append(m.Checks, Check{Name: s.Name, Server: s, File: script.text()})
		}
	}
	return m, issues
}
