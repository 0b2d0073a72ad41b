package watch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// sameWithin is how much the watch and an independent client may differ.
const sameWithin = 0.2

// independent measures the longest time without a write, on a new connection for each,
// until it is stopped and has written once more.
type independent struct {
	stop chan struct{}
	done chan time.Duration
}

func measure(write func() error) *independent {
	i := &independent{make(chan struct{}), make(chan time.Duration, 1)}
	go func() {
		longest, last := time.Duration(0), time.Now()
		for {
			stopped := false
			select {
			case <-i.stop:
				stopped = true
			default:
			}
			if write() == nil {
				longest, last = max(longest, time.Since(last)), time.Now()
				if stopped {
					i.done <- longest
					return
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return i
}

func (i *independent) longest() time.Duration {
	close(i.stop)
	return <-i.done
}

// same fails unless the watch has measured what the independent client has.
func same(t *testing.T, d Database, want time.Duration) {
	t.Helper()
	for name, got := range map[string]time.Duration{"reads": d.Reads.Longest, "writes": d.Writes.Longest} {
		t.Logf("%s: %v, the independent client: %v", name, got, want)
		if math.Abs(got.Seconds()/want.Seconds()-1) > sameWithin {
			t.Errorf("%s were unavailable for %v, an independent client measured %v", name, got, want)
		}
	}
}

// cluster is a master, two replicas and three Sentinels.
type cluster struct {
	nodes, sentinels []*realredis.Server
}

const (
	nodePassword     = "p%40 w/d"
	sentinelPassword = "sesame"
	group            = "mymaster"
)

func startCluster(t *testing.T) cluster {
	t.Helper()
	var c cluster
	auth := "masterauth " + realredis.Quote(nodePassword)
	const soon, debug = "repl-diskless-sync-delay 0", "enable-debug-command yes"
	c.nodes = append(c.nodes, realredis.Start(t, realredis.Redis7, nodePassword, auth, soon, debug))
	of := fmt.Sprint("replicaof ", realredis.Host, " ", c.nodes[0].Port)
	for range 2 {
		c.nodes = append(c.nodes, realredis.Start(t, realredis.Redis7, nodePassword, auth, of, soon))
	}
	eventually(t, func() bool {
		return strings.Count(c.nodes[0].Ask(t, "info", "replication").String(), "state=online") == 2
	})
	for range 3 {
		c.sentinels = append(c.sentinels, realredis.Sentinel(t, sentinelPassword,
			fmt.Sprint("sentinel monitor ", group, " ", realredis.Host, " ", c.nodes[0].Port, " 2"),
			"sentinel auth-pass "+group+" "+realredis.Quote(nodePassword),
			"sentinel down-after-milliseconds "+group+" 1000", "sentinel failover-timeout "+group+" 10000"))
	}
	for _, s := range c.sentinels {
		eventually(t, func() bool {
			info := s.Ask(t, "info", "sentinel").String()
			return strings.Contains(info, "slaves=2,sentinels=3") && strings.Contains(info, "status=ok")
		})
	}
	return c
}

func (c cluster) target() connect.Target {
	connection := redis.Connection{DB: 3, MasterGroup: group, Password: secret.FromText(nodePassword)}
	connection.Sentinels.Password = secret.FromText(sentinelPassword)
	for _, s := range c.sentinels {
		connection.Sentinels.Hosts = append(connection.Sentinels.Hosts, redis.Address{Host: realredis.Host, Port: s.Port})
	}
	return connect.Target{Database: "system", Connection: connection}
}

// write asks one Sentinel after the other where to write.
func (c cluster) write() error {
	ctx := context.Background()
	for _, s := range c.sentinels {
		sentinel := goredis.NewSentinelClient(impatient(s.Addr(), sentinelPassword))
		master, err := sentinel.GetMasterAddrByName(ctx, group).Result()
		_ = sentinel.Close()
		if err == nil {
			return write(net.JoinHostPort(master[0], master[1]))
		}
	}
	return errors.New("no Sentinel answers")
}

func write(address string) error {
	client := goredis.NewClient(impatient(address, nodePassword))
	defer client.Close()
	return client.Set(context.Background(), "independent", "", 0).Err()
}

// impatient are the options of a client that tries once, and not for long.
func impatient(address, password string) *goredis.Options {
	logging.Disable()
	const timeout = 200 * time.Millisecond
	return &goredis.Options{
		Addr: address, Password: password, Protocol: 2, MaxRetries: -1, DialerRetries: 1, PoolSize: 1,
		DialTimeout: timeout, ReadTimeout: timeout, DisableIdentity: true,
	}
}

func (c cluster) server(address string) *realredis.Server {
	for _, s := range c.nodes {
		if s.Addr() == address {
			return s
		}
	}
	return nil
}

func TestReal_masterLost(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	for name, lose := range map[string]func(*realredis.Server){
		"killed": func(s *realredis.Server) { s.Kill() },
		// It accepts connections, and says nothing.
		"hangs": func(s *realredis.Server) {
			client := goredis.NewClient(impatient(s.Addr(), nodePassword))
			defer client.Close()
			_ = client.Do(context.Background(), "debug", "sleep", 30).Err() // no answer in time
		},
	} {
		t.Run(name, func(t *testing.T) { masterLost(t, lose) })
	}
}

// What a user may not do to the key of the watch is said with what to allow.
func TestReal_permissions(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	s := realredis.Start(t, realredis.Redis7, nodePassword,
		"user keys on >open ~queue:* &* +@all", "user commands on >open ~* &* +@all -set")
	for user, want := range map[string]string{
		"keys":     "write failed: the server answers NOPERM: allow the user the keys ~threescale-redis:probe:*",
		"commands": "write failed: the server answers NOPERM: allow the user GET, SET and DEL",
	} {
		c := redis.Connection{Host: realredis.Host, Port: s.Port, Username: user, Password: secret.FromText("open")}
		w := start(t, Options{Interval: Interval}, connect.Target{Database: "system", Connection: c})
		w.until(want)
		w.finish()
	}
}

func masterLost(t *testing.T, lose func(*realredis.Server)) {
	c := startCluster(t)
	before := runtime.NumGoroutine()
	other := measure(c.write)
	w := start(t, Options{Interval: Interval}, c.target())
	w.until("connected to " + c.nodes[0].Addr())
	eventually(t, func() bool { return keys(t, c.nodes[0]) > 0 })
	lose(c.nodes[0])
	w.until("master moved from " + c.nodes[0].Addr())
	w.until("works again")
	w.until("works again")
	want := other.longest()
	d := w.finish().Databases[0]
	same(t, d, want)
	if len(d.Moves) != 1 || d.Unchecked || d.Lost > 2 {
		t.Fatalf("moves %v, %d lost, unchecked: %v", d.Moves, d.Lost, d.Unchecked)
	}
	master := c.server(d.Moves[0].To)
	eventually(t, func() bool { return keys(t, master) == 0 && clients(t, master) == 1 })
	eventually(t, func() bool { return runtime.NumGoroutine() <= before })
}

// keys counts those of the watch, in its database.
func keys(t *testing.T, s *realredis.Server) int {
	t.Helper()
	client := s.Client(t, 3)
	defer client.Close()
	found, err := client.Keys(t.Context(), Prefix+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// clients counts the connections that are neither of replicas nor of Sentinels.
func clients(t *testing.T, s *realredis.Server) (n int) {
	t.Helper()
	list := s.Ask(t, "client", "list", "type", "normal").Val().(string)
	for line := range strings.Lines(list) {
		if !strings.Contains(line, "name=sentinel-") {
			n++
		}
	}
	return n
}

// A failover on purpose: until the Sentinels have told the old master, it takes writes
// that are lost, and the watch counts them.
func TestReal_failover(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	c := startCluster(t)
	w := start(t, Options{Interval: Interval}, c.target())
	w.until("connected to " + c.nodes[0].Addr())
	eventually(t, func() bool { return keys(t, c.nodes[0]) > 0 })
	if err := c.sentinels[0].Ask(t, "sentinel", "failover", group).Err(); err != nil {
		t.Fatal(err)
	}
	w.until("master moved from " + c.nodes[0].Addr())
	w.until("write works again")
	d := w.finish().Databases[0]
	t.Logf("%v without writes, %d of %d lost", d.Writes.Longest, d.Lost, d.Writes.Worked)
	if d.Lost == 0 || d.Unchecked || len(d.Moves) != 1 {
		t.Errorf("moves %v, %d lost, unchecked: %v", d.Moves, d.Lost, d.Unchecked)
	}
}

// The network is cut for both clients at the same time, and comes back.
func TestReal_networkCut(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	s := realredis.Start(t, realredis.Redis7, nodePassword)
	p := newProxy(t, s.Addr())
	host, port, _ := net.SplitHostPort(p.addr())
	n, _ := strconv.Atoi(port)
	target := connect.Target{Database: "system", Connection: redis.Connection{DB: 3, Host: host, Port: n, Password: secret.FromText(nodePassword)}}
	other := measure(func() error { return write(p.addr()) })
	w := start(t, Options{Interval: Interval, Timeout: 300 * time.Millisecond}, target)
	w.until("connected")
	eventually(t, func() bool { return keys(t, s) > 0 })
	p.cut()
	w.until("failed: no answer within 300ms")
	time.Sleep(3 * time.Second)
	p.mend()
	w.until("works again")
	w.until("works again")
	want := other.longest()
	d := w.finish().Databases[0]
	same(t, d, want)
	if d.Lost > 0 || d.Unchecked || len(d.Moves) > 0 {
		t.Errorf("moves %v, %d lost, unchecked: %v", d.Moves, d.Lost, d.Unchecked)
	}
	eventually(t, func() bool { return keys(t, s) == 0 && clients(t, s) == 1 })
}

// proxy is a network that can be cut: bytes stay where they are, as when packets are
// dropped, and connections are accepted by nobody who listens.
type proxy struct {
	net.Listener
	mu     sync.Mutex
	isCut  bool
	mended *sync.Cond
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l}
	p.mended = sync.NewCond(&p.mu)
	t.Cleanup(func() { p.mend(); _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go p.copy(in, out)
			go p.copy(out, in)
		}
	}()
	return p
}

func (p *proxy) addr() string { return p.Addr().String() }

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		for p.isCut {
			p.mended.Wait()
		}
		p.mu.Unlock()
		if _, wrote := to.Write(buffer[:n]); err != nil || wrote != nil {
			return
		}
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = true
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = false
	p.mended.Broadcast()
}
