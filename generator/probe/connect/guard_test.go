package connect_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answers returns a client of a server that answers with one text.
func answers(t *testing.T, text string) *goredis.Client {
	t.Helper()
	port := realredis.Fake(t, func(command []string) string {
		if command[0] == "hello" {
			return "-ERR unknown command\r\n"
		}
		return text
	})
	d := connect.Dialer{Timeout: 5 * time.Second}
	client, err := d.Server(redis.Connection{}, redis.Address{Host: realredis.Host, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// An answer that is none, or that would need much memory, is refused by its beginning.
func TestGuard(t *testing.T) {
	for answer, want := range map[string]error{
		"HTTP/1.1 400 Bad Request\r\n\r\n":            connect.ErrNotRedis,
		"SSH-2.0-OpenSSH_9.6\r\n":                     connect.ErrNotRedis,
		"\x15\x03\x01\x00\x02\x02\x46":                connect.ErrTLS,
		"\r\n":                                        connect.ErrNotRedis,
		"$x\r\n":                                      connect.ErrNotRedis,
		"$-5\r\n":                                     connect.ErrNotRedis,
		"$4000000000\r\n":                             connect.ErrTooLong,
		"*2000000000\r\n":                             connect.ErrTooLong,
		"%2000000000\r\n":                             connect.ErrTooLong,
		"$99999999999999999999\r\n":                   connect.ErrTooLong,
		"|9223372036854775807\r\n":                    connect.ErrTooLong,
		strings.Repeat("*1000\r\n", 20):               connect.ErrTooLong,
		strings.Repeat("*1\r\n", 1<<15):               connect.ErrTooLong,
		strings.Repeat("%9000\r\n", 1):                connect.ErrTooLong,
		"+" + strings.Repeat("endless", 1<<18):        connect.ErrTooLong,
		"$1048576\r\n" + strings.Repeat("x", 1048577): connect.ErrTooLong,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := answers(t, answer).Do(t.Context(), "get", "x").Err()
		runtime.ReadMemStats(&after)
		if !errors.Is(err, want) {
			t.Errorf("%.40q: got %v, want %v", answer, err, want)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
			t.Errorf("%.40q: took %d MiB", answer, took>>20)
		}
	}
}

// What a server may answer is read as ever, in whatever pieces it comes.
func TestGuard_answers(t *testing.T) {
	for answer, want := range map[string]any{
		"$12\r\n$99999999999\r\n": "$99999999999",
		"$-1\r\n":                 nil,
		"*2\r\n$1\r\na\r\n:7\r\n": []any{"a", int64(7)},
		"$4\r\nHTTP\r\n":          "HTTP",
		"$0\r\n\r\n":              "",
	} {
		port := realredis.Serve(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1<<10)) // HELLO
			_, _ = io.WriteString(c, "-ERR unknown command\r\n")
			_, _ = c.Read(make([]byte, 1<<10))
			for i := range len(answer) {
				_, _ = io.WriteString(c, answer[i:i+1])
				runtime.Gosched()
			}
		})
		d := connect.Dialer{Timeout: 5 * time.Second}
		client, err := d.Server(redis.Connection{}, redis.Address{Host: realredis.Host, Port: port})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Do(t.Context(), "get", "x").Result()
		if err != nil && (want != nil || !errors.Is(err, goredis.Nil)) || !equal(got, want) {
			t.Errorf("%q: got %v, %v", answer, got, err)
		}
		_ = client.Close()
	}
}

func equal(a, b any) bool {
	x, ok := a.([]any)
	y, _ := b.([]any)
	if !ok {
		return a == b
	}
	return len(x) == 2 && x[0] == y[0] && x[1] == y[1]
}

// The end of Until ends a dial, a handshake and a command that would wait for long.
func TestDialer_until(t *testing.T) {
	silent := realredis.Serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	for _, tls := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		d := connect.Dialer{Timeout: time.Hour, Until: ctx}
		client, err := d.Server(redis.Connection{TLS: redis.TLS{On: tls}}, redis.Address{Host: realredis.Host, Port: silent})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(50*time.Millisecond, cancel)
		if err := client.Ping(context.Background()).Err(); err == nil {
			t.Error("a server that says nothing answers")
		}
		_ = client.Close()
	}
}
