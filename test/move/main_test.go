// Package move_test carries out plans that move data, with the real programs: old and
// new Redis servers, RedisShake, and the commands of PLAN.md in a shell. Only oc is
// not real: it maps pods to processes on loopback and to goroutines that work as
// 3scale's pods do. An oracle knows each write that Redis has acknowledged.
package move_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "oc" {
		os.Exit(ocMain())
	}
	logging.Disable() // the oracle reports errors
	var err error
	if built, err = os.MkdirTemp("", "threescale-redis-"); err != nil {
		panic(err)
	}
	m.Run()
	_ = os.RemoveAll(built)
}

// need skips a test that cannot run. The others run at the same time: each waits most
// of it.
func need(t *testing.T, programs ...realredis.Program) {
	t.Helper()
	realredis.Need(t, programs...)
	t.Parallel()
}

// built is the folder of programs that tests build.
var built string
