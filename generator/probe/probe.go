// Package probe asks live Redis servers and Sentinels, before 3scale does, whether the
// databases of a spec work for a 3scale release, through a failover too.
package probe

import (
	"context"
	"sync"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Status is how a check ended.
type Status string

// The statuses. A check is skipped where it has nothing to look at: the server does not
// let the user ask, or the time was over.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is what one check saw of one target, or of several databases together.
type Result struct {
	// Check is the name of one of Checks.
	Check string
	// Databases are those that the check concerns, Programs who connects to them so.
	Databases, Programs []string
	// Server is the host:port that was asked; "" where it was none or several.
	Server string
	Status Status
	// Saw is what was seen, Do what to do about it, "" where nothing is. Both are plain
	// text of one line without a secret value.
	Saw, Do string
}

// Prober says what is asked, and how.
type Prober struct {
	Release releases.Release
	// Timeout is how long one answer may take.
	Timeout time.Duration
	// ReadOnly keeps the check from writing its keys.
	ReadOnly bool
	// Now is the clock: certificates must be valid then, and pings are measured by it.
	Now func() time.Time
	// Progress is called with what has just ended, one call at a time; nil is fine.
	Progress func(done, all int)
}

// Run makes all checks of all targets, all targets at once. When ctx ends it returns
// what is known by then, and says what was not asked. No connection and no goroutine
// stays.
func (p Prober) Run(ctx context.Context, targets []connect.Target) []Result {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	visits := p.visits(ctx, targets)
	ended := p.counter(len(visits) + 1)
	var all sync.WaitGroup
	for _, v := range visits {
		all.Go(func() {
			v.run(ctx)
			ended()
		})
	}
	all.Wait()
	var results []Result
	for _, v := range visits {
		results = append(results, v.results...)
	}
	results = append(results, collisions(ctx, visits)...)
	ended()
	return results
}

// counter returns a function that reports that one of so many parts has ended.
func (p Prober) counter(all int) func() {
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		if p.Progress != nil {
			p.Progress(done, all)
		}
	}
}
