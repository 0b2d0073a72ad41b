package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// A node is a replica or a Sentinel that a Sentinel announces.
type node struct {
	redis.Address
	sentinel, down bool
	err            error
}

// most is how many announced nodes are visited: a Sentinel can announce any number.
const most = 32

// changePassword is what to do about a password in the place of a host.
const changePassword = "correct replica-announce-ip or sentinel announce-ip, and change the password: Sentinels tell it to anyone who asks"

// visitAnnounced logs in to all nodes that the Sentinels announce and that are not
// asked anyway: after a failover the programs connect to a replica, and redis-client
// asks the announced Sentinels too.
func (v *visit) visitAnnounced(ctx context.Context, up []testimony, asked []redis.Address) {
	nodes, password := v.announcedBy(up, asked)
	if password {
		v.about(v.targets, Result{Check: announced, Status: Failed, Saw: connect.ErrPassword.Error(), Do: changePassword})
	}
	if len(nodes) > most {
		v.add(announced, Warning, fmt.Sprintf("%d addresses, of which %d are visited", len(nodes), most), "run SENTINEL RESET: the Sentinels remember nodes that are gone")
		nodes = nodes[:most]
	}
	if len(nodes) == 0 {
		return
	}
	var all sync.WaitGroup
	for i := range nodes {
		all.Go(func() { nodes[i].err = v.visitNode(ctx, nodes[i]) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return
	}
	reached := 0
	var faults []fault
	for _, n := range nodes {
		if n.err == nil {
			reached++
			continue
		}
		f := v.faultOf(n)
		if i := slices.IndexFunc(faults, func(other fault) bool { return other.same(f) }); i >= 0 {
			faults[i].nodes = append(faults[i].nodes, n.String())
		} else {
			faults = append(faults, f)
		}
	}
	for _, f := range faults {
		v.about(v.targets, f.result())
	}
	if reached > 0 {
		v.add(announced, OK, fmt.Sprintf("%d of %d addresses", reached, len(nodes)), "")
	}
}

// A fault is what is wrong with one node, or with several alike.
type fault struct {
	kind    string
	status  Status
	saw, do string
	nodes   []string
}

// faultOf says what it means that a node cannot be visited.
func (v *visit) faultOf(n node) fault {
	found := explain(n.err, v.Username != "")
	f := fault{"replica", Failed, found.saw, found.do, []string{n.String()}}
	if n.sentinel {
		f.kind = "Sentinel"
	}
	if n.sentinel || n.down {
		f.status = Warning
	}
	switch {
	case n.down:
		f.do = "start it, or let the Sentinels forget it with SENTINEL RESET"
	case found.check == reach || found.check == resolve:
		f.do = "let it announce an address that the pods of 3scale can reach: replica-announce-ip, sentinel announce-ip"
	}
	return f
}

func (f fault) same(other fault) bool {
	return f.kind == other.kind && f.status == other.status && f.saw == other.saw && f.do == other.do
}

func (f fault) result() Result {
	r := Result{Check: announced, Status: f.status, Saw: "a " + f.kind + ": " + f.saw, Do: f.do}
	if len(f.nodes) == 1 {
		r.Server = f.nodes[0]
	} else {
		r.Saw = fmt.Sprintf("%s: %s: %s", count(len(f.nodes), f.kind), f.saw, some(f.nodes))
	}
	return r
}

// announcedBy are the nodes that Sentinels announce, without those that are known, and
// whether one of them has a password in the place of a host.
func (v *visit) announcedBy(up []testimony, asked []redis.Address) (nodes []node, password bool) {
	add := func(fields map[string]string, sentinel bool) {
		at, err := connect.Announced(v.Connection, fields["ip"], fields["port"])
		password = password || errors.Is(err, connect.ErrPassword)
		if err != nil || slices.Contains(asked, at) || slices.ContainsFunc(nodes, func(n node) bool { return n.Address == at }) {
			return
		}
		nodes = append(nodes, node{Address: at, sentinel: sentinel, down: isDown(fields)})
	}
	for _, t := range up {
		for _, r := range t.replicas {
			add(r, false)
		}
		for _, s := range t.others {
			add(s, true)
		}
	}
	return nodes, password
}

// visitNode logs in to one node.
func (v *visit) visitNode(ctx context.Context, n node) error {
	if !n.sentinel {
		return v.ping(ctx, n.Address, v.DB)
	}
	client, err := v.dial.Sentinel(v.Connection, n.Address)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	return logsIn(client.Ping(ctx).Err())
}
