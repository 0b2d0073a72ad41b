package move_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// pod is a pod of 3scale: it knows what its env has said when it started.
type pod struct {
	in       *installation
	workload *workload
	name     string
	revision int
	values   clients.Values
	// address is of its own: CLIENT LIST tells it from what runs beside the server.
	address net.IP
	// stop is closed to end the pod, which finishes what it does; done when it has ended.
	stop, done chan struct{}
	// calls are those of the internal API of a listener.
	calls chan func(*pod)
	conns map[string]*redis.Client
}

// newPod is called under the lock of the installation.
func newPod(w *workload, name string) *pod {
	n := w.in.pods
	return &pod{
		in: w.in, workload: w, name: name, revision: w.revision, values: w.in.values(w.id),
		address: net.IPv4(127, 1, byte(n/250), byte(1+n%250)),
		stop:    make(chan struct{}), done: make(chan struct{}), calls: make(chan func(*pod)), conns: map[string]*redis.Client{},
	}
}

// values are what the keys of the Secrets say to a pod that starts now, by way of the
// env of its workload: a key that no env var reads is missing.
func (in *installation) values(id string) clients.Values {
	env, err := in.cluster.Env(id)
	if err != nil {
		in.t.Error(err)
	}
	values := clients.Values{}
	for _, w := range in.release.Workloads {
		if w.Kind+"/"+w.Name != id {
			continue
		}
		for _, c := range w.Containers {
			for _, v := range c.Env {
				value, there := env["containers/"+c.Name+"/"+v.Name]
				if !there {
					continue
				}
				if values[v.Secret] == nil {
					values[v.Secret] = map[string]string{}
				}
				values[v.Secret][v.Key] = value
			}
		}
	}
	return values
}

// connection is how a program connects to a database, by these values.
func (in *installation) connection(values clients.Values, program clients.Client, database string) (redisspec.Connection, error) {
	for _, r := range clients.Readings(values, in.release) {
		if r.Client == program && r.Database == database {
			if !r.Works() {
				return redisspec.Connection{}, fmt.Errorf("%s stops before it connects to %s: %v", program, database, r.Problems)
			}
			return r.Connection(), nil
		}
	}
	return redisspec.Connection{}, fmt.Errorf("%s has no %s", program, database)
}

// dial connects as a client that never tries twice: a write is acknowledged or not.
func (in *installation) dial(c redisspec.Connection, from net.IP) *redis.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: from}, Timeout: 5 * time.Second}
	connect := func(ctx context.Context, network, addr string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, in.resolve(addr))
	}
	if c.MasterGroup == "" {
		return redis.NewClient(&redis.Options{
			Addr: redisspec.Address{Host: c.Host, Port: c.Port}.String(), DB: c.DB, Password: c.Password.Reveal(),
			Protocol: 2, DisableIdentity: true, MaxRetries: -1, PoolSize: 4, Dialer: connect,
		})
	}
	var sentinels []string
	for _, a := range c.Sentinels.Hosts {
		sentinels = append(sentinels, a.String())
	}
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: c.MasterGroup, SentinelAddrs: sentinels, SentinelPassword: c.Sentinels.Password.Reveal(), DB: c.DB, Password: c.Password.Reveal(),
		Protocol: 2, DisableIdentity: true, MaxRetries: -1, PoolSize: 4, Dialer: connect,
	})
}

// connect connects the pod to a database, once.
func (p *pod) connect(program clients.Client, database string) *redis.Client {
	if c, there := p.conns[database]; there {
		return c
	}
	to, err := p.in.connection(p.values, program, database)
	if err != nil {
		p.in.oracle.failed(p.name, err)
		to.Host = realredis.Host // where nobody answers
	}
	c := p.in.dial(to, p.address)
	p.conns[database] = c
	return c
}

// end closes the connections of a pod that has nothing left to do.
func (p *pod) end() {
	for _, c := range p.conns {
		_ = c.Close()
	}
	close(p.done)
}

// stopped reports whether the pod has to end.
func (p *pod) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// every calls f again and again until the pod has to end.
func (p *pod) every(pause time.Duration, f func()) {
	for !p.stopped() {
		f()
		select {
		case <-p.stop:
		case <-time.After(pause):
		}
	}
}

// ok reports whether a command was acknowledged, and notes an error that says other
// than that there is nothing.
func (p *pod) ok(err error) bool {
	if err != nil && !errors.Is(err, redis.Nil) {
		p.in.oracle.failed(p.name, err)
	}
	return err == nil
}

// producing reports whether anybody calls.
func (in *installation) producing() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return !in.quiet
}
