package watch

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// maxMoves is how many moves a Database lists.
const maxMoves = 100

// server finds the server of a database, and notices when another one answers.
type server struct {
	target  connect.Target
	options Options
	news    *news

	mu sync.Mutex
	// sentinels are in the order in which they are asked: that which answered last is
	// the first, as in redis-rb and redis-client.
	sentinels []redis.Address
	// at and id are the address and the run ID of the server that answered last.
	at, id string
	moves  []Move
}

// tell tells what happened to the database.
func (s *server) tell(kind Kind, text string) {
	s.news.tell(Event{Time: s.options.Now(), Database: s.target.Database, Kind: kind, Text: text})
}

// errNotMaster is what a program says of a server that the Sentinels name too early.
var errNotMaster = errors.New("the Sentinels name a server that is no master")

// connect returns a client that has logged in to the server of the database. A master
// that Sentinels name is asked for its role, as redis-rb and redis-client do. Each step
// may take as long as patience says; what is done with the client later, the timeout.
func (s *server) connect(ctx context.Context, patience time.Duration) (*goredis.Client, *goredis.Conn, error) {
	at, err := s.locate(ctx, patience)
	if err != nil {
		return nil, nil, err
	}
	client, err := connect.Dialer{Timeout: s.options.Timeout, Dial: patience}.Server(s.target.Connection, at)
	if err != nil {
		return nil, nil, err
	}
	// A Conn does not dial again by itself, to a server that was the master before.
	conn := client.Conn()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience) // for the dial, and after it
	defer cancel()
	role, id, err := identify(ctx, conn)
	if err == nil && s.target.MasterGroup != "" && role != "" && role != "master" {
		err = errNotMaster
	}
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close(), client.Close())
	}
	s.arrived(at, id)
	return client, conn, nil
}

// locate asks one Sentinel after the other for the master.
func (s *server) locate(ctx context.Context, patience time.Duration) (redis.Address, error) {
	if s.target.MasterGroup == "" {
		return redis.Address{Host: s.target.Host, Port: s.target.Port}, nil
	}
	s.mu.Lock()
	sentinels := slices.Clone(s.sentinels)
	s.mu.Unlock()
	var failed locateError
	for _, at := range sentinels {
		if ctx.Err() != nil {
			return redis.Address{}, ctx.Err()
		}
		master, err := connect.Dialer{Timeout: patience}.Ask(context.WithoutCancel(ctx), s.target.Connection, at)
		if err == nil {
			s.prefer(at)
			return master, nil
		}
		failed = append(failed, sentinelError{at, err})
	}
	return redis.Address{}, failed
}

// prefer makes a Sentinel the first.
func (s *server) prefer(at redis.Address) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.sentinels, at); i > 0 {
		s.sentinels = slices.Insert(slices.Delete(s.sentinels, i, i+1), 0, at)
	}
}

// runID is the line of INFO that names a process of a server.
var runID = regexp.MustCompile(`(?m)^run_id:([0-9a-f]{40})\r?$`)

// identify returns the role and the run ID of a server, "" where it does not say so:
// a user need not be allowed to ask.
func identify(ctx context.Context, conn *goredis.Conn) (role, id string, err error) {
	answer, err := conn.Do(ctx, "ROLE").Slice()
	if err != nil && !isReply(err) {
		return "", "", err
	}
	if len(answer) > 0 {
		role, _ = answer[0].(string)
	}
	info, err := conn.Info(ctx, "server").Result()
	if err != nil && !isReply(err) {
		return "", "", err
	}
	if found := runID.FindStringSubmatch(info); found != nil {
		id = found[1]
	}
	return role, id, nil
}

// arrived notices which server answers.
func (s *server) arrived(address redis.Address, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, before, same := diag.Printable(address.String()), s.at, s.id == id || s.id == "" || id == ""
	s.at, s.id = at, id
	switch {
	case before == "":
		s.tell(Connected, "connected to "+at)
		return
	case before != at:
		s.tell(Moved, "master moved from "+before+" to "+at)
	case !same:
		s.tell(Replaced, at+" restarted, or leads to another server")
	default:
		return
	}
	if len(s.moves) < maxMoves {
		s.moves = append(s.moves, Move{s.options.Now(), before, at})
	}
}
