// Package graph draws who reaches which Redis: the pods, the keys of the Secrets that
// they read, and the databases and Sentinels where the programs of the release end up.
//
//	spec ───FromSpec──┐
//	                  ├─> Graph ─Mermaid, SVG─> text
//	export ─FromExport┘
//
// Both ways read the values as the programs of the release do, so that a picture
// shows where they disagree. A Graph holds no password: it says where one comes from.
package graph

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// Graph is what a picture shows. A Read leads from Pods to a Source, an End from there
// to a Use. All texts are as they stand in the input, not escaped.
type Graph struct {
	// Title names the spec or the export, Subtitle the release.
	Title, Subtitle string
	Pods            []Pods
	Sources         []Source
	Servers         []Server
}

// Pods are the workloads of one program that read the same.
type Pods struct {
	Program   string
	Workloads []Workload
	Reads     []Read
}

// Workload is an object with pods.
type Workload struct {
	Kind, Name string
	// Note is what else there is to know.
	Note string
}

// Read says that pods read a Source.
type Read struct {
	// Source is an index of Graph.Sources.
	Source int
	// Lacks are the env vars that the release has and the pods do not.
	Lacks []string
}

// Source is where the connection of a logical database is said.
type Source struct {
	Database string
	// Secret and Keys hold it; Keys without a value are left out. The Secret is empty
	// where pods have env vars of their own.
	Secret string
	Keys   []string
	// Details are about the connection: where the password comes from, TLS.
	Details []string
	Ends    []End
	// Problems are what the programs of the release make of it against its meaning.
	Problems []string
}

// End is where programs end up that read one Source.
type End struct {
	Programs []string
	// To is nil where they end up nowhere, and Why says the reason.
	To  *Target
	Why string
}

// Target is a Use of a Database of a Server, as indices.
type Target struct{ Server, Database, Use int }

// Server is a Redis server, or a master group behind Sentinels.
type Server struct {
	// Address is host:port, or the name of the group.
	Address   string
	Sentinels []string
	Databases []Database
	// endpoint tells two servers apart, shown or not.
	endpoint string
}

// Database is a database of a server, by its index.
type Database struct {
	Index int
	Uses  []Use
}

// Use is a logical database of 3scale in a database of a server.
type Use struct {
	Database, Namespace string
	// Collides says that its keys mix with those of another one there.
	Collides bool
	// connection is what programs end up with.
	connection redis.Connection
}

// IsGroup reports whether the server is a master group.
func (s Server) IsGroup() bool { return len(s.Sentinels) > 0 }

// Logical are the logical databases on the server, each once.
func (s Server) Logical() []string {
	var names []string
	for _, d := range s.Databases {
		for _, u := range d.Uses {
			if !slices.Contains(names, u.Database) {
				names = append(names, u.Database)
			}
		}
	}
	return names
}

// Colliding are the logical databases whose keys mix here.
func (d Database) Colliding() []string {
	var names []string
	for _, u := range d.Uses {
		if u.Collides && !slices.Contains(names, u.Database) {
			names = append(names, u.Database)
		}
	}
	return names
}

// collide marks the uses whose keys mix.
func (g *Graph) collide() {
	for _, s := range g.Servers {
		for _, d := range s.Databases {
			for i, u := range d.Uses {
				d.Uses[i].Collides = slices.ContainsFunc(d.Uses, func(other Use) bool {
					return other.Database != u.Database && named(u).Collides(named(other))
				})
			}
		}
	}
}

func named(u Use) redis.Named { return redis.Named{Database: u.Database, Connection: u.connection} }
