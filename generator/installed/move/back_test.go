package move_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// backCommands are what a client can say to a new Redis while the copy back runs, and the
// key whose value and TTL must then be the same in the old one. MULTI and EXEC
// stand around the lines of one.
var backCommands = map[string]string{
	"setex": "setex setex 100 v", "psetex": "psetex psetex 100000 v", "set ex": "set set_ex v ex 100", "set px": "set set_px v px 100000",
	"set exat": "set set_exat v exat 4102444800", "set pxat": "set set_pxat v pxat 4102444800123", "set plain": "set set_plain v",
	"set nx": "set set_nx v nx", "set nx ex": "set set_nx_ex v ex 100 nx", "set xx": "set set_xx v\nset set_xx w xx",
	"set get": "set set_get v get\nset set_get w get", "set get px": "set set_get_px v px 100000 get",
	"keepttl": "set keepttl v ex 100\nset keepttl w keepttl", "keepttl without": "set keepttl_without v\nset keepttl_without w keepttl",
	"incrbyfloat": "set incrbyfloat 1.5 ex 100\nincrbyfloat incrbyfloat 2.25", "hincrbyfloat": "hincrbyfloat hincrbyfloat f 1.5",
	"expire": "set expire v\nexpire expire 100", "expire nx": "set expire_nx v\nexpire expire_nx 100 nx", "expire gt": "set expire_gt v ex 10\nexpire expire_gt 100 gt",
	"pexpireat": "set pexpireat v\npexpireat pexpireat 4102444800123 nx", "persist": "set persist v ex 100\npersist persist",
	"getex": "set getex v\ngetex getex ex 100", "getex persist": "set getex_persist v ex 100\ngetex getex_persist persist", "getdel": "set getdel v\ngetdel getdel",
	"unlink": "set unlink v\nunlink unlink", "unlink many": "mset unlink_many v x w\nunlink unlink_many x",
	"hset": "hset hset a 1", "hset many": "hset hset_many a 1 b 2 c 3", "hmset": "hmset hmset a 1 b 2",
	"lmove": "rpush lmove a b\nlmove lmove lmove right left", "lpop count": "rpush lpop_count a b c d\nlpop lpop_count 2", "rpop count": "rpush rpop_count a b c d\nrpop rpop_count 3",
	"lpop": "rpush lpop a b\nlpop lpop", "rpoplpush": "rpush rpoplpush a b\nrpoplpush rpoplpush rpoplpush",
	"spop": "sadd spop a\nspop spop", "spop count": "sadd spop_count a b c\nspop spop_count 3", "zadd": "zadd zadd 1.25 a 2 b", "zincrby": "zincrby zincrby 1.5 a",
	"incr": "incr incr\nincrby incr 5", "multi": "multi\nset multi v ex 100\nhset multi_hash a 1 b 2\nexec",
	"eval": "eval redis.call('set',KEYS[1],'v','ex','100') 1 eval", "append": "append append v", "ltrim": "rpush ltrim a b c\nltrim ltrim 0 1", "zrem": "zadd zrem 1 a 2 b\nzrem zrem a",
}

// Every command that Redis 7 sends to its replicas arrives at 3.2 and 5.0 as what they
// know: with other numbers of the databases, and the same.
func TestBack_commands(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
		for name, numbers := range map[string][]int{"same numbers": {0, 1}, "other numbers": {2, 0}} {
			t.Run(string(old)+" "+name, func(t *testing.T) {
				l := newLab(t, old, realredis.Redis7, numbers...)
				l.options.Back = true
				l.ok("ready")
				l.ok("begin")
				shake := l.copy()
				l.ok("copied")
				names := slices.Sorted(maps.Keys(backCommands))
				for _, name := range names {
					c := l.young.Client(t, numbers[1]).Conn()
					for line := range strings.Lines(backCommands[name]) {
						var args []any
						for _, word := range strings.Fields(line) {
							args = append(args, word)
						}
						if err := c.Do(t.Context(), args...).Err(); err != nil && err.Error() != "redis: nil" {
							t.Fatalf("%s: %v", line, err)
						}
					}
					_ = c.Close()
				}
				if out, err := l.script("synced"); err != nil {
					t.Fatalf("the copy ended: %s\n%s", out, shake.Log())
				}
				if n, m := l.size(l.young, numbers[1]), l.size(l.old, 1); n != m || n < 30 {
					t.Errorf("%d keys, and %d in the old Redis", n, m)
				}
				for _, key := range l.do(l.young, numbers[1], "keys", "*").([]any) {
					key := key.(string)
					if young, old := l.value(l.young, numbers[1], key), l.value(l.old, 1, key); young != old {
						t.Errorf("%s: %s in the new Redis, %s in the old", key, young, old)
					}
					young, old := l.ttl(l.young, numbers[1], key), l.ttl(l.old, 1, key)
					if diff := young - old; diff > 2000 || diff < -2000 || (young < 0) != (old < 0) {
						t.Errorf("%s: TTL %d in the new Redis, %d in the old", key, young, old)
					}
				}
			})
		}
	}
}

func (l *lab) ttl(s *realredis.Server, db int, key string) int64 {
	l.Helper()
	return l.do(s, db, "pttl", key).(int64)
}

// value is the value of a key as text.
func (l *lab) value(s *realredis.Server, db int, key string) string {
	l.Helper()
	kind := l.do(s, db, "type", key).(string)
	read := map[string][]string{"string": {"get", key}, "list": {"lrange", key, "0", "-1"}, "set": {"smembers", key}, "hash": {"hgetall", key}, "zset": {"zrange", key, "0", "-1", "withscores"}}[kind]
	if read == nil {
		return kind
	}
	reply := l.do(s, db, read...)
	if m, is := reply.([]any); is && kind != "list" {
		words := make([]string, len(m))
		for i, w := range m {
			words[i] = strconv.Quote(fmt.Sprint(w))
		}
		slices.Sort(words)
		return kind + strings.Join(words, " ")
	}
	return kind + fmt.Sprint(reply)
}
