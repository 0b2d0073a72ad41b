package probe_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// TestMain wants no goroutine, and so no connection, to stay.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server answers as a Redis server does, but for what changes.
func server(changes map[string]string) func([]string) string {
	queued := false
	return func(command []string) string {
		name := strings.ToLower(command[0])
		if answer, ok := changes[name]; ok {
			return answer
		}
		switch {
		case name == "hello": // the library asks for its protocol first
			return "-ERR unknown command\r\n"
		case name == "discard":
			queued = false
			return "+OK\r\n"
		case queued:
			return "+QUEUED\r\n"
		case name == "multi":
			queued = true
			return "+OK\r\n"
		case name == "info":
			return bulk("redis_version:7.2.4\r\nrole:master\r\nconnected_slaves:1\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\nused_memory:1048576\r\nmaxmemory:2097152\r\nredis_mode:standalone\r\nrun_id:" + strings.Repeat("ab", 20) + "\r\n")
		case name == "exists":
			return ":0\r\n"
		case name == "del":
			return ":1\r\n"
		}
		return "+OK\r\n"
	}
}

func bulk(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

func fake(t *testing.T, changes map[string]string) int {
	t.Helper()
	return realredis.Serve(t, func(c net.Conn) { realredis.Answer(c, server(changes)) })
}

// TestRun: what a server is told apart by, without a server.
func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		release string
		changes map[string]string
		want    []string
	}{
		"all good":                       {"2.16", nil, nil},
		"old version":                    {"2.16", map[string]string{"info": bulk("redis_version:6.2.14\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:1\r\nmaxmemory:0\r\n")}, []string{"failed version [system] s: 6.2.14"}},
		"old version for an old release": {"2.12", map[string]string{"info": bulk("redis_version:3.2.12\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:1\r\nmaxmemory:0\r\n")}, nil},
		"a version that is none":         {"2.16", map[string]string{"info": bulk("redis_version:s3cret\x1b[2J\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:1\r\nmaxmemory:0\r\n")}, []string{"skipped version [system] s: the server does not say"}},
		"little room":                    {"2.16", map[string]string{"info": bulk("redis_version:7.2.4\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:9437184\r\nmaxmemory:10485760\r\n")}, []string{"warning memory [system] s: 9.0 MiB of 10.0 MiB"}},
		"a service that hides its settings": {"2.16", map[string]string{
			"info": bulk("redis_version:7.2.4\r\nrole:master\r\n"), "config": "-ERR unknown command 'config'\r\n",
		}, []string{
			"skipped eviction [system] s: the server does not say",
			"skipped persistence [system] s: AOF is off, and the server does not report its save setting",
			"skipped memory [system] s: the server does not say",
		}},
		"a Sentinel": {"2.16", map[string]string{"info": bulk("redis_version:7.2.4\r\nredis_mode:sentinel\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:1\r\nmaxmemory:0\r\n"), "role": "*1\r\n$8\r\nsentinel\r\n"}, []string{
			"skipped role [system] s: the server does not say", "failed cluster [system] s: this is a Sentinel",
		}},
		"loading":          {"2.16", map[string]string{"ping": "-LOADING Redis is loading the dataset in memory\r\n"}, []string{"failed reach [system] s: the server is still loading its data"}},
		"protected mode":   {"2.16", map[string]string{"ping": "-DENIED Redis is running in protected mode s3cret\r\n"}, []string{"failed reach [system] s: protected mode: the server only answers clients on its own host"}},
		"an unknown error": {"2.16", map[string]string{"ping": "-s3cret \x1b]0;x\a\r\n"}, []string{"failed reach [system] s: the server answers with an error"}},
		"a renamed PING":   {"2.16", map[string]string{"ping": "-ERR unknown command 'PING', with args beginning with: \r\n"}, []string{"failed commands [system] s: unknown: PING"}},
		"a replica that does not say so": {"2.16", map[string]string{
			"info": bulk("redis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:1\r\nmaxmemory:0\r\n"), "role": "-NOPERM\r\n",
			"lpush": "-READONLY You can't write against a read only replica.\r\n",
		}, []string{"failed role [system] s: a replica: it refuses writes with READONLY"}},
		"a command that cannot be tried": {"2.12", map[string]string{"subscribe": "-ERR Command not allowed inside a transaction\r\n"}, nil},
		"no AUTH":                        {"2.16", map[string]string{"ping": "-NOAUTH Authentication required.\r\n"}, []string{"failed login [system] s: NOAUTH"}},
		"no transactions":                {"2.16", map[string]string{"multi": "-NOPERM this user has no permissions to run the 'multi' command\r\n"}, []string{"failed commands [system] s: MULTI: NOPERM"}},
	} {
		t.Run(name, func(t *testing.T) {
			port := fake(t, c.changes)
			fine := []string{"latency", "role"}
			if c.want != nil {
				fine = nil
			}
			expect(t, probe.Prober{Release: release(t, c.release)}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port})},
				map[int]string{port: "s"}, c.want, fine...)
		})
	}
}

// TestRun_strange: what is no Redis, or says nothing, within the deadline.
func TestRun_strange(t *testing.T) {
	endless := func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, strings.Repeat("x", 1<<12)); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		serve func(net.Conn)
		want  string
	}{
		"HTTP": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}, "the server does not speak Redis"},
		"endless":        {endless, "the server does not speak Redis"},
		"an endless one": {func(c net.Conn) { _, _ = io.WriteString(c, "+"); endless(c) }, "the answer is too long for Redis"},
		"says nothing":   {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "it accepts the connection but does not answer in time"},
		"hangs up":       {func(net.Conn) {}, "the server closes the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			port := realredis.Serve(t, c.serve)
			expect(t, probe.Prober{Timeout: 300 * time.Millisecond}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port})},
				map[int]string{port: "s"}, []string{"failed reach [system] s: " + c.want})
		})
	}
}

// TestRun_slow: a slow server is a warning, and does not use up the time of all checks.
func TestRun_slow(t *testing.T) {
	port := realredis.Serve(t, func(c net.Conn) {
		answer := server(nil)
		realredis.Answer(c, func(command []string) string {
			if strings.EqualFold(command[0], "ping") {
				time.Sleep(15 * time.Millisecond)
			}
			return answer(command)
		})
	})
	wrong, ok := run(t.Context(), t, probe.Prober{Timeout: 200 * time.Millisecond}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port})}, map[int]string{port: "s"})
	if len(wrong) != 1 || !strings.HasPrefix(wrong[0], "warning latency [system] s: p50 ") || ok["commands"] == 0 {
		t.Errorf("%v %v", wrong, ok)
	}
}

// TestRun_unresolved: a name that does not exist.
func TestRun_unresolved(t *testing.T) {
	wrong, _ := run(t.Context(), t, probe.Prober{Timeout: time.Second}, []connect.Target{target(redis.System, redis.Connection{Host: "redis.invalid", Port: 6379})}, nil)
	if len(wrong) != 1 || !strings.HasPrefix(wrong[0], "failed resolve [system] redis.invalid:6379: ") {
		t.Errorf("%q", wrong)
	}
}

// TestRun_interrupted: what is known is returned, and what is not is said.
func TestRun_interrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	port := realredis.Serve(t, func(c net.Conn) {
		answer := server(nil)
		realredis.Answer(c, func(command []string) string {
			if strings.EqualFold(command[0], "info") {
				cancel()
				return ""
			}
			return answer(command)
		})
	})
	wrong, ok := run(ctx, t, probe.Prober{}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port})}, map[int]string{port: "s"})
	if ok["login"] != 1 || ok["select"] != 1 || ok["version"] != 0 {
		t.Errorf("ok: %v", ok)
	}
	want := "skipped role [system] s: interrupted before role, cluster, version, eviction, persistence, memory, commands, latency"
	if len(wrong) != 1 || wrong[0] != want {
		t.Errorf("%q", wrong)
	}
}

// deadline is a context whose end is its deadline, whenever a test ends it.
type deadline struct{ context.Context }

func (d deadline) Value(any) any { return nil }

func (d deadline) Err() error {
	if d.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

// TestRun_late: what was not asked by the deadline.
func TestRun_late(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	port := realredis.Serve(t, func(c net.Conn) {
		answer := server(nil)
		realredis.Answer(c, func(command []string) string {
			if strings.EqualFold(command[0], "info") {
				cancel()
				return ""
			}
			return answer(command)
		})
	})
	wrong, _ := run(deadline{ctx}, t, probe.Prober{}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port})}, map[int]string{port: "s"})
	want := "skipped role [system] s: not asked within the time: role, cluster, version, eviction, persistence, memory, commands, latency"
	if len(wrong) != 1 || wrong[0] != want {
		t.Errorf("%q", wrong)
	}
}

// TestRun_hangs: a server that hangs until the deadline of all checks.
func TestRun_hangs(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	port := fake(t, map[string]string{"ping": ""})
	wrong, _ := run(ctx, t, probe.Prober{Timeout: time.Minute}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: port})}, map[int]string{port: "s"})
	want := []string{
		"failed reach [system] s: no answer within the time",
		"skipped login [system] s: not asked within the time: login, select, role, cluster, version, eviction, persistence, memory, commands, latency",
	}
	if !slices.Equal(wrong, want) {
		t.Errorf("%q", wrong)
	}
}

// TestRun_unsure: databases that cannot be told apart, and what to do about it.
func TestRun_unsure(t *testing.T) {
	info := bulk("redis_version:7.2.4\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nused_memory:1\r\nmaxmemory:0\r\n")
	for readOnly, want := range map[bool]string{
		false: "allow the user to run SET, EXISTS and DEL",
		true:  "run it without --read-only, as a user who may run SET, EXISTS and DEL",
	} {
		port := fake(t, map[string]string{"info": info, "set": "-NOPERM\r\n"})
		p := probe.Prober{Release: release(t, "2.16"), ReadOnly: readOnly, Timeout: time.Second, Now: time.Now}
		var got []string
		for _, r := range p.Run(t.Context(), three(redis.Connection{Host: realredis.Host, Port: port})) {
			if r.Check == "collision" {
				got = append(got, r.Do)
			}
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("read only %t: got %q, want %q", readOnly, got, want)
		}
	}
}

// TestRun_progress: the parts that have ended are counted to the last.
func TestRun_progress(t *testing.T) {
	port := fake(t, nil)
	var seen []string
	p := probe.Prober{Progress: func(done, all int) { seen = append(seen, fmt.Sprint(done, "/", all)) }}
	_, ok := run(t.Context(), t, p, three(redis.Connection{Host: realredis.Host, Port: port}), nil)
	if got := strings.Join(seen, " "); got != "1/2 2/2" || ok["commands"] != 3 {
		t.Errorf("%s, %v", got, ok)
	}
}

// TestRun_commands: nothing but what is in a transaction that is discarded, the one key
// and what the checks ask for.
func TestRun_commands(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		asked := make(chan string, 1000)
		port := realredis.Serve(t, func(c net.Conn) {
			answer, queued := server(nil), false
			realredis.Answer(c, func(command []string) string {
				name := strings.ToUpper(command[0])
				switch {
				case name == "MULTI":
					queued = true
				case name == "DISCARD":
					queued = false
				case !queued:
					asked <- strings.Join(command, " ")
				}
				return answer(command)
			})
		})
		run(t.Context(), t, probe.Prober{ReadOnly: readOnly}, three(redis.Connection{Host: realredis.Host, Port: port}), nil)
		close(asked)
		wrote := 0
		for command := range asked {
			name, rest, _ := strings.Cut(command, " ")
			switch strings.ToUpper(name) {
			case "HELLO", "PING", "INFO", "SELECT", "CONFIG", "EXISTS":
			case "SET", "DEL":
				wrote++
				if !strings.HasPrefix(rest, "threescale-redis:probe:") || strings.EqualFold(name, "set") && !strings.HasSuffix(strings.ToLower(rest), "ex 60 nx") {
					t.Errorf("sent %s", command)
				}
			default:
				t.Errorf("sent %s", command)
			}
		}
		if readOnly != (wrote == 0) {
			t.Errorf("read only %t: %d writes", readOnly, wrote)
		}
	}
}
