package move_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// Whatever goes wrong with data that moves, the oracle sees it.
func TestOracle(t *testing.T) {
	need(t, realredis.Redis7)
	c := realredis.Start(t, realredis.Redis7, "").Client(t, 0)
	ctx := t.Context()
	for name, x := range map[string]struct {
		// harm is done to an oracle and a database that agree.
		harm func(o *oracle)
		want string
	}{
		"nothing":         {func(*oracle) {}, ""},
		"a lost report":   {func(o *oracle) { o.given(o.reports, "report 2") }, "reports: 1 lost, 0 done twice"},
		"a job twice":     {func(o *oracle) { o.done(o.jobs, "job") }, "jobs: 0 lost, 1 done twice"},
		"a refused call":  {func(o *oracle) { o.answer(false) }, "refused"},
		"an error":        {func(o *oracle) { o.failed("pod", redis.ErrClosed) }, "pod: redis: client is closed"},
		"a lost increase": {func(o *oracle) { o.added(storage("counter"), 1) }, `counter: must be "4", is "3"`},
		"a counter twice": {func(*oracle) { c.Incr(ctx, "counter") }, `counter: must be "3", is "4"`},
		"a lost key":      {func(*oracle) { c.Del(ctx, "text") }, `text: must be "new", is ""`},
		"an older text":   {func(*oracle) { c.Set(ctx, "text", "old", 0) }, `text: must be "new", is "old"`},
		"a list twice":    {func(*oracle) { c.RPush(ctx, "fixed", "a", "b") }, `fixed: must be "list a b", is "list a b a b"`},
		"an entry twice":  {func(*oracle) { c.RPush(ctx, "list", "one") }, `list: must be "one", is "one one"`},
		"a lost member":   {func(*oracle) { c.SRem(ctx, "set", "added") }, "lacks added"},
		"a stale member":  {func(*oracle) { c.SAdd(ctx, "set", "removed") }, "removed was removed, and is there"},
		"no TTL":          {func(*oracle) { c.Persist(ctx, "ttl") }, "ttl: must end in"},
		"another TTL":     {func(*oracle) { c.Expire(ctx, "ttl", 2*time.Hour) }, "ttl: must end in"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOracle()
			for _, err := range []error{
				c.FlushDB(ctx).Err(), c.IncrBy(ctx, "counter", 3).Err(), c.Set(ctx, "text", "new", 0).Err(), c.RPush(ctx, "fixed", "a", "b").Err(),
				c.RPush(ctx, "list", "one").Err(), c.SAdd(ctx, "set", "added").Err(), c.Set(ctx, "ttl", 1, time.Hour).Err(),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			o.fixed[storage("fixed")] = dump(ctx, c, "fixed")
			o.added(storage("counter"), 3)
			o.set(storage("text"), "new")
			o.appended(storage("list"), "one")
			o.member(storage("set"), "added", true)
			o.member(storage("set"), "removed", false)
			o.expires(storage("ttl"), time.Hour)
			o.given(o.reports, "report")
			o.done(o.reports, "report")
			o.given(o.jobs, "job")
			o.done(o.jobs, "job")
			o.answer(true)
			x.harm(o)
			wrong := o.judge(ctx, func(database string) *redis.Client {
				if database != redisspec.BackendStorage {
					t.Errorf("asks for %s", database)
				}
				return c
			}).wrong()
			got := strings.Join(wrong, "\n")
			if x.want == "" && len(wrong) > 0 || x.want != "" && (len(wrong) != 1 || !strings.Contains(got, x.want)) {
				t.Errorf("want %q: %s", x.want, fmt.Sprint(wrong))
			}
		})
	}
}
