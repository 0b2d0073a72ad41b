package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// A testimony is what one Sentinel says of the group, or the error that kept it from
// saying anything.
type testimony struct {
	at, master redis.Address
	err        error
	// group are the fields of the group, replicas and others those of its replicas and
	// of the other Sentinels.
	group            map[string]string
	replicas, others []map[string]string
	// unlisted says that the Sentinel does not list its replicas to the user.
	unlisted bool
	// quorum is the answer to CKQUORUM.
	quorum error
}

// askSentinels asks all Sentinels at once, and takes the master that the first one
// names, as the programs do.
func (v *visit) askSentinels(ctx context.Context) bool {
	if v.MasterGroup == "" {
		return true
	}
	var hosts []redis.Address
	for _, at := range v.Sentinels.Hosts {
		if !slices.Contains(hosts, at) {
			hosts = append(hosts, at)
		}
	}
	heard := make([]testimony, len(hosts))
	var all sync.WaitGroup
	for i, at := range hosts {
		all.Go(func() { heard[i] = v.ask(ctx, at) })
	}
	all.Wait()
	up := slices.DeleteFunc(slices.Clone(heard), func(t testimony) bool { return t.err != nil })
	if ctx.Err() != nil && len(up) < len(heard) && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return false
	}
	for _, t := range heard {
		v.judgeSentinel(t, len(up) > 0)
	}
	if len(up) == 0 {
		return false
	}
	v.compare(up)
	v.judgeQuorum(up, len(heard)-len(up))
	v.judgeReplicas(up)
	v.visitAnnounced(ctx, up, hosts)
	v.at = up[0].master
	return ctx.Err() == nil
}

// ask asks one Sentinel for all that it knows.
func (v *visit) ask(ctx context.Context, at redis.Address) testimony {
	t := testimony{at: at}
	client, err := v.dial.Sentinel(v.Connection, at)
	if err != nil {
		t.err = err
		return t
	}
	defer func() { _ = client.Close() }()
	if t.master, t.err = connect.Master(ctx, client, v.Connection); t.err != nil {
		return t
	}
	// What the programs do not ask for may be forbidden: it is unknown then.
	t.group, _ = client.Master(ctx, v.MasterGroup).Result()
	t.quorum = client.CkQuorum(ctx, v.MasterGroup).Err()
	// The older word, since Redis 3 does not know the newer one.
	t.replicas, err = list(ctx, client, "slaves", v.MasterGroup)
	t.unlisted = err != nil
	t.others, _ = list(ctx, client, "sentinels", v.MasterGroup)
	return t
}

// list returns the nodes that a Sentinel lists.
func list(ctx context.Context, client *goredis.SentinelClient, what, group string) ([]map[string]string, error) {
	cmd := goredis.NewMapStringStringSliceCmd(ctx, "sentinel", what, group)
	_ = client.Process(ctx, cmd)
	return cmd.Result()
}

// judgeSentinel says how far one Sentinel was asked.
func (v *visit) judgeSentinel(t testimony, others bool) {
	f := finding{}
	status := Failed
	switch {
	case errors.Is(t.err, connect.ErrUnknownGroup):
		f = finding{sentinelGroup, "the Sentinel does not know the group", "correct the name of the master group"}
	case errors.Is(t.err, connect.ErrPassword):
		f = finding{sentinelGroup, t.err.Error(), changePassword}
	case t.err != nil:
		f = explain(t.err, v.Sentinels.Username != "")
		if others && v.passedOver(f) {
			status = Warning
		}
		f.check = map[string]string{login: sentinelLogin}[f.check]
		if f.check == "" {
			f.check = sentinelReach
		}
	}
	for _, passed := range []struct{ check, saw string }{
		{sentinelReach, t.at.String()}, {sentinelLogin, "accepted"}, {sentinelGroup, t.master.String()},
	} {
		r := Result{Check: passed.check, Server: t.at.String(), Status: OK, Saw: passed.saw}
		if passed.check == f.check {
			r.Status, r.Saw, r.Do = status, f.saw, f.do
		}
		v.about(v.targets, r)
		if passed.check == f.check {
			return
		}
	}
}

// passedOver reports whether all programs go on to the next Sentinel after an error.
func (v *visit) passedOver(f finding) bool {
	if f.check != resolve && f.check != reach || f.saw == notRedis {
		return false
	}
	for _, t := range v.targets {
		for _, name := range t.Programs {
			does := v.program(name)
			if f.saw != refused && does.SkipsRefusedSentinelsOnly || f.check == resolve && does.UnresolvedSentinelStops {
				return false
			}
		}
	}
	return true
}

// program returns the traits of a program of the release.
func (v *visit) program(name string) releases.Client {
	c := v.Release.Clients
	switch {
	case name == string(clients.Porta):
		return c.Porta
	case name == string(clients.Async) && c.Async != nil:
		return *c.Async
	case name == string(clients.Operator) && c.Operator != nil:
		return *c.Operator
	}
	return c.Apisonator
}

// compare says whether all Sentinels name one master.
func (v *visit) compare(up []testimony) {
	var masters []string
	for _, t := range up {
		if m := t.master.String(); !slices.Contains(masters, m) {
			masters = append(masters, m)
		}
	}
	if len(masters) > 1 {
		v.add(sentinelAgree, Failed, "different masters: "+some(masters),
			"let all Sentinels watch the same group, or wait until a failover has ended")
		return
	}
	v.add(sentinelAgree, OK, masters[0], "")
}

// judgeQuorum says whether enough Sentinels are up for a failover: a quorum to see that
// the master is down, and a majority of all that are known to elect who acts.
func (v *visit) judgeQuorum(up []testimony, down int) {
	known, quorum := len(up)+down, 0
	for _, t := range up {
		known = max(known, number(t.group["num-other-sentinels"])+1)
		quorum = max(quorum, number(t.group["quorum"]))
	}
	saw := fmt.Sprintf("%d of %d Sentinels, quorum %d", known-down, known, quorum)
	refuses := func(t testimony) bool { return code(t.quorum) == "NOQUORUM" }
	switch {
	case quorum == 0:
		v.add(sentinelQuorum, Skipped, "the user may not ask", "run SENTINEL CKQUORUM as a user who may")
	case known-down < max(quorum, known/2+1) || slices.ContainsFunc(up, refuses):
		v.add(sentinelQuorum, Failed, saw, "start the Sentinels that are down: there is no failover without them")
	case known < 3:
		v.add(sentinelQuorum, Warning, saw, "run at least 3 Sentinels: with fewer there is no failover once one is down")
	default:
		v.add(sentinelQuorum, OK, saw, "")
	}
}

// number reads a number that a server says; 0 where it is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

// isDown reports whether a Sentinel holds a node for down.
func isDown(node map[string]string) bool {
	return slices.ContainsFunc(strings.Split(node["flags"], ","), func(flag string) bool {
		return flag == "s_down" || flag == "o_down" || flag == "disconnected"
	})
}
