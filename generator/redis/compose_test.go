package redis

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func release(t testing.TB, name string) releases.Release {
	t.Helper()
	rel, err := releases.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

func sentinelConnection(db int, namespace string) Connection {
	return Connection{
		MasterGroup: "mymaster", DB: db, Password: secret.FromText("a+b c"), Namespace: namespace,
		Sentinels: Sentinels{Hosts: []Address{{"s0", 0}, {"s1", 2722}}, Password: secret.FromText("s+p"), Role: "master"},
	}
}

func masked(secrets []Secret) map[string]string {
	fields := map[string]string{}
	for _, s := range secrets {
		for _, f := range s.Fields {
			fields[s.Name+"/"+f.Key] = f.Mask()
		}
	}
	return fields
}

func revealed(t testing.TB, secrets []Secret) map[string]map[string]string {
	t.Helper()
	values := map[string]map[string]string{}
	for _, s := range secrets {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			text, ok := f.Reveal()
			if !ok {
				t.Fatalf("%s is not known", f.Key)
			}
			values[s.Name][f.Key] = text
		}
	}
	return values
}

func TestCompose(t *testing.T) {
	dbs := Databases{
		BackendStorage: sentinelConnection(0, ""),
		BackendQueues:  {Host: "h", DB: 1},
		System:         {Host: "h", Port: 6380, DB: 2, Password: secret.FromText("p"), Namespace: "system"},
		MessageBus:     {Host: "h", TLS: TLS{On: true}, Username: "u@", DB: 3, Sentinels: Sentinels{Role: "master"}},
	}
	secrets := Compose(dbs, release(t, "2.7"), WhereverTheyWork)
	want := map[string]map[string]string{
		"backend-redis": {
			"REDIS_STORAGE_URL":            "redis://:a%2Bb%20c@mymaster/0",
			"REDIS_STORAGE_SENTINEL_HOSTS": "redis://:s+p@s0:26379,redis://:s+p@s1:2722",
			"REDIS_STORAGE_SENTINEL_ROLE":  "master",
			"REDIS_QUEUES_URL":             "redis://h:6379/1",
			"REDIS_QUEUES_SENTINEL_HOSTS":  "",
			"REDIS_QUEUES_SENTINEL_ROLE":   "",
		},
		"system-redis": {
			"URL": "redis://:p@h:6380/2", "NAMESPACE": "system", "SENTINEL_HOSTS": "", "SENTINEL_ROLE": "",
			"MESSAGE_BUS_URL": "rediss://u%40:@h:6379/3", "MESSAGE_BUS_NAMESPACE": "",
			"MESSAGE_BUS_SENTINEL_HOSTS": "", "MESSAGE_BUS_SENTINEL_ROLE": "",
		},
	}
	if diff := cmp.Diff(want, revealed(t, secrets)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := masked(secrets)["backend-redis/REDIS_STORAGE_SENTINEL_HOSTS"]; got != "redis://:***@s0:26379,redis://:***@s1:2722" {
		t.Error(got)
	}
	if got := masked(secrets)["backend-redis/REDIS_STORAGE_URL"]; got != "redis://:***@mymaster/0" {
		t.Error(got)
	}
}

// TestCompose_keys: every key of every release, in the order of the pin.
func TestCompose_keys(t *testing.T) {
	for _, line := range releases.Lines() {
		rel := release(t, line)
		dbs := Databases{}
		for _, n := range Names {
			dbs[n] = Connection{Host: "h"}
		}
		for name, secrets := range map[string][]Secret{"Compose": Compose(dbs, rel, WhereverTheyWork), "Internal": Internal(rel, "", "")} {
			var got, want []string
			for _, s := range secrets {
				for _, f := range s.Fields {
					got = append(got, s.Name+"/"+f.Key+" "+f.Database)
				}
			}
			for _, s := range rel.Secrets {
				for _, k := range s.Keys {
					want = append(want, s.Name+"/"+k.Name+" "+k.Database)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", line, name, diff)
			}
		}
	}
}

func TestCompose_withoutMessageBus(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a release with a message bus composes without a connection for it")
		}
	}()
	Compose(Databases{BackendStorage: {}, BackendQueues: {}, System: {}}, release(t, "2.7"), WhereverTheyWork)
}

func TestField_references(t *testing.T) {
	c := Connection{Host: "h", Password: secret.FromPlaceholder("<path:a#b>")}
	f := Field{Parts: composer{Connection: c, credentials: InURLs}.url()}
	if text, ok := f.Reveal(); !ok || text != "redis://:<path:a#b>@h:6379/0" {
		t.Errorf("a placeholder stands raw: %q", text)
	}
	c.Password = secret.FromRemote("redis", "password")
	f = Field{Parts: composer{Connection: c, credentials: InURLs}.url()}
	if text, ok := f.Reveal(); ok {
		t.Errorf("nobody has looked it up: %q", text)
	}
	if got := f.Passwords(); len(got) != 1 || got[0] != c.Password {
		t.Errorf("the passwords are %v", got)
	}
	if got := f.Mask(); got != "redis://:***@h:6379/0" {
		t.Error(got)
	}
}
