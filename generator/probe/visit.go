package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// A visit is all that is asked of one server, and of the Sentinels before it, with one
// set of credentials. Targets that differ in the database only share it.
type visit struct {
	Prober
	redis.Connection
	targets []connect.Target
	dial    connect.Dialer
	results []Result

	// at is the server, and info its answer to INFO.
	at   redis.Address
	info map[string]string
	// able is how many replicas can take over, as the Sentinels see it.
	able int
	// open are the targets whose database could be selected.
	open []connect.Target

	mu      sync.Mutex
	secured *tls.ConnectionState
}

// visits are the targets by where they lead.
func (p Prober) visits(ctx context.Context, targets []connect.Target) []*visit {
	var visits []*visit
	for _, t := range targets {
		i := slices.IndexFunc(visits, func(v *visit) bool { return sameServer(v.Connection, t.Connection) })
		if i < 0 {
			v := &visit{Prober: p, Connection: t.Connection}
			v.dial = connect.Dialer{Timeout: p.Timeout, Until: ctx, Secured: v.keep}
			visits, i = append(visits, v), len(visits)
		}
		visits[i].targets = append(visits[i].targets, t)
	}
	return visits
}

// keep keeps the state of the last handshake of TLS.
func (v *visit) keep(state tls.ConnectionState) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secured = &state
}

// sameServer reports whether two connections differ in database and namespace at most.
func sameServer(a, b redis.Connection) bool {
	return a.Endpoint() == b.Endpoint() && a.MasterGroup == b.MasterGroup &&
		a.Username == b.Username && a.Password.Reveal() == b.Password.Reveal() &&
		a.TLS.On == b.TLS.On && a.TLS.CA.Reveal() == b.TLS.CA.Reveal() &&
		a.TLS.Certificate.Reveal() == b.TLS.Certificate.Reveal() && a.TLS.Key.Reveal() == b.TLS.Key.Reveal() &&
		a.Sentinels.Username == b.Sentinels.Username && a.Sentinels.Password.Reveal() == b.Sentinels.Password.Reveal() &&
		(a.Sentinels.Role == "slave") == (b.Sentinels.Role == "slave")
}

// run makes the checks one after the other, until one finds that there is nothing
// more to ask.
func (v *visit) run(ctx context.Context) {
	v.at = redis.Address{Host: v.Host, Port: v.Port}
	for _, step := range []func(context.Context) bool{v.askSentinels, v.connect, v.selectAll, v.readInfo, v.tryCommands, v.measure} {
		if !step(ctx) {
			break
		}
	}
	if ctx.Err() != nil {
		v.sayUnasked(ctx)
	}
}

// sayUnasked says in one result which checks were not made before the end of ctx.
func (v *visit) sayUnasked(ctx context.Context) {
	var missing []string
	for _, c := range Checks {
		made := slices.ContainsFunc(v.results, func(r Result) bool { return r.Check == c.Name })
		if !made && v.applies(c.Name) {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) == 0 {
		return
	}
	list := strings.Join(missing, ", ")
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		v.add(missing[0], Skipped, "not asked within the time: "+list, "allow more time")
		return
	}
	v.add(missing[0], Skipped, "interrupted before "+list, "run it again and let it finish")
}

// applies reports whether a check has something to look at in this visit.
func (v *visit) applies(check string) bool {
	switch check {
	case sentinelReach, sentinelLogin, sentinelGroup, sentinelAgree, sentinelQuorum, sentinelReplicas, announced:
		return v.MasterGroup != ""
	case resolve:
		return net.ParseIP(v.at.Host) == nil
	case secure:
		return v.TLS.On
	case values, collision:
		return false
	}
	return true
}

// add adds a result about all targets and the server.
func (v *visit) add(check string, status Status, saw, do string) {
	v.about(v.targets, Result{Check: check, Server: v.server(), Status: status, Saw: saw, Do: do})
}

// server is the address of the server, "" before the Sentinels have named it.
func (v *visit) server() string {
	if v.at.Host == "" {
		return ""
	}
	return v.at.String()
}

// about adds a result about some targets.
func (v *visit) about(targets []connect.Target, r Result) {
	for _, t := range targets {
		if !slices.Contains(r.Databases, t.Database) {
			r.Databases = append(r.Databases, t.Database)
		}
		for _, p := range t.Programs {
			if !slices.Contains(r.Programs, p) {
				r.Programs = append(r.Programs, p)
			}
		}
	}
	v.results = append(v.results, r)
}

// failed adds what an error means. It says nothing of an error that the end of ctx
// made, unless that end was the deadline: the server was slow then.
func (v *visit) failed(ctx context.Context, f finding) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= 0 {
		<-ctx.Done() // a connection has the same deadline, and can be first
	}
	switch {
	case ctx.Err() == nil:
		v.add(f.check, Failed, f.saw, f.do)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		v.add(f.check, Failed, "no answer within the time", "allow more time, or find out why the server is slow")
	}
}
