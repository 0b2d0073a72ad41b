package move_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
)

// sidekiqQueues are the queues of Sidekiq.
var sidekiqQueues = []string{"queue:critical", "queue:default", "queue:mailers"}

func system(key string) place { return place{redisspec.System, key} }

// portal is system-app: people create and delete things, which it does through the
// internal API of a listener, and most of what they do leaves a job for Sidekiq.
func portal(p *pod) {
	defer p.end()
	ctx := context.Background()
	c := p.connect(clients.Porta, redisspec.System)
	for i := 0; !p.stopped(); i++ {
		if p.in.producing() {
			p.enqueue(ctx, c, i)
			if p.in.release.HasDatabase(redisspec.MessageBus) {
				p.publish(ctx, p.connect(clients.Porta, redisspec.MessageBus), i)
			}
			p.administer(ctx, i)
		}
		sleep(ctx, 50*time.Millisecond)
	}
}

// enqueue leaves a job, or one that is due later.
func (p *pod) enqueue(ctx context.Context, c *redis.Client, i int) {
	id := fmt.Sprintf("%s.%d", p.name, i)
	queue := sidekiqQueues[i%len(sidekiqQueues)]
	p.ok(c.SAdd(ctx, "queues", strings.TrimPrefix(queue, "queue:")).Err())
	var err error
	if i%5 == 0 {
		err = c.ZAdd(ctx, "schedule", redis.Z{Score: seconds(time.Second), Member: id}).Err()
	} else {
		err = c.LPush(ctx, queue, id).Err()
	}
	if p.ok(err) {
		p.in.oracle.given(p.in.oracle.jobs, id)
	}
}

// seconds is the score of a time from now.
func seconds(from time.Duration) float64 { return float64(time.Now().Add(from).UnixMilli()) / 1000 }

// publish sends a message to the bus, which keeps a backlog.
func (p *pod) publish(ctx context.Context, bus *redis.Client, i int) {
	const backlog, counter = "__mb_backlog_n_/messages", "__mb_backlog_id_n_/messages"
	if p.ok(bus.Incr(ctx, counter).Err()) {
		p.in.oracle.added(place{redisspec.MessageBus, counter}, 1)
	}
	message := fmt.Sprintf("%s.%d", p.name, i)
	if p.ok(bus.ZAdd(ctx, backlog, redis.Z{Score: float64(i), Member: message}).Err()) {
		p.in.oracle.member(place{redisspec.MessageBus, backlog}, message, true)
	}
	if p.ok(bus.Expire(ctx, backlog, 7*24*time.Hour).Err()) {
		p.in.oracle.expires(place{redisspec.MessageBus, backlog}, 7*24*time.Hour)
	}
}

// administer creates an application and a key, and deletes the key of the last turn.
func (p *pod) administer(ctx context.Context, i int) {
	app := fmt.Sprintf("%s.%d", p.name, i)
	keys := keysKey("s0", p.name)
	p.call(func(l *pod) {
		store := l.connect(clients.Apisonator, redisspec.BackendStorage)
		if p.ok(store.Set(ctx, stateKey("s0", app), "active", 0).Err()) {
			p.in.oracle.set(storage(stateKey("s0", app)), "active")
		}
		if p.ok(store.SAdd(ctx, keys, app).Err()) {
			p.in.oracle.member(storage(keys), app, true)
		}
		last := fmt.Sprintf("%s.%d", p.name, i-1)
		if p.ok(store.SRem(ctx, keys, last).Err()) {
			p.in.oracle.member(storage(keys), last, false)
		}
	})
}

// call calls the internal API of a listener; of one that is about to end, the next.
func (p *pod) call(f func(*pod)) {
	for {
		p.in.mu.Lock()
		listeners := append([]*pod{}, p.in.workloads["backend-listener"].pods...)
		p.in.mu.Unlock()
		for _, l := range listeners {
			done := make(chan struct{})
			select {
			case l.calls <- func(l *pod) { f(l); close(done) }:
				<-done
				return
			case <-l.stop:
			case <-l.done:
			}
		}
		if len(listeners) == 0 && p.stopped() {
			return
		}
		sleep(context.Background(), time.Millisecond)
	}
}

// sidekiq is system-sidekiq: it works off jobs, and moves those that are due into a
// queue.
func sidekiq(p *pod) {
	defer p.end()
	ctx := context.Background()
	c := p.connect(clients.Porta, redisspec.System)
	polled := make(chan struct{})
	go func() {
		defer close(polled)
		p.every(200*time.Millisecond, func() { p.poll(ctx, c) })
	}()
	for !p.stopped() {
		popped, err := c.BRPop(ctx, time.Second, sidekiqQueues...).Result()
		if !p.ok(err) {
			continue
		}
		id := popped[1]
		if retry, again := strings.CutSuffix(id, ":again"); again {
			id = retry
		} else if strings.HasSuffix(id, "3") {
			p.ok(c.ZAdd(ctx, "retry", redis.Z{Score: seconds(500 * time.Millisecond), Member: id + ":again"}).Err())
			continue
		}
		p.in.oracle.done(p.in.oracle.jobs, id)
		if p.ok(c.Incr(ctx, "stat:processed").Err()) {
			p.in.oracle.added(system("stat:processed"), 1)
		}
		if p.ok(c.HIncrBy(ctx, "BID-1", "done", 1).Err()) && p.ok(c.Expire(ctx, "BID-1", 30*24*time.Hour).Err()) {
			p.in.oracle.expires(system("BID-1"), 30*24*time.Hour)
		}
	}
	<-polled
}

// poll does what happens beside the jobs: the heartbeat, the lock of cron, and what is
// due.
func (p *pod) poll(ctx context.Context, c *redis.Client) {
	p.ok(c.SAdd(ctx, "processes", p.name).Err())
	p.ok(c.HSet(ctx, p.name, "busy", 1).Err())
	p.ok(c.Expire(ctx, p.name, time.Minute).Err())
	_, err := c.SetNX(ctx, "sidekiq-lock:cron", p.name, time.Second).Result()
	p.ok(err)
	for _, set := range []string{"schedule", "retry"} {
		// Redis 3.2 knows no other command for it.
		due, err := c.Do(ctx, "ZRANGEBYSCORE", set, "-inf", seconds(0), "LIMIT", 0, 50).StringSlice()
		p.ok(err)
		for _, id := range due {
			if n, err := c.ZRem(ctx, set, id).Result(); p.ok(err) && n == 1 {
				p.ok(c.LPush(ctx, "queue:default", id).Err())
			}
		}
	}
}
