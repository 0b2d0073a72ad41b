// Package clients reads the values of the backend-redis and system-redis Secrets as
// the programs of 3scale do: apisonator, the backend that authorizes API calls,
// porta, the developer and admin portal, and the operator, which checks the Redis
// servers before it does anything. They differ in how they parse and decode a
// value, and so does one program from release to release: the pin of a release
// names the parser and the traits of each.
package clients

import (
	"fmt"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Client names a program that reads the Secrets.
type Client string

// The programs. Async is apisonator's listener and worker, in releases where
// these run on another library than the rest of apisonator.
const (
	Apisonator Client = "apisonator"
	Async      Client = "apisonator in async mode"
	Porta      Client = "porta"
	Operator   Client = "the operator's check"
)

// program is a client as it is in one release.
type program struct {
	name Client
	does releases.Client
}

// programs are the programs of a release that connect to a database; the first is
// the one whose data it is.
func programs(rel releases.Release, database string) []program {
	apisonator := []program{{Apisonator, rel.Clients.Apisonator}}
	if rel.Clients.Async != nil {
		apisonator = append(apisonator, program{Async, *rel.Clients.Async})
	}
	porta := program{Porta, rel.Clients.Porta}
	var all []program
	switch database {
	case redis.BackendStorage:
		all = append(apisonator, porta)
	case redis.BackendQueues:
		all = apisonator
	default:
		all = []program{porta}
	}
	if rel.Clients.Operator != nil {
		all = append(all, program{Operator, *rel.Clients.Operator})
	}
	return all
}

// isApisonator reports whether the program takes its values from apisonator's
// configuration.
func (p program) isApisonator() bool { return p.name == Apisonator || p.name == Async }

// Effect is what a fault in a value does.
type Effect int

const (
	// Stops means that the program does not start, or cannot connect.
	Stops Effect = iota
	// Misleads means that the program connects elsewhere than the value means.
	Misleads
	// Ignores means that the program goes on, with less or more than a Connection can say.
	Ignores
)

// Fault says what a program does with a value that it does not take as it
// stands. The message never quotes the value.
type Fault struct {
	Kind    Kind
	Effect  Effect
	Message string
}

func (p program) fault(k Kind, e Effect, format string, args ...any) Fault {
	return Fault{Kind: k, Effect: e, Message: string(p.name) + " " + fmt.Sprintf(format, args...)}
}
