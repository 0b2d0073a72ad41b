package realredis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

func TestMain(m *testing.M) {
	logging.Disable() // a server that does not answer yet is no news
	m.Run()
}

// printable is a password of all printable characters.
var printable = func() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String()
}()

func TestStart(t *testing.T) {
	for program, version := range map[realredis.Program]string{realredis.Redis3: "3.2.13", realredis.Redis5: "5.0.14", realredis.Redis7: ""} {
		t.Run(string(program), func(t *testing.T) {
			realredis.Need(t, program)
			s := realredis.Start(t, program, printable, "databases 1")
			info := s.Client(t, 0).Info(t.Context(), "server").Val()
			if !strings.Contains(info, "redis_version:"+version) {
				t.Errorf("want version %q:\n%s", version, info)
			}
			if err := s.Client(t, 1).Ping(t.Context()).Err(); err == nil {
				t.Error("databases 1 has a second database")
			}
			s.Kill()
			if err := s.Client(t, 0).Ping(t.Context()).Err(); err == nil {
				t.Error("answers after Kill")
			}
		})
	}
}

// RedisShake brings a key from the oldest server to the newest.
func TestShake(t *testing.T) {
	realredis.Need(t, realredis.Redis3, realredis.Redis7, realredis.Shake)
	old, young := realredis.Start(t, realredis.Redis3, ""), realredis.Start(t, realredis.Redis7, "s3cret")
	if err := old.Client(t, 1).Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf("[sync_reader]\naddress = %q\n[redis_writer]\naddress = %q\npassword = %q\n[advanced]\ndir = %q\n", old.Addr(), young.Addr(), "s3cret", dir)
	file := filepath.Join(dir, "shake.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	shake := realredis.Run(t, dir, nil, filepath.Join(realredis.Shake.Folder(t), "redis-shake"), file)
	for young.Client(t, 1).Get(t.Context(), "key").Val() != "value" {
		select {
		case <-shake.Done():
			t.Fatalf("ended with %d", shake.Code())
		case <-time.After(20 * time.Millisecond):
		}
	}
	shake.Kill()
	if shake.Code() == 0 {
		t.Error("was not killed")
	}
}

func TestSentinel(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	master := realredis.Start(t, realredis.Redis7, "s3cret")
	s := realredis.Sentinel(t, "other", fmt.Sprint("sentinel monitor mymaster ", realredis.Host, " ", master.Port, " 1"), "sentinel auth-pass mymaster s3cret")
	addr, err := s.Client(t, 0).Do(t.Context(), "sentinel", "get-master-addr-by-name", "mymaster").StringSlice()
	if err != nil || strings.Join(addr, ":") != master.Addr() {
		t.Errorf("%v %v", addr, err)
	}
}
