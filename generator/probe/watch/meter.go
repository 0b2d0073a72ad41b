package watch

import "time"

// maxOutages is how many outages a Measure lists: a watch may last for days.
const maxOutages = 500

// sample is an operation: when it was due, when it ended, and how.
type sample struct {
	begin, end time.Time
	ok         bool
}

// meter computes a Measure from samples, which come in the order of time.
type meter struct {
	interval, blocked time.Duration
	// last is when the last operation worked.
	last time.Time
	// failing says that an operation after it failed or was blocked, since is when an
	// outage begins then.
	failing bool
	Measure
}

func newMeter(begin time.Time, interval, blocked time.Duration) meter {
	return meter{interval: interval, blocked: blocked, last: begin.Add(-interval)}
}

// add takes the next operation. It returns the outage that the operation ends, if any.
func (m *meter) add(s sample) (o Outage, ended bool) {
	if !s.ok {
		m.Failed++
		m.failing = true
		return Outage{}, false
	}
	m.Worked++
	ended = m.failing || s.end.Sub(s.begin) > m.blocked
	if ended {
		o = m.outage(s.end, false)
	}
	m.last, m.failing = s.end, false
	return o, ended
}

// finish ends the outage that lasts until the end of the watch.
func (m *meter) finish(end time.Time) {
	if m.failing || m.Worked == 0 {
		m.outage(end, true)
		m.failing = false
	}
}

func (m *meter) outage(end time.Time, open bool) Outage {
	o := Outage{Begin: m.since(), End: end, Open: open}
	if o.End.Before(o.Begin) {
		o.End = o.Begin // the operation worked before the next was due
	}
	m.Count++
	m.Unavailable += o.Length()
	m.Longest = max(m.Longest, o.Length())
	if len(m.Outages) < maxOutages {
		m.Outages = append(m.Outages, o)
	}
	return o
}

// since is when the first operation after the last that worked was due.
func (m *meter) since() time.Time { return m.last.Add(m.interval) }
