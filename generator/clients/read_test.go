package clients

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
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

// revealed returns what stands in the Secrets.
func revealed(t testing.TB, secrets []redis.Secret) Values {
	t.Helper()
	values := Values{}
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

// roundTrip composes, reads back, and says what is not the same.
func roundTrip(t testing.TB, dbs redis.Databases, rel releases.Release) string {
	t.Helper()
	got, problems := Read(revealed(t, redis.Compose(dbs, rel, redis.WhereverTheyWork)), rel)
	want := redis.Databases{}
	for name, c := range dbs {
		if rel.HasDatabase(name) {
			want[name] = c
		}
	}
	diff := cmp.Diff(want, got, compareSecrets)
	for _, p := range problems {
		diff += "\n" + p.Secret + "/" + p.Key + ": " + p.Message
	}
	return diff
}

// everywhere sets the same connection for all databases; only porta's have the namespace.
func everywhere(c redis.Connection) redis.Databases {
	backend := c
	backend.Namespace = ""
	return redis.Databases{redis.BackendStorage: backend, redis.BackendQueues: backend, redis.System: c, redis.MessageBus: c}
}

// behindSentinels is a connection that a test changes.
func behindSentinels() redis.Connection {
	return redis.Connection{MasterGroup: "mymaster", DB: 5, Sentinels: redis.Sentinels{
		Role: "master", Hosts: []redis.Address{{Host: "s0", Port: 26379}, {Host: "s1", Port: 2722}},
	}}
}

// reaches are the characters that reach a server or a Sentinel, in a release.
type reaches struct{ releases.Release }

// shell reports whether the operator's check passes c to redis-cli, where it does so.
func (r reaches) shell(c byte) bool {
	return r.Clients.Operator == nil || r.Clients.Operator.Parser != releases.RedisCLI || shellTakes("a"+string(rune(c)))
}

func (r reaches) inKeys() bool { return r.HasField(redis.System, "password") }

func (r reaches) password(c byte) bool {
	return r.inKeys() || r.Clients.Async == nil || redis.UserinfoByte(c) && r.shell(c)
}

func (r reaches) sentinelPassword(c byte) bool {
	if r.inKeys() {
		return true
	}
	return redis.SentinelPasswordByte(c) && (r.Clients.Operator == nil || c != ':' && r.shell(c))
}

func (r reaches) masterGroup(c byte) bool { return redis.MasterGroupByte(c) && r.shell(c) }

func (r reaches) username(byte) bool { return r.inKeys() }

func (r reaches) sentinelHost(c byte) bool { return redis.SentinelHostByte(c) }

func (r reaches) namespace(c byte) bool {
	return r.Clients.Porta.Namespace && redis.NamespaceWorks("a"+string(rune(c)))
}

// alphanumeric are characters that no client treats in a way of their own, but for
// three that stand for them.
var alphanumeric = regexp.MustCompile(`^[a-wyzA-WYZ0-689]$`)

// TestRead_survives proves for each printable character, in each release, that
// what the predicates let through is what comes back, and nothing else.
func TestRead_survives(t *testing.T) {
	full := testinput.Full(t, "letters and digits but x, X and 7")
	for name, test := range map[string]struct {
		put      func(*redis.Connection, string)
		survives func(reaches, byte) bool
	}{
		"password":          {func(c *redis.Connection, s string) { c.Password = secret.FromText(s) }, reaches.password},
		"sentinel password": {func(c *redis.Connection, s string) { c.Sentinels.Password = secret.FromText(s) }, reaches.sentinelPassword},
		"user name":         {func(c *redis.Connection, s string) { c.Username, c.Password = s, secret.FromText("p") }, reaches.username},
		"sentinel user name": {func(c *redis.Connection, s string) {
			c.Sentinels.Username, c.Sentinels.Password = s, secret.FromText("p")
		}, reaches.username},
		"master group":  {func(c *redis.Connection, s string) { c.MasterGroup = s }, reaches.masterGroup},
		"sentinel host": {func(c *redis.Connection, s string) { c.Sentinels.Hosts[1].Host = s }, reaches.sentinelHost},
		"namespace":     {func(c *redis.Connection, s string) { c.Namespace = s }, reaches.namespace},
	} {
		t.Run(name, func(t *testing.T) {
			for _, line := range releases.Lines() {
				rel := release(t, line)
				for b := byte(' '); b <= '~'; b++ {
					if !full && alphanumeric.MatchString(string(rune(b))) {
						continue
					}
					c := behindSentinels()
					// A z after the character: %az would be a valid escape.
					test.put(&c, "a"+string(rune(b))+"z")
					diff := roundTrip(t, everywhere(c), rel)
					if survived := diff == ""; survived != test.survives(reaches{rel}, b) {
						t.Errorf("%s: %q: survived: %t, predicate: %t\n%s", line, b, survived, !survived, diff)
					}
				}
			}
		})
	}
}

// TestNamespaceWorks proves the predicate beyond ASCII, for control characters,
// and for the line breaks that YAML folds.
func TestNamespaceWorks(t *testing.T) {
	porta := programOf(t, release(t, "2.7"), Porta)
	check := func(namespace string) {
		t.Helper()
		got, faults := porta.readNamespace(namespace)
		if survived := len(faults) == 0 && got == namespace; survived != redis.NamespaceWorks(namespace) {
			t.Errorf("%+q: survived: %t, predicate: %t", namespace, survived, !survived)
		}
	}
	for _, span := range [][2]rune{{0, 0x3000}, {0xD7F0, 0xD7FF}, {0xE000, 0xE010}, {0xFE00, 0x10010}, {0x1F600, 0x1F610}, {0x10FFF0, 0x10FFFF}} {
		for r := span[0]; r <= span[1]; r++ {
			check("a" + string(r) + "z")
		}
	}
	check("a\xffz")
	check("a\xed\xa0\x80z") // a surrogate is no UTF-8
	parts := []string{"a", " ", "\t", "\u2028", "\u2029", "---", "...", ""}
	for _, w := range parts {
		for _, x := range parts {
			for _, y := range parts {
				for _, z := range parts {
					check(w + x + y + z)
				}
			}
		}
	}
}

func pick(r *rand.Rand, n int, from string) string {
	letters := []rune(from)
	var b strings.Builder
	for range n {
		b.WriteRune(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// charset are the printable ASCII characters that a predicate lets through.
func charset(ok func(byte) bool) string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		if ok(c) {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func randomConnection(r *rand.Rand, to reaches) redis.Connection {
	passwords := charset(to.password)
	if to.password(' ') {
		passwords += "äß€日本😀"
	}
	c := redis.Connection{DB: r.IntN(20)}
	if r.IntN(9) > 0 {
		c.Password = secret.FromText("p" + pick(r, r.IntN(20), passwords))
	}
	if r.IntN(2) == 0 {
		c.Host, c.Port = "h"+pick(r, r.IntN(9), "abcXYZ019-._"), 1+r.IntN(65535)
		return c
	}
	c.MasterGroup = "g" + pick(r, r.IntN(9), charset(to.masterGroup))
	c.Sentinels = redis.Sentinels{Role: []string{"master", "slave"}[r.IntN(2)]}
	if r.IntN(2) == 0 {
		c.Sentinels.Password = secret.FromText("p" + pick(r, r.IntN(9), charset(to.sentinelPassword)))
	}
	for range 1 + r.IntN(4) {
		c.Sentinels.Hosts = append(c.Sentinels.Hosts, redis.Address{Host: pick(r, 1+r.IntN(9), charset(to.sentinelHost)), Port: 1 + r.IntN(65535)})
	}
	return c
}

func TestRead_random(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	connections := 100
	if testinput.Full(t, "200 more random connections for each release") {
		connections = 300
	}
	for _, line := range releases.Lines() {
		rel := release(t, line)
		namespaces := charset(reaches{rel}.namespace)
		for range connections {
			dbs := redis.Databases{}
			for _, name := range redis.Names {
				c := randomConnection(r, reaches{rel})
				if namespaces != "" && (name == redis.System || name == redis.MessageBus) {
					c.Namespace = strings.TrimSpace(pick(r, r.IntN(9), namespaces))
				}
				dbs[name] = c
			}
			if diff := roundTrip(t, dbs, rel); diff != "" {
				t.Fatalf("%s: (-want +got):\n%s", line, diff)
			}
		}
	}
}

func TestRead_internal(t *testing.T) {
	for _, line := range releases.Lines() {
		rel := release(t, line)
		if !rel.HasDatabase(redis.MessageBus) {
			continue
		}
		for _, test := range []struct {
			system, bus string
			db          int
		}{
			{"", "", 2}, {"n", "n", 2}, {"n", "", 2}, {"", "bus", 1}, {"n", "bus", 1},
		} {
			dbs, problems := Read(revealed(t, redis.Internal(rel, test.system, test.bus)), rel)
			bus := test.bus
			if bus == "" {
				bus = test.system
			}
			want := redis.Databases{
				redis.BackendStorage: {Host: "backend-redis", Port: 6379, DB: 0},
				redis.BackendQueues:  {Host: "backend-redis", Port: 6379, DB: 1},
				redis.System:         {Host: "system-redis", Port: 6379, DB: 1, Namespace: test.system},
				redis.MessageBus:     {Host: "system-redis", Port: 6379, DB: test.db, Namespace: bus},
			}
			if diff := cmp.Diff(want, dbs, compareSecrets); diff != "" || len(problems) > 0 {
				t.Errorf("%s %+v: %v (-want +got):\n%s", line, test, problems, diff)
			}
		}
	}
}

// TestRead changes some keys of an installation that works.
func TestRead(t *testing.T) {
	sentinels := redis.Sentinels{Role: "master", Hosts: []redis.Address{{Host: "s", Port: 26379}}}
	for name, test := range map[string]struct {
		change   map[string]string
		database string
		want     redis.Connection
		// problems are keys, each with a part of its message.
		problems []string
	}{
		"bus: db 15 rotates to 0": {
			change: map[string]string{"URL": "redis://h/15", "MESSAGE_BUS_URL": ""}, database: redis.MessageBus,
			want: redis.Connection{Host: "h", Port: 6379, DB: 0},
		},
		"bus: no db rotates to 1": {
			change: map[string]string{"URL": "redis://h", "MESSAGE_BUS_URL": ""}, database: redis.MessageBus,
			want: redis.Connection{Host: "h", Port: 6379, DB: 1},
		},
		"bus: inherits all": {
			change:   map[string]string{"URL": "redis://:pw@g/2", "SENTINEL_HOSTS": "s", "SENTINEL_ROLE": "slave", "NAMESPACE": "n", "MESSAGE_BUS_URL": " "},
			database: redis.MessageBus,
			want:     redis.Connection{MasterGroup: "g", DB: 3, Password: secret.FromText("pw"), Namespace: "n", Sentinels: redis.Sentinels{Role: "slave", Hosts: sentinels.Hosts}},
		},
		"bus: own keys override": {
			change:   map[string]string{"URL": "redis://g/2", "SENTINEL_HOSTS": "x", "SENTINEL_ROLE": "slave", "MESSAGE_BUS_URL": "", "MESSAGE_BUS_SENTINEL_HOSTS": "s", "MESSAGE_BUS_SENTINEL_ROLE": "master", "MESSAGE_BUS_NAMESPACE": "b"},
			database: redis.MessageBus, want: redis.Connection{MasterGroup: "g", DB: 2, Namespace: "b", Sentinels: sentinels},
		},
		"bus: sentinels without the system's make its host a group": {
			change: map[string]string{"URL": "redis://h/2", "MESSAGE_BUS_URL": "", "MESSAGE_BUS_SENTINEL_HOSTS": "s"}, database: redis.MessageBus,
			want: redis.Connection{MasterGroup: "h", DB: 3, Sentinels: sentinels},
		},
		"bus: a URL inherits nothing": {
			change: map[string]string{"URL": "redis://g/2", "SENTINEL_HOSTS": "s", "NAMESPACE": "n", "MESSAGE_BUS_URL": "redis://g/2"}, database: redis.MessageBus,
			want: redis.Connection{Host: "g", Port: 6379, DB: 2},
		},
		"storage: blank leads porta to the system Redis": {
			change: map[string]string{"REDIS_STORAGE_URL": ""}, database: redis.BackendStorage,
			problems: []string{"REDIS_STORAGE_URL apisonator requires a URL", "REDIS_STORAGE_URL porta silently uses the system Redis"},
		},
		"storage: no scheme works for apisonator alone": {
			change: map[string]string{"REDIS_STORAGE_URL": "h:6379/1"}, database: redis.BackendStorage,
			want: redis.Connection{Host: "h", Port: 6379, DB: 1}, problems: []string{"REDIS_STORAGE_URL porta requires redis://"},
		},
		"storage: an empty entry makes the programs disagree": {
			change: map[string]string{"REDIS_STORAGE_SENTINEL_HOSTS": "s,,s"}, database: redis.BackendStorage,
			want:     redis.Connection{MasterGroup: "backend-redis", Sentinels: redis.Sentinels{Role: "master", Hosts: []redis.Address{{Host: "s", Port: 26379}, {Host: "s", Port: 26379}}}},
			problems: []string{"REDIS_STORAGE_SENTINEL_HOSTS porta finds no host", "REDIS_STORAGE_URL apisonator and porta end up with a different Sentinels"},
		},
		"queues: a group has no port": {
			change: map[string]string{"REDIS_QUEUES_URL": "redis://mymaster:0/1", "REDIS_QUEUES_SENTINEL_HOSTS": "s"}, database: redis.BackendQueues,
			want: redis.Connection{MasterGroup: "mymaster", DB: 1, Sentinels: sentinels},
		},
		"system: a group has no port": {
			change: map[string]string{"URL": "redis://mymaster:99999/1", "SENTINEL_HOSTS": "s", "MESSAGE_BUS_URL": "redis://h"}, database: redis.System,
			want: redis.Connection{MasterGroup: "mymaster", DB: 1, Sentinels: sentinels},
		},
		"system: a server has a port": {
			change: map[string]string{"URL": "redis://h:0/1", "MESSAGE_BUS_URL": "redis://h"}, database: redis.System,
			problems: []string{"URL porta cannot connect to that port"},
		},
		"bus: a role in a block that ends above it": {
			change: map[string]string{"MESSAGE_BUS_URL": "redis://g", "MESSAGE_BUS_SENTINEL_HOSTS": "s", "MESSAGE_BUS_SENTINEL_ROLE": "|-\n   master"}, database: redis.MessageBus,
			problems: []string{"MESSAGE_BUS_SENTINEL_ROLE porta cannot read"},
		},
		"bus: inherits a role in a block": {
			change: map[string]string{"URL": "redis://g/2", "SENTINEL_HOSTS": "s", "SENTINEL_ROLE": "|-\n   slave", "MESSAGE_BUS_URL": "", "MESSAGE_BUS_SENTINEL_ROLE": "no"}, database: redis.MessageBus,
			want: redis.Connection{MasterGroup: "g", DB: 3, Sentinels: redis.Sentinels{Role: "slave", Hosts: sentinels.Hosts}},
		},
		"queues: raw at": {
			change: map[string]string{"REDIS_QUEUES_URL": "redis://:p@w@h:1/2"}, database: redis.BackendQueues,
			want: redis.Connection{Host: "redis", Port: 6379}, problems: []string{"REDIS_QUEUES_URL apisonator cannot parse"},
		},
		"queues: TLS": {
			change: map[string]string{"REDIS_QUEUES_URL": "rediss://h/1"}, database: redis.BackendQueues,
			problems: []string{"REDIS_QUEUES_URL apisonator cannot connect with TLS"},
		},
		"queues: user name": {
			change: map[string]string{"REDIS_QUEUES_URL": "redis://u:p@h/1"}, database: redis.BackendQueues,
			want: redis.Connection{Host: "h", Port: 6379, DB: 1, Password: secret.FromText("p")}, problems: []string{"REDIS_QUEUES_URL apisonator sends no user name"},
		},
		"queues: user default": {
			change: map[string]string{"REDIS_QUEUES_URL": "redis://default:p@h/1"}, database: redis.BackendQueues,
			want: redis.Connection{Host: "h", Port: 6379, DB: 1, Password: secret.FromText("p")},
		},
		"queues: own passwords of Sentinels": {
			change: map[string]string{"REDIS_QUEUES_SENTINEL_HOSTS": ":a@s,:b@s"}, database: redis.BackendQueues,
			want:     redis.Connection{MasterGroup: "backend-redis", DB: 1, Sentinels: redis.Sentinels{Role: "master", Password: secret.FromText("a"), Hosts: []redis.Address{{Host: "s", Port: 26379}, {Host: "s", Port: 26379}}}},
			problems: []string{"REDIS_QUEUES_SENTINEL_HOSTS apisonator sends each Sentinel"},
		},
		"system: a role without Sentinels is ignored": {
			change: map[string]string{"SENTINEL_ROLE": "replica"}, database: redis.System, want: redis.Connection{Host: "system-redis", Port: 6379, DB: 1},
		},
		"system: a role breaks the file even without Sentinels": {
			change: map[string]string{"SENTINEL_ROLE": "a: b"}, database: redis.System, problems: []string{"SENTINEL_ROLE porta cannot read"},
		},
		"system: a quote in the namespace": {
			change: map[string]string{"NAMESPACE": `a"b`}, database: redis.System, problems: []string{"NAMESPACE porta cannot read"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rel := release(t, "2.7")
			values := revealed(t, redis.Internal(rel, "", ""))
			for key, v := range test.change {
				secretName := "system-redis"
				if strings.HasPrefix(key, "REDIS_") {
					secretName = "backend-redis"
				}
				values[secretName][key] = v
			}
			dbs, problems := Read(values, rel)
			if diff := cmp.Diff(test.want, dbs[test.database], compareSecrets); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(problems) != len(test.problems) {
				t.Fatalf("want %d problems, got %v", len(test.problems), problems)
			}
			for i, p := range problems {
				if !strings.HasPrefix(p.Key+" "+p.Message, test.problems[i]) {
					t.Errorf("want %q, got %s %s", test.problems[i], p.Key, p.Message)
				}
			}
		})
	}
}

// TestRead_missing: a Secret as 2.5 has it lacks keys; each is named once.
func TestRead_missing(t *testing.T) {
	rel := release(t, "2.7")
	values := revealed(t, redis.Internal(rel, "", ""))
	delete(values, "backend-redis")
	delete(values["system-redis"], "NAMESPACE")
	dbs, problems := Read(values, rel)
	if len(problems) != 7 || len(dbs) != 2 {
		t.Errorf("%v %v", dbs, problems)
	}
	for _, p := range problems {
		if p.Effect != Stops || p.Client != "" {
			t.Errorf("%+v", p)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("redis://:p@h:1/2", "redis://:p@s:1,s", "master", "n")
	f.Add(`\"`, "a\\,b", "a: b", "\n")
	f.Add("redis://[::1", "[::1]", "!x", "\x00\xff")
	rels := []releases.Release{release(f, "2.7"), release(f, "2.12"), release(f, "2.15"), release(f, "2.16")}
	f.Fuzz(func(t *testing.T, url, hosts, role, other string) {
		for _, rel := range rels {
			values := Values{}
			for _, s := range rel.Secrets {
				values[s.Name] = map[string]string{}
				for _, k := range s.Keys {
					text := other
					switch k.Field {
					case "url":
						text = url
					case "sentinelHosts":
						text = hosts
					case "sentinelRole":
						text = role
					}
					values[s.Name][k.Name] = text
				}
			}
			Read(values, rel)
		}
	})
}

func FuzzComposeRead(f *testing.F) {
	f.Add("p w", "s+p", "mymaster", "n", 5)
	rel := release(f, "2.7")
	f.Fuzz(func(t *testing.T, password, sentinelPassword, group, namespace string, db int) {
		allowed := func(s string, ok func(byte) bool) bool {
			return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 || !ok(byte(r)) })
		}
		if db < 0 || group == "" || !redis.NamespaceWorks(namespace) ||
			!allowed(sentinelPassword, redis.SentinelPasswordByte) || !allowed(group, redis.MasterGroupByte) {
			return
		}
		c := behindSentinels()
		c.Password, c.Sentinels.Password = secret.FromText(password), secret.FromText(sentinelPassword)
		c.MasterGroup, c.Namespace, c.DB = group, namespace, db
		if diff := roundTrip(t, everywhere(c), rel); diff != "" {
			t.Error(diff)
		}
	})
}
