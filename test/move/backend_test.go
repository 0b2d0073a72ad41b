package move_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
)

// programs are what the pods of the workloads do.
var programs = map[string]func(*pod){
	"backend-listener": listen, "backend-worker": work, "backend-cron": requeue, "system-app": portal, "system-sidekiq": sidekiq,
}

// idle is a workload that reads values and does nothing that matters here.
func idle(p *pod) {
	<-p.stop
	p.end()
}

// report is a job of Resque: a call that is to be counted.
type report struct {
	ID, Service, Application string
	// Retry says that it has failed once.
	Retry bool
}

// resque are the queues of Resque in the order in which workers look at them.
var resque = []string{"resque:queue:priority", "resque:queue:main", "resque:queue:stats"}

const failedReports = "resque:failed"

func storage(key string) place { return place{redisspec.BackendStorage, key} }

// listen is backend-listener: it authorises API calls, and puts a report of each into
// a queue. Its internal API is the only way by which porta changes the storage.
func listen(p *pod) {
	defer p.end()
	ctx := context.Background()
	store, queues := p.connect(clients.Apisonator, redisspec.BackendStorage), p.connect(clients.Apisonator, redisspec.BackendQueues)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			select {
			case f := <-p.calls:
				f(p)
			case <-p.stop:
				return
			}
		}
	}()
	for i := 0; !p.stopped(); i++ {
		if p.in.producing() {
			p.authrep(ctx, store, queues, i)
		}
		sleep(ctx, 20*time.Millisecond)
	}
	<-served
}

// authrep answers one API call.
func (p *pod) authrep(ctx context.Context, store, queues *redis.Client, i int) {
	r := report{ID: fmt.Sprintf("%s.%d", p.name, i), Service: fmt.Sprint("s", i%services), Application: fmt.Sprint("a", i%applications)}
	state, err := store.Get(ctx, stateKey(r.Service, r.Application)).Result()
	p.ok(err)
	key, err := store.SIsMember(ctx, keysKey(r.Service, r.Application), "key-0").Result()
	p.in.oracle.answer(p.ok(err) && state == "active" && key)
	if p.ok(queues.SAdd(ctx, "resque:queues", "priority").Err()) && p.ok(queues.RPush(ctx, resque[i%len(resque)], text(r)).Err()) {
		p.in.oracle.given(p.in.oracle.reports, r.ID)
	}
	if i%10 == 0 {
		entry := "error-" + r.ID
		if p.ok(store.RPush(ctx, "errors/service_id:"+r.Service, entry).Err()) {
			p.in.oracle.appended(storage("errors/service_id:"+r.Service), entry)
		}
		p.ok(store.LTrim(ctx, "errors/service_id:"+r.Service, -1000, -1).Err())
	}
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// work is backend-worker: it takes reports from the queues and counts them.
func work(p *pod) {
	defer p.end()
	ctx := context.Background()
	store, queues := p.connect(clients.Apisonator, redisspec.BackendStorage), p.connect(clients.Apisonator, redisspec.BackendQueues)
	for !p.stopped() {
		popped, err := queues.BLPop(ctx, time.Second, resque...).Result()
		if !p.ok(err) {
			continue
		}
		var r report
		if err := json.Unmarshal([]byte(popped[1]), &r); err != nil {
			p.in.oracle.failed(p.name, err)
			continue
		}
		if !r.Retry && len(r.ID)%2 == 0 && r.ID[len(r.ID)-1] == '7' {
			r.Retry = true
			p.ok(queues.RPush(ctx, failedReports, text(r)).Err())
			continue
		}
		p.count(ctx, store, r)
		p.in.oracle.done(p.in.oracle.reports, r.ID)
	}
}

// count adds a report to the counters of its application.
func (p *pod) count(ctx context.Context, store *redis.Client, r report) {
	prefix := "stats/{service:" + r.Service + "}/cinstance:" + r.Application + "/metric:m/"
	now := time.Now().UTC()
	minute := prefix + "minute:" + now.Format("200601021504")
	for _, key := range []string{prefix + "eternity", prefix + "hour:" + now.Format("2006010215"), minute} {
		if p.ok(store.IncrBy(ctx, key, 1).Err()) {
			p.in.oracle.added(storage(key), 1)
		}
	}
	if p.ok(store.Expire(ctx, minute, 180*time.Second).Err()) {
		p.in.oracle.expires(storage(minute), 180*time.Second)
	}
	alert := "alerts/service_id:" + r.Service + "/app_id:" + r.Application + "/80/already_notified"
	if p.ok(store.Set(ctx, alert, "1", 24*time.Hour).Err()) {
		p.in.oracle.expires(storage(alert), 24*time.Hour)
	}
	if p.ok(store.ZAdd(ctx, "events/queue", redis.Z{Score: float64(now.Unix()), Member: r.ID}).Err()) {
		p.in.oracle.member(storage("events/queue"), r.ID, true)
	}
}

// requeue is backend-cron: it puts failed reports back into the queue, under a lock.
func requeue(p *pod) {
	defer p.end()
	ctx := context.Background()
	queues := p.connect(clients.Apisonator, redisspec.BackendQueues)
	p.every(300*time.Millisecond, func() {
		locked, err := queues.SetNX(ctx, "resque:lock:failed", p.name, 10*time.Second).Result()
		if !p.ok(err) || !locked {
			return
		}
		failed, err := queues.LRange(ctx, failedReports, 0, 20).Result()
		p.ok(err)
		for _, job := range failed {
			p.ok(queues.RPush(ctx, resque[1], job).Err())
			p.ok(queues.LRem(ctx, failedReports, 1, job).Err())
		}
		p.ok(queues.Del(ctx, "resque:lock:failed").Err())
	})
}
