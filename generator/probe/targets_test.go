package probe_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/redis"
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

func always(clients.Reading) bool { return true }

// TestTargets: who connects to what, and what stops before.
func TestTargets(t *testing.T) {
	plain := func(system string) clients.Values {
		return clients.Values{
			"backend-redis": {"REDIS_STORAGE_URL": "redis://r:6379/0", "REDIS_QUEUES_URL": "redis://r:6379/1"},
			"system-redis":  {"URL": system},
		}
	}
	encoded := plain("redis://:a%2Bb@r:6379/2")
	encoded["backend-redis"]["REDIS_STORAGE_URL"] = "redis://:a%2Bb@r:6379/0"
	for _, c := range []struct {
		name    string
		release string
		values  clients.Values
		meant   []redis.Named
		show    func(clients.Reading) bool
		want    []string
	}{
		{"programs with one connection are one target", "2.12", plain("redis://r:6379/2"), nil, always, []string{
			"backendStorage r:6379/0 by apisonator, porta",
			"backendQueues r:6379/1 by apisonator",
			"system r:6379/2 by porta",
		}},
		{"the message bus where porta has one", "2.7.1.GA", plain("redis://r:6379/2"), nil, always, []string{
			"backendStorage r:6379/0 by apisonator, porta",
			"backendQueues r:6379/1 by apisonator",
			"system r:6379/2 by porta",
			"messageBus r:6379/3 by porta",
		}},
		{"the operator's check looks at no database", "2.15", plain("redis://r:6379/2"), nil, always, []string{
			"backendStorage r:6379/0 by apisonator, apisonator in async mode, porta, the operator's check",
			"backendQueues r:6379/1 by apisonator, apisonator in async mode, the operator's check",
			"system r:6379/2 by porta, the operator's check",
		}},
		{"a password that async mode does not decode", "2.15", encoded, nil, always, []string{
			"backendStorage r:6379/0 with a+b by apisonator, porta",
			"backendStorage r:6379/0 with a%2Bb by apisonator in async mode, the operator's check",
			"backendQueues r:6379/1 by apisonator, apisonator in async mode, the operator's check",
			"system r:6379/2 with a+b by porta",
			"system r:6379/2 with a%2Bb by the operator's check",
			"failed values backendStorage: apisonator in async mode",
			"failed values backendStorage: apisonator in async mode",
			"failed values backendStorage: the operator's check",
			"failed values system: the operator's check",
		}},
		{"a spec that means another server", "2.12", plain("redis://r:6379/2"), []redis.Named{
			{Database: redis.System, Connection: redis.Connection{Host: "s", Port: 6379}},
			{Database: redis.BackendQueues, Connection: redis.Connection{Host: "r", Port: 6379, DB: 1}},
		}, always, []string{
			"backendStorage r:6379/0 by apisonator, porta",
			"backendQueues r:6379/1 by apisonator",
			"system r:6379/2 by porta",
			"system s:6379/0 by the spec",
		}},
		{"a URL that nobody takes", "2.12", plain("http://r"), nil, always, []string{
			"backendStorage r:6379/0 by apisonator, porta",
			"backendQueues r:6379/1 by apisonator",
			"failed values system: porta",
		}},
		{"what could be a password", "2.12", plain("redis://r:6379/2"), nil, func(r clients.Reading) bool { return r.Database != redis.System }, []string{
			"backendStorage r:6379/0 by apisonator, porta",
			"backendQueues r:6379/1 by apisonator",
			"failed values system: porta",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			targets, results := probe.Targets(release(t, c.release), c.values, c.meant, c.show)
			var got []string
			for _, target := range targets {
				line := fmt.Sprintf("%s %s/%d", target.Database, target.Endpoint(), target.DB)
				if target.Password.IsSet() {
					line += " with " + target.Password.Reveal()
				}
				got = append(got, line+" by "+strings.Join(target.Programs, ", "))
			}
			for _, r := range results {
				got = append(got, fmt.Sprintf("%s %s %s: %s", r.Status, r.Check, strings.Join(r.Databases, ","), strings.Join(r.Programs, ",")))
				if !strings.HasPrefix(r.Do, "correct backend-redis/REDIS_") && !strings.HasPrefix(r.Do, "correct system-redis/") {
					t.Errorf("do %q", r.Do)
				}
				if r.Saw == "" || strings.Contains(r.Saw, "a+b") || strings.Contains(r.Saw, "a%2Bb") {
					t.Errorf("saw %q, do %q", r.Saw, r.Do)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTargets_apart: connections that differ in one thing only are two targets, and a
// namespace is nothing to a server.
func TestTargets_apart(t *testing.T) {
	base := redis.Connection{
		MasterGroup: "g", DB: 1, Username: "u", Password: secret.FromText("p"), TLS: redis.TLS{On: true},
		Sentinels: redis.Sentinels{Hosts: []redis.Address{{Host: "s", Port: 26379}}, Username: "v", Password: secret.FromText("q")},
	}
	for name, change := range map[string]func(*redis.Connection){
		"database":          func(c *redis.Connection) { c.DB = 2 },
		"group":             func(c *redis.Connection) { c.MasterGroup = "h" },
		"Sentinels":         func(c *redis.Connection) { c.Sentinels.Hosts = []redis.Address{{Host: "t", Port: 26379}} },
		"user name":         func(c *redis.Connection) { c.Username = "x" },
		"password":          func(c *redis.Connection) { c.Password = secret.FromText("x") },
		"TLS":               func(c *redis.Connection) { c.TLS.On = false },
		"CA":                func(c *redis.Connection) { c.TLS.CA = secret.FromText("x") },
		"certificate":       func(c *redis.Connection) { c.TLS.Certificate = secret.FromText("x") },
		"key":               func(c *redis.Connection) { c.TLS.Key = secret.FromText("x") },
		"Sentinel user":     func(c *redis.Connection) { c.Sentinels.Username = "x" },
		"Sentinel password": func(c *redis.Connection) { c.Sentinels.Password = secret.FromText("x") },
		"role":              func(c *redis.Connection) { c.Sentinels.Role = "slave" },
		"namespace":         func(c *redis.Connection) { c.Namespace = "x" },
	} {
		other := base
		change(&other)
		targets, _ := probe.Targets(release(t, "2.16"), clients.Values{}, []redis.Named{{Database: redis.System, Connection: base}, {Database: redis.System, Connection: other}}, always)
		want := 2
		if name == "namespace" {
			want = 1
		}
		if len(targets) != want {
			t.Errorf("another %s: %d targets", name, len(targets))
		}
	}
}
