package watch

import (
	"fmt"
	"time"
)

// Report is what a watch measured.
type Report struct {
	Begin, End time.Time
	// Interval is the time between two reads, and between two writes.
	Interval  time.Duration
	Databases []Database
	// Events are the first that happened; MoreEvents is how many are left out.
	Events     []Event
	MoreEvents int
}

// Database is what was measured of one database.
type Database struct {
	Name     string
	Programs []string
	// ReadOnly says that nothing was written.
	ReadOnly      bool
	Reads, Writes Measure
	// Errors counts the operations, and the attempts to connect, that failed.
	Errors int
	// Lost is how many of the acknowledged writes were gone when they were read back.
	Lost int
	// Unchecked says that the last acknowledged writes could not be read back.
	Unchecked bool
	// Moves are when another server answered than before.
	Moves []Move
}

// Worked reports whether the database could be read, and written, at least once.
func (d Database) Worked() bool {
	return d.Reads.Worked > 0 && (d.ReadOnly || d.Writes.Worked > 0)
}

// Longest is the longest outage for reads or writes.
func (d Database) Longest() time.Duration { return max(d.Reads.Longest, d.Writes.Longest) }

// LostText is how many acknowledged writes were lost, as far as that is known.
func (d Database) LostText() string {
	if d.Unchecked {
		return fmt.Sprint(d.Lost, " or more")
	}
	return fmt.Sprint(d.Lost)
}

// Measure is what was measured of the reads, or of the writes.
type Measure struct {
	// Worked and Failed count operations. An attempt to connect that fails is an
	// operation that failed.
	Worked, Failed int
	// Unavailable is the sum of all outages, Longest the longest of them.
	Unavailable, Longest time.Duration
	// Count is how many outages there were, Outages are the first of them.
	Count   int
	Outages []Outage
	// Latencies are those of the operations that worked.
	Latencies Series
}

// Outage is a time without an operation that worked. It begins when the first
// operation after the last that worked was due, and ends when one works again.
type Outage struct {
	Begin, End time.Time
	// Open says that the watch ended before the outage did.
	Open bool
}

// Length is how long the outage was.
func (o Outage) Length() time.Duration { return o.End.Sub(o.Begin) }

// Move is a change of the server that answers.
type Move struct {
	Time time.Time
	// From and To are addresses; they are the same where the server restarted, or
	// where the name leads to another one.
	From, To string
}

// Kind is what an Event tells.
type Kind string

// The kinds of events.
const (
	Connected Kind = "connected"
	Moved     Kind = "moved"
	Replaced  Kind = "replaced"
	Failing   Kind = "failing"
	Recovered Kind = "recovered"
	Lost      Kind = "lost"
)

// Event is something that happened. An error that is the same as the one before is no
// event.
type Event struct {
	Time     time.Time
	Database string
	Kind     Kind
	// Text says it in one printable line, without a secret.
	Text string
}
