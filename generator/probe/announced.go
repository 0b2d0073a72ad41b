package probe

import (
	"context"
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

// visitAnnounced logs in to all nodes that the Sentinels announce and that are not
// asked anyway: after a failover the programs connect to a replica, and redis-client
// asks the announced Sentinels too.
func (v *visit) visitAnnounced(ctx context.Context, up []testimony, asked []redis.Address) {
	nodes := announcedBy(up, asked)
	if len(nodes) > most {
		v.add(announced, Warning, fmt.Sprintf("%d addresses, of which %d are visited", len(nodes), most), "reset the Sentinels: they know nodes that are gone")
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
	for _, n := range nodes {
		if n.err == nil {
			reached++
			continue
		}
		f := explain(n.err, v.Username != "")
		r := Result{Check: announced, Server: n.String(), Status: Failed, Saw: "a replica: " + f.saw, Do: f.do}
		if f.check == reach || f.check == resolve {
			r.Do = "let it announce an address that the pods of 3scale reach: replica-announce-ip, sentinel announce-ip"
		}
		if n.sentinel {
			r.Saw = "a Sentinel: " + f.saw
		}
		if n.sentinel || n.down {
			r.Status = Warning
		}
		if n.down {
			r.Do = "start it, or let the Sentinels forget it: SENTINEL RESET"
		}
		v.about(v.targets, r)
	}
	if reached > 0 {
		v.add(announced, OK, fmt.Sprintf("%d of %d addresses", reached, len(nodes)), "")
	}
}

// announcedBy are the nodes that Sentinels announce, without those that are known.
func announcedBy(up []testimony, asked []redis.Address) []node {
	var nodes []node
	add := func(fields map[string]string, sentinel bool) {
		at, err := connect.Address(fields["ip"], fields["port"])
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
	return nodes
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
	if err := client.Ping(ctx).Err(); code(err) != noPermission {
		return err
	}
	return nil
}
