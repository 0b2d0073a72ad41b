package watch

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// operation is what a line does again and again.
type operation interface {
	// do does it once. An error that is no reply of the server ends the connection.
	do(ctx context.Context, conn *goredis.Conn) error
	// end is called when the watch ends, with the connection if there is one.
	end(ctx context.Context, conn *goredis.Conn)
}

// line is a connection to a database that is made again after each failure, and what
// is measured on it.
type line struct {
	server *server
	name   string
	operation
	meter  meter
	errors int

	client *goredis.Client
	conn   *goredis.Conn
	// connecting is how long it took to connect when that last worked.
	connecting time.Duration
	// said is the last error that was told, failed counts the errors since the last
	// operation that worked.
	said   string
	failed int
}

func newLine(s *server, name string, op operation, begin time.Time) *line {
	l := &line{server: s, name: name, operation: op, meter: newMeter(begin, s.options.Interval, Blocked)}
	l.meter.Latencies = Series{Begin: begin, Width: firstWidth}
	return l
}

// run does the operation steadily until ctx ends.
func (l *line) run(ctx context.Context) {
	defer l.close()
	for ctx.Err() == nil {
		begin := l.server.options.Now()
		err := l.once(ctx)
		l.took(ctx, begin, err)
		wait(ctx, begin.Add(l.pause()).Sub(l.server.options.Now()))
	}
	l.meter.finish(l.server.options.Now())
	l.end(context.WithoutCancel(ctx), l.conn)
}

// once does the operation, on a new connection where there is none. It is not cut
// short by ctx: what is under way ends by itself within the timeout.
func (l *line) once(ctx context.Context) (err error) {
	if l.conn == nil {
		begin := l.server.options.Now()
		if l.client, l.conn, err = l.server.connect(ctx, l.patience()); err != nil {
			return err
		}
		l.connecting = l.server.options.Now().Sub(begin)
	}
	err = l.do(context.WithoutCancel(ctx), l.conn)
	// A server that has become a replica says READONLY: programs look for the master.
	if err != nil && (!isReply(err) || goredis.HasErrorPrefix(err, "READONLY")) {
		l.close()
	}
	return err
}

// took measures an operation, and tells what has changed.
func (l *line) took(ctx context.Context, begin time.Time, err error) {
	end := l.server.options.Now()
	if err != nil && ctx.Err() != nil && end.Sub(begin) < Blocked {
		return // the watch ended before anybody could say
	}
	outage, ended := l.meter.add(sample{begin, end, err == nil})
	if err == nil {
		l.meter.Latencies.add(end, end.Sub(begin))
		if ended {
			l.server.tell(Recovered, fmt.Sprintf("%s works again, after %s and %s", l.name, Duration(outage.Length()), errorCount(l.failed)))
		}
		l.said, l.failed = "", 0
		return
	}
	l.errors++
	l.failed++
	if text := describe(err, l.server.options.Timeout); text != l.said {
		l.server.tell(Failing, l.name+" failed: "+text)
		l.said = text
	}
}

func errorCount(n int) string {
	if n == 1 {
		return "1 error"
	}
	return fmt.Sprint(n, " errors")
}

// The pauses in an outage: it is measured to a fiftieth, and a server that is down for
// long is not stormed.
const (
	pausePart = 50
	maxPause  = time.Second
)

// pause is the time from the beginning of an operation to the next.
func (l *line) pause() time.Duration {
	interval := l.server.options.Interval
	if !l.meter.failing {
		return interval
	}
	return max(interval, min(l.server.options.Now().Sub(l.meter.since())/pausePart, maxPause))
}

// A step of connecting again may take a twentieth of the outage so far: where a server
// that says nothing is tried in vain, the outage is not much longer for that. It may
// always take some times as long as connecting took when it worked.
const (
	patiencePart  = 20
	minPatience   = 100 * time.Millisecond
	patienceTimes = 4
)

// patience is how long a step of connecting may take.
func (l *line) patience() time.Duration {
	timeout := l.server.options.Timeout
	if l.meter.Worked == 0 {
		return timeout
	}
	outage := l.server.options.Now().Sub(l.meter.since())
	return min(max(outage/patiencePart, patienceTimes*l.connecting, minPatience), timeout)
}

// wait waits, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (l *line) close() {
	if l.conn != nil {
		_, _ = l.conn.Close(), l.client.Close()
		l.client, l.conn = nil, nil
	}
}

// Duration writes a length as it is measured, in milliseconds: 3.412 s.
func Duration(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
