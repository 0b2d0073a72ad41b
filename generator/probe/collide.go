package probe

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// expiry is how long a key of a probe stays where nobody deletes it.
const expiry = time.Minute

// An opened is the first target of a database that could be selected.
type opened struct {
	connect.Target
	visit *visit
	// key is what was written there, "" where nothing was.
	key string
}

// collisions says which databases are one and the same: two names can lead to one
// server. It finds out by the server's own identity, and by a key that it writes into
// each database and looks for in the others.
func collisions(ctx context.Context, visits []*visit) []Result {
	all := open(visits)
	if len(all) < 2 || ctx.Err() != nil {
		return nil
	}
	for i := range all {
		all[i].mark(ctx)
	}
	defer func() {
		for _, o := range all {
			o.unmark(ctx)
		}
	}()
	var results []Result
	var names []string
	known := true
	for i, a := range all {
		names = append(names, a.Database)
		for _, b := range all[i+1:] {
			same, sure := sameDatabase(ctx, a, b)
			known = known && sure
			if r, mix := judgePair(a, b); same && mix {
				results = append(results, r)
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case len(results) > 0:
		return results
	case !known:
		do := "allow the user to run SET, EXISTS and DEL"
		if all[0].visit.ReadOnly {
			do = "run it without --read-only, as a user who may run SET, EXISTS and DEL"
		}
		return []Result{{Check: collision, Databases: names, Status: Skipped, Saw: "the servers do not identify themselves", Do: do}}
	}
	return []Result{{Check: collision, Databases: names, Status: OK, Saw: fmt.Sprintf("%d databases, all different", len(all))}}
}

// open are the databases that could be selected, in their order.
func open(visits []*visit) []opened {
	var all []opened
	for _, name := range redis.Names {
		for _, v := range visits {
			i := slices.IndexFunc(v.open, func(t connect.Target) bool { return t.Database == name })
			if i >= 0 {
				all = append(all, opened{Target: v.open[i], visit: v})
				break
			}
		}
	}
	return all
}

// mark writes a key of our own.
func (o *opened) mark(ctx context.Context) {
	if o.visit.ReadOnly {
		return
	}
	client, err := o.visit.client(o.visit.at, o.DB)
	if err != nil {
		return
	}
	defer func() { _ = client.Close() }()
	key := "threescale-redis:probe:" + strings.ToLower(rand.Text())
	if ok, err := client.SetNX(ctx, key, o.Database, expiry).Result(); err == nil && ok {
		o.key = key
	}
}

// unmark deletes the key, if that is still possible.
func (o *opened) unmark(ctx context.Context) {
	if o.key == "" {
		return
	}
	if client, err := o.visit.client(o.visit.at, o.DB); err == nil {
		_ = client.Del(ctx, o.key)
		_ = client.Close()
	}
}

// runID is how a server names one run of itself.
var runID = regexp.MustCompile(`^[0-9a-f]{40}$`)

// sameDatabase reports whether two are one database, and whether that is sure.
func sameDatabase(ctx context.Context, a, b opened) (same, sure bool) {
	x, y := a.visit.info["run_id"], b.visit.info["run_id"]
	if runID.MatchString(x) && x == y && a.DB == b.DB {
		return true, true
	}
	if a.key != "" {
		if seen, err := b.sees(ctx, a.key); err == nil {
			return seen, true
		}
	}
	return false, runID.MatchString(x) && runID.MatchString(y)
}

func (o *opened) sees(ctx context.Context, key string) (bool, error) {
	client, err := o.visit.client(o.visit.at, o.DB)
	if err != nil {
		return false, err
	}
	defer func() { _ = client.Close() }()
	n, err := client.Exists(ctx, key).Result()
	return n > 0, err
}

// judgePair says what it means that two databases are one, if their keys mix.
func judgePair(a, b opened) (Result, bool) {
	x, y := redis.Named{Database: a.Database, Connection: a.Connection}, redis.Named{Database: b.Database, Connection: b.Connection}
	if x.KeptApart(y) {
		return Result{}, false
	}
	r := Result{
		Check: collision, Databases: []string{a.Database, b.Database}, Server: a.visit.server(), Status: Failed,
		Saw: fmt.Sprintf("both are database %d of one server, under two addresses", a.DB), Do: "give each a database of its own",
	}
	if x.SameDatabase(y.Connection) {
		// The rules judge what the spec says itself.
		r.Status, r.Saw = Warning, fmt.Sprintf("both are database %d of one server", a.DB)
	}
	return r, true
}
