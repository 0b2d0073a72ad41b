package resolve

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func ptr[T any](v T) *T { return &v }

func password(text string) *secret.Value { return ptr(secret.FromText(text)) }

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
		MasterGroup: ptr("mymaster"), DB: ptr(4), Password: password("shared"),
		Sentinels: &spec.Sentinels{Hosts: []string{"s0", "s1:1"}, Password: password("s")},
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
				BackendStorage: &spec.Database{Connection: spec.Connection{DB: ptr(0)}},
				BackendQueues:  &spec.Database{Connection: spec.Connection{MasterGroup: ptr("queues")}},
				System:         &spec.Database{Connection: spec.Connection{Sentinels: &spec.Sentinels{Role: ptr("slave")}}},
				MessageBus:     &spec.Database{Connection: spec.Connection{Sentinels: &spec.Sentinels{Hosts: []string{"b"}, Role: ptr("master")}}},
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
			databases: spec.Databases{BackendStorage: &spec.Database{Connection: spec.Connection{
				Password: password(""), Sentinels: &spec.Sentinels{Password: password("")},
			}}},
			want: redis.Databases{redis.BackendStorage: with(func(c *redis.Connection) { c.Password, c.Sentinels.Password = secret.Value{}, secret.Value{} })},
		},
		"a host drops the group and its Sentinels": {
			redis: behindSentinels(),
			databases: spec.Databases{BackendStorage: &spec.Database{Connection: spec.Connection{
				Host: ptr("h"), Password: password("own"),
			}}},
			want: redis.Databases{redis.BackendStorage: {Host: "h", Port: 6379, DB: 4, Password: secret.FromText("own")}},
		},
		"a group drops the host and its port": {
			redis: spec.Connection{Host: ptr("h"), Port: ptr(7000), Sentinels: &spec.Sentinels{Hosts: []string{"a"}}},
			databases: spec.Databases{
				BackendStorage: &spec.Database{Connection: spec.Connection{MasterGroup: ptr("g")}},
				BackendQueues:  &spec.Database{}, System: &spec.Database{}, MessageBus: &spec.Database{},
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
			databases: spec.Databases{System: &spec.Database{Namespace: "system", Connection: spec.Connection{
				Host: ptr("h"), Port: ptr(1), DB: ptr(7), Password: password("own"),
			}}},
			want: redis.Databases{
				redis.System:     {Host: "h", Port: 1, DB: 7, Password: secret.FromText("own"), Namespace: "system"},
				redis.MessageBus: {Host: "h", Port: 1, DB: 7, Password: secret.FromText("own")},
			},
		},
		"the message bus overrides what it says": {
			redis: behindSentinels(),
			databases: spec.Databases{
				System:     &spec.Database{Connection: spec.Connection{MasterGroup: ptr("system")}},
				MessageBus: &spec.Database{Namespace: "bus", Connection: spec.Connection{DB: ptr(9)}},
			},
			want: redis.Databases{
				redis.System:     with(func(c *redis.Connection) { c.MasterGroup = "system" }),
				redis.MessageBus: with(func(c *redis.Connection) { c.MasterGroup, c.DB, c.Namespace = "system", 9, "bus" }),
			},
		},
		"a message bus elsewhere takes nothing from system": {
			redis: behindSentinels(),
			databases: spec.Databases{
				System:     &spec.Database{Connection: spec.Connection{DB: ptr(7), Password: password("own")}},
				MessageBus: &spec.Database{Connection: spec.Connection{MasterGroup: ptr("bus")}},
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

// TestDatabase_Path: rules point to where the spec says a field, or would say it.
func TestDatabase_Path(t *testing.T) {
	databases, _ := Databases(spec.Spec{Redis: behindSentinels(), Databases: spec.Databases{
		System:     &spec.Database{Namespace: "n", Connection: spec.Connection{Host: ptr("h")}},
		MessageBus: &spec.Database{Connection: spec.Connection{Password: password("p")}},
	}}, release(t, "2.7"))
	storage, system, bus := databases[0], databases[2], databases[3]
	for _, test := range []struct {
		d         Database
		field     string
		path      string
		own, says bool
	}{
		{storage, "masterGroup", "spec.redis.masterGroup", false, true},
		{storage, "host", "spec.databases.backendStorage.host", false, false},
		{system, "host", "spec.databases.system.host", true, true},
		{system, "masterGroup", "spec.databases.system.masterGroup", false, false},
		{system, "sentinels.hosts", "spec.databases.system.sentinels.hosts", false, false},
		{system, "password", "spec.redis.password", false, true},
		{bus, "host", "spec.databases.system.host", false, true},
		{bus, "password", "spec.databases.messageBus.password", true, true},
		{bus, "namespace", "spec.databases.messageBus.namespace", false, false},
	} {
		if path, own, says := test.d.Path(test.field), test.d.Own(test.field), test.d.Says(test.field); path != test.path || own != test.own || says != test.says {
			t.Errorf("%s %s: path %s, own %t, says %t", test.d.Name, test.field, path, own, says)
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
