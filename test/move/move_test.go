package move_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// moving is an installation with a plan for one Redis endpoint per database.
type moving struct {
	*installation
	*plan
	to map[string]*target
}

// plan plans the way from an installation to one server per database.
func (what setup) plan(t *testing.T, w way) moving {
	t.Helper()
	need(t, what.old, realredis.Redis7, realredis.Shake)
	in := install(t, what)
	to, spec := w.spec(t, in.release)
	return moving{in, in.migrate(spec, []string{"REDIS_PASSWORD=" + w.password}), to}
}

// toEndpoints plans the way from an old Redis to endpoints.
func toEndpoints(t *testing.T, old realredis.Program) moving {
	t.Helper()
	return template(old).plan(t, endpoints)
}

// The numbers of the databases change, and the passwords are of all characters.
func TestMove_renumber(t *testing.T) {
	for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
		t.Run(string(old), func(t *testing.T) {
			m := toEndpoints(t, old)
			m.shell(m.dir).steps(m.forward)
			m.judged().expectNothingWrong(t)
		})
	}
}

// Installations whose pods lack env vars, and those of the operator.
func TestMove_installations(t *testing.T) {
	for name, what := range installations {
		t.Run(name, func(t *testing.T) {
			m := what.plan(t, way{"self-managed", "live", "s3cret"})
			m.shell(m.dir).steps(m.forward)
			m.judged().expectNothingWrong(t)
		})
	}
}

// Everything stops, is copied and starts.
func TestMove_offline(t *testing.T) {
	m := template(realredis.Redis3).plan(t, way{"redis-enterprise", "offline", printable})
	m.shell(m.dir).steps(m.forward)
	m.judged().expectNothingWrong(t)
}

// Before consumers have run on the new Redis, the way back needs no copy.
func TestMove_return(t *testing.T) {
	for name, back := range map[string]func(moving) ([]step, []step){
		"before the Secrets": func(m moving) ([]step, []step) {
			done, _ := split(t, m.forward, "replace -f secrets/")
			return done, m.early
		},
		"after the listeners": func(m moving) ([]step, []step) {
			done, _ := split(t, m.forward, "-- clients")
			return done, m.late
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := toEndpoints(t, realredis.Redis3)
			s := m.shell(m.dir)
			done, back := back(m)
			s.steps(done)
			s.steps(back)
			m.judged().withoutErrorLists().expectNothingWrong(t)
		})
	}
}

// The wrong order, where consumers work on the old Redis while producers move, must
// lose jobs or do them twice: else the oracle sees nothing.
func TestMove_wrongOrder(t *testing.T) {
	m := toEndpoints(t, realredis.Redis3)
	s := m.shell(m.dir)
	for _, command := range wrongOrder(m.forward) {
		s.must(command)
	}
	v := m.judged()
	if v.reports.lost+v.reports.twice == 0 || v.jobs.lost+v.jobs.twice == 0 {
		t.Errorf("the wrong order has done no harm: %v", v)
	}
	if len(v.refused) > 0 {
		t.Error("calls were refused, which this order does not explain")
	}
}

// Switched, some seconds of work, and back with what was written since: live where
// the new Redis lets others read, and else while everything stands still.
func TestMove_back(t *testing.T) {
	for name, w := range map[string]way{"live": {"self-managed", "live", printable}, "offline": endpoints} {
		for _, old := range []realredis.Program{realredis.Redis3, realredis.Redis5} {
			t.Run(name+" "+string(old), func(t *testing.T) {
				m := template(old).plan(t, w)
				s := m.shell(m.dir)
				s.steps(m.forward)
				sleep(t.Context(), 2*time.Second)
				s.steps(m.back)
				m.judged().expectNothingWrong(t)
			})
		}
	}
}

// wrongOrder are the commands of a plan without those that take pods down, and without
// the checks that would notice: the portal and the consumers are replaced as the
// listeners are, after them.
func wrongOrder(steps []step) []string {
	var commands []string
	for _, s := range steps {
		for _, c := range s.commands {
			left := slices.ContainsFunc([]string{" scale ", "--for=delete", "-- synced", "-- clients", "-- waiting"}, func(part string) bool { return strings.Contains(c, part) })
			if !left {
				commands = append(commands, c)
			}
			if !strings.Contains(c, "rollout status dc/backend-listener") {
				continue
			}
			for _, name := range []string{"system-app", "backend-worker", "backend-cron", "system-sidekiq"} {
				commands = append(commands, "oc -n threescale rollout latest dc/"+name, "oc -n threescale rollout status dc/"+name)
			}
		}
	}
	return commands
}

// again makes all copies anew, after one has ended, as the step Copy says: the databases
// become empty first.
func (s *shell) again(p *plan) {
	s.t.Helper()
	_, stop := split(s.t, p.forward, " delete --ignore-not-found ")
	s.must(stop[0].commands[0])
	for _, server := range []string{"backend", "system"} {
		s.must("oc -n threescale rsh -T dc/" + server + "-redis bash -s -- flush < data/check-" + server + ".sh")
	}
	copying, _ := split(s.t, p.forward, "-- copied")
	_, copying = split(s.t, copying, "-- begin")
	s.steps(copying)
}

// hold lets a target take no write, so that a copy cannot end; release ends that.
func (to *target) hold(t *testing.T) {
	t.Helper()
	if err := to.master.Ask(t, "CLIENT", "PAUSE", 600000, "WRITE").Err(); err != nil {
		t.Fatal(err)
	}
}

func (to *target) release(t *testing.T) {
	t.Helper()
	if err := to.master.Ask(t, "CLIENT", "UNPAUSE").Err(); err != nil {
		t.Fatal(err)
	}
}

// copying runs the steps until the first check waits for the copies, which cannot end,
// and then does harm. The check must notice. It returns the other steps, from that
// check on.
func (s *shell) copying(p *plan, in *installation, held *target, harm func()) []step {
	s.t.Helper()
	held.hold(s.t)
	before, after := split(s.t, p.forward, "-- copied")
	s.steps(before)
	old := in.services["backend-redis"]
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !strings.Contains(fmt.Sprint(old.Ask(s.t, "INFO", "replication").Val()), "state=online") && s.t.Context().Err() == nil {
			sleep(s.t.Context(), 10*time.Millisecond)
		}
		sleep(s.t.Context(), time.Second)
		harm()
	}()
	s.fails(after[0].commands[0])
	<-done
	return after
}

// The master of the Sentinels is killed while the data is copied.
func TestMove_sentinelFailover(t *testing.T) {
	need(t, realredis.Redis3, realredis.Redis7, realredis.Shake)
	to := sentinelTarget(t, printable, "sentinel-s3cret")
	in := install(t, template(realredis.Redis3))
	p := in.migrate(to.spec(), []string{"REDIS_PASSWORD=" + printable, "SENTINEL_PASSWORD=sentinel-s3cret"})
	s := in.shell(p.dir)
	after := s.copying(p, in, to, func() { to.master.Kill() })
	to.failedOver(t)
	s.again(p)
	s.steps(after)
	in.judged().expectNothingWrong(t)
}

// A copy is killed while it copies, and started again.
func TestMove_copyKilled(t *testing.T) {
	m := toEndpoints(t, realredis.Redis3)
	s := m.shell(m.dir)
	held := m.to[redisspec.BackendStorage]
	after := s.copying(m.plan, m.installation, held, m.killCopies)
	held.release(t)
	s.again(m.plan)
	s.steps(after)
	m.judged().expectNothingWrong(t)
}

// killCopies kills RedisShake in all pods.
func (in *installation) killCopies() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, c := range in.bare {
		c.Kill()
	}
}

// The copies die while the listeners are rolled: what old listeners have put into the
// queues since is carried over.
func TestMove_copyDies(t *testing.T) {
	m := toEndpoints(t, realredis.Redis3)
	s := m.shell(m.dir)
	before, after := split(t, m.forward, "rollout status dc/backend-listener")
	s.steps(before)
	m.killCopies()
	before, after = split(t, after, "-- synced")
	s.steps(before)
	s.fails(after[0].commands[0])
	_, after = split(t, after, "-- waiting")
	s.fails(after[0].commands[0])
	s.must(strings.Replace(after[0].commands[0], "-- waiting", "-- carry", 1))
	s.steps(after)
	m.judged().withoutErrorLists().expectNothingWrong(t)
}

// withoutErrorLists forgives that lists of errors, which are for people, lack some: what
// listeners write into the storage alone is not carried over without a copy.
func (v verdict) withoutErrorLists() verdict {
	v.wrongKeys = slices.DeleteFunc(v.wrongKeys, func(text string) bool { return strings.Contains(text, " errors/service_id:") })
	return v
}

// A target that is not empty stops the plan before anything happens.
func TestMove_notEmpty(t *testing.T) {
	m := toEndpoints(t, realredis.Redis5)
	system := m.to[redisspec.System].master
	if err := system.Ask(t, "SET", "foreign", "value").Err(); err != nil {
		t.Fatal(err)
	}
	s := m.shell(m.dir)
	before, after := split(t, m.forward, "dc/system-redis bash -s -- ready")
	s.steps(before)
	s.fails(after[0].commands[0])
	s.fails("oc -n threescale rsh -T dc/system-redis bash -s -- flush < data/check-system.sh")
	if got := system.Ask(t, "GET", "foreign").Val(); got != "value" {
		t.Errorf("the key of somebody else is %v", got)
	}
	if len(m.bare) > 0 {
		t.Error("a copy runs")
	}
}

// A BGSAVE that has failed stops the plan; one that fails later stops no write.
func TestMove_bgsaveFails(t *testing.T) {
	m := toEndpoints(t, realredis.Redis5)
	backend := m.services["backend-redis"]
	persistence := func() string { return fmt.Sprint(backend.Ask(t, "INFO", "persistence").Val()) }
	// A folder in the place of the RDB: Redis cannot rename its file to it.
	obstacle := filepath.Join(backend.Dir, "dump.rdb")
	saved := func() {
		for !strings.Contains(persistence(), "rdb_bgsave_in_progress:0") {
			sleep(t.Context(), 10*time.Millisecond)
		}
	}
	save := func(want string) {
		t.Helper()
		// One for a replica may still run: Redis then refuses another.
		saved()
		if err := backend.Ask(t, "BGSAVE").Err(); err != nil {
			t.Fatal(err)
		}
		saved()
		if info := persistence(); !strings.Contains(info, "rdb_last_bgsave_status:"+want) {
			t.Fatalf("want %s:\n%s", want, info)
		}
	}
	block := func() {
		t.Helper()
		if err := os.RemoveAll(obstacle); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(obstacle, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s := m.shell(m.dir)
	before, after := split(t, m.forward, "dc/system-redis bash -s -- begin")
	s.steps(before)
	block()
	save("err")
	s.fails("oc -n threescale rsh -T dc/backend-redis bash -s -- ready < data/check-backend.sh")
	before, after = split(t, after, "-- copied")
	s.steps(before)
	for _, pod := range []string{"storage", "queues"} {
		s.must("oc -n threescale wait pod/threescale-redis-copy-" + pod + " --for=jsonpath={.status.phase}=Failed")
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	save("ok")
	s.again(m.plan)
	s.steps(after)
	m.judged().expectNothingWrong(t)
	// Without the command of the plan it would have stopped everything.
	block()
	save("err")
	if err := backend.Ask(t, "SET", "key", "value").Err(); err == nil || !strings.HasPrefix(err.Error(), "MISCONF") {
		t.Errorf("a failed BGSAVE stops no write: %v", err)
	}
}

// spec is the spec that names a master group.
func (to *target) spec() string {
	spec := `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: example, namespace: threescale}
spec:
  release: "2.6"
  profile: sentinel
  data: {move: live, image: "registry.example.com/redisshake@sha256:` + digest + `"}
  redis:
    masterGroup: mymaster
    password: {fromEnv: REDIS_PASSWORD}
    sentinels:
      password: {fromEnv: SENTINEL_PASSWORD}
      hosts:
`
	for _, s := range to.sentinels {
		spec += fmt.Sprintf("      - %s\n", s.Addr())
	}
	return spec + "  databases:\n    backendStorage: {db: 0}\n    backendQueues: {db: 1}\n    system: {db: 2}\n    messageBus: {db: 3}\n"
}

// failedOver waits until all Sentinels name the replica as the master.
func (to *target) failedOver(t *testing.T) {
	t.Helper()
	for _, s := range to.sentinels {
		c := s.Client(t, 0)
		for {
			addr, _ := c.Do(t.Context(), "sentinel", "get-master-addr-by-name", "mymaster").StringSlice()
			if strings.Join(addr, ":") == to.replica.Addr() {
				break
			}
			sleep(t.Context(), 20*time.Millisecond)
		}
	}
	to.master, to.replica = to.replica, nil
}
