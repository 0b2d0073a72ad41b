package watch

import (
	"testing"
	"time"
)

// FuzzLedger plays servers that lose writes, come back with old ones and answer too
// late, and compares with a set of all acknowledged writes.
func FuzzLedger(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0, 2, 5, 0, 0, 2, 3, 0})
	f.Add([]byte{0, 0, 0, 0, 3, 0, 0, 4, 2, 0, 0, 7})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var l ledger
		there := map[int]bool{} // acknowledged and not lost
		lost := 0
		// The servers hold the numbers up to these; one of them is the master.
		var servers [3]int
		master := 0
		for i, step := range steps {
			switch step % 4 {
			case 0: // acknowledged
				servers[master] = l.next()
				there[l.next()] = true
				l.acknowledged()
			case 1: // written, without an answer
				servers[master] = l.next()
			case 2: // replicated in part
				other := int(step/4) % len(servers)
				servers[other] = max(servers[other], servers[master]-int(step/16))
			case 3: // failover
				master = int(step/4) % len(servers)
			}
			number := servers[master]
			if !l.knows(number) {
				t.Fatalf("step %d: does not know %d of %+v", i, number, l)
			}
			gone := 0
			for n := range there {
				if n > number {
					delete(there, n)
					gone++
				}
			}
			lost += gone
			if got := l.read(number); got != gone || l.lost != lost {
				t.Fatalf("step %d: %d lost, want %d of %d; the ledger is %+v", i, got, gone, lost, l)
			}
		}
		if kept := count(l); kept != len(there) && len(l.runs) < maxRuns {
			t.Fatalf("%d are there, want %d", kept, len(there))
		}
	})
}

func count(l ledger) (n int) {
	for _, r := range l.runs {
		n += r.last - r.first + 1
	}
	return n
}

func TestLedger_bounded(t *testing.T) {
	var l ledger
	for range 3 * maxRuns {
		l.acknowledged()
		l.acknowledged()
		l.read(l.last - 1)
	}
	if len(l.runs) > maxRuns || l.lost != 3*maxRuns {
		t.Errorf("%d runs, %d lost", len(l.runs), l.lost)
	}
}

// Nothing is lost of a Series when its buckets become longer, and it stays small.
func TestSeries(t *testing.T) {
	s := Series{Begin: t0, Width: firstWidth}
	n, slowest := 0, time.Duration(0)
	for i := range 100_000 {
		latency := time.Duration(i%997) * time.Microsecond
		s.add(t0.Add(time.Duration(i)*time.Second), latency)
		n, slowest = n+1, max(slowest, latency)
	}
	count, most := 0, time.Duration(0)
	for _, b := range s.Buckets {
		count, most = count+b.Count, max(most, b.Max)
		if b.Mean() > b.Max {
			t.Fatalf("a bucket with a mean over its maximum: %+v", b)
		}
	}
	if count != n || most != slowest || len(s.Buckets) > maxBuckets || len(s.Buckets) < maxBuckets/4 {
		t.Errorf("%d of %d latencies up to %v in %d buckets of %v", count, n, most, len(s.Buckets), s.Width)
	}
}
