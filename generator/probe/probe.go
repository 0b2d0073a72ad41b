// Package probe asks live Redis servers and Sentinels, before 3scale does, whether the
// databases of a spec work for a 3scale release, through a failover too.
package probe

import (
	"context"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Status is how a check ended.
type Status string

// The statuses. A check is skipped where it has nothing to look at: the server was not
// reached, or does not let the user ask.
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

// Check is one thing that a Prober looks at.
type Check struct{ Name, About string }

// Checks are all checks in the order in which they are made.
var Checks = []Check{}

// Prober says what is asked, and how.
type Prober struct {
	Release releases.Release
	// Timeout is how long one answer may take.
	Timeout time.Duration
	// ReadOnly keeps the check from writing its one key.
	ReadOnly bool
	// Progress is called with what has just ended, one call at a time; nil is fine.
	Progress func(done, all int)
}

// Run makes all checks of all targets, all targets at once. When ctx ends it returns
// what is known by then, with the rest skipped. No connection and no goroutine stays.
func (p Prober) Run(ctx context.Context, targets []connect.Target) []Result {
	return nil
}
