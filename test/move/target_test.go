package move_test

import (
	"fmt"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// target is a new Redis: one server, or a master with a replica and Sentinels.
type target struct {
	password  string
	master    *realredis.Server
	replica   *realredis.Server
	sentinels []*realredis.Server
}

// endpoint starts a server that has one database, as each of Redis Enterprise has.
func endpoint(t *testing.T, password string) *target {
	t.Helper()
	return &target{password: password, master: realredis.Start(t, realredis.Redis7, password, "databases 1")}
}

// sentinelTarget starts a master, a replica and three Sentinels that fail over fast.
func sentinelTarget(t *testing.T, password, sentinelPassword string) *target {
	t.Helper()
	own := "masterauth " + realredis.Quote(password)
	master := realredis.Start(t, realredis.Redis7, password, own, "repl-diskless-sync-delay 0")
	to := &target{password: password, master: master}
	to.replica = realredis.Start(t, realredis.Redis7, password, own, "repl-diskless-sync-delay 0", fmt.Sprintf("replicaof %s %d", realredis.Host, master.Port))
	for range 3 {
		to.sentinels = append(to.sentinels, realredis.Sentinel(t, sentinelPassword,
			fmt.Sprintf("sentinel monitor mymaster %s %d 2", realredis.Host, master.Port), "sentinel auth-pass mymaster "+realredis.Quote(password),
			"sentinel down-after-milliseconds mymaster 2000", "sentinel failover-timeout mymaster 3000"))
	}
	return to
}
