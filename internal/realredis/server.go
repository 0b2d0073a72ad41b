package realredis

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Host is where all servers listen.
const Host = "127.0.0.1"

// Server is a Redis server or a Sentinel.
type Server struct {
	*Process
	Port     int
	Password string
	// Dir holds its data.
	Dir string
}

// Addr is the address, HOST:PORT.
func (s *Server) Addr() string { return net.JoinHostPort(Host, strconv.Itoa(s.Port)) }

// Start starts a server with a password, or none, and lines of a configuration, and
// waits until it answers. It listens on a free port of loopback, and never writes an
// RDB by itself.
func Start(t testing.TB, p Program, password string, lines ...string) *Server {
	t.Helper()
	return start(t, p, password, nil, append([]string{`save ""`, "daemonize no"}, lines...))
}

// Sentinel starts a Sentinel with lines such as `sentinel monitor mymaster HOST PORT 2`.
func Sentinel(t testing.TB, password string, lines ...string) *Server {
	t.Helper()
	if password != "" {
		lines = append(lines, "sentinel sentinel-pass "+Quote(password))
	}
	return start(t, Redis7, password, []string{"--sentinel"}, lines)
}

func start(t testing.TB, p Program, password string, args, lines []string) *Server {
	t.Helper()
	if password != "" {
		lines = append(lines, "requirepass "+Quote(password))
	}
	program := filepath.Join(p.Folder(t), "redis-server")
	// Another process may take a port that was free.
	for range 5 {
		s := &Server{Port: FreePort(t), Password: password, Dir: t.TempDir()}
		config := filepath.Join(s.Dir, "redis.conf")
		text := strings.Join(append([]string{"bind " + Host, fmt.Sprint("port ", s.Port), "dir " + Quote(s.Dir)}, lines...), "\n") + "\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Process = Run(t, s.Dir, nil, program, append([]string{config}, args...)...)
		if s.answers(t) {
			return s
		}
	}
	t.Fatalf("%s does not start", p)
	return nil
}

// answers waits until a server answers, or has ended.
func (s *Server) answers(t testing.TB) bool {
	t.Helper()
	c := s.Client(t, 0)
	defer func() { _ = c.Close() }()
	for {
		if c.Ping(t.Context()).Err() == nil {
			return true
		}
		select {
		case <-s.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Ask runs one command in database 0, and disconnects.
func (s *Server) Ask(t testing.TB, command ...any) *redis.Cmd {
	t.Helper()
	c := s.Client(t, 0)
	defer func() { _ = c.Close() }()
	return c.Do(t.Context(), command...)
}

// Client returns a client of a database, which stays connected. It says nothing that Redis 3.2 does not know.
func (s *Server) Client(t testing.TB, db int) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), Password: s.Password, DB: db, Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Ports are taken one after the other, from a beginning of each process, below those
// that systems take for connections: these could take a port that is free.
const firstPort, ports = 12000, 18000

var port atomic.Int64

// FreePort returns a port that nobody listens on, and that this process has not
// returned before.
func FreePort(t testing.TB) int {
	t.Helper()
	for range ports {
		n := firstPort + (os.Getpid()*101+int(port.Add(1)))%ports
		if l, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(n))); err == nil {
			_ = l.Close()
			return n
		}
	}
	t.Fatal("no port is free")
	return 0
}

// Quote writes a text as a word of a Redis configuration, whatever it holds.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		fmt.Fprintf(&b, `\x%02x`, text[i])
	}
	b.WriteByte('"')
	return b.String()
}
