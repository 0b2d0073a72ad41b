package move_test

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// What is there before the plan begins: of each service all applications.
const (
	services     = 4
	applications = 100
)

func stateKey(service, app string) string {
	return "application/service_id:" + service + "/id:" + app + "/state"
}

func keysKey(service, app string) string {
	return "application/service_id:" + service + "/id:" + app + "/keys"
}

// fill fills the old Redis servers with a small installation of all types of values.
func (in *installation) fill() {
	backend, sys := in.services["backend-redis"], in.services["system-redis"]
	fill := func(s *realredis.Server, db int, f func(*redis.Client)) {
		c := s.Client(in.t, db)
		defer c.Close()
		f(c)
	}
	fill(backend, 0, in.fillStorage)
	fill(backend, 1, in.fillQueues)
	fill(sys, 1, in.fillSystem)
	if in.release.HasDatabase(redisspec.MessageBus) {
		fill(sys, 2, in.fillBus)
	}
}

func (in *installation) fillBus(c *redis.Client) {
	in.fixed(c, redisspec.MessageBus, func(p redis.Pipeliner, key func(string) string) {
		for i := range 20 {
			p.ZAdd(in.t.Context(), key("__mb_global_backlog_n"), redis.Z{Score: float64(i), Member: fmt.Sprint("message ", i)})
		}
	})
}

// fixed runs commands in a pipeline, and notes the keys that they name: nobody changes
// them later.
func (in *installation) fixed(c *redis.Client, database string, write func(p redis.Pipeliner, key func(string) string)) {
	keys := map[string]bool{}
	in.pipelined(c, func(p redis.Pipeliner) {
		write(p, func(key string) string { keys[key] = true; return key })
	})
	for key := range keys {
		in.oracle.fixed[place{database, key}] = dump(in.t.Context(), c, key)
	}
}

func (in *installation) pipelined(c *redis.Client, write func(p redis.Pipeliner)) {
	in.t.Helper()
	_, err := c.Pipelined(in.t.Context(), func(p redis.Pipeliner) error {
		write(p)
		return nil
	})
	if err != nil {
		in.t.Fatal(err)
	}
}

func (in *installation) fillStorage(c *redis.Client) {
	ctx := in.t.Context()
	in.fixed(c, redisspec.BackendStorage, func(p redis.Pipeliner, key func(string) string) {
		for s := range services {
			service := fmt.Sprint("s", s)
			p.SAdd(ctx, key("services_set"), service)
			p.HMSet(ctx, key("service_token/token:t/service_id:"+service), "created_at", s, "name", "a name with spaces, \"quotes\" and é")
			p.RPush(ctx, key("transactions/service_id:"+service), "one", "two", "three", "one")
			for a := range applications {
				app := fmt.Sprint("a", a)
				p.Set(ctx, key(stateKey(service, app)), "active", 0)
				p.SAdd(ctx, key("service_id:"+service+"/applications"), app)
				p.SAdd(ctx, key(keysKey(service, app)), "key-0", "key-1")
				p.Set(ctx, key("usage_limit/service_id:"+service+"/plan_id:"+app+"/metric_id:m/hour"), a, 0)
			}
		}
	})
	in.pipelined(c, func(p redis.Pipeliner) {
		for s := range services {
			for a := range applications {
				key := fmt.Sprintf("stats/{service:s%d}/cinstance:a%d/metric:m/eternity", s, a)
				p.Set(ctx, key, 1000+a, 0)
				in.oracle.added(storage(key), int64(1000+a))
				ttl := time.Duration(1+a) * time.Hour
				key = fmt.Sprintf("daily_traffic/s%d/a%d", s, a)
				p.Set(ctx, key, a, ttl)
				in.oracle.expires(storage(key), ttl)
			}
		}
	})
}

func (in *installation) fillQueues(c *redis.Client) {
	in.pipelined(c, func(p redis.Pipeliner) {
		for i := range 60 {
			r := report{ID: fmt.Sprint("old.", i), Service: "s1", Application: "a1"}
			queue := resque[i%len(resque)]
			if i%6 == 0 {
				queue, r.Retry = failedReports, true
			}
			p.RPush(in.t.Context(), queue, text(r))
			in.oracle.given(in.oracle.reports, r.ID)
		}
	})
}

func (in *installation) fillSystem(c *redis.Client) {
	ctx := in.t.Context()
	in.fixed(c, redisspec.System, func(p redis.Pipeliner, key func(string) string) {
		for i := range 30 {
			p.ZAdd(ctx, key("dead"), redis.Z{Score: float64(i), Member: fmt.Sprint("dead job ", i)})
			p.HMSet(ctx, key(fmt.Sprint("cron_job:", i)), "name", i, "cron", "0 8 * * *")
		}
	})
	in.pipelined(c, func(p redis.Pipeliner) {
		for i := range 30 {
			id := fmt.Sprint("tomorrow.", i)
			p.ZAdd(ctx, "schedule", redis.Z{Score: seconds(24 * time.Hour), Member: id})
			in.oracle.member(system("schedule"), id, true)
		}
	})
}
