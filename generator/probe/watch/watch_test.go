package watch

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// watching runs a watch, and hands its events to a test, which ends it.
type watching struct {
	t      *testing.T
	events chan Event
	report chan Report
	end    context.CancelFunc
	told   []Event
}

func start(t *testing.T, o Options, targets ...connect.Target) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watching{t: t, events: make(chan Event, maxEvents), report: make(chan Report, 1), end: cancel}
	o.Now = time.Now
	if o.Interval == 0 {
		o.Interval = 2 * time.Millisecond
	}
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	o.Event = func(e Event) { w.events <- e }
	go func() { w.report <- Run(ctx, targets, o) }()
	t.Cleanup(cancel)
	return w
}

// until waits for an event of system whose text contains a text.
func (w *watching) until(text string) {
	w.t.Helper()
	for {
		select {
		case e := <-w.events:
			w.told = append(w.told, e)
			if e.Database == "system" && strings.Contains(e.Text, text) {
				return
			}
		case <-time.After(20 * time.Second):
			w.t.Fatalf("no event %q of system: %v", text, w.told)
		}
	}
}

func (w *watching) finish() Report {
	w.end()
	return <-w.report
}

func TestRun(t *testing.T) {
	f := newFake(t)
	w := start(t, Options{}, f.target("system"), f.target("backendQueues"))
	written := func() (n int) {
		f.set(func() { n = len(f.keys) })
		return n
	}
	eventually(t, func() bool { return written() == 2 })
	f.set(func() {
		for key := range f.keys {
			if !strings.HasPrefix(key, Prefix) || !strings.HasSuffix(key, "system") && !strings.HasSuffix(key, "backendQueues") {
				t.Errorf("wrote %q", key)
			}
		}
		for _, c := range f.commands {
			if c[0] == "set" && !slices.Equal(c[3:], []string{"ex", "3600"}) {
				t.Errorf("wrote without an expiry: %v", c)
			}
		}
	})
	r := w.finish()
	for i, name := range []string{"system", "backendQueues"} {
		d := r.Databases[i]
		if d.Name != name || !d.Worked() || d.Errors > 0 || d.Lost > 0 || d.Unchecked || d.Moves != nil || d.Longest() > 0 {
			t.Errorf("%+v", d)
		}
		if d.Reads.Latencies.Buckets == nil || d.Writes.Latencies.Buckets == nil {
			t.Errorf("%s has no latencies", name)
		}
	}
	if written() > 0 {
		t.Error("a key stays")
	}
	eventually(t, func() bool { return f.open() == 0 })
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for begin := time.Now(); !ok(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("does not happen")
		}
	}
}

func TestRun_readOnly(t *testing.T) {
	f := newFake(t)
	w := start(t, Options{ReadOnly: true}, f.target("system"))
	w.until("connected to " + f.address().String())
	eventually(t, func() bool { return f.asked("get") > 0 })
	r := w.finish()
	var asked []string
	f.set(func() {
		for _, c := range f.commands {
			asked = append(asked, strings.ToLower(c[0]))
		}
	})
	slices.Sort(asked)
	if got := slices.Compact(asked); !slices.Equal(got, []string{"get", "hello", "info", "role"}) {
		t.Errorf("asked %v", got)
	}
	if d := r.Databases[0]; !d.Worked() || !d.ReadOnly || d.Writes.Count+d.Writes.Worked > 0 {
		t.Errorf("%+v", d)
	}
}

// A master dies with writes that the replica does not have.
func TestRun_failover(t *testing.T) {
	old, replica, sentinel, dead := newFake(t), newFake(t), newFake(t), newFake(t)
	dead.stop()
	sentinel.master = old.address()
	replica.role, replica.id = "slave", 'b'
	target := connect.Target{Database: "system", Connection: redis.Connection{
		MasterGroup: "mymaster", Sentinels: redis.Sentinels{Hosts: []redis.Address{dead.address(), sentinel.address()}},
	}}
	w := start(t, Options{}, target)
	var key, value string
	eventually(t, func() bool {
		old.set(func() {
			for key, value = range old.keys {
			}
		})
		return len(value) > 1 // 10 writes
	})
	old.stop()
	last := 0
	old.set(func() { _, _ = fmt.Sscan(old.keys[key], &last) })
	replica.set(func() { replica.keys[key] = fmt.Sprint(last - 4) })
	w.until("write failed: connection refused")
	sentinel.set(func() { sentinel.master = replica.address() })
	w.until("write failed: the Sentinels name a server that is no master")
	replica.set(func() { replica.role = "master" })
	w.until("master moved from " + old.address().String() + " to " + replica.address().String())
	w.until("acknowledged writes lost")
	d := w.finish().Databases[0]
	// The last write may have had no answer.
	if d.Lost != 4 && d.Lost != 3 || d.Unchecked || d.Errors == 0 {
		t.Errorf("%+v", d)
	}
	if d.Reads.Count == 0 || d.Writes.Count == 0 || d.Writes.Outages[0].Open {
		t.Errorf("%+v", d)
	}
	if len(d.Moves) != 1 || d.Moves[0].From != old.address().String() || d.Moves[0].To != replica.address().String() {
		t.Errorf("moves: %v", d.Moves)
	}
}

// A master becomes a replica, and the Sentinels name another: the line that is told so,
// by READONLY or by the end of the connection, goes there, and to no replica.
func TestRun_demoted(t *testing.T) {
	old, other, sentinel := newFake(t), newFake(t), newFake(t)
	sentinel.master = old.address()
	other.id = 'b'
	target := connect.Target{Database: "system", Connection: redis.Connection{
		MasterGroup: "mymaster", Sentinels: redis.Sentinels{Hosts: []redis.Address{sentinel.address()}},
	}}
	w := start(t, Options{}, target)
	eventually(t, func() bool { return old.asked("get") > 10 && old.asked("set") > 0 })
	old.set(func() { old.role = "slave" })
	w.until("write failed: the server answers READONLY")
	sentinel.set(func() { sentinel.master = other.address() })
	w.until("master moved from " + old.address().String() + " to " + other.address().String())
	eventually(t, func() bool { return old.open() == 1 })
	old.drop()
	w.until("read failed: ")
	w.until("read works again")
	eventually(t, func() bool { return old.open() == 0 })
	if d := w.finish().Databases[0]; len(d.Moves) != 1 {
		t.Errorf("%+v", d)
	}
}

// The Sentinel that answered is asked first from then on.
func TestServer_locate(t *testing.T) {
	hung, good := newFake(t), newFake(t)
	hung.answer = func([]string) string { return hang }
	good.master = redis.Address{Host: "192.0.2.1", Port: 6379}
	target := connect.Target{Connection: redis.Connection{MasterGroup: "m"}}
	s := &server{target: target, sentinels: []redis.Address{hung.address(), good.address()}}
	for range 3 {
		if at, err := s.locate(t.Context(), 50*time.Millisecond); err != nil || at != good.master {
			t.Errorf("%v, %v", at, err)
		}
	}
	if hung.connections() != 1 || good.connections() != 3 {
		t.Errorf("asked %d and %d times", hung.connections(), good.connections())
	}
}

// What was acknowledged before an outage without an end can't be read back.
func TestRun_unchecked(t *testing.T) {
	f := newFake(t)
	w := start(t, Options{}, f.target("system"))
	eventually(t, func() bool { return f.asked("set") > 10 })
	f.stop()
	w.until("write failed: ")
	d := w.finish().Databases[0]
	if !d.Unchecked || d.Lost > 0 || !d.Worked() || !d.Writes.Outages[0].Open {
		t.Errorf("%+v", d)
	}
}

// A server that refuses the password is none that it is connected to.
func TestRun_password(t *testing.T) {
	f := newFake(t)
	target := f.target("system")
	target.Password = secret.FromText("pa55word")
	w := start(t, Options{}, target)
	w.until("write failed: AUTH: the server answers WRONGPASS")
	r := w.finish()
	if r.Databases[0].Worked() || slices.ContainsFunc(r.Events, func(e Event) bool { return e.Kind == Connected }) {
		t.Errorf("%+v", r)
	}
}

// An operation that the end of the watch has cut short says nothing of the database.
// What the connection says itself is said as it is.
func TestDescribe_known(t *testing.T) {
	for _, err := range []error{connect.ErrUnknownGroup, connect.ErrRoot, connect.ErrPassword} {
		if got := describe(fmt.Errorf("locate: %w", err), time.Second); got != err.Error() {
			t.Errorf("%v is %q", err, got)
		}
	}
}

func TestLine_cutShort(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	news := newNews(nil)
	l := newLine(&server{options: Options{Interval: time.Millisecond, Now: time.Now}, news: news}, "read", nil, time.Now())
	cancel()
	l.took(ctx, time.Now(), context.Canceled)
	if l.errors != 0 || l.meter.Failed != 0 {
		t.Error("counts as an error")
	}
	l.took(ctx, time.Now().Add(-Blocked), context.Canceled)
	if l.errors != 1 || l.meter.Failed != 1 {
		t.Error("is no error, though it had hung before")
	}
	news.close()
}

// Nobody waits for a reader of events.
func TestNews(t *testing.T) {
	block := make(chan struct{})
	n := newNews(func(Event) { <-block })
	for range 3 * maxEvents {
		n.tell(Event{})
	}
	close(block)
	if events, more := n.close(); len(events) != maxEvents || more != 2*maxEvents {
		t.Errorf("%d events and %d more", len(events), more)
	}
}

// A server without persistence restarts empty.
func TestRun_restart(t *testing.T) {
	f := newFake(t)
	w := start(t, Options{}, f.target("system"))
	eventually(t, func() (ok bool) {
		f.set(func() {
			for _, value := range f.keys {
				ok = len(value) > 1
			}
		})
		return ok
	})
	f.restart(t)
	w.until(f.address().String() + " restarted")
	w.until("acknowledged writes lost")
	d := w.finish().Databases[0]
	if d.Lost < 9 || len(d.Moves) != 1 || d.Moves[0].From != d.Moves[0].To {
		t.Errorf("%+v", d)
	}
}

// Reads go on where writes are refused, or hang.
func TestRun_writesOnly(t *testing.T) {
	for name, tt := range map[string]struct{ reply, want string }{
		"full":  {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "write failed: the server answers OOM"},
		"pause": {hang, "write failed: no answer within 20ms"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			w := start(t, Options{Timeout: 20 * time.Millisecond}, f.target("system"))
			eventually(t, func() (ok bool) {
				f.set(func() { ok = len(f.keys) > 0 })
				return ok
			})
			f.set(func() {
				f.answer = func(command []string) string {
					if command[0] == "set" {
						return tt.reply
					}
					return ""
				}
			})
			w.until(tt.want)
			f.set(func() { f.answer = nil })
			w.until("write works again")
			for _, e := range w.told {
				if strings.Contains(e.Text, "read failed") {
					t.Errorf("%s", e.Text)
				}
			}
			if d := w.finish().Databases[0]; d.Writes.Failed == 0 || d.Lost > 0 || d.Moves != nil {
				t.Errorf("%+v", d)
			}
			// A connection with an answer is kept.
			if again := f.connections() > 2; again != (tt.reply == hang) {
				t.Errorf("%d connections", f.connections())
			}
		})
	}
}

// One database that accepts and says nothing, and one that nobody serves, do not
// disturb a third, and none of their goroutines stays.
func TestRun_never(t *testing.T) {
	silent, good, gone := newFake(t), newFake(t), newFake(t)
	gone.stop()
	silent.answer = func([]string) string { return hang }
	before := runtime.NumGoroutine()
	w := start(t, Options{Timeout: 10 * time.Millisecond}, silent.target("system"), good.target("backendQueues"), gone.target("backendStorage"))
	eventually(t, func() (ok bool) {
		good.set(func() { ok = len(good.keys) > 0 })
		return ok
	})
	w.until("failed: no answer within 10ms")
	w.until("failed: no answer within 10ms")
	r := w.finish()
	if !slices.ContainsFunc(r.Events, func(e Event) bool {
		return e.Database == "backendStorage" && e.Text == "read failed: connection refused"
	}) {
		t.Errorf("%v", r.Events)
	}
	for i, want := range []bool{false, true, false} {
		d := r.Databases[i]
		if d.Worked() != want {
			t.Errorf("%+v", d)
		}
		if !want && (len(d.Reads.Outages) != 1 || !d.Reads.Outages[0].Open || d.Writes.Longest < d.Writes.Unavailable || !d.Reads.Outages[0].Begin.Equal(r.Begin)) {
			t.Errorf("%+v", d)
		}
	}
	eventually(t, func() bool { return silent.open()+good.open() == 0 })
	eventually(t, func() bool { return runtime.NumGoroutine() <= before })
}

// What a server sends is in no event, whatever it is.
func TestRun_foreign(t *testing.T) {
	for _, reply := range []string{
		"-ERR s3cret \x1b[31m\r\n", "-S3CRET\r\n", "-SECRETS x\r\n", "-s3cret x\r\n", "s3cret\r\n", "HTTP/1.1 400 s3cret\r\n\r\n", "$6\r\ns3cret\r\n", "*1\r\n$6\r\ns3cret\r\n", "+s3cret\r\n", ":77\r\n", "$3\r\n999\r\n",
	} {
		f := newFake(t)
		f.answer = func([]string) string { return reply }
		target := f.target("system")
		target.Password = secret.FromText("pa55word")
		target.Username = "default"
		w := start(t, Options{Timeout: 50 * time.Millisecond}, target)
		w.until("write failed: ")
		for _, e := range w.finish().Events {
			if strings.Contains(strings.ToLower(e.Text), "s3cret") || strings.Contains(e.Text, "SECRETS") || strings.Contains(e.Text, "pa55word") || strings.ContainsRune(e.Text, '\x1b') {
				t.Errorf("%q: %s", reply, e.Text)
			}
		}
	}
}

// Errors that are the same are one event, and a reader that is slow stops nobody.
func TestRun_manyErrors(t *testing.T) {
	f := newFake(t)
	n := 0
	f.answer = func(command []string) string {
		if command[0] != "set" {
			return ""
		}
		n++
		return []string{"-OOM x\r\n", "-OOM y\r\n", "-LOADING x\r\n"}[n%3]
	}
	ctx, cancel := context.WithCancel(t.Context())
	block := make(chan struct{})
	done := make(chan Report)
	go func() {
		done <- Run(ctx, []connect.Target{f.target("system")}, Options{
			Interval: time.Microsecond, Timeout: time.Second, Now: time.Now, Event: func(Event) { <-block },
		})
	}()
	eventually(t, func() (ok bool) {
		f.set(func() { ok = n > 30 })
		return ok
	})
	cancel()
	close(block)
	r := <-done
	errors := 0
	for _, e := range r.Events {
		if e.Kind == Failing {
			errors++
		}
	}
	if failed := r.Databases[0].Writes.Failed; errors > failed*2/3+1 || errors < failed/2 {
		t.Errorf("%d events of %d errors", errors, failed)
	}
}
