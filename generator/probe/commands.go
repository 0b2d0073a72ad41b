package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// sent are commands that a program sends to a database, with a K for a key and a C for
// a channel (apisonator, lib/3scale/backend; porta with Sidekiq and message_bus).
type sent struct {
	database string
	program  clients.Client
	commands []string
}

// sends are the commands beside those that depend on the release.
var sends = []sent{
	{redis.BackendStorage, clients.Apisonator, []string{
		"GET K", "SET K v", "SETEX K 1 v", "MGET K", "DEL K", "EXISTS K", "EXPIRE K 1", "EXPIREAT K 1", "TTL K", "INCR K", "INCRBY K 1",
		"HSET K f v", "HMGET K f", "SADD K v", "SREM K v", "SMEMBERS K", "SISMEMBER K v", "SCARD K", "SSCAN K 0", "SCAN 0",
		"RPUSH K v", "LPUSH K v", "LRANGE K 0 0", "LTRIM K 0 0", "LLEN K", "ZADD K 1 v", "ZCARD K", "ZRANGEBYSCORE K 0 0", "ZREMRANGEBYSCORE K 0 0", "ZREVRANGE K 0 0",
	}},
	{redis.BackendStorage, clients.Porta, []string{"SMEMBERS K"}},
	{redis.BackendQueues, clients.Apisonator, []string{
		"RPUSH K v", "LPOP K", "BLPOP K 1", "LLEN K", "LRANGE K 0 0", "LINDEX K 0", "LSET K 0 v", "LREM K 0 v",
		"SADD K v", "SREM K v", "SMEMBERS K", "GET K", "SET K v", "DEL K", "INCRBY K 1", "EXPIRE K 1",
	}},
	{redis.System, clients.Porta, []string{
		"LPUSH K v", "RPUSH K v", "BRPOP K 1", "LRANGE K 0 0", "LLEN K", "LREM K 0 v", "SADD K v", "SREM K v", "SMEMBERS K", "SCARD K",
		"ZADD K 1 v", "ZREM K v", "ZCARD K", "ZRANGEBYSCORE K 0 0", "HSET K f v", "HMSET K f v", "HGET K f", "HGETALL K", "HINCRBY K f 1",
		"GET K", "SET K v", "MGET K", "INCR K", "INCRBY K 1", "DEL K", "EXISTS K", "EXPIRE K 1", "INFO",
	}},
	{redis.MessageBus, clients.Porta, []string{"PUBLISH C v", "SUBSCRIBE C", "INCR K", "ZADD K 1 v", "ZRANGEBYSCORE K 0 0", "EXPIRE K 1"}},
}

// scripts are the commands of a program that runs Lua.
var scripts = []string{"EVAL return 0", "EVALSHA 0000000000000000000000000000000000000000 0", "SCRIPT LOAD return"}

// needs are the commands that the programs of a target send, each once.
func (v *visit) needs(t connect.Target) []string {
	var all []string
	add := func(commands []string) {
		for _, c := range commands {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	for _, program := range t.Programs {
		if program == string(clients.Operator) {
			add([]string{"INFO"})
			continue
		}
		for _, s := range sends {
			if s.database == t.Database && (program == string(s.program) || program == string(clients.Async) && s.program == clients.Apisonator || program == Spec) {
				add(s.commands)
			}
		}
		if t.Database == redis.System && v.program(program).Scripts && program == string(clients.Porta) {
			add(scripts)
		}
	}
	return all
}

// keys are names as the programs use them, by database: a user may be bound to some.
var keys = map[string]string{
	redis.BackendStorage: "service/id:0/state",
	redis.BackendQueues:  "resque:queue:main",
	redis.System:         "queue:default",
	redis.MessageBus:     "__mb_backlog_id_n_/",
}

// channel is the one of the message bus.
const channel = "_message_bus"

// tryCommands says which commands the user may not run. A server judges a command when
// it is put into a transaction, and a transaction that is discarded runs none.
func (v *visit) tryCommands(ctx context.Context) bool {
	for _, t := range v.open {
		refusals, err := v.try(ctx, t)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil:
			v.about([]connect.Target{t}, Result{Check: commands, Server: v.server(), Status: Failed, Saw: "MULTI: " + codeOr(err), Do: "allow the user to run MULTI, EXEC and DISCARD"})
			continue
		}
		if len(refusals) == 0 {
			v.about([]connect.Target{t}, Result{Check: commands, Server: v.server(), Status: OK, Saw: fmt.Sprintf("%d commands", len(v.needs(t)))})
		}
		for _, r := range refusals {
			v.about([]connect.Target{t}, Result{Check: commands, Server: v.server(), Status: Failed, Saw: r.why + ": " + strings.Join(r.commands, ", "), Do: r.do})
		}
	}
	return true
}

// codeOr is the word of Redis in an error.
func codeOr(err error) string {
	if c := code(err); c != "" {
		return c
	}
	return "no answer"
}

// refusal is why a server does not run commands.
type refusal struct {
	why, do  string
	commands []string
}

// try puts the commands of a target into a transaction and discards it.
func (v *visit) try(ctx context.Context, t connect.Target) ([]refusal, error) {
	client, err := v.client(v.at, t.DB)
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	conn := client.Conn()
	defer func() { _ = conn.Close() }()
	if err := conn.Do(ctx, "MULTI").Err(); err != nil {
		return nil, err // without a transaction the commands would run
	}
	var refusals []refusal
	needs := v.needs(t)
	answers := make([]*goredis.Cmd, len(needs))
	pipe := conn.Pipeline()
	for i, command := range needs {
		answers[i] = pipe.Do(ctx, arguments(command, prefixed(t), channel)...)
	}
	pipe.Do(ctx, "DISCARD")
	_, _ = pipe.Exec(ctx)
	for i, command := range needs {
		r, refused := refusalOf(answers[i].Err())
		if !refused {
			continue
		}
		name, _, _ := strings.Cut(command, " ")
		if at := slices.IndexFunc(refusals, func(other refusal) bool { return other.why == r.why }); at >= 0 {
			refusals[at].commands = append(refusals[at].commands, name)
		} else {
			r.commands = []string{name}
			refusals = append(refusals, r)
		}
	}
	return refusals, nil
}

func prefixed(t connect.Target) string {
	if t.Namespace == "" {
		return keys[t.Database]
	}
	return t.Namespace + ":" + keys[t.Database]
}

// arguments are the words of a command, for a key and a channel.
func arguments(command, key, channel string) []any {
	var words []any
	for word := range strings.FieldsSeq(command) {
		switch word {
		case "K":
			word = key
		case "C":
			word = channel
		}
		words = append(words, word)
	}
	return words
}

// saidElsewhere are answers that are said of the role and of cluster mode.
var saidElsewhere = []string{"", "READONLY", "CLUSTERDOWN", "MOVED"}

// refusalOf says why a command would not run.
func refusalOf(err error) (refusal, bool) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	switch c := code(err); {
	case slices.Contains(saidElsewhere, c):
		return refusal{}, false
	case c == noPermission && strings.Contains(text, "keys"):
		return refusal{why: "NOPERM for the keys", do: "allow the user all keys of the database"}, true
	case c == noPermission && strings.Contains(text, "channel"):
		return refusal{why: "NOPERM for the channel", do: "allow the user the channel " + channel}, true
	case c == noPermission:
		return refusal{why: c, do: "allow the user to run them"}, true
	case strings.Contains(text, "unknown command"):
		return refusal{why: "unknown", do: "undo rename-command, or take a server that has them"}, true
	case c == "OOM":
		return refusal{why: c, do: "make room: the server is full"}, true
	case c == "MISCONF":
		return refusal{why: c, do: "look at the log of the server: it could not save, and takes no writes"}, true
	case c == "NOREPLICAS":
		return refusal{why: c, do: "bring its replicas back: min-replicas-to-write asks for them"}, true
	default:
		return refusal{why: "the answer is " + c, do: "look at the log of the server"}, true
	}
}
