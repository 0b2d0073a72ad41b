package watch

// maxRuns is how many runs a ledger keeps. Each loss can make one more.
const maxRuns = 1000

// ledger knows which acknowledged writes are still on the server. They are numbered,
// and the server holds the number of the last. A server that takes over holds what it
// has received of the one before: all numbers up to the one that it answers with.
type ledger struct {
	// runs are the acknowledged writes that were not lost, in ascending order.
	runs []run
	// last is the number of the last acknowledged write, lost or not.
	last int
	lost int
}

// run are all numbers from first to last.
type run struct{ first, last int }

// next is the number of the next write, until it is acknowledged.
func (l *ledger) next() int { return l.last + 1 }

// acknowledged says that the server has confirmed the next write.
func (l *ledger) acknowledged() {
	l.last++
	if n := len(l.runs); n > 0 && l.runs[n-1].last == l.last-1 {
		l.runs[n-1].last = l.last
		return
	}
	l.runs = append(l.runs, run{l.last, l.last})
	if len(l.runs) > maxRuns {
		l.runs = l.runs[1:]
	}
}

// knows reports whether a number can be on the server: that of a write without an
// answer can.
func (l *ledger) knows(number int) bool { return number >= 0 && number <= l.next() }

// read says that the server holds a number, 0 for none. It returns how many
// acknowledged writes are lost with that.
func (l *ledger) read(number int) int {
	before := l.lost
	for n := len(l.runs); n > 0 && l.runs[n-1].last > number; n = len(l.runs) {
		r := &l.runs[n-1]
		l.lost += r.last - max(number, r.first-1)
		if r.last = number; r.last < r.first {
			l.runs = l.runs[:n-1]
		}
	}
	return l.lost - before
}

// forget says that nothing can be known of the writes so far.
func (l *ledger) forget() { l.runs = nil }
