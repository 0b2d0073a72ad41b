package probe

import (
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// sent is what a program sends to a database.
type sent struct {
	database string
	program  clients.Client
	// from and before bound the versions of Sidekiq that send it; "" is no bound.
	from, before string
	// lua says that only releases that run Lua send it.
	lua bool
	// commands have a K for the first of the keys and a C for the channel. Redis 3
	// knows those without a version.
	commands []string
	// keys are names as the program makes them: a user may be bound to some. The others
	// are tried with the commands of touch.
	keys, touch []string
	channel     string
}

// readAndWritten stand for what is done to a key.
var readAndWritten = []string{"GET K", "EXPIRE K 1"}

// sends are what the programs send. The sources:
//   - apisonator, lib/3scale/backend: application, service, metric, usage_limit,
//     service_token, alerts, error_storage, event_storage, application_events,
//     distributed_lock, stats/cleaner, stats/aggregators, storage_async/methods
//   - apisonator, job_fetcher, failed_jobs_scheduler, worker; Resque, data_store
//   - porta, app/lib/stats/storage and app/lib/backend/storage
//   - Sidekiq 5 to 7: launcher, client, fetch, scheduled, job_retry, api, paginator,
//     metrics/shared; of porta's other gems sidekiq-cron (job), sidekiq-batch (batch),
//     sidekiq-lock, sidekiq-throttled (communicator, queues_pauser, strategy/*.lua),
//     ratelimit and redlock
//   - message_bus 2.0, backends/redis, in the namespace of porta's initializer
var sends = []sent{
	{
		database: redis.BackendStorage, program: clients.Apisonator,
		commands: []string{
			"GET K", "SET K v", "SETEX K 1 v", "MGET K", "DEL K", "EXISTS K", "EXPIRE K 1", "EXPIREAT K 1", "TTL K", "INCR K", "INCRBY K 1",
			"HSET K f v", "HMGET K f", "SADD K v", "SREM K v", "SMEMBERS K", "SISMEMBER K v", "SCARD K", "SSCAN K 0", "SCAN 0",
			"RPUSH K v", "LPUSH K v", "LRANGE K 0 0", "LTRIM K 0 0", "LLEN K", "ZADD K 1 v", "ZCARD K", "ZRANGEBYSCORE K 0 0", "ZREMRANGEBYSCORE K 0 0", "ZREVRANGE K 0 0",
		},
		keys: []string{
			"service/id:0/state", "service/provider_key:0/ids", "services_set", "provider_keys_set", "service_token/token:0/service_id:0", "service_id:0/applications",
			"application/service_id:0/id:0/state", "application/service_id:0/key:0/id", "metric/service_id:0/id:0/name", "metrics/service_id:0/ids",
			"usage_limit/service_id:0/plan_id:0/metric_id:0/day", "stats/{service:0}/metric:0/eternity", "stats/{service:0}/cinstances", "set_with_services_marked_for_deletion",
			"daily_traffic/service:0/cinstance:0/20000101", "alerts/service_id:0/allowed_set", "alerts/current_id", "errors/service_id:0",
			"events/queue", "events/id", "events/ping", "threescale::backend::failedjobsscheduler:lock",
		},
		touch: readAndWritten,
	},
	{
		database: redis.BackendStorage, program: clients.Porta,
		commands: []string{"GET K", "MGET K", "SMEMBERS K", "SORT K"},
		keys:     []string{"stats/{service:0}/cinstances", "stats/{service:0}/metric:0/eternity"},
		touch:    []string{"GET K"},
	},
	{
		database: redis.BackendQueues, program: clients.Apisonator,
		commands: []string{
			"RPUSH K v", "LPOP K", "BLPOP K 1", "LLEN K", "LRANGE K 0 0", "LINDEX K 0", "LSET K 0 v", "LREM K 0 v",
			"SADD K v", "SREM K v", "SMEMBERS K", "SISMEMBER K v", "GET K", "SET K v", "DEL K", "INCRBY K 1", "EXPIRE K 1",
		},
		keys:  []string{"resque:queue:main", "resque:queue:priority", "resque:queue:stats", "resque:queues", "resque:failed", "resque:workers", "resque:worker:0", "resque:stat:processed"},
		touch: readAndWritten,
	},
	{
		database: redis.System, program: clients.Porta,
		commands: []string{
			"LPUSH K v", "RPUSH K v", "BRPOP K 1", "RPOP K", "LRANGE K 0 0", "LINDEX K 0", "LLEN K", "LREM K 0 v", "LTRIM K 0 0",
			"SADD K v", "SREM K v", "SMEMBERS K", "SISMEMBER K v", "SCARD K", "SSCAN K 0",
			"ZADD K 1 v", "ZREM K v", "ZINCRBY K 1 v", "ZSCORE K v", "ZSCAN K 0", "ZCARD K", "ZRANGE K 0 0", "ZREVRANGE K 0 0",
			"ZRANGEBYSCORE K 0 0", "ZREMRANGEBYSCORE K 0 0", "ZREMRANGEBYRANK K 0 0",
			"HSET K f v", "HMSET K f v", "HGET K f", "HMGET K f", "HGETALL K", "HDEL K f", "HINCRBY K f 1",
			"GET K", "SET K v", "SETEX K 1 v", "MGET K", "INCR K", "INCRBY K 1", "DEL K", "EXISTS K", "EXPIRE K 1", "TYPE K", "INFO", "PING",
		},
		keys: []string{
			"queue:default", "queues", "processes", "schedule", "retry", "dead", "stat:processed", "stat:failed:2000-01-01",
			"host:1:0123456789ab", "host:1:0123456789ab:workers", "host:1:0123456789ab:work", "host:1:0123456789ab-signals",
			"cron_jobs", "cron_job:0", "cron_job:0:enqueued", "BID-0", "throttled:X:paused_queues",
		},
		touch: readAndWritten,
	},
	{
		database: redis.System, program: clients.Porta, from: "6.0.5",
		commands: []string{"UNLINK K"}, keys: []string{"queue:default"},
	},
	{
		database: redis.System, program: clients.Porta, from: "7.0",
		commands: []string{"HINCRBY K f 1", "HSETNX K f v", "BITFIELD K GET u16 0"}, keys: []string{"j|20000101|0:0"},
	},
	{
		database: redis.System, program: clients.Porta, lua: true,
		commands: []string{"EVAL return 0", "EVALSHA 0000000000000000000000000000000000000000 0", "SCRIPT LOAD return"},
	},
	{
		database: redis.System, program: clients.Porta, lua: true, before: "7.0", // sidekiq-throttled 0.x
		commands: []string{"SUBSCRIBE C"}, channel: "sidekiq:throttled",
	},
	{
		database: redis.MessageBus, program: clients.Porta,
		commands: []string{
			"PUBLISH C v", "SUBSCRIBE C", "INCR K", "GET K", "SET K v", "ZADD K 1 v", "ZRANGEBYSCORE K 0 0", "ZREMRANGEBYSCORE K 0 0", "EXPIRE K 1",
		},
		keys:  []string{"__mb_backlog_id_n_/", "__mb_backlog_n_/", "__mb_global_id_n", "__mb_global_backlog_n", "__mb_is_readonly"},
		touch: readAndWritten, channel: "_message_bus_0",
	},
}

// sentBy reports whether a program of a release sends it.
func (s sent) sentBy(program string, release releases.Clients) bool {
	isOwn := program == string(s.program) || program == string(clients.Async) && s.program == clients.Apisonator || program == Spec
	porta := release.Porta
	return isOwn && !older(porta.Sidekiq, s.from) && (s.before == "" || older(porta.Sidekiq, s.before)) && (!s.lua || porta.Scripts)
}
