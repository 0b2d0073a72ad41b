package move_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/installed/move"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

const filling = `
set liveness-probe 1
set application/service_id:s/id:a/state active
set stats/a/minute 5
expire stats/a/minute 3000
sadd services_set s1 s2
hset service_token/token:t/service_id:s name value
zadd events/queue 1.5 event
rpush errors/service_id:s one two one
`

func (l *lab) fill(s *realredis.Server, storage, queues int) {
	l.Helper()
	l.each(s, storage, filling)
	l.each(s, queues, "rpush resque:queue:main a b b\nrpush resque:failed f\nzadd schedule 5 later\nset stat:processed 4")
}

// The whole way of a live copy, from each of the old servers.
func TestScript_live(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
		for name, numbers := range map[string][]int{"same numbers": {0, 1}, "other numbers": {2, 0}} {
			t.Run(string(old)+" "+name, func(t *testing.T) {
				l := newLab(t, old, realredis.Redis7, numbers...)
				l.fill(l.old, 0, 1)
				l.ok("ready")
				l.ok("begin")
				if got := fmt.Sprint(l.do(l.old, 0, "config", "get", "stop-writes-on-bgsave-error")); !strings.Contains(got, " no") && !strings.Contains(got, ":no") {
					t.Error(got)
				}
				shake := l.copy()
				l.ok("copied")
				l.each(l.old, 1, "rpush resque:queue:main c\nlpop resque:queue:main\nsetex lock 100 x")
				l.ok("synced")
				if out := l.ok("counts"); !strings.Contains(out, "backendStorage: source 6, target 6; without a TTL: source 5, target 5\n") ||
					!strings.Contains(out, "backendQueues: source 5, target 5; without a TTL: source 4, target 4\n") {
					t.Error(out)
				}
				if out := l.ok("sample"); strings.HasPrefix(out, "0 keys") || strings.Contains(out, "\n0 keys") {
					t.Error(out)
				}
				if out := l.ok("waiting"); !strings.Contains(out, "resque:queue:main: 3 in the source, 3 in the target") {
					t.Error(out)
				}
				if n := l.do(l.young, numbers[0], "exists", "liveness-probe"); n != int64(0) {
					t.Error("the key of the probe is copied")
				}
				l.ok("clients")
				l.complains("stopped", "a copy is still connected")
				shake.Kill()
				l.ok("stopped")
				l.ok("end")
				for _, s := range []*realredis.Server{l.old, l.young} {
					for db := range 3 {
						if keys := l.do(s, db, "keys", "threescale-redis:*"); len(keys.([]any)) != 0 {
							t.Errorf("end leaves %v", keys)
						}
					}
				}
				if got := fmt.Sprint(l.do(l.old, 0, "config", "get", "stop-writes-on-bgsave-error")); !strings.Contains(got, "yes") {
					t.Error(got)
				}
			})
		}
	}
}

// Passwords of all printable characters at both sides, with each redis-cli.
func TestScript_passwords(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5, realredis.Redis7} {
		t.Run(string(old), func(t *testing.T) {
			l := newLab(t, old, realredis.Redis7)
			l.old = realredis.Start(t, old, printable)
			l.between(l.young, []int{0, 1})
			l.fill(l.old, 0, 1)
			l.ok("ready")
			l.ok("begin")
			l.copy()
			l.ok("copied")
			l.ok("sample")
		})
	}
}

func TestScript_ready(t *testing.T) {
	newReady := func(t *testing.T) *lab {
		l := newLab(t, realredis.Redis5, realredis.Redis7, 1, 3)
		l.fill(l.old, 0, 1)
		return l
	}
	for name, tt := range map[string]struct {
		change func(l *lab)
		want   []string
	}{
		"target not empty": {func(l *lab) { l.do(l.young, 3, "set", "a", "b") }, []string{"^backendQueues: the database of the target has 1 keys"}},
		"wrong password": {func(l *lab) {
			for i := range l.options.Databases {
				l.options.Databases[i].New.Password = secret.FromText("other")
			}
		}, []string{"^backendStorage: the target does not answer: NOAUTH", "^backendQueues: "}},
		"nobody there": {func(l *lab) { l.young.Kill() }, []string{"backendStorage: the target does not answer: Could not connect", "backendQueues: "}},
		"no such name": {func(l *lab) {
			for i := range l.options.Databases {
				l.options.Databases[i].New.Host = "no-such-host.invalid"
			}
		}, []string{"^backendStorage: the target does not answer: Could not connect to Redis at no-such-host.invalid", "backendQueues: "}},
		"no such database": {func(l *lab) { l.options.Databases[1].New.DB = 99 }, []string{"^backendQueues: the target does not answer: it has no database 99"}},
		"drops keys":       {func(l *lab) { l.do(l.young, 0, "config", "set", "maxmemory-policy", "allkeys-lru") }, []string{"^backendStorage: .*is allkeys-lru", "^backendQueues: "}},
		"midnight":         {func(l *lab) { l.time = "0010" }, []string{"near midnight UTC"}},
		"before midnight":  {func(l *lab) { l.time = "2330" }, []string{"near midnight UTC"}},
		"billing":          {func(l *lab) { l.time = "0800" }, []string{"near 08:00 UTC"}},
		"BGSAVE fails": {func(l *lab) {
			l.do(l.old, 0, "config", "set", "dir", "/proc/self")
			l.do(l.old, 0, "bgsave")
			l.until("BGSAVE has failed", func() bool {
				return strings.Contains(fmt.Sprint(l.do(l.old, 0, "info", "persistence")), "rdb_last_bgsave_status:err")
			})
		}, []string{"^backendStorage: the last BGSAVE of the source failed", "^backendStorage: the volume of the old Redis has 0 KiB left", "^backendQueues: ", "^backendQueues: the volume"}},
		"source does not answer": {func(l *lab) { l.old.Kill() }, []string{"^backendStorage: the source does not answer", "^backendQueues: the source"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newReady(t)
			tt.change(l)
			l.complains("ready", tt.want...)
			if out, err := l.script("flush"); err == nil {
				t.Errorf("flush after that:\n%s", out)
			}
		})
	}
}

// The target must not be older, and no cluster.
func TestScript_readyServers(t *testing.T) {
	l := newLab(t, realredis.Redis5, realredis.Redis3)
	l.complains("ready", "backendStorage: the target is Redis 3.2.13, and the old one 5.0.14", "backendQueues: ")
	cluster := realredis.Start(t, realredis.Redis7, "s3cret", "cluster-enabled yes")
	l.between(cluster, []int{0, 1})
	l.options.Databases = l.options.Databases[:1]
	l.complains("ready", "cluster mode")
}

// A target that is a replica, or the source itself by another name, is refused.
func TestScript_readySame(t *testing.T) {
	l := newLab(t, realredis.Redis5, realredis.Redis7)
	master := realredis.Start(t, realredis.Redis7, "")
	l.do(l.young, 0, "replicaof", realredis.Host, fmt.Sprint(master.Port))
	l.complains("ready", "^backendStorage: the target is a replica", "^backendQueues: the target is a replica")
	l = newLab(t, realredis.Redis5, realredis.Redis7)
	for i := range l.options.Databases {
		l.options.Databases[i].New = redis.Connection{Host: "localhost", Port: l.old.Port, DB: 5 + i}
	}
	l.complains("ready", "^backendStorage: the target is the source itself", "^backendQueues: the target is the source itself")
}

// begin may run twice, while a copy is connected too: the copy is no replica of before.
func TestScript_begunTwice(t *testing.T) {
	l := newLab(t, realredis.Redis3, realredis.Redis7)
	l.fill(l.old, 0, 1)
	l.ok("ready")
	l.ok("begin")
	shake := l.copy()
	l.ok("copied")
	l.ok("begin")
	l.complains("stopped", "a copy is still connected")
	shake.Kill()
	l.until("the copy is gone", func() bool {
		return !strings.Contains(fmt.Sprint(l.do(l.old, 0, "info", "replication")), "connected_slaves:1")
	})
	l.ok("stopped")
}

// Who may not list the clients of a database empties none.
func TestScript_flushBlind(t *testing.T) {
	l := newLab(t, realredis.Redis3, realredis.Redis7)
	l.ok("ready")
	l.do(l.young, 0, "set", "precious", "1")
	l.do(l.young, 0, "acl", "setuser", "default", "-client")
	l.complains("flush", "^backendStorage: nothing is emptied: .*nobody can tell", "^backendQueues: nothing is emptied: .*nobody can tell")
	if l.size(l.young, 0) != 1 {
		t.Error("the database is empty")
	}
}

// flush empties the databases of the copies alone, when ready has found them empty and
// nobody uses them.
func TestScript_flush(t *testing.T) {
	l := newLab(t, realredis.Redis3, realredis.Redis7, 1, 2)
	l.fill(l.old, 0, 1)
	l.do(l.young, 3, "set", "other", "1")
	l.do(l.young, 1, "set", "precious", "1")
	l.complains("flush", "nothing is emptied: ready has not found")
	if l.size(l.young, 1) != 1 {
		t.Error("flush empties what ready has not found empty")
	}
	l.do(l.young, 1, "del", "precious")
	l.ok("ready")
	l.fill(l.young, 1, 2)
	user := l.young.Client(t, 2)
	if err := user.Set(t.Context(), "a", "b", 0).Err(); err != nil {
		t.Fatal(err)
	}
	l.complains("flush", `^backendQueues: nothing is emptied: others use the database of the target: 127.0.0.1:\d+ \(set\)`)
	if l.size(l.young, 1) == 0 || l.size(l.young, 2) == 0 {
		t.Error("flush empties while others use a database")
	}
	_ = user.Close()
	l.ok("flush")
	for db, want := range map[int]int64{1: 0, 2: 0, 3: 1} {
		if got := l.size(l.young, db); got != want {
			t.Errorf("database %d has %d keys", db, got)
		}
	}
}

// A number that a server does not have is refused by every redis-cli, which would else
// ask database 0, and empty it.
func TestScript_noSuchDatabase(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5, realredis.Redis7} {
		t.Run(string(old), func(t *testing.T) {
			l := newLab(t, old, realredis.Redis7)
			one := realredis.Start(t, realredis.Redis7, "s3cret", "databases 1")
			l.between(one, []int{0, 1})
			l.complains("ready", "^backendQueues: the target does not answer: it has no database 1")
			l.do(one, 0, "set", "other", "1")
			l.options.Databases = l.options.Databases[1:]
			for _, key := range emptyKeys.FindAllString(render(l, l.options).Checks[0].File, 1) {
				l.do(l.old, 0, "set", key, "yes")
			}
			l.alone(one)
			for _, mode := range []string{"flush", "copied", "waiting", "carry", "counts", "sample"} {
				l.complains(mode, "^backendQueues: the target does not answer: it has no database 1")
			}
			if l.size(one, 0) != 1 {
				t.Error("database 0 is emptied instead")
			}
		})
	}
}

var emptyKeys = regexp.MustCompile("threescale-redis:state:empty-[0-9a-f]+")

// clients names who still uses the databases that are copied.
func TestScript_clients(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5, realredis.Redis7} {
		t.Run(string(old), func(t *testing.T) {
			l := newLab(t, old, realredis.Redis7)
			other, listener := l.old.Client(t, 3), l.old.Client(t, 1)
			for _, c := range []interface{ Close() error }{other, listener} {
				defer func() { _ = c.Close() }()
			}
			for _, err := range []error{other.Set(t.Context(), "a", "b", 0).Err(), listener.RPush(t.Context(), "resque:queue:main", "a").Err()} {
				if err != nil {
					t.Fatal(err)
				}
			}
			l.complains("clients", `^backendQueues: still connected to the source: 127.0.0.1:\d+ \(rpush\)`)
			_ = listener.Close()
			l.ok("clients")
			subscriber := l.old.Client(t, 1).Subscribe(t.Context(), "channel")
			if _, err := subscriber.Receive(t.Context()); err != nil {
				t.Fatal(err)
			}
			l.complains("clients", `^backendQueues: .*\(subscribe\)`)
		})
	}
}

// A copy that ended too early: the modes that wait say so, and carry brings the jobs
// that wait over, each once.
func TestScript_deadCopy(t *testing.T) {
	l := newLab(t, realredis.Redis3, realredis.Redis7, 0, 2)
	l.fill(l.old, 0, 1)
	l.ok("begin")
	shake := l.copy()
	l.ok("copied")
	shake.Kill()
	l.each(l.old, 1, "rpush resque:queue:main b d\nzadd ns:schedule 7.25 soon\nlpush queue:mail m -n\nset no:queue:list 1")
	l.each(l.young, 2, "rpush resque:queue:main new")
	l.complains("synced", "^backendStorage: the copy is not connected")
	l.complains("waiting", "1 jobs of ns:schedule", "2 jobs of queue:mail", "2 jobs of resque:queue:main are not in the target")
	l.ok("carry")
	l.ok("waiting")
	if got, want := fmt.Sprint(l.do(l.young, 2, "lrange", "resque:queue:main", "0", "-1")), "[a b b new b d]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := fmt.Sprint(l.do(l.young, 2, "zscore", "ns:schedule", "soon")); got != "7.25" {
		t.Error(got)
	}
	l.ok("carry")
	if n := l.do(l.young, 2, "llen", "resque:queue:main"); n != int64(6) {
		t.Errorf("carry again makes %v jobs of 6", n)
	}
}

// sample sees a value that differs, and names its family alone.
func TestScript_sample(t *testing.T) {
	l := newLab(t, realredis.Redis3, realredis.Redis7)
	l.options.Mode = move.Offline // nobody writes: nothing has to arrive first
	for name, change := range map[string]string{"value": "set application/key:s3cret/id 2", "TTL": "expire application/key:s3cret/id 1000", "type": "rpush application/key:s3cret/id 1"} {
		for _, db := range []int{0, 1} {
			l.do(l.old, db, "set", "application/key:s3cret/id", "1")
			l.do(l.young, db, "del", "application/key:s3cret/id")
		}
		l.each(l.young, 1, "set application/key:s3cret/id 1")
		l.do(l.young, 0, "set", "application/key:s3cret/id", "1")
		l.ok("sample")
		if name == "type" {
			l.do(l.young, 0, "del", "application/key:s3cret/id")
		}
		l.each(l.young, 0, change)
		l.complains("sample", `^backendStorage: a string differs: application/key:\*/id$`)
	}
}

// master prints the address of the master, and nothing else.
func TestScript_master(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
		t.Run(string(old), func(t *testing.T) {
			l := newLab(t, old, realredis.Redis7)
			s := realredis.Sentinel(t, printable, fmt.Sprint("sentinel monitor mymaster ", realredis.Host, " ", l.young.Port, " 1"), "sentinel auth-pass mymaster "+realredis.Quote(printable))
			for i := range l.options.Databases {
				c := &l.options.Databases[i].New
				c.Host, c.Port, c.MasterGroup = "", 0, "mymaster"
				c.Sentinels = redis.Sentinels{Hosts: []redis.Address{{Host: realredis.Host, Port: 1}, {Host: realredis.Host, Port: s.Port}}, Password: secret.FromText(printable)}
			}
			if out := l.ok("master"); out != l.young.Addr()+"\n" {
				t.Errorf("%q", out)
			}
			l.fill(l.old, 0, 1)
			l.ok("ready")
			l.ok("begin")
			l.env = []string{"TARGET=" + l.young.Addr()}
			l.copy()
			l.ok("copied")
			l.ok("sample")
			for i := range l.options.Databases {
				l.options.Databases[i].New.MasterGroup = "other"
			}
			l.complains("master", "^no Sentinel says where the master other is")
		})
	}
}

// Offline, there and back: the copy ends by itself.
func TestScript_offline(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
		t.Run(string(old), func(t *testing.T) {
			l := newLab(t, old, realredis.Redis7, 1, 2)
			l.options = offline(l.options)
			l.fill(l.old, 0, 1)
			l.ok("ready")
			l.ok("begin")
			if code := l.copy().Code(); code != 0 {
				t.Fatalf("the copy ends with %d", code)
			}
			for _, mode := range []string{"copied", "synced", "sample", "waiting", "clients", "end"} {
				l.ok(mode)
			}
			l.each(l.young, 1, "del services_set\nset new 1\nhset many a 1 b 2 c 3")
			l.complains("synced", "^backendStorage: 5 keys without a TTL in the source, 6 in the target")
			l.alone(l.young)
			l.options.Back = true
			l.ok("flush")
			l.ok("ready")
			l.ok("begin")
			if code := l.copy().Code(); code != 0 {
				t.Fatalf("the copy back ends with %d", code)
			}
			for _, mode := range []string{"copied", "synced", "sample", "waiting", "end"} {
				l.ok(mode)
			}
			if n := l.do(l.old, 0, "exists", "services_set"); n != int64(0) || l.size(l.old, 0) != 7 {
				t.Errorf("%v, %d keys", n, l.size(l.old, 0))
			}
		})
	}
}

// The way back, live: the old data is put aside, and the old databases take what the new
// Redis writes.
func TestScript_back(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
		t.Run(string(old), func(t *testing.T) {
			l := newLab(t, old, realredis.Redis7, 2, 3)
			replica := realredis.Start(t, realredis.Redis7, "", "replicaof "+realredis.Host+" "+fmt.Sprint(l.young.Port), "masterauth "+realredis.Quote(printable))
			l.until("the new Redis has a replica", func() bool {
				return strings.Contains(fmt.Sprint(l.do(l.young, 0, "info", "replication")), "state=online")
			})
			l.options.Back = true
			l.fill(l.old, 0, 1)
			l.fill(l.young, 2, 3)
			l.do(l.young, 2, "set", "written:since", "1")
			l.complains("ready", "^backendStorage: the database of the target has 6 keys", "^backendQueues: ")
			l.ok("flush")
			kept, err := filepath.Glob(filepath.Join(l.old.Dir, "before-*.rdb"))
			if err != nil || len(kept) != 1 {
				t.Fatalf("%v %v", kept, err)
			}
			l.ok("ready")
			l.ok("begin")
			shake := l.copy()
			l.ok("copied")
			l.each(l.young, 3, "rpush resque:queue:main back\nsetex lock 100 x\nset session a px 100000\nunlink stat:processed\nhset many a 1 b 2")
			for _, mode := range []string{"synced", "counts", "sample", "waiting", "clients"} {
				l.ok(mode)
			}
			l.complains("stopped", "a copy is still connected")
			shake.Kill()
			l.ok("stopped")
			l.ok("end")
			if got := fmt.Sprint(l.do(l.old, 1, "lrange", "resque:queue:main", "0", "-1")); got != "[a b b back]" {
				t.Error(got)
			}
			if n := l.do(l.old, 0, "exists", "written:since"); n != int64(1) {
				t.Error("what was written since is not there")
			}
			replica.Kill()
		})
	}
}

// A mode that does not exist is refused with those that do.
func TestScript_mode(t *testing.T) {
	l := newLab(t, realredis.Redis5, realredis.Redis7)
	for _, mode := range []string{"", "target", "ready; rm"} {
		l.complains(mode, "^the mode must be one of ready, flush, begin,")
	}
}
