// Package watch reads and writes databases steadily, as programs of 3scale that
// connect again after each failure, and measures how long each database could not be
// read, how long it could not be written, and how many acknowledged writes it lost.
//
// A database has two connections, one for reads and one for writes: while a write
// hangs, reads go on. In each interval there is one read and one write. A write stores
// its number under a key of the watch, and reads back the number before; a write that
// is not acknowledged is repeated with the same number. So a number that is too small
// says how many acknowledged writes are gone.
package watch

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
)

// Interval is the time between two reads, and between two writes, of a database.
const Interval = 50 * time.Millisecond

// Blocked is how long an operation may take before its database counts as
// unavailable, also when it works in the end.
const Blocked = 250 * time.Millisecond

// Expiry is when a key goes that the watch could not delete. Each write renews it.
const Expiry = time.Hour

// Prefix begins the names of all keys that are written.
const Prefix = "threescale-redis:probe:"

// Options say how to watch.
type Options struct {
	// Interval is the time between two reads, and between two writes.
	Interval time.Duration
	// Timeout is how long an operation may take before it has failed.
	Timeout time.Duration
	// ReadOnly leaves out the writes.
	ReadOnly bool
	// Now is the clock.
	Now func() time.Time
	// Event is called with what happens, one call at a time; nil is fine. A slow one
	// does not disturb the watch: events that it is not ready for are left out.
	Event func(Event)
}

// Run watches all targets at once until ctx ends. No connection and no goroutine
// stays, and no key where its server can be reached.
func Run(ctx context.Context, targets []connect.Target, o Options) Report {
	report := Report{Begin: o.Now(), Interval: o.Interval, Databases: make([]Database, len(targets))}
	news := newNews(o.Event)
	run := strings.ToLower(rand.Text()[:12])
	var group sync.WaitGroup
	for i, t := range targets {
		group.Go(func() {
			key := fmt.Sprint(Prefix, run, ":", i, ":", t.Database)
			report.Databases[i] = watchOne(ctx, t, key, report.Begin, o, news)
		})
	}
	group.Wait()
	report.End = o.Now()
	report.Events, report.MoreEvents = news.close()
	return report
}

// watchOne watches one database by its two lines.
func watchOne(ctx context.Context, t connect.Target, key string, begin time.Time, o Options, news *news) Database {
	s := &server{target: t, options: o, news: news, sentinels: slices.Clone(t.Sentinels.Hosts)}
	reads := newLine(s, "read", reader{key}, begin)
	lines := []*line{reads}
	d := Database{Name: t.Database, Programs: t.Programs, ReadOnly: o.ReadOnly}
	var w *writer
	if !o.ReadOnly {
		w = &writer{key: key, server: s}
		lines = append(lines, newLine(s, "write", w, begin))
	}
	var group sync.WaitGroup
	for _, l := range lines {
		group.Go(func() { l.run(ctx) })
	}
	group.Wait()
	d.Reads, d.Errors = reads.meter.Measure, reads.errors
	if w != nil {
		writes := lines[1]
		d.Writes, d.Lost, d.Unchecked = writes.meter.Measure, w.ledger.lost, w.unchecked
		d.Errors += writes.errors
	}
	d.Moves = s.moves
	return d
}
