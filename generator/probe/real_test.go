package probe_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// password has every kind of character that a password can have.
const password = "p%40 w:/@#?&=\"'\\`$(id)~\u00e4"

// at is a connection to a server.
func at(s *realredis.Server, db int) redis.Connection {
	return redis.Connection{Host: realredis.Host, Port: s.Port, DB: db, Password: secret.FromText(s.Password)}
}

// target is a database of apisonator, or of porta.
func target(database string, c redis.Connection) connect.Target {
	program := map[string]string{redis.System: "porta", redis.MessageBus: "porta"}[database]
	if program == "" {
		program = "apisonator"
	}
	return connect.Target{Database: database, Programs: []string{program}, Connection: c}
}

// three are the databases of one server, or of one group.
func three(c redis.Connection) []connect.Target {
	var targets []connect.Target
	for i, name := range []string{redis.BackendStorage, redis.BackendQueues, redis.System} {
		c.DB = i
		targets = append(targets, target(name, c))
	}
	return targets
}

// run returns what is not ok, and which checks are ok. Ports stand by their servers'
// names. No result may show a password.
func run(ctx context.Context, t *testing.T, p probe.Prober, targets []connect.Target, names map[int]string) (wrong []string, fine map[string]int) {
	t.Helper()
	p.Now = time.Now
	if p.Timeout == 0 {
		p.Timeout = 2 * time.Second
	}
	if p.Release.Pin == nil {
		p.Release = release(t, "2.16")
	}
	known := map[string]bool{}
	for _, c := range probe.Checks {
		known[c.Name] = true
	}
	fine = map[string]int{}
	for _, r := range p.Run(ctx, targets) {
		if !known[r.Check] || len(r.Databases) == 0 || r.Status != probe.OK && (r.Saw == "" || r.Do == "") {
			t.Errorf("%+v", r)
		}
		for _, text := range []string{r.Server, r.Saw, r.Do} {
			if strings.Contains(text, password) || strings.Contains(text, "s3cret") || strings.ContainsAny(text, "\n\r\x1b") {
				t.Errorf("%s shows %q", r.Check, text)
			}
		}
		if r.Status == probe.OK {
			fine[r.Check]++
			continue
		}
		line := fmt.Sprintf("%s %s [%s] %s: %s", r.Status, r.Check, strings.Join(r.Databases, " "), r.Server, r.Saw)
		for port, name := range names {
			line = strings.ReplaceAll(line, fmt.Sprintf("%s:%d", realredis.Host, port), name)
		}
		wrong = append(wrong, line)
	}
	return wrong, fine
}

// expect compares what is not ok, and wants some checks to be ok.
func expect(t *testing.T, p probe.Prober, targets []connect.Target, names map[int]string, want []string, fine ...string) {
	t.Helper()
	wrong, ok := run(t.Context(), t, p, targets, names)
	if diff := cmp.Diff(want, wrong); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, check := range fine {
		if ok[check] == 0 {
			t.Errorf("%s is not ok", check)
		}
	}
}

// lines are those of a server with which nothing is wrong.
var lines = []string{"appendonly yes"}

func TestRun_server(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	good := realredis.Start(t, realredis.Redis7, password, lines...)
	open := realredis.Start(t, realredis.Redis7, "", lines...)
	replica := realredis.Start(t, realredis.Redis7, password, "appendonly yes", fmt.Sprintf("replicaof %s %d", realredis.Host, good.Port), "masterauth "+realredis.Quote(password))
	shard := realredis.Start(t, realredis.Redis7, "", "appendonly yes", "cluster-enabled yes")
	lru := realredis.Start(t, realredis.Redis7, "", "maxmemory-policy allkeys-lru", "maxmemory 2mb")
	limited := realredis.Start(t, realredis.Redis7, "", "appendonly yes",
		"user few on "+realredis.Quote(">"+password)+" ~* +@all -lpush -zadd -eval -info -config",
		"user keys on "+realredis.Quote(">"+password)+" ~queue:* &* +@all",
		"user own on "+realredis.Quote(">"+password)+" ~resque:* ~threescale-redis:* +@all",
		"user fixed on "+realredis.Quote(">"+password)+" ~* &* +@all -select -ping")
	renamed := realredis.Start(t, realredis.Redis7, "", "appendonly yes", `rename-command LPUSH ""`, `rename-command CONFIG ""`)
	noMulti := realredis.Start(t, realredis.Redis7, "", "appendonly yes", `rename-command MULTI ""`, `rename-command SELECT hidden`)
	noInfo := realredis.Start(t, realredis.Redis7, "", "appendonly yes", `rename-command INFO ""`)
	noAuth := realredis.Start(t, realredis.Redis7, "", "appendonly yes", `rename-command AUTH ""`)
	noAuth.Password = password
	names := map[int]string{
		noMulti.Port: "noMulti", noInfo.Port: "noInfo", noAuth.Port: "noAuth",
		good.Port: "good", open.Port: "open", replica.Port: "replica", shard.Port: "shard", lru.Port: "lru", limited.Port: "limited", renamed.Port: "renamed",
	}
	user := func(name string) redis.Connection {
		c := at(limited, 0)
		c.Username, c.Password = name, secret.FromText(password)
		return c
	}
	with := func(s *realredis.Server, text string) redis.Connection {
		c := at(s, 0)
		c.Password = secret.Value{}
		if text != "" {
			c.Password = secret.FromText(text)
		}
		return c
	}
	for name, c := range map[string]struct {
		targets []connect.Target
		want    []string
		fine    []string
	}{
		"all good": {three(at(good, 0)), nil, []string{
			"reach", "login", "select", "role", "cluster", "version", "eviction", "persistence", "memory", "commands", "latency", "collision",
		}},
		"wrong password": {three(with(good, "s3cret")), []string{
			"failed login [backendStorage backendQueues system] good: WRONGPASS",
		}, []string{"reach"}},
		"no password where one is set": {three(with(good, "")), []string{
			"failed login [backendStorage backendQueues system] good: NOAUTH",
		}, nil},
		"a password where none is set": {three(with(open, password)), []string{
			"failed login [backendStorage backendQueues system] open: the server has no password",
		}, nil},
		"database out of range": {[]connect.Target{target(redis.BackendStorage, at(good, 0)), target(redis.System, at(good, 99))}, []string{
			"failed select [system] good: database 99 is out of range",
		}, []string{"commands", "version"}},
		"a replica":    {[]connect.Target{target(redis.System, at(replica, 0))}, []string{"failed role [system] replica: a replica"}, []string{"commands"}},
		"cluster mode": {[]connect.Target{target(redis.System, at(shard, 0))}, []string{"failed cluster [system] shard: on"}, []string{"role"}},
		"cluster mode and a database": {[]connect.Target{target(redis.System, at(shard, 2))}, []string{
			"failed select [system] shard: no database 2: cluster mode has database 0 only", "failed cluster [system] shard: on",
		}, nil},
		"eviction and room": {[]connect.Target{target(redis.System, at(lru, 0))}, []string{
			"failed eviction [system] lru: allkeys-lru", "warning persistence [system] lru: AOF and save are off",
		}, []string{"memory", "version"}},
		"a user without commands": {[]connect.Target{target(redis.System, user("few"))}, []string{
			"skipped version [system] limited: INFO: NOPERM",
			"failed commands [system] limited: NOPERM: LPUSH, ZADD, INFO, EVAL",
		}, []string{"login", "role"}},
		"a user of other keys": {[]connect.Target{target(redis.BackendStorage, user("keys"))}, []string{
			"failed commands [backendStorage] limited: NOPERM for the keys: service/id:0/state, service/provider_key:0/ids, services_set, provider_keys_set, " +
				"service_token/token:0/service_id:0 and 17 more",
		}, []string{"login", "role"}},
		"a user of a part of the keys": {[]connect.Target{target(redis.System, user("keys"))}, []string{
			"failed commands [system] limited: NOPERM for the keys: queues, processes, schedule, retry, dead and 12 more",
		}, []string{"login", "role"}},
		"a user of all keys of its own": {[]connect.Target{target(redis.BackendQueues, user("own"))}, nil, []string{"commands"}},
		"a user that may not select": {[]connect.Target{target(redis.System, func() redis.Connection { c := user("fixed"); c.DB = 2; return c }())}, []string{
			"failed select [system] limited: NOPERM for SELECT",
		}, []string{"login", "role"}},
		"a user that may not ping": {[]connect.Target{target(redis.BackendQueues, user("fixed"))}, nil, []string{"login", "select", "commands"}},
		"a user that is not there": {[]connect.Target{target(redis.System, user("nobody"))}, []string{"failed login [system] limited: WRONGPASS"}, nil},
		"renamed commands": {[]connect.Target{target(redis.System, at(renamed, 0))}, []string{
			"failed commands [system] renamed: unknown: LPUSH",
		}, []string{"eviction", "persistence"}},
		"a renamed MULTI": {[]connect.Target{target(redis.System, at(noMulti, 0))}, []string{
			"failed commands [system] noMulti: the server does not know MULTI",
		}, []string{"login", "role"}},
		"a renamed SELECT": {[]connect.Target{target(redis.System, at(noMulti, 1))}, []string{
			"failed select [system] noMulti: the server does not know SELECT",
		}, []string{"login", "role"}},
		"a renamed INFO": {[]connect.Target{target(redis.System, at(noInfo, 0))}, []string{
			"skipped version [system] noInfo: the server does not know INFO",
			"failed commands [system] noInfo: unknown: INFO",
		}, []string{"reach", "login", "role"}},
		"a renamed AUTH": {[]connect.Target{target(redis.System, at(noAuth, 0))}, []string{
			"failed login [system] noAuth: the server does not know AUTH",
		}, []string{"reach"}},
		"two names of one database": {[]connect.Target{
			target(redis.BackendStorage, at(good, 3)), target(redis.BackendQueues, redis.Connection{Host: "localhost", Port: good.Port, DB: 3, Password: secret.FromText(password)}),
		}, []string{"failed collision [backendStorage backendQueues] good: both are database 3 of one server, under two addresses"}, nil},
		"one database, as said": {[]connect.Target{
			target(redis.BackendStorage, at(good, 3)), target(redis.BackendQueues, at(good, 3)),
		}, []string{"warning collision [backendStorage backendQueues] good: both are database 3 of one server"}, nil},
		"a port that nobody serves": {[]connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: realredis.FreePort(t)})}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a port that nobody serves" {
				port := c.targets[0].Port
				names := map[int]string{port: "nobody"}
				expect(t, probe.Prober{}, c.targets, names, []string{"failed reach [system] nobody: connection refused"})
				return
			}
			expect(t, probe.Prober{}, c.targets, names, c.want, c.fine...)
			expect(t, probe.Prober{ReadOnly: true}, c.targets, names, c.want, c.fine...)
		})
	}
	for _, s := range []*realredis.Server{good, open, lru} {
		for db := range 4 {
			if n := s.Client(t, db).DBSize(t.Context()).Val(); n != 0 {
				t.Errorf("%d keys stay in database %d of %s", n, db, names[s.Port])
			}
		}
	}
}

// TestRun_namespaces: porta's two databases may be one where the names of their keys differ.
func TestRun_namespaces(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	s := realredis.Start(t, realredis.Redis7, "", lines...)
	system, bus := at(s, 1), at(s, 1)
	system.Namespace = "system"
	p := probe.Prober{Release: release(t, "2.7.1.GA")}
	expect(t, p, []connect.Target{target(redis.System, system), target(redis.MessageBus, bus)}, nil, nil, "commands", "collision")
	bus.Namespace = "system"
	expect(t, p, []connect.Target{target(redis.System, system), target(redis.MessageBus, bus)}, map[int]string{s.Port: "s"}, []string{
		"warning collision [system messageBus] s: both are database 1 of one server",
	}, "commands")
}

// TestRun_full: a server that takes no more writes.
func TestRun_full(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	s := realredis.Start(t, realredis.Redis7, "", "appendonly yes", "maxmemory 8mb")
	c := s.Client(t, 0)
	for i := 0; c.Set(t.Context(), fmt.Sprint("key", i), strings.Repeat("x", 1<<16), 0).Err() == nil; i++ {
		if i > 1000 {
			t.Fatal("it is never full")
		}
	}
	wrong, _ := run(t.Context(), t, probe.Prober{}, []connect.Target{target(redis.System, at(s, 0))}, map[int]string{s.Port: "s"})
	text := strings.Join(wrong, "\n")
	if !strings.Contains(text, "warning memory [system] s: ") || !strings.HasSuffix(text, "failed commands [system] s: OOM: the server is full and refuses writes") {
		t.Error(text)
	}
}

// group is a master, a replica and three Sentinels.
type group struct {
	master, replica *realredis.Server
	sentinels       []*realredis.Server
}

// startGroup starts them, with more lines for the replica.
func startGroup(t *testing.T, more ...string) group {
	t.Helper()
	var g group
	g.master = realredis.Start(t, realredis.Redis7, password, "appendonly yes", "repl-diskless-sync-delay 0", "masterauth "+realredis.Quote(password))
	g.replica = realredis.Start(t, realredis.Redis7, password, append(more, "appendonly yes", fmt.Sprintf("replicaof %s %d", realredis.Host, g.master.Port), "masterauth "+realredis.Quote(password))...)
	// A Sentinel asks a replica for its link only every 10 seconds.
	for !strings.Contains(g.replica.Ask(t, "info", "replication").String(), "master_link_status:up") {
		if t.Context().Err() != nil {
			t.Fatal("the replica does not connect to its master")
		}
		time.Sleep(20 * time.Millisecond)
	}
	for range 3 {
		g.sentinels = append(g.sentinels, realredis.Sentinel(t, "s3cret",
			fmt.Sprintf("sentinel monitor mymaster %s %d 2", realredis.Host, g.master.Port), "sentinel auth-pass mymaster "+realredis.Quote(password),
			"sentinel down-after-milliseconds mymaster 500"))
	}
	for _, s := range g.sentinels {
		for {
			fields, err := s.Ask(t, "sentinel", "master", "mymaster").StringSlice()
			if err == nil && field(fields, "num-slaves") == "1" && field(fields, "num-other-sentinels") == "2" &&
				strings.Contains(fmt.Sprint(s.Ask(t, "sentinel", "slaves", "mymaster").Val()), "master-link-status ok") {
				break
			}
			if t.Context().Err() != nil {
				t.Fatal("the Sentinels do not find each other")
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return g
}

func field(pairs []string, name string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	return ""
}

func (g group) connection() redis.Connection {
	c := redis.Connection{MasterGroup: "mymaster", Password: secret.FromText(password)}
	c.Sentinels.Password = secret.FromText("s3cret")
	for _, s := range g.sentinels {
		c.Sentinels.Hosts = append(c.Sentinels.Hosts, redis.Address{Host: realredis.Host, Port: s.Port})
	}
	return c
}

func (g group) names() map[int]string {
	names := map[int]string{g.master.Port: "master", g.replica.Port: "replica"}
	for i, s := range g.sentinels {
		names[s.Port] = fmt.Sprint("sentinel", i+1)
	}
	return names
}

func TestRun_sentinels(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	g := startGroup(t)
	all := "[backendStorage backendQueues system]"
	expect(t, probe.Prober{}, three(g.connection()), g.names(), nil,
		"sentinel-reach", "sentinel-login", "sentinel-group", "sentinel-agree", "sentinel-quorum", "sentinel-replicas", "announced", "role", "commands")

	c := g.connection()
	c.MasterGroup = "other"
	expect(t, probe.Prober{}, three(c), g.names(), []string{
		"failed sentinel-group " + all + " sentinel1: the Sentinel does not know the group",
		"failed sentinel-group " + all + " sentinel2: the Sentinel does not know the group",
		"failed sentinel-group " + all + " sentinel3: the Sentinel does not know the group",
	}, "sentinel-login")
	c = g.connection()
	c.Sentinels.Password = secret.FromText("wrong")
	expect(t, probe.Prober{}, three(c), g.names(), []string{
		"failed sentinel-login " + all + " sentinel1: WRONGPASS",
		"failed sentinel-login " + all + " sentinel2: WRONGPASS",
		"failed sentinel-login " + all + " sentinel3: WRONGPASS",
	}, "sentinel-reach")
	c.Sentinels.Password = secret.Value{}
	wrong, _ := run(t.Context(), t, probe.Prober{}, three(c), g.names())
	if len(wrong) != 3 || wrong[0] != "failed sentinel-login "+all+" sentinel1: NOAUTH" {
		t.Error(wrong)
	}
	c = g.connection()
	c.Sentinels.Role = "slave"
	expect(t, probe.Prober{}, three(c), g.names(), []string{"failed role " + all + " master: the Sentinels are asked for a replica"}, "sentinel-agree")

	// One that lies: it watches another server under the same name.
	liar := realredis.Start(t, realredis.Redis7, password, lines...)
	lying := realredis.Sentinel(t, "s3cret", fmt.Sprintf("sentinel monitor mymaster %s %d 1", realredis.Host, liar.Port), "sentinel auth-pass mymaster "+realredis.Quote(password))
	c = g.connection()
	c.Sentinels.Hosts[2].Port = lying.Port
	names := g.names()
	names[liar.Port], names[lying.Port] = "liar", "lying"
	expect(t, probe.Prober{}, three(c), names, []string{"failed sentinel-agree " + all + " : different masters: master, liar"}, "sentinel-quorum", "role")

	// One down is passed over, two are too many.
	g.sentinels[0].Kill()
	expect(t, probe.Prober{}, three(g.connection()), g.names(), []string{
		"warning sentinel-reach " + all + " sentinel1: connection refused",
	}, "sentinel-quorum", "role", "commands")
	g.sentinels[1].Kill()
	expect(t, probe.Prober{}, three(g.connection()), g.names(), []string{
		"warning sentinel-reach " + all + " sentinel1: connection refused",
		"warning sentinel-reach " + all + " sentinel2: connection refused",
		"failed sentinel-quorum " + all + " : 1 of 3 Sentinels, quorum 2",
	}, "role", "commands")
}

// TestRun_priority: a replica that Sentinel never promotes.
func TestRun_priority(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	g := startGroup(t, "replica-priority 0")
	expect(t, probe.Prober{}, three(g.connection()), g.names(), []string{
		"failed sentinel-replicas [backendStorage backendQueues system] : 1 replica, none can take over: 1 with priority 0",
	}, "sentinel-quorum", "announced", "role")
}

// TestRun_releases: an old server knows what the programs of the releases send that run
// on it, and not what those of today send.
func TestRun_releases(t *testing.T) {
	realredis.Need(t, realredis.Redis3, realredis.Redis5)
	old, newer := realredis.Start(t, realredis.Redis3, "", lines...), realredis.Start(t, realredis.Redis5, "", lines...)
	for _, c := range []struct {
		release string
		server  *realredis.Server
		want    []string
	}{
		{"2.6", old, nil},
		{"2.7.1.GA", old, nil},
		{"2.12", old, nil},
		{"2.13", old, nil},
		{"2.14", newer, nil},
		{"2.15", newer, nil},
		{"2.14", old, []string{"failed commands [system] s: unknown: UNLINK"}},
	} {
		t.Run(c.release+" on "+c.server.Addr(), func(t *testing.T) {
			p := probe.Prober{Release: release(t, c.release)}
			var targets []connect.Target
			for i, name := range redis.Used(p.Release) {
				targets = append(targets, target(name, at(c.server, i)))
			}
			wrong, ok := run(t.Context(), t, p, targets, map[int]string{c.server.Port: "s"})
			wrong = slices.DeleteFunc(wrong, func(line string) bool { return strings.Contains(line, " version ") })
			if !slices.Equal(wrong, c.want) || ok["commands"] == 0 {
				t.Errorf("got %q, want %q", wrong, c.want)
			}
		})
	}
}

// certificates are a CA and certificates of it, as PEM.
type certificates struct {
	ca  *x509.Certificate
	key *ecdsa.PrivateKey
}

func newCA(t *testing.T) certificates {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return certificates{ca, key}
}

func (c certificates) pem(t *testing.T) string {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c.ca, c.ca, c.key.Public(), c.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// issue returns a certificate and its key.
func (c certificates) issue(t *testing.T, until time.Duration, names []string, ips ...net.IP) (certificate, key string) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-1000 * time.Hour), NotAfter: time.Now().Add(until), DNSNames: names, IPAddresses: ips,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, c.ca, own.Public(), c.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}))
}

// startTLS starts a server that speaks TLS alone, and returns its port.
func startTLS(t *testing.T, ca, certificate, key, clients string) int {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"ca": ca, "crt": certificate, "key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := realredis.FreePort(t)
	realredis.Start(t, realredis.Redis7, "", "appendonly yes", fmt.Sprint("tls-port ", port), "tls-auth-clients "+clients,
		"tls-ca-cert-file "+filepath.Join(dir, "ca"), "tls-cert-file "+filepath.Join(dir, "crt"), "tls-key-file "+filepath.Join(dir, "key"))
	return port
}

func TestRun_tls(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	ca, other := newCA(t), newCA(t)
	loopback := net.ParseIP(realredis.Host)
	right, rightKey := ca.issue(t, 1000*time.Hour, nil, loopback)
	soon, soonKey := ca.issue(t, 100*time.Hour, nil, loopback)
	expired, expiredKey := ca.issue(t, -time.Hour, nil, loopback)
	named, namedKey := ca.issue(t, 1000*time.Hour, []string{"redis.example.com"})
	client, clientKey := ca.issue(t, 1000*time.Hour, nil)
	good := startTLS(t, ca.pem(t), right, rightKey, "no")
	wants := startTLS(t, ca.pem(t), right, rightKey, "yes")
	plain := realredis.Start(t, realredis.Redis7, "", lines...)
	ends := time.Now().Add(-time.Hour).UTC().Format(time.DateOnly)
	begins := time.Now().Add(-1000 * time.Hour).UTC().Format(time.DateOnly)
	until := time.Now().Add(100 * time.Hour).UTC().Format(time.DateOnly)
	for name, c := range map[string]struct {
		port int
		tls  redis.TLS
		want []string
	}{
		"right":            {good, redis.TLS{On: true, CA: secret.FromText(ca.pem(t))}, nil},
		"another CA":       {good, redis.TLS{On: true, CA: secret.FromText(other.pem(t))}, []string{"failed tls [system] s: the certificate is signed by an unknown authority"}},
		"no CA":            {good, redis.TLS{On: true}, []string{"failed tls [system] s: the certificate is signed by an unknown authority"}},
		"rubbish":          {good, redis.TLS{On: true, CA: secret.FromText("s3cret")}, []string{"failed tls [system] s: the CA holds no certificate in PEM"}},
		"ends soon":        {startTLS(t, ca.pem(t), soon, soonKey, "no"), redis.TLS{On: true, CA: secret.FromText(ca.pem(t))}, []string{"warning tls [system] s: TLS 1.3, certificate until " + until}},
		"expired":          {startTLS(t, ca.pem(t), expired, expiredKey, "no"), redis.TLS{On: true, CA: secret.FromText(ca.pem(t))}, []string{"failed tls [system] s: a certificate is valid from " + begins + " to " + ends}},
		"another name":     {startTLS(t, ca.pem(t), named, namedKey, "no"), redis.TLS{On: true, CA: secret.FromText(ca.pem(t))}, []string{"failed tls [system] s: the certificate is for redis.example.com"}},
		"client's":         {wants, redis.TLS{On: true, CA: secret.FromText(ca.pem(t)), Certificate: secret.FromText(client), Key: secret.FromText(clientKey)}, nil},
		"not a pair":       {wants, redis.TLS{On: true, CA: secret.FromText(ca.pem(t)), Certificate: secret.FromText(client), Key: secret.FromText(rightKey)}, []string{"failed tls [system] s: certificate and key do not belong together, or are not PEM"}},
		"no TLS there":     {plain.Port, redis.TLS{On: true, CA: secret.FromText(ca.pem(t))}, []string{"failed tls [system] s: no answer to the handshake in time"}},
		"no TLS from here": {good, redis.TLS{}, []string{"failed reach [system] s: the server closes the connection"}},
	} {
		t.Run(name, func(t *testing.T) {
			fine := []string{"login", "commands"}
			if len(c.want) > 0 && !strings.HasPrefix(c.want[0], "warning") {
				fine = nil
			}
			expect(t, probe.Prober{Timeout: time.Second}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: c.port, TLS: c.tls})},
				map[int]string{c.port: "s"}, c.want, fine...)
		})
	}
	// The server closes the connection, and what it says before may be lost.
	wrong, _ := run(t.Context(), t, probe.Prober{}, []connect.Target{target(redis.System, redis.Connection{Host: realredis.Host, Port: wants, TLS: redis.TLS{On: true, CA: secret.FromText(ca.pem(t))}})}, map[int]string{wants: "s"})
	if len(wrong) != 1 || wrong[0] != "failed tls [system] s: the server refuses: tls: certificate required" && wrong[0] != "failed tls [system] s: the server closes the connection after the handshake" {
		t.Errorf("no client's: %q", wrong)
	}
}
