package verify

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func TestDisplay_Value(t *testing.T) {
	rel, err := releases.Find("2.12")
	if err != nil {
		t.Fatal(err)
	}
	d := NewDisplay(rel, clients.Values{
		"backend-redis": {"REDIS_STORAGE_URL": "redis://:sesame@h/0", "REDIS_QUEUES_SENTINEL_HOSTS": "redis://:abracadabra@s", "REDIS_QUEUES_URL": "redis://g"},
		"system-redis":  {"URL": "redis://:ab@h"},
	})
	for _, c := range []struct{ field, value, want string }{
		{"url", "", ""},
		{"url", "redis://h", "redis://h"},
		{"url", "redis://:pw@h:6379/1", "redis://:***@h:6379/1"},
		{"url", "rediss://u:pw@my_host.example.com/15", "rediss://:***@my_host.example.com/15"},
		{"url", "redis://[fd00::1]:6379/1", "redis://[fd00::1]:6379/1"},
		{"url", "h:6379/1", "h:6379/1"},
		{"url", ":pw@h:6379", ":***@h:6379"},
		{"url", "redis.example.com", "redis.example.com"},
		{"url", "word", "***"},
		{"url", "redis://:p@w@h", "***"},
		{"url", "redis://:p/w@h", "***"},
		{"url", "redis://:p?w@h", "***"},
		{"url", "redis://:pw", "***"},
		{"url", "redis://h:pw/1", "***"},
		{"url", "redis://h/pw", "***"},
		{"url", "redis://h/1?db=pw", "***"},
		{"url", "redis://h/1 ", "***"},
		{"url", "redis://sesame/1", "***"},
		{"url", "redis://sesame.example.com/1", "***"},
		{"url", "redis://ab/1", "redis://ab/1"},
		{"sentinelHosts", "redis://:pw@a:1,redis://b,c:3", "redis://:***@a:1,redis://b,c:3"},
		{"sentinelHosts", "redis://:p,redis://w@a:1", "***"},
		{"sentinelHosts", "redis://:a,word,b@h:1", "***"},
		{"sentinelHosts", "word", "***"},
		{"sentinelHosts", "abracadabra:1", "***"},
		{"sentinelHosts", "a:1, b:2", "***"},
		{"sentinelRole", "slave", "slave"},
		{"sentinelRole", "word", "***"},
		{"namespace", "system", "system"},
		{"namespace", "3scale-bus_2", "3scale-bus_2"},
		{"namespace", "System.eu.west:1", "System.eu.west:1"},
		{"namespace", "c4n4ry", "***"},
		{"namespace", "Tr0ub4dor", "***"},
		{"namespace", "correct horse", "***"},
		{"namespace", "sesame", "***"},
		{"namespace", "the-sesame", "***"},
		{"password", "x", "***"},
	} {
		if got := d.Value(c.field, c.value); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.field, c.value, got, c.want)
		}
	}
}

// A password in any key is in nothing that is shown.
func FuzzDisplay(f *testing.F) {
	const canary = "Sesam3!"
	rel, err := releases.Find("2.7")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "redis://:", "@h", ",", "redis://", ":6379/1", "\n"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		for field := range shapes {
			if shown := (Display{}).Value(field, before+canary+after); strings.Contains(shown, canary) {
				t.Errorf("%s %q: %q", field, before+canary+after, shown)
			}
		}
		values := clients.Values{}
		for _, s := range rel.Secrets {
			values[s.Name] = map[string]string{}
			for _, k := range s.Keys {
				values[s.Name][k.Name] = before + canary + after
			}
		}
		for _, r := range clients.Readings(values, rel) {
			if shown := NewDisplay(rel, values).Where(r); strings.Contains(shown, canary) {
				t.Errorf("%s of %q: %q", r.Database, before+canary+after, shown)
			}
		}
	})
}

// What differs behind a mask is no difference to see, and never the text itself.
func TestValue_What(t *testing.T) {
	v := Value{Now: secret.Mask, Then: "bus"}
	if got := v.What(); got != "is ***, must be bus" {
		t.Error(got)
	}
}

// A password in a key of its own is known too, whatever the URL is.
func TestDisplay_keys(t *testing.T) {
	rel, err := releases.Find("2.16")
	if err != nil {
		t.Fatal(err)
	}
	d := NewDisplay(rel, clients.Values{"backend-redis": {
		"REDIS_STORAGE_URL": "no URL", "REDIS_STORAGE_PASSWORD": "sesame", "REDIS_QUEUES_URL": "redis://g/1",
		"REDIS_QUEUES_SENTINEL_HOSTS": "redis://:pw@s:1", "REDIS_QUEUES_SENTINEL_PASSWORD": "abracadabra",
	}})
	for _, c := range []struct{ field, value, want string }{
		{"url", "redis://sesame.example.com/1", "***"},
		{"username", "abracadabra", "***"},
		{"username", "fake-user", "fake-user"},
		{"username", "Tr0ub4dor", "***"},
		{"password", "fake", "***"},
		{"ca", "fake", "***"},
	} {
		if got := d.Value(c.field, c.value); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.field, c.value, got, c.want)
		}
	}
}
