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

// TestCompose_keys: every key of every release that is not optional, in the order of
// the pin, and the optional ones where a connection has a use for them.
func TestCompose_keys(t *testing.T) {
	plain, full := Connection{Host: "h"}, sentinelConnection(0, "")
	full.Username, full.Sentinels.Username, full.TLS = "u", "s", TLS{On: true}
	for _, line := range releases.Lines() {
		rel := release(t, line)
		for name, test := range map[string]struct {
			secrets  []Secret
			optional bool
		}{
			"plain":    {Compose(everywhere(plain), rel, WhereverTheyWork), false},
			"full":     {Compose(everywhere(full), rel, InKeys), true},
			"Internal": {Internal(rel, "", ""), false},
		} {
			var got, want []string
			for _, s := range test.secrets {
				for _, f := range s.Fields {
					got = append(got, s.Name+"/"+f.Key+" "+f.Database)
				}
			}
			for _, s := range rel.Secrets {
				for _, k := range s.Keys {
					if !k.Optional || test.optional {
						want = append(want, s.Name+"/"+k.Name+" "+k.Database)
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", line, name, diff)
			}
		}
	}
}

// everywhere sets the same connection for all databases.
func everywhere(c Connection) Databases {
	dbs := Databases{}
	for _, n := range Names {
		dbs[n] = c
	}
	return dbs
}

// TestCompose_credentials: where user names and passwords stand, and how.
func TestCompose_credentials(t *testing.T) {
	secrets := func(texts ...string) (values [2]secret.Value) {
		for i, text := range texts {
			values[i] = secret.FromText(text)
		}
		return values
	}
	for name, test := range map[string]struct {
		release, user string
		passwords     [2]secret.Value
		where         Credentials
		// want are URL, list, and the keys in the order of the pin.
		want []string
	}{
		"encoded":              {"2.14", "", secrets("p+w@", "s"), WhereverTheyWork, []string{"redis://:p%2Bw%40@g/0", "redis://:s@s:1"}},
		"sparsely":             {"2.15", "", secrets("p+w!", "s"), WhereverTheyWork, []string{"redis://:p%2Bw!@g/0", "redis://:s@s:1"}},
		"no keys before 2.16":  {"2.15", "", secrets("p", "s"), InKeys, []string{"redis://:p@g/0", "redis://:s@s:1"}},
		"in the URL":           {"2.16", "u", secrets("p!", "s+"), WhereverTheyWork, []string{"redis://u:p!@g/0", "redis://s-u:s+@s:1"}},
		"the password decides": {"2.16", "u", secrets("p+", "s,"), WhereverTheyWork, []string{"redis://g/0", "redis://s:1", "u", "p+", "s-u", "s,"}},
		"the user name too":    {"2.16", "u@", secrets("p", "s"), WhereverTheyWork, []string{"redis://g/0", "redis://s:1", "u@", "p", "s-u@", "s"}},
		"each for itself":      {"2.16", "u", secrets("p+", "s"), WhereverTheyWork, []string{"redis://g/0", "redis://s-u:s@s:1", "u", "p+"}},
		"keys":                 {"2.16", "", secrets("p", "s"), InKeys, []string{"redis://g/0", "redis://s:1", "p", "s"}},
		"URLs":                 {"2.16", "", secrets("p@", "s"), InURLs, []string{"redis://:p%40@g/0", "redis://:s@s:1"}},
		"async mode is off":    {"2.16", "", secrets("p!", "s"), InURLs, []string{"redis://:p%21@g/0", "redis://:s@s:1"}},
		"none":                 {"2.16", "", secrets("", ""), WhereverTheyWork, []string{"redis://g/0", "redis://s:1"}},
		"none in keys":         {"2.16", "", secrets("", ""), InKeys, []string{"redis://g/0", "redis://s:1"}},
		"a placeholder":        {"2.16", "", [2]secret.Value{secret.FromPlaceholder("<p>")}, WhereverTheyWork, []string{"redis://g/0", "redis://s:1", "<p>"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := Connection{MasterGroup: "g", Username: test.user, Password: test.passwords[0], Sentinels: Sentinels{
				Hosts: []Address{{"s", 1}}, Password: test.passwords[1],
			}}
			if test.user != "" {
				c.Sentinels.Username = "s-" + test.user
			}
			var got []string
			rel := release(t, test.release)
			if name == "async mode is off" {
				rel = rel.WithoutAsync()
			}
			for _, s := range Compose(everywhere(c), rel, test.where) {
				for _, f := range s.Fields {
					if text, _ := f.Reveal(); f.Database == BackendStorage && text != "master" {
						got = append(got, text)
					}
				}
			}
			// The list stands before the URL.
			got[0], got[1] = got[1], got[0]
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCompose_tls: PEM texts end in one line end, and their keys exist where TLS is on.
func TestCompose_tls(t *testing.T) {
	c := Connection{Host: "h", TLS: TLS{On: true, CA: secret.FromText("CA\n\n"), Key: secret.FromText("KEY")}}
	secrets := Compose(everywhere(c), release(t, "2.16"), WhereverTheyWork)
	got, shown := revealed(t, secrets)["backend-redis"], masked(secrets)
	for key, want := range map[string][2]string{
		"REDIS_SSL_CA":      {"CA\n", "***"},
		"REDIS_SSL_CERT":    {"", ""},
		"REDIS_SSL_KEY":     {"KEY\n", "***"},
		"REDIS_STORAGE_URL": {"rediss://h:6379/0", "rediss://h:6379/0"},
	} {
		if value, ok := got[key]; !ok || value != want[0] || shown["backend-redis/"+key] != want[1] {
			t.Errorf("%s is %q, shown as %q", key, value, shown["backend-redis/"+key])
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
