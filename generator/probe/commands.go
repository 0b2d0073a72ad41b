package probe

import (
	"context"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
)

// A need is a command with the key and the channel that it is about.
type need struct{ command, key, channel string }

// name is the command alone.
func (n need) name() string {
	name, _, _ := strings.Cut(n.command, " ")
	return name
}

// words are those of the command. They name a key and a channel where it has them.
func (n need) words() []any {
	var words []any
	for word := range strings.FieldsSeq(n.command) {
		switch word {
		case "K":
			word = n.key
		case "C":
			word = n.channel
		}
		words = append(words, word)
	}
	return words
}

// needs are what the programs of a target send, each once.
func (v *visit) needs(t connect.Target) []need {
	var all []need
	add := func(commands []string, key, channel string) {
		for _, c := range commands {
			if n := (need{c, key, channel}); !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	for _, program := range t.Programs {
		if program == string(clients.Operator) {
			add([]string{"INFO"}, "", "")
			continue
		}
		for _, s := range sends {
			if s.database != t.Database || !s.sentBy(program, v.Release.Clients) {
				continue
			}
			keys := s.keys
			if len(keys) == 0 {
				keys = []string{""}
			}
			add(s.commands, prefixed(t, keys[0]), prefixed(t, s.channel))
			for _, key := range keys[1:] {
				add(s.touch, prefixed(t, key), "")
			}
		}
	}
	return all
}

// prefixed puts the namespace before the name of a key or of a channel.
func prefixed(t connect.Target, name string) string {
	if t.Namespace == "" || name == "" {
		return name
	}
	return t.Namespace + ":" + name
}

// tryCommands says which commands the user may not run, and on which keys. A server
// judges a command when it is put into a transaction, and a transaction that is
// discarded runs none.
func (v *visit) tryCommands(ctx context.Context) bool {
	for _, t := range v.open {
		add := func(status Status, saw, do string) {
			v.about([]connect.Target{t}, Result{Check: commands, Server: v.server(), Status: status, Saw: saw, Do: do})
		}
		needs := v.needs(t)
		refusals, err := v.try(ctx, t, needs)
		switch {
		case ctx.Err() != nil:
			return false
		case notKnown(err):
			f := unknown(commands, "MULTI")
			add(Failed, f.saw, f.do)
			continue
		case err != nil:
			add(Failed, "MULTI: "+codeOr(err), "allow the user to run MULTI, EXEC and DISCARD")
			continue
		}
		if len(refusals) == 0 {
			add(OK, triedOf(needs), "")
		}
		for _, r := range refusals {
			add(Failed, r.saw(), r.do)
		}
	}
	return true
}

// triedOf counts what was tried.
func triedOf(needs []need) string {
	commands, keys := map[string]bool{}, map[string]bool{}
	for _, n := range needs {
		commands[n.name()] = true
		if n.key != "" {
			keys[n.key] = true
		}
	}
	if len(keys) == 0 {
		return count(len(commands), "command")
	}
	return count(len(commands), "command") + ", " + count(len(keys), "key")
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
	why, do string
	// of says what of a need is at fault; nil where that is no single one.
	of func(need) string
	// names are those at fault, example says that a few of them are enough.
	names   []string
	example bool
}

// saw is the reason, and what it is about.
func (r refusal) saw() string {
	if len(r.names) == 0 {
		return r.why
	}
	if r.example {
		return r.why + ": " + some(r.names)
	}
	return r.why + ": " + strings.Join(r.names, ", ")
}

// try puts commands into a transaction and discards it.
func (v *visit) try(ctx context.Context, t connect.Target, needs []need) ([]refusal, error) {
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
	answers := make([]*goredis.Cmd, len(needs))
	pipe := conn.Pipeline()
	for i, n := range needs {
		answers[i] = pipe.Do(ctx, n.words()...)
	}
	pipe.Do(ctx, "DISCARD")
	_, _ = pipe.Exec(ctx)
	var refusals []refusal
	for i, n := range needs {
		err := answers[i].Err()
		if code(err) == "READONLY" {
			v.isReplica()
		}
		if r, refused := refusalOf(err); refused {
			refusals = withRefusal(refusals, r, n)
		}
	}
	return refusals, nil
}

// withRefusal adds a refusal to those with the same reason.
func withRefusal(all []refusal, r refusal, n need) []refusal {
	i := slices.IndexFunc(all, func(other refusal) bool { return other.why == r.why })
	if i < 0 {
		all, i = append(all, r), len(all)
	}
	if r.of != nil && !slices.Contains(all[i].names, r.of(n)) {
		all[i].names = append(all[i].names, r.of(n))
	}
	return all
}

// saidElsewhere are answers that are said of the role and of cluster mode. A command that
// a server takes outside of transactions only cannot be tried.
var saidElsewhere = []string{"", "READONLY", "CLUSTERDOWN", "MOVED"}

// refusalOf says why a command would not run.
func refusalOf(err error) (refusal, bool) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	key, channel := func(n need) string { return n.key }, func(n need) string { return n.channel }
	switch c := code(err); {
	case slices.Contains(saidElsewhere, c), c == "ERR" && strings.Contains(text, "transaction"):
		return refusal{}, false
	case c == noPermission && strings.Contains(text, "keys"):
		return refusal{why: "NOPERM for the keys", do: "allow the user all keys of the database: ~*", of: key, example: true}, true
	case c == noPermission && strings.Contains(text, "channel"):
		return refusal{why: "NOPERM for the channel", do: "allow the user all channels: &*", of: channel}, true
	case c == noPermission:
		return refusal{why: c, do: "allow the user to run them", of: need.name}, true
	case notKnown(err):
		return refusal{why: "unknown", do: "undo rename-command, or use a server that has them", of: need.name}, true
	case c == "OOM": // within a transaction it is the answer to each command
		return refusal{why: "OOM: the server is full and refuses writes", do: "raise maxmemory, or delete what is not needed"}, true
	case c == "MISCONF":
		return refusal{why: c, do: "check the log of the server: it could not save to disk and refuses writes", of: need.name}, true
	case c == "NOREPLICAS":
		return refusal{why: c, do: "bring its replicas back: min-replicas-to-write requires them", of: need.name}, true
	default:
		return refusal{why: "the server answers with " + c, do: "check the log of the server", of: need.name}, true
	}
}
