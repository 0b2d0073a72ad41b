package move_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// printable is a password of all printable characters.
var printable = func() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String()
}()

// digest is that of an image, which nobody pulls here.
var digest = strings.Repeat("0123456789abcdef", 4)

// way is where a plan goes, and how.
type way struct {
	profile, move, password string
}

// endpoints are the targets of Redis Enterprise, from which no other server can read.
var endpoints = way{"redis-enterprise", "live", printable}

// spec starts a server for each database, and returns them with the spec that names
// them.
func (w way) spec(t *testing.T, rel releases.Release) (map[string]*target, string) {
	t.Helper()
	spec := fmt.Sprintf(`apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: example, namespace: threescale}
spec:
  release: %q
  profile: %s
  data: {move: %s, image: "registry.example.com/redisshake@sha256:%s"}
`, rel.Line, w.profile, w.move, digest)
	if rel.Operated() {
		spec += "  apiManager: {name: apimanager}\n"
	}
	spec += "  databases:\n"
	all := map[string]*target{}
	for _, name := range redisspec.Names {
		if rel.HasDatabase(name) {
			all[name] = endpoint(t, w.password)
			spec += fmt.Sprintf("    %s: {host: %s, port: %d, db: 0, password: {fromEnv: REDIS_PASSWORD}}\n", name, realredis.Host, all[name].master.Port)
		}
	}
	return all, spec
}

// judged lets 3scale work on for a while, and then asks the oracle.
func (in *installation) judged() verdict {
	in.t.Helper()
	ctx := in.t.Context()
	sleep(ctx, 2*time.Second)
	in.mu.Lock()
	in.quiet = true
	values := in.values(in.workloads["system-app"].id)
	for key, value := range in.values(in.workloads["backend-listener"].id)["backend-redis"] {
		values["backend-redis"][key] = value
	}
	in.mu.Unlock()
	conns := map[string]*redis.Client{}
	for _, name := range redisspec.Names {
		if !in.release.HasDatabase(name) {
			continue
		}
		program := clients.Porta
		if name == redisspec.BackendQueues {
			program = clients.Apisonator
		}
		to, err := in.connection(values, program, name)
		if err != nil {
			in.t.Fatal(err)
		}
		conns[name] = in.dial(to, nil)
		defer conns[name].Close()
	}
	database := func(name string) *redis.Client { return conns[name] }
	in.drain(database)
	in.stop()
	v := in.oracle.judge(ctx, database)
	in.t.Log(v)
	return v
}

// drain waits until all jobs that are due are carried out, as far as that happens.
func (in *installation) drain(database func(string) *redis.Client) {
	in.t.Helper()
	ctx := in.t.Context()
	left := func() int64 {
		n := int64(0)
		for _, key := range append([]string{failedReports}, resque...) {
			n += database(redisspec.BackendQueues).LLen(ctx, key).Val()
		}
		for _, key := range sidekiqQueues {
			n += database(redisspec.System).LLen(ctx, key).Val()
		}
		for _, key := range []string{"schedule", "retry"} {
			n += database(redisspec.System).ZCount(ctx, key, "-inf", fmt.Sprint(seconds(time.Minute))).Val()
		}
		return n
	}
	for quiet := 0; quiet < 5; {
		sleep(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			in.t.Fatal("the queues do not become empty")
		}
		quiet++
		if left() > 0 {
			quiet = 0
		}
	}
}
