package watch

import (
	"slices"
	"testing"
	"time"
)

var t0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }

func samples(points ...any) (all []sample) {
	for p := range slices.Chunk(points, 3) {
		all = append(all, sample{at(p[0].(int)), at(p[1].(int)), p[2].(bool)})
	}
	return all
}

func TestMeter(t *testing.T) {
	const w, f = true, false
	for name, tt := range map[string]struct {
		samples []sample
		end     int
		want    []Outage
	}{
		"works":           {samples(0, 1, w, 50, 51, w), 100, nil},
		"late, no outage": {samples(0, 1, w, 50, 299, w), 300, nil},
		// Due at 51, worked at 400.
		"one error":       {samples(0, 1, w, 50, 52, f, 380, 400, w), 500, []Outage{{Begin: at(51), End: at(400)}}},
		"blocked":         {samples(0, 1, w, 50, 900, w), 1000, []Outage{{Begin: at(51), End: at(900)}}},
		"first errors":    {samples(0, 1, f, 50, 51, f, 100, 101, w), 200, []Outage{{Begin: at(0), End: at(101)}}},
		"never":           {samples(0, 1, f), 700, []Outage{{Begin: at(0), End: at(700), Open: true}}},
		"nothing done":    {nil, 70, []Outage{{Begin: at(0), End: at(70), Open: true}}},
		"open at the end": {samples(0, 1, w, 50, 51, f), 90, []Outage{{Begin: at(51), End: at(90), Open: true}}},
		"two":             {samples(0, 1, w, 51, 52, f, 60, 61, w, 62, 63, f, 200, 201, w), 210, []Outage{{Begin: at(51), End: at(61)}, {Begin: at(111), End: at(201)}}},
		"early":           {samples(0, 1, w, 2, 3, f, 4, 5, w), 210, []Outage{{Begin: at(51), End: at(51)}}},
	} {
		m := newMeter(t0, 50*time.Millisecond, 250*time.Millisecond)
		for _, s := range tt.samples {
			m.add(s)
		}
		m.finish(at(tt.end))
		if !slices.Equal(m.Outages, tt.want) {
			t.Errorf("%s: %v, want %v", name, m.Outages, tt.want)
		}
	}
}

// FuzzMeter compares with a computation that knows all samples at once: each time
// between two operations that worked is an outage if an operation in it failed, or the
// last of it took too long.
func FuzzMeter(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 255, 7, 4, 90, 1, 3})
	f.Add([]byte{0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		const interval, blocked = 50 * time.Millisecond, 250 * time.Millisecond
		m := newMeter(t0, interval, blocked)
		var all []sample
		now := t0
		for pair := range slices.Chunk(data, 2) {
			if len(pair) < 2 {
				break
			}
			s := sample{begin: now.Add(time.Duration(pair[0]) * time.Millisecond), ok: pair[1]%3 != 0}
			s.end = s.begin.Add(time.Duration(pair[1]) * 2 * time.Millisecond)
			all, now = append(all, s), s.end
			m.add(s)
		}
		m.finish(now)
		want := outages(all, now, interval, blocked)
		if len(want) <= maxOutages && !slices.Equal(m.Outages, want) {
			t.Fatalf("%v: %v, want %v", all, m.Outages, want)
		}
		var sum, longest time.Duration
		for _, o := range want {
			if o.Length() < 0 || o.Begin.Before(t0) {
				t.Fatalf("an outage of %v", o)
			}
			sum, longest = sum+o.Length(), max(longest, o.Length())
		}
		if m.Unavailable != sum || m.Longest != longest || m.Count != len(want) || m.Worked+m.Failed != len(all) {
			t.Fatalf("%+v of %v", m.Measure, want)
		}
	})
}

func outages(all []sample, end time.Time, interval, blocked time.Duration) (found []Outage) {
	last, from := t0.Add(-interval), 0
	for i := range len(all) + 1 {
		if i < len(all) && !all[i].ok {
			continue
		}
		failed, until, open := i > from, end, i == len(all)
		if open {
			failed = failed || !slices.ContainsFunc(all, func(s sample) bool { return s.ok })
		} else {
			failed = failed || all[i].end.Sub(all[i].begin) > blocked
			until = all[i].end
		}
		if begin := last.Add(interval); failed {
			if until.Before(begin) {
				until = begin
			}
			found = append(found, Outage{begin, until, open})
		}
		last, from = until, i+1
		if !open {
			last = all[i].end
		}
	}
	return found
}

// A watch may be disturbed for days.
func TestMeter_bounded(t *testing.T) {
	m := newMeter(t0, time.Millisecond, time.Second)
	for i := range 4 * maxOutages {
		m.add(sample{at(2 * i), at(2*i + 1), i%2 == 1})
	}
	if len(m.Outages) != maxOutages || m.Count != 2*maxOutages {
		t.Errorf("%d outages are listed, %d counted", len(m.Outages), m.Count)
	}
}

// The longer an outage is, the longer are the pauses and the patience in it: what they
// add is a small part of it.
func TestLine_outage(t *testing.T) {
	now := at(0)
	l := newLine(&server{options: Options{Interval: 50 * time.Millisecond, Timeout: time.Second, Now: func() time.Time { return now }}}, "read", nil, at(0))
	check := func(when string, pause, patience time.Duration) {
		t.Helper()
		if l.pause() != pause || l.patience() != patience {
			t.Errorf("%s: pause %v, patience %v", when, l.pause(), l.patience())
		}
	}
	check("at first", 50*time.Millisecond, time.Second)
	l.meter.add(sample{at(0), at(1), true})
	l.meter.add(sample{at(51), at(52), false})
	now = at(1051)
	check("after a second", 50*time.Millisecond, 100*time.Millisecond)
	now = at(5051)
	check("after 5 seconds", 100*time.Millisecond, 250*time.Millisecond)
	now = at(1000_000)
	check("after long", time.Second, time.Second)
	l.meter.add(sample{now, now, true})
	now = now.Add(time.Second)
	check("when it works", 50*time.Millisecond, 100*time.Millisecond)
	l.connecting = 60 * time.Millisecond
	check("when connecting takes its time", 50*time.Millisecond, 240*time.Millisecond)
}
