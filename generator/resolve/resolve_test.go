package resolve

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func says[T any](v T) spec.Field[T] { return spec.Field[T]{Value: v, Said: true} }

func password(text string) spec.Field[secret.Value] { return says(secret.FromText(text)) }

// list is a list of texts that are all said.
func list(texts ...string) spec.List[string] {
	var fields []spec.Field[string]
	for _, text := range texts {
		fields = append(fields, says(text))
	}
	return says(fields)
}

func release(t *testing.T, name string) releases.Release {
	t.Helper()
	rel, err := releases.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

var compareSecrets = cmp.Comparer(func(a, b secret.Value) bool { return a == b })

// behindSentinels is what the databases of most tests share.
func behindSentinels() spec.Connection {
	return spec.Connection{
		MasterGroup: says("mymaster"), DB: says(4), Password: password("shared"),
		Sentinels: spec.Sentinels{Hosts: list("s0", "s1:1"), Password: password("s")},
	}
}

var sharedSentinels = redis.Sentinels{
	Hosts: []redis.Address{{Host: "s0", Port: 26379}, {Host: "s1", Port: 1}}, Password: secret.FromText("s"), Role: "master",
}

func TestDatabases(t *testing.T) {
	shared := redis.Connection{MasterGroup: "mymaster", DB: 4, Password: secret.FromText("shared"), Sentinels: sharedSentinels}
	with := func(change func(*redis.Connection)) redis.Connection {
		c := shared
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		redis     spec.Connection
		databases spec.Databases
		// want are the databases that differ from the shared connection.
		want redis.Databases
	}{
		"nothing is said": {redis: behindSentinels()},
		"field by field": {
			redis: behindSentinels(),
			databases: spec.Databases{
				BackendStorage: says(spec.Database{Connection: spec.Connection{DB: says(0)}}),
				BackendQueues:  says(spec.Database{Connection: spec.Connection{MasterGroup: says("queues")}}),
				System:         says(spec.Database{Connection: spec.Connection{Sentinels: spec.Sentinels{Role: says("slave")}}}),
				MessageBus:     says(spec.Database{Connection: spec.Connection{Sentinels: spec.Sentinels{Hosts: list("b"), Role: says("master")}}}),
			},
			want: redis.Databases{
				redis.BackendStorage: with(func(c *redis.Connection) { c.DB = 0 }),
				redis.BackendQueues:  with(func(c *redis.Connection) { c.MasterGroup = "queues" }),
				redis.System:         with(func(c *redis.Connection) { c.Sentinels.Role = "slave" }),
				redis.MessageBus:     with(func(c *redis.Connection) { c.Sentinels.Hosts = []redis.Address{{Host: "b", Port: 26379}} }),
			},
		},
		"an empty password is none": {
			redis: behindSentinels(),
			databases: spec.Databases{BackendStorage: says(spec.Database{Connection: spec.Connection{
				Password: password(""), Sentinels: spec.Sentinels{Password: password("")},
			}})},
			want: redis.Databases{redis.BackendStorage: with(func(c *redis.Connection) { c.Password, c.Sentinels.Password = secret.Value{}, secret.Value{} })},
		},
		"a host drops the group and its Sentinels": {
			redis: behindSentinels(),
			databases: spec.Databases{BackendStorage: says(spec.Database{Connection: spec.Connection{
				Host: says("h"), Password: password("own"),
			}})},
			want: redis.Databases{redis.BackendStorage: {Host: "h", Port: 6379, DB: 4, Password: secret.FromText("own")}},
		},
		"a group drops the host and its port": {
			redis: spec.Connection{Host: says("h"), Port: says(7000), Sentinels: spec.Sentinels{Hosts: list("a")}},
			databases: spec.Databases{
				BackendStorage: says(spec.Database{Connection: spec.Connection{MasterGroup: says("g")}}),
				BackendQueues:  says(spec.Database{}), System: says(spec.Database{}), MessageBus: says(spec.Database{}),
			},
			want: redis.Databases{
				redis.BackendStorage: {MasterGroup: "g", Sentinels: redis.Sentinels{Hosts: []redis.Address{{Host: "a", Port: 26379}}, Role: "master"}},
				redis.BackendQueues:  {Host: "h", Port: 7000, Sentinels: redis.Sentinels{Hosts: []redis.Address{{Host: "a", Port: 26379}}}},
				redis.System:         {Host: "h", Port: 7000, Sentinels: redis.Sentinels{Hosts: []redis.Address{{Host: "a", Port: 26379}}}},
				redis.MessageBus:     {Host: "h", Port: 7000, Sentinels: redis.Sentinels{Hosts: []redis.Address{{Host: "a", Port: 26379}}}},
			},
		},
		"the message bus is that of system, but for the namespace": {
			redis: behindSentinels(),
			databases: spec.Databases{System: says(spec.Database{Namespace: says("system"), Connection: spec.Connection{
				Host: says("h"), Port: says(1), DB: says(7), Password: password("own"),
			}})},
			want: redis.Databases{
				redis.System:     {Host: "h", Port: 1, DB: 7, Password: secret.FromText("own"), Namespace: "system"},
				redis.MessageBus: {Host: "h", Port: 1, DB: 7, Password: secret.FromText("own")},
			},
		},
		"the message bus overrides what it says": {
			redis: behindSentinels(),
			databases: spec.Databases{
				System:     says(spec.Database{Connection: spec.Connection{MasterGroup: says("system")}}),
				MessageBus: says(spec.Database{Namespace: says("bus"), Connection: spec.Connection{DB: says(9)}}),
			},
			want: redis.Databases{
				redis.System:     with(func(c *redis.Connection) { c.MasterGroup = "system" }),
				redis.MessageBus: with(func(c *redis.Connection) { c.MasterGroup, c.DB, c.Namespace = "system", 9, "bus" }),
			},
		},
		"a message bus elsewhere takes nothing from system": {
			redis: behindSentinels(),
			databases: spec.Databases{
				System:     says(spec.Database{Connection: spec.Connection{DB: says(7), Password: password("own")}}),
				MessageBus: says(spec.Database{Connection: spec.Connection{MasterGroup: says("bus")}}),
			},
			want: redis.Databases{
				redis.System:     with(func(c *redis.Connection) { c.DB, c.Password = 7, secret.FromText("own") }),
				redis.MessageBus: with(func(c *redis.Connection) { c.MasterGroup = "bus" }),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			databases, issues := Databases(spec.Spec{Redis: test.redis, Databases: test.databases}, release(t, "2.7"))
			if len(issues) > 0 {
				t.Errorf("%s", issues)
			}
			got, want := Connections(databases), redis.Databases{}
			for _, n := range redis.Names {
				want[n] = shared
				if c, ok := test.want[n]; ok {
					want[n] = c
				}
			}
			if diff := cmp.Diff(want, got, compareSecrets); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDatabases_release: a release without a message bus has no database for it.
func TestDatabases_release(t *testing.T) {
	for name, want := range map[string]int{"2.6": 4, "2.11": 4, "3scale-2.11.1-GA": 4, "2.12": 3} {
		databases, _ := Databases(spec.Spec{Redis: behindSentinels()}, release(t, name))
		if len(databases) != want {
			t.Errorf("%s: %d databases, want %d", name, len(databases), want)
		}
	}
}

// TestDatabases_places: a field points to where the spec says it, or would say it.
func TestDatabases_places(t *testing.T) {
	doc := spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: []byte(`apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: a}
spec:
  release: "2.7"
  profile: sentinel
  redis: {masterGroup: g, password: p, sentinels: {hosts: [s0, s1]}}
  databases:
    system: {namespace: n, host: h}
    messageBus: {password: p}
`)}}, nil)
	databases, issues := Databases(doc.Spec, release(t, "2.7"))
	if issues = append(doc.Issues, issues...); len(issues) > 0 {
		t.Fatal(issues)
	}
	storage, system, bus := databases[0], databases[2], databases[3]
	for _, test := range []struct {
		got  spec.Place
		said bool
		want string
	}{
		{storage.MasterGroup.Place, storage.MasterGroup.Said, "spec.redis.masterGroup at spec.yaml:7:24, said"},
		{storage.Addresses[1].Place, storage.Addresses[1].Said, "spec.redis.sentinels.hosts[1] at spec.yaml:7:64, said"},
		{storage.Host.Place, storage.Host.Said, "spec.databases.backendStorage.host at spec.yaml:8:3"},
		{system.Host.Place, system.Host.Said, "spec.databases.system.host at spec.yaml:9:34, said"},
		{system.MasterGroup.Place, system.MasterGroup.Said, "spec.databases.system.masterGroup at spec.yaml:9:5"},
		{system.Sentinels.Hosts.Place, system.Sentinels.Hosts.Said, "spec.databases.system.sentinels.hosts at spec.yaml:9:5"},
		{system.Password.Place, system.Password.Said, "spec.redis.password at spec.yaml:7:37, said"},
		{system.Own.Password.Place, system.Own.Password.Said, "spec.databases.system.password at spec.yaml:9:5"},
		{bus.Host.Place, bus.Host.Said, "spec.databases.system.host at spec.yaml:9:34, said"},
		{bus.Password.Place, bus.Password.Said, "spec.databases.messageBus.password at spec.yaml:10:28, said"},
		{bus.Namespace.Place, bus.Namespace.Said, "spec.databases.messageBus.namespace at spec.yaml:10:5"},
	} {
		got := test.got.Path + " at " + test.got.Pos.String()
		if test.said {
			got += ", said"
		}
		if got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]redis.Address{
		"h":               {Host: "h", Port: 26379},
		"h:1":             {Host: "h", Port: 1},
		"h:65535":         {Host: "h", Port: 65535},
		"10.0.0.1":        {Host: "10.0.0.1", Port: 26379},
		"fd00::1":         {Host: "fd00::1", Port: 26379},
		"[fd00::1]":       {Host: "fd00::1", Port: 26379},
		"[fd00::1]:26380": {Host: "fd00::1", Port: 26380},
	} {
		if got, err := parseAddress(text); err != nil || got != want {
			t.Errorf("%q: %v (%v)", text, got, err)
		}
	}
	for _, text := range []string{"h:", "h:0", "h:65536", "h:a", "h:-1", ":p@h:1"} {
		if got, err := parseAddress(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}
