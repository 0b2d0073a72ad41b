package clients

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// outcome is what a program makes of a value: nil where it stops.
type outcome struct {
	url    *URL
	effect Effect
}

// TestReadURL_redisClient has what was observed of apisonator 2.15 and 2.16 and of
// porta 2.16, and what the source of apisonator's async mode says.
func TestReadURL_redisClient(t *testing.T) {
	stops := outcome{nil, Stops}
	ok := func(u *URL) outcome { return outcome{u, fine} }
	misled := func(u *URL) outcome { return outcome{u, Misleads} }
	ignored := func(u *URL) outcome { return outcome{u, Ignores} }
	// badDB is where the server is reached and refuses the database.
	badDB := outcome{at("h", 6379, 0), Stops}
	h := ok(at("h", 6379, 0))
	for _, test := range []struct {
		name, value                     string
		sync, async215, async216, porta outcome
	}{
		{"complete", "redis://:pw@h:6380/5", ok(at("h", 6380, 5, "pw")), ok(at("h", 6380, 5, "pw")), ok(at("h", 6380, 5, "pw")), ok(at("h", 6380, 5, "pw"))},
		{"no scheme", "h:6379/1", ok(at("h", 6379, 1)), ok(at("h", 6379, 1)), ok(at("h", 6379, 1)), stops},
		{"bare name", "h", h, h, h, stops},
		{"password without scheme", ":pw@h:6379", ok(at("h", 6379, 0, "pw")), ok(at("h", 6379, 0, "pw")), ok(at("h", 6379, 0, "pw")), stops},
		{"no port, no path", "redis://h", h, h, h, h},
		{"trailing slash", "redis://h/", h, h, badDB, badDB},
		{"word as path", "redis://h/abc", badDB, misled(at("h", 6379, 0)), badDB, badDB},
		{"number and word as path", "redis://h/5x", badDB, misled(at("h", 6379, 5)), badDB, badDB},
		{"two path segments", "redis://h/0/1", badDB, misled(at("h", 6379, 0)), badDB, badDB},
		{"double slash", "redis://h//1", badDB, misled(at("h", 6379, 0)), badDB, badDB},
		{"octal path", "redis://h/010", misled(at("h", 6379, 8)), ok(at("h", 6379, 10)), badDB, misled(at("h", 6379, 8))},
		{"query", "redis://h?db=4", ignored(at("h", 6379, 4)), ignored(at("h", 6379, 0)), ignored(at("h", 6379, 0)), ignored(at("h", 6379, 4))},
		{"query beside a path", "redis://h/1?db=4", ignored(at("h", 6379, 1)), ignored(at("h", 6379, 1)), ignored(at("h", 6379, 1)), ignored(at("h", 6379, 1))},
		{"empty", "", stops, stops, stops, stops},
		{"leading blank", " redis://h/1", stops, stops, stops, stops},
		{"trailing newline", "redis://h/1\n", stops, stops, stops, stops},
		{"other scheme", "http://h/1", stops, stops, stops, stops},
		{"TLS", "rediss://h/1", ok(tls(at("h", 6379, 1))), ok(tls(at("h", 6379, 1))), ok(tls(at("h", 6379, 1))), ok(tls(at("h", 6379, 1)))},
		{"IPv6 host", "redis://[::1]:6380/1", ok(at("::1", 6380, 1)), ok(at("[::1]", 6380, 1)), ok(at("[::1]", 6380, 1)), ok(at("::1", 6380, 1))},
		{"underscore host", "redis://my_host/1", ok(at("my_host", 6379, 1)), ok(at("my_host", 6379, 1)), ok(at("my_host", 6379, 1)), ok(at("my_host", 6379, 1))},
		{"non-ASCII", "redis://:é@h", stops, stops, stops, stops},

		{"user name", "redis://alice:pw@h", ok(user("alice", at("h", 6379, 0, "pw"))), ok(user("alice", at("h", 6379, 0, "pw"))), ok(user("alice", at("h", 6379, 0, "pw"))), ok(user("alice", at("h", 6379, 0, "pw")))},
		{"encoded user name", "redis://al%40ice:pw@h", misled(user("al%40ice", at("h", 6379, 0, "pw"))), misled(user("al%40ice", at("h", 6379, 0, "pw"))), misled(user("al%40ice", at("h", 6379, 0, "pw"))), misled(user("al%40ice", at("h", 6379, 0, "pw")))},
		{"password without colon", "redis://pw@h", ignored(at("h", 6379, 0, "pw")), ignored(at("h", 6379, 0, "pw")), ignored(at("h", 6379, 0, "pw")), ignored(at("h", 6379, 0, "pw"))},
		{"empty password", "redis://:@h", misled(at("h", 6379, 0)), misled(at("h", 6379, 0)), misled(at("h", 6379, 0)), misled(at("h", 6379, 0))},
		{"raw plus", "redis://:a+b@h", misled(at("h", 6379, 0, "a b")), ok(at("h", 6379, 0, "a+b")), ok(at("h", 6379, 0, "a+b")), misled(at("h", 6379, 0, "a b"))},
		{"encoded plus", "redis://:a%2Bb@h", ok(at("h", 6379, 0, "a+b")), misled(at("h", 6379, 0, "a%2Bb")), misled(at("h", 6379, 0, "a%2Bb")), ok(at("h", 6379, 0, "a+b"))},
		{"encoded characters", "redis://:" + encoded + "@h", ok(at("h", 6379, 0, decoded)), misled(at("h", 6379, 0, encoded)), misled(at("h", 6379, 0, encoded)), ok(at("h", 6379, 0, decoded))},
		{"raw characters", "redis://:" + rawSigns + "@h", ok(at("h", 6379, 0, rawSigns)), ok(at("h", 6379, 0, rawSigns)), ok(at("h", 6379, 0, rawSigns)), ok(at("h", 6379, 0, rawSigns))},
		{"raw at", "redis://:p@w@h:1/2", stops, misled(at(nowhere, 6379, 0)), misled(at(nowhere, 6379, 0)), stops},
		{"raw slash", "redis://:p/w@h:1/2", stops, misled(at(nowhere, 6379, 0)), misled(at(nowhere, 6379, 0)), stops},
		{"raw hash", "redis://:p#w@h:1/2", stops, misled(at(nowhere, 6379, 0)), misled(at(nowhere, 6379, 0)), stops},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, c := range []struct {
				p    program
				want outcome
			}{
				{programOf(t, release(t, "2.15"), Apisonator), test.sync},
				{programOf(t, release(t, "2.16"), Apisonator), test.sync},
				{programOf(t, release(t, "2.15"), Async), test.async215},
				{programOf(t, release(t, "2.16"), Async), test.async216},
				{programOf(t, release(t, "2.16"), Porta), test.porta},
			} {
				got, faults := c.p.readURL(test.value, false)
				if diff := cmp.Diff(c.want.url, got, compareSecrets); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", c.p.name, c.p.does.Library, diff)
				}
				expectEffect(t, c.p.name, c.want.effect, faults)
			}
		})
	}
}

// TestReadSentinels_oneLogin: from redis-client on the first user name and the first
// password are for all Sentinels.
func TestReadSentinels_oneLogin(t *testing.T) {
	type login struct{ user, password string }
	both := func(user, password string) []login { return []login{{user, password}, {user, password}} }
	for _, test := range []struct {
		name, value string
		want        []login
		// effect is that for apisonator; porta's is the same but for blanks.
		effect Effect
	}{
		{"none", "a:1,b:2", both("", ""), fine},
		{"one password", ":pw@a:1,:pw@b:2", both("", "pw"), fine},
		{"the second only", "a:1,:pw@b:2", both("", "pw"), fine},
		{"own passwords", ":x@a:1,:y@b:2", both("", "x"), Ignores},
		{"user and password", "u:pw@a:1,u:pw@b:2", both("u", "pw"), fine},
		{"no colon", "pw@a:1,b:2", both("pw", ""), Ignores},
		{"user and password of two entries", "u@a:1,:pw@b:2", both("u", "pw"), Ignores},
		{"encoded", ":p%40w@a:1,:p%40w@b:2", both("", "p%40w"), Misleads},
	} {
		for _, p := range []program{programOf(t, release(t, "2.15"), Apisonator), programOf(t, release(t, "2.16"), Async), programOf(t, release(t, "2.16"), Porta)} {
			sentinels, faults := p.readSentinels(test.value)
			var got []login
			for _, s := range sentinels {
				got = append(got, login{s.Username, s.Password.Reveal()})
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(login{})); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", test.name, p.name, diff)
			}
			expectEffect(t, p.name, test.effect, faults)
		}
	}
}

// TestReadSentinels_redisClient: a list without an entry is none for apisonator from
// 2.15 on, which then takes the group for a host.
func TestReadSentinels_redisClient(t *testing.T) {
	for value, want := range map[string]struct{ apisonator, porta Effect }{
		"":      {fine, fine},
		"  ":    {fine, fine},
		",":     {Misleads, Stops},
		"[::1]": {fine, fine},
	} {
		for _, name := range []Client{Apisonator, Async} {
			_, faults := programOf(t, release(t, "2.16"), name).readSentinels(value)
			expectEffect(t, name, want.apisonator, faults)
		}
		sentinels, faults := programOf(t, release(t, "2.16"), Porta).readSentinels(value)
		expectEffect(t, Porta, want.porta, faults)
		if value == "[::1]" && (len(sentinels) != 1 || sentinels[0].Host != "[::1]") {
			t.Errorf("brackets: %v", sentinels)
		}
	}
}

func TestReadRole_redisClient(t *testing.T) {
	for value, want := range map[string]struct{ apisonator, porta, alone string }{
		"":        {"master", "master", ""},
		"master":  {"master", "master", "stops"},
		"slave":   {"slave", "slave", "stops"},
		"replica": {"slave", "slave", "stops"},
		"Master":  {"stops", "stops", "stops"},
		" ":       {"master", "master", ""},
		" master": {"stops", "master", "stops"},
		"no":      {"stops", "master", ""},
		"a: b":    {"stops", "stops", "stops"},
	} {
		for _, c := range []struct {
			name      Client
			sentinels bool
			want      string
		}{{Apisonator, true, want.apisonator}, {Porta, true, want.porta}, {Apisonator, false, ""}, {Porta, false, want.alone}} {
			got, faults := programOf(t, release(t, "2.16"), c.name).readRole(value, redis.System, c.sentinels)
			if len(faults) > 0 {
				got = "stops"
			}
			if got != c.want {
				t.Errorf("%q, %s, Sentinels: %t: got %q, want %q", value, c.name, c.sentinels, got, c.want)
			}
		}
	}
}

// TestRead_credentials: the keys for credentials of 2.16, and what the programs
// disagree on.
func TestRead_credentials(t *testing.T) {
	plain := map[string]string{"url": "redis://h"}
	with := func(change map[string]string) map[string]string {
		fields := map[string]string{}
		for _, m := range []map[string]string{plain, change} {
			for k, v := range m {
				fields[k] = v
			}
		}
		return fields
	}
	type login struct{ user, password string }
	for name, test := range map[string]struct {
		fields      map[string]string
		sync, async login
		kinds       string
	}{
		"keys":               {with(map[string]string{"username": "bob", "password": "p@ #%w"}), login{"bob", "p@ #%w"}, login{"bob", "p@ #%w"}, ""},
		"a password":         {with(map[string]string{"password": "p"}), login{"", "p"}, login{"", "p"}, ""},
		"blank":              {with(map[string]string{"username": " ", "password": "\n"}), login{}, login{}, "clients-disagree"}, // the operator takes them
		"both":               {map[string]string{"url": "redis://u:up@h", "username": "k", "password": "kp"}, login{"k", "kp"}, login{"u", "up"}, "clients-disagree credentials-twice"},
		"a user name beside": {map[string]string{"url": "redis://:up@h", "username": "k"}, login{"k", "up"}, login{"", "up"}, "clients-disagree credentials-twice"},
		"a user name alone":  {with(map[string]string{"username": "k"}), login{"k", ""}, login{"k", ""}, "username-without-password"},
	} {
		t.Run(name, func(t *testing.T) {
			for client, want := range map[Client]login{Apisonator: test.sync, Async: test.async} {
				r := read(queues(t, test.fields), release(t, "2.16"), redis.BackendQueues, programOf(t, release(t, "2.16"), client))
				if got := (login{r.To.Username, r.To.Password.Reveal()}); got != want {
					t.Errorf("%s: got %v, want %v", client, got, want)
				}
			}
			_, problems := Read(queues(t, test.fields), release(t, "2.16"))
			if got := kindsOf(problems, redis.BackendQueues); got != test.kinds {
				t.Errorf("got %q, want %q", got, test.kinds)
			}
		})
	}
}

// TestRead_operated: what is composed for releases that an operator runs comes back
// the same from every program, with a password that needs no encoding; with one
// that does, they disagree.
func TestRead_operated(t *testing.T) {
	sentinels := behindSentinels()
	sentinels.Namespace, sentinels.Sentinels.Password = "", secret.FromText("s-p")
	for name, c := range map[string]redis.Connection{
		"server":    {Host: "h", Port: 6380, DB: 3},
		"Sentinels": sentinels,
	} {
		for _, rel := range []releases.Release{release(t, "2.15"), release(t, "2.16")} {
			c.Password = secret.FromText("p-w")
			if diff := roundTrip(t, everywhere(c), rel); diff != "" {
				t.Errorf("%s, %s: %s", name, rel.Clients.Apisonator.Library, diff)
			}
			c.Password = secret.FromText("p@w")
			_, problems := Read(revealed(t, redis.Compose(everywhere(c), rel, redis.InURLs)), rel)
			if got := kindsOf(problems, redis.BackendQueues); !strings.Contains(got, "clients-disagree") || !strings.Contains(got, "url-password-encoded") {
				t.Errorf("%s: %v", name, problems)
			}
		}
	}
}

// TestRead_sentinelCredentials: credentials for Sentinels that are not there stop
// redis-client.
func TestRead_sentinelCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		fields map[string]string
		want   redis.Connection
		user   string
		kinds  string
	}{
		"keys": {
			map[string]string{"url": "redis://g", "sentinelHosts": "s:1", "sentinelUsername": "sam", "sentinelPassword": "k@y"},
			redis.Connection{MasterGroup: "g", Sentinels: redis.Sentinels{Role: "master", Hosts: []redis.Address{{Host: "s", Port: 1}}, Username: "sam", Password: secret.FromText("k@y")}},
			"sam", "",
		},
		"the list wins": {
			map[string]string{"url": "redis://g", "sentinelHosts": ":list@s:1", "sentinelUsername": "sam", "sentinelPassword": "key"},
			redis.Connection{MasterGroup: "g", Sentinels: redis.Sentinels{Role: "master", Hosts: []redis.Address{{Host: "s", Port: 1}}, Username: "sam", Password: secret.FromText("list")}},
			"sam", "credentials-twice",
		},
		"a user name alone": {
			map[string]string{"url": "redis://g", "sentinelHosts": "s:1", "sentinelUsername": "sam"},
			redis.Connection{MasterGroup: "g", Sentinels: redis.Sentinels{Role: "master", Hosts: []redis.Address{{Host: "s", Port: 1}}, Username: "sam"}},
			"sam", "username-without-password",
		},
		"without Sentinels": {map[string]string{"url": "redis://h", "sentinelPassword": "p"}, redis.Connection{}, "", "sentinel-credentials-without-hosts"},
	} {
		t.Run(name, func(t *testing.T) {
			dbs, problems := Read(queues(t, test.fields), release(t, "2.16"))
			if diff := cmp.Diff(test.want, dbs[redis.BackendQueues], compareSecrets); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := kindsOf(problems, redis.BackendQueues); got != test.kinds {
				t.Errorf("got %q, want %q: %v", got, test.kinds, problems)
			}
			for _, client := range []Client{Apisonator, Async, Operator} {
				r := read(queues(t, test.fields), release(t, "2.16"), redis.BackendQueues, programOf(t, release(t, "2.16"), client))
				if len(r.Sentinels) > 0 && r.Sentinels[0].Username != test.user {
					t.Errorf("%s: user %q", client, r.Sentinels[0].Username)
				}
			}
		})
	}
}

// queues are the values of all keys, with those of the queues by their fields.
func queues(t *testing.T, fields map[string]string) Values {
	t.Helper()
	values := Values{}
	for _, s := range release(t, "2.16").Secrets {
		values[s.Name] = map[string]string{}
		for _, k := range s.Keys {
			if !k.Optional {
				values[s.Name][k.Name] = ""
			}
			if text, ok := fields[k.Field]; ok && k.Database == redis.BackendQueues {
				values[s.Name][k.Name] = text
			}
		}
	}
	values["backend-redis"]["REDIS_STORAGE_URL"] = "redis://h"
	values["system-redis"]["URL"] = "redis://h"
	return values
}

// kindsOf are the kinds of the problems of a database, each once, in order.
func kindsOf(problems []Problem, database string) string {
	seen := map[string]bool{}
	for _, p := range problems {
		if p.Database == database {
			seen[string(p.Kind)] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), " ")
}
