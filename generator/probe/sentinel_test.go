package probe_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// array writes texts as a list.
func array(texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(texts))
	for _, text := range texts {
		b.WriteString(bulk(text))
	}
	return b.String()
}

// nodes writes the nodes that a Sentinel lists.
func nodes(all []map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(all))
	for _, fields := range all {
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			texts = append(texts, name, fields[name])
		}
		b.WriteString(array(texts...))
	}
	return b.String()
}

// sentinel is a Sentinel that says what a test wants.
type sentinel struct {
	host             string // of the master
	port             int
	replicas, others []map[string]string
	hides            bool // its replicas
}

func (s sentinel) start(t *testing.T) int {
	t.Helper()
	return realredis.Fake(t, func(command []string) string {
		if !strings.EqualFold(command[0], "sentinel") {
			return server(nil)(command)
		}
		switch strings.ToLower(command[1]) {
		case "get-master-addr-by-name":
			return array(s.host, strconv.Itoa(s.port))
		case "master":
			return array("num-other-sentinels", "2", "quorum", "2")
		case "slaves":
			if s.hides {
				return "-NOPERM this user has no permissions\r\n"
			}
			return nodes(s.replicas)
		case "sentinels":
			return nodes(s.others)
		}
		return "+OK\r\n"
	})
}

// TestRun_announced: what Sentinels say of replicas and of each other.
func TestRun_announced(t *testing.T) {
	master, replica, gone := fake(t, nil), fake(t, nil), realredis.FreePort(t)
	online := func(states ...string) int {
		info := fmt.Sprintf("redis_version:7.2.4\r\nrole:master\r\nconnected_slaves:%d\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\nused_memory:1\r\nmaxmemory:0\r\n", len(states))
		for i, state := range states {
			info += fmt.Sprintf("slave%d:ip=127.0.0.1,port=1,state=%s,offset=1,lag=0\r\n", i, state)
		}
		return fake(t, map[string]string{"info": bulk(info)})
	}
	other := func(host string, port int, more ...string) map[string]string {
		fields := map[string]string{"ip": host, "port": strconv.Itoa(port), "flags": "slave", "master-link-status": "ok", "slave-priority": "100"}
		for i := 0; i+1 < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		return fields
	}
	at := func(more ...string) map[string]string { return other(realredis.Host, replica, more...) }
	list := func(all ...map[string]string) []map[string]string { return all }
	var lost []map[string]string
	for range 7 {
		lost = append(lost, other(realredis.Host, realredis.FreePort(t)))
	}
	good := sentinel{host: realredis.Host, port: master, replicas: list(at())}
	with := func(change func(*sentinel)) []sentinel {
		s := good
		change(&s)
		return []sentinel{s, s, s}
	}
	const none = "failed sentinel-replicas [system] : "
	for name, c := range map[string]struct {
		sentinels []sentinel
		want      []string // their beginnings
	}{
		"one replica": {with(func(*sentinel) {}), nil},
		"no replicas": {with(func(s *sentinel) { s.replicas = nil }), []string{none + "no replicas"}},
		"one not in sync": {with(func(s *sentinel) { s.replicas = list(at("master-link-status", "err")) }), []string{
			none + "1 replica, none can take over: 1 not connected to the master",
		}},
		"two for two reasons": {with(func(s *sentinel) {
			s.replicas = list(at("slave-priority", "0"), other(realredis.Host, gone, "flags", "slave,s_down"))
		}), []string{
			none + "2 replicas, none can take over: 1 down, 1 with priority 0",
			"warning announced [system] 127.0.0.1:" + strconv.Itoa(gone) + ": a replica: connection refused",
		}},
		"one of two": {with(func(s *sentinel) { s.replicas = list(at("slave-priority", "0"), at()) }), nil},
		"one Sentinel that sees none": {[]sentinel{good, {host: realredis.Host, port: master}, good}, []string{
			"warning sentinel-replicas [system] : no replica can take over according to 127.0.0.1:",
		}},
		"the first sees none": {[]sentinel{{host: realredis.Host, port: master}, good, good}, []string{
			"warning sentinel-replicas [system] : no replica can take over according to 127.0.0.1:",
		}},
		"Sentinels that do not say": {with(func(s *sentinel) { s.hides = true }), []string{"skipped sentinel-replicas [system] : the user may not ask"}},
		"a master that sees fewer": {with(func(s *sentinel) {
			s.port, s.replicas = online("online", "wait_bgsave"), list(at(), at("ip", "127.0.0.2", "flags", "slave"))
		}), []string{
			"failed announced [system] 127.0.0.2:" + strconv.Itoa(replica) + ": a replica: connection refused",
			"warning sentinel-replicas [system] master: the master sees 1 replica online, the Sentinels 2",
		}},
		"many that are gone": {with(func(s *sentinel) {
			s.replicas, s.port = lost, online("online", "online", "online", "online", "online", "online", "online")
		}), []string{
			"failed announced [system] : 7 replicas: connection refused: 127.0.0.1:",
		}},
		"a password as the host of the master": {with(func(s *sentinel) { s.host = "S3cret.host" }), []string{
			"failed sentinel-group [system] sentinel: a Sentinel announces a password in the place of a host",
			"failed sentinel-group [system] sentinel: a Sentinel announces a password in the place of a host",
			"failed sentinel-group [system] sentinel: a Sentinel announces a password in the place of a host",
		}},
		"a password as the host of a replica": {with(func(s *sentinel) { s.replicas = list(other("s3cret.host", 1)) }), []string{
			"failed announced [system] : a Sentinel announces a password in the place of a host",
		}},
		"a password as the host of a Sentinel": {with(func(s *sentinel) { s.others = list(other("s3cret-two.example.com.", 1)) }), []string{
			"failed announced [system] : a Sentinel announces a password in the place of a host",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			target := target(redis.System, redis.Connection{MasterGroup: "mymaster", Password: secret.FromText("s3cret%2Ehost")})
			target.Sentinels.Password = secret.FromText("s3cret-two")
			names := map[int]string{c.sentinels[0].port: "master"}
			for _, s := range c.sentinels {
				port := s.start(t)
				target.Sentinels.Hosts = append(target.Sentinels.Hosts, redis.Address{Host: realredis.Host, Port: port})
				if strings.Contains(name, "of the master") {
					names[port] = "sentinel"
				}
			}
			wrong, ok := run(t.Context(), t, probe.Prober{Timeout: time.Second}, []connect.Target{target}, names)
			if len(wrong) != len(c.want) {
				t.Fatalf("got %q, want %q", wrong, c.want)
			}
			for i, line := range wrong {
				if !strings.HasPrefix(line, c.want[i]) {
					t.Errorf("got %q, want %q", line, c.want[i])
				}
			}
			if len(c.want) == 0 && ok["sentinel-replicas"] == 0 {
				t.Error("sentinel-replicas is not ok")
			}
		})
	}
}
