package watch

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// fake is a server, and a Sentinel, that speaks as much Redis as a watch needs.
type fake struct {
	listener net.Listener

	mu    sync.Mutex
	conns map[net.Conn]bool
	// accepted counts all connections, commands those that were asked.
	accepted int
	commands [][]string
	keys     map[string]string
	role     string
	id       byte
	// master is what it answers as a Sentinel.
	master redis.Address
	// answer may answer in place of the server, with a whole reply; hang is none.
	answer func(command []string) string
}

const hang = "hang"

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{conns: map[net.Conn]bool{}, keys: map[string]string{}, role: "master", id: 'a'}
	f.start(t, "127.0.0.1:0")
	t.Cleanup(f.stop)
	return f
}

func (f *fake) start(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	f.set(func() { f.listener = l })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f.set(func() { f.conns[c] = true; f.accepted++ })
			go f.serve(c)
		}
	}()
}

// stop closes the listener and all connections.
func (f *fake) stop() {
	f.set(func() { _ = f.listener.Close() })
	f.drop()
}

// drop closes all connections, as CLIENT KILL does.
func (f *fake) drop() {
	f.set(func() {
		for c := range f.conns {
			_ = c.Close()
		}
	})
}

// asked counts the commands of a name.
func (f *fake) asked(name string) (n int) {
	f.set(func() {
		for _, c := range f.commands {
			if strings.EqualFold(c[0], name) {
				n++
			}
		}
	})
	return n
}

// restart is what a server without persistence does.
func (f *fake) restart(t *testing.T) {
	t.Helper()
	address := f.listener.Addr().String()
	f.stop()
	f.set(func() { f.id++; clear(f.keys) })
	f.start(t, address)
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) open() (n int) {
	f.set(func() { n = len(f.conns) })
	return n
}

// connections counts all there were.
func (f *fake) connections() (n int) {
	f.set(func() { n = f.accepted })
	return n
}

func (f *fake) address() redis.Address {
	return redis.Address{Host: "127.0.0.1", Port: f.listener.Addr().(*net.TCPAddr).Port}
}

// target is a database on the fake.
func (f *fake) target(name string) connect.Target {
	at := f.address()
	return connect.Target{Database: name, Connection: redis.Connection{Host: at.Host, Port: at.Port}}
}

func (f *fake) serve(c net.Conn) {
	defer func() {
		_ = c.Close()
		f.set(func() { delete(f.conns, c) })
	}()
	realredis.Answer(c, func(command []string) string {
		reply := ""
		f.set(func() { reply = f.reply(command) })
		if reply == hang {
			return ""
		}
		return reply
	})
}

func (f *fake) reply(command []string) string {
	f.commands = append(f.commands, command)
	if f.answer != nil {
		if reply := f.answer(command); reply != "" {
			return reply
		}
	}
	switch strings.ToLower(command[0]) {
	case "get":
		value, ok := f.keys[command[1]]
		if !ok {
			return "$-1\r\n"
		}
		return bulk(value)
	case "set":
		if f.role != "master" {
			return "-READONLY You can't write against a read only replica.\r\n"
		}
		f.keys[command[1]] = command[2]
		return "+OK\r\n"
	case "del":
		delete(f.keys, command[1])
		return ":1\r\n"
	case "role":
		return "*1\r\n" + bulk(f.role)
	case "info":
		return bulk("# Server\r\nrun_id:" + strings.Repeat(string(f.id), 40) + "\r\n")
	case "sentinel":
		return "*2\r\n" + bulk(f.master.Host) + bulk(strconv.Itoa(f.master.Port))
	case "auth":
		return "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
	default:
		return "-ERR unknown command\r\n"
	}
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }
