package clients

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// programOf returns a program of a release.
func programOf(t testing.TB, rel releases.Release, name Client) program {
	t.Helper()
	for _, database := range redis.Names {
		for _, p := range programs(rel, database) {
			if p.name == name {
				return p
			}
		}
	}
	t.Fatalf("%s has no %s", rel, name)
	return program{}
}

var compareSecrets = cmp.Comparer(func(a, b secret.Value) bool { return a == b })

// at is the URL that a program takes.
func at(host string, port, db int, password ...string) *URL {
	return &URL{Host: host, Port: port, DB: db, Password: secret.FromText(strings.Join(password, ""))}
}

func user(name string, u *URL) *URL { u.Username = name; return u }
func tls(u *URL) *URL               { u.TLS = true; return u }

const (
	fine     = Effect(-1)
	nowhere  = "redis"
	encoded  = "%20%22%25%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%40%2F%3F%23%2B%C3%A9"
	decoded  = ` "%<>[\]^` + "`" + `{|}@/?#+é`
	rawSigns = "aZ9!$&'()*,-.:;=_~"
)

// TestReadURL_redisRB has what was observed of apisonator up to 2.14 and of porta up to
// 2.15 with these values.
func TestReadURL_redisRB(t *testing.T) {
	type want struct {
		url    *URL
		effect Effect
	}
	stops := want{nil, Stops}
	ok := func(u *URL) want { return want{u, fine} }
	for _, test := range []struct {
		name, value       string
		apisonator, porta want
	}{
		{"complete", "redis://:pw@h:6380/5", ok(at("h", 6380, 5, "pw")), ok(at("h", 6380, 5, "pw"))},
		{"no scheme", "h:6379/1", ok(at("h", 6379, 1)), stops},
		{"bare name", "h", ok(at("h", 6379, 0)), stops},
		{"bare name with digit", "h1", ok(at("h1", 6379, 0)), stops},
		{"password without scheme", ":pw@h:6379", ok(at("h", 6379, 0, "pw")), stops},
		{"user and password without scheme", "u:pw@h:6379/2", ok(user("u", at("h", 6379, 2, "pw"))), stops},
		{"no port", "redis://h/1", ok(at("h", 6379, 1)), ok(at("h", 6379, 1))},
		{"no path", "redis://h:6380", ok(at("h", 6380, 0)), ok(at("h", 6380, 0))},
		{"trailing slash", "redis://h:6379/", ok(at("h", 6379, 0)), ok(at("h", 6379, 0))},
		{"word as path", "redis://h/abc", want{at("h", 6379, 0), Misleads}, want{at("h", 6379, 0), Misleads}},
		{"number and word as path", "redis://h/5x", want{at("h", 6379, 5), Misleads}, want{at("h", 6379, 5), Misleads}},
		{"two path segments", "redis://h/0/1", want{at("h", 6379, 0), Misleads}, want{at("h", 6379, 0), Misleads}},
		{"double slash", "redis://h//1", want{at("h", 6379, 0), Misleads}, want{at("h", 6379, 0), Misleads}},
		{"negative path", "redis://h/-1", want{at("h", 6379, -1), Stops}, want{at("h", 6379, -1), Stops}},
		{"query", "redis://h?db=4", want{at("h", 6379, 0), Ignores}, want{at("h", 6379, 0), Ignores}},
		{"empty", "", stops, stops},
		{"blanks", "  ", stops, stops},
		{"leading blank", " redis://h/1", stops, stops},
		{"trailing blank", "redis://h/1 ", stops, stops},
		{"trailing newline", "redis://h/1\n", stops, stops},
		{"wrapping quotes", `"redis://h/1"`, stops, stops},
		{"other scheme", "http://h/1", stops, stops},
		{"unix socket", "unix:///tmp/redis.sock", stops, stops},
		{"upper-case scheme", "REDIS://h/1", ok(at("h", 6379, 1)), ok(at("h", 6379, 1))},
		{"TLS", "rediss://h/1", ok(tls(at("h", 6379, 1))), ok(tls(at("h", 6379, 1)))},
		{"IPv6 host keeps brackets", "redis://[::1]:6380/1", ok(at("[::1]", 6380, 1)), ok(at("[::1]", 6380, 1))},
		{"bare IPv6 host", "redis://::1:6380/1", want{at(nowhere, 6379, 0), Misleads}, stops},
		{"underscore host", "redis://my_host/1", ok(at("my_host", 6379, 1)), ok(at("my_host", 6379, 1))},
		{"dotted group", "redis://my.master-1_a/1", ok(at("my.master-1_a", 6379, 1)), ok(at("my.master-1_a", 6379, 1))},
		{"blank in group", "redis://my master/1", want{nil, Stops}, stops},
		{"non-ASCII", "redis://:é@h", stops, stops},
		{"no host", "redis:///1", stops, stops},
		{"bad port", "redis://h:70000", want{at("h", 0, 0), Stops}, want{at("h", 0, 0), Stops}},

		{"user name", "redis://alice:pw@h", ok(user("alice", at("h", 6379, 0, "pw"))), ok(user("alice", at("h", 6379, 0, "pw")))},
		{"encoded user name", "redis://al%40ice:pw@h", ok(user("al%40ice", at("h", 6379, 0, "pw"))), ok(user("al%40ice", at("h", 6379, 0, "pw")))},
		{"password without colon", "redis://pw@h", want{user("pw", at("h", 6379, 0)), Ignores}, want{user("pw", at("h", 6379, 0)), Ignores}},
		{"empty password", "redis://:@h", want{at("h", 6379, 0), Misleads}, want{at("h", 6379, 0), Misleads}},
		{"raw plus", "redis://:a+b@h", want{at("h", 6379, 0, "a b"), Misleads}, want{at("h", 6379, 0, "a b"), Misleads}},
		{"encoded plus", "redis://:a%2Bb@h", ok(at("h", 6379, 0, "a+b")), ok(at("h", 6379, 0, "a+b"))},
		{"encoded characters", "redis://:" + encoded + "@h", ok(at("h", 6379, 0, decoded)), ok(at("h", 6379, 0, decoded))},
		{"lower-case hex", "redis://:%2f@h", ok(at("h", 6379, 0, "/")), ok(at("h", 6379, 0, "/"))},
		{"raw characters", "redis://:" + rawSigns + "@h", ok(at("h", 6379, 0, rawSigns)), ok(at("h", 6379, 0, rawSigns))},
		{"raw at", "redis://:p@w@h:1/2", want{at(nowhere, 6379, 0), Misleads}, stops},
		{"raw at with TLS", "rediss://:p@w@h:1/2", want{at("rediss", 6379, 0), Misleads}, stops},
		{"raw slash", "redis://:p/w@h:1/2", want{at(nowhere, 6379, 0), Misleads}, stops},
		{"raw question mark", "redis://:p?w@h:1/2", want{at(nowhere, 6379, 0), Misleads}, stops},
		{"raw hash", "redis://:p#w@h:1/2", want{at(nowhere, 6379, 0), Misleads}, stops},
	} {
		t.Run(test.name, func(t *testing.T) {
			for client, want := range map[Client]want{Apisonator: test.apisonator, Porta: test.porta} {
				got, faults := programOf(t, release(t, "2.7"), client).readURL(test.value, false)
				if diff := cmp.Diff(want.url, got, compareSecrets); diff != "" {
					t.Errorf("%s (-want +got):\n%s", client, diff)
				}
				expectEffect(t, client, want.effect, faults)
			}
		})
	}
}

// TestReadURL_rawCharacters: these stop every program, raw in a password.
func TestReadURL_rawCharacters(t *testing.T) {
	for _, c := range " \"%<>[\\]^`{|}" {
		for _, client := range []Client{Apisonator, Porta} {
			if u, _ := programOf(t, release(t, "2.7"), client).readURL("redis://:a"+string(c)+"z@h:1/2", false); u != nil {
				t.Errorf("%s reads %q: %+v", client, c, u)
			}
		}
	}
}

func expectEffect(t *testing.T, client Client, want Effect, faults []Fault) {
	t.Helper()
	if want == fine {
		if len(faults) > 0 {
			t.Errorf("%s: unexpected faults %v", client, faults)
		}
		return
	}
	for _, f := range faults {
		if f.Effect == want {
			return
		}
	}
	t.Errorf("%s: want a fault of effect %d, got %v", client, want, faults)
}

func TestReadSentinels(t *testing.T) {
	sentinel := func(host string, port int, password ...string) Sentinel {
		return Sentinel{Address: redis.Address{Host: host, Port: port}, Password: secret.FromText(strings.Join(password, ""))}
	}
	type want struct {
		sentinels []Sentinel
		effect    Effect
	}
	list := func(s ...Sentinel) want { return want{s, fine} }
	with := func(e Effect, s ...Sentinel) want { return want{s, e} }
	stops := with(Stops)
	a, b := sentinel("a", 1), sentinel("b", 2)
	for _, test := range []struct {
		name, value       string
		apisonator, porta want
	}{
		{"absent", "", list(), list()},
		{"comma", "redis://a:1,redis://b:2", list(a, b), list(a, b)},
		{"no scheme", "a:1,b:2", list(a, b), list(a, b)},
		{"escaped comma", `:p\,w@a:1`, list(sentinel("a", 1, "p,w")), stops},
		{"escaped letter", `\a:1`, list(a), stops},
		{"blank after comma", "a:1, b:2", list(a, b), with(Stops, a)},
		{"newline after comma", "a:1,\nb:2", list(a, b), with(Stops, a)},
		{"trailing newline", "a:1,b:2\n", list(a, b), with(Stops, a)},
		{"trailing comma", "a:1,b:2,", list(a, b), list(a, b)},
		{"empty middle entry", "a:1,,b:2", list(a, b), with(Misleads, a, sentinel("", 26379), b)},
		{"only a comma", ",", stops, stops},
		{"only blanks", "  ", stops, list()},
		{"TLS scheme", "rediss://a:1", list(a), list(a)},
		{"upper-case scheme", "REDIS://a:1", list(a), with(Misleads, sentinel("REDIS", 26379))},
		{"other scheme", "http://a:1", with(Ignores, a), with(Misleads, sentinel("http", 26379))},
		{"other scheme without port", "http://a", with(Misleads, sentinel("a", 80)), with(Misleads, sentinel("http", 26379))},
		{"unknown scheme", "x://:pw@a", with(Ignores, sentinel("a", 26379, "pw")), with(Misleads, sentinel("x", 26379))},
		{"socket with a host", "unix://a:1", with(Ignores, a), with(Ignores, a)},
		{"default port", "s1", list(sentinel("s1", 26379)), list(sentinel("s1", 26379))},
		{"colon without port", "s1:", with(Misleads, sentinel("", 26379)), list(sentinel("s1", 26379))},
		{"bad port", "s1:x", stops, stops},
		{"port out of range", "s1:99999", with(Stops, sentinel("s1", 0)), with(Stops, sentinel("s1", 0))},
		{"semicolon", "a:1;b:2", stops, stops},
		{"bare IPv6", "fd00::1:26379", stops, stops},
		{"IPv6 keeps brackets", "[fd00::1]:1", list(sentinel("[fd00::1]", 1)), list(sentinel("[fd00::1]", 1))},
		{"password", ":pw@a:1", list(sentinel("a", 1, "pw")), list(sentinel("a", 1, "pw"))},
		{"password with scheme", "redis://:pw@a:1", list(sentinel("a", 1, "pw")), list(sentinel("a", 1, "pw"))},
		{"user and password", "u:pw@a:1", with(Ignores, sentinel("a", 1, "pw")), with(Ignores, sentinel("a", 1, "pw"))},
		{"password without colon", "pw@a:1", with(Ignores, a), with(Ignores, a)},
		{"encoded password", ":p%40w@a:1", with(Misleads, sentinel("a", 1, "p%40w")), with(Misleads, sentinel("a", 1, "p%40w"))},
		{"raw plus", ":p+w@a:1", list(sentinel("a", 1, "p+w")), list(sentinel("a", 1, "p+w"))},
		{"own passwords", ":x@a:1,b:2,:y@a:1", with(Ignores, sentinel("a", 1, "x"), b, sentinel("a", 1, "y")), with(Ignores, sentinel("a", 1, "x"), b, sentinel("a", 1, "y"))},
		{"raw at", "redis://:p@w@a:1", with(Misleads, sentinel("redis", 26379)), stops},
		{"raw at without scheme", ":p@w@a:1", stops, stops},
		{"quote", `a:1"`, stops, stops},
	} {
		t.Run(test.name, func(t *testing.T) {
			for client, want := range map[Client]want{Apisonator: test.apisonator, Porta: test.porta} {
				got, faults := programOf(t, release(t, "2.7"), client).readSentinels(test.value)
				if diff := cmp.Diff(want.sentinels, got, compareSecrets); diff != "" {
					t.Errorf("%s (-want +got):\n%s", client, diff)
				}
				expectEffect(t, client, want.effect, faults)
			}
		})
	}
}

// TestReadURL_query: a % that begins no escape stops apisonator from 2.11 on, where
// it stands behind the ? too.
func TestReadURL_query(t *testing.T) {
	for value, strict := range map[string]bool{
		"redis://h/1?x=%zz": true, "h?%--": true, "redis://:p?%zz@h": true,
		"redis://h/1?x=%z1": false, "redis://h/1?x=%1z": false, "redis://h/1?x=%": false, "redis://h/1?x=%41": false,
	} {
		for line, stops := range map[string]bool{"2.6": false, "2.10": false, "2.11": strict, "2.12": strict} {
			u, faults := programOf(t, release(t, line), Apisonator).readURL(value, false)
			if got := u == nil; got != stops || len(faults) == 0 {
				t.Errorf("%s: %s: stops: %t, want %t: %v", line, value, got, stops, faults)
			}
		}
		if u, _ := programOf(t, release(t, "2.12"), Porta).readURL("redis://h/1?x=%zz", false); u == nil {
			t.Error("porta stops")
		}
	}
}

func TestReadRole(t *testing.T) {
	for _, test := range []struct {
		name, value       string
		apisonator, porta string
	}{
		{"empty", "", "master", "master"},
		{"master", "master", "master", "master"},
		{"slave", "slave", "slave", "slave"},
		{"replica", "replica", "", ""},
		{"upper case", "Master", "", ""},
		{"garbage", "x", "", ""},
		{"leading blank", " master", "", "master"},
		{"mapping", "a: b", "", ""},
		{"boolean", "true", "", ""},
		{"null", "~", "", "master"},
		{"quotes", `"master"`, "", "master"},
		{"comment", "master # x", "", "master"},
		{"false", "no", "", "master"},
		{"false in other words", "False", "", "master"},
		{"false in capitals", "OFF", "", "master"},
		{"false in quotes", `"no"`, "", ""},
		{"a word like no", "n", "", ""},
		{"a blank that Rails knows", "\u00a0", "", "master"},
		{"an empty block", "|-", "", "master"},
		{"a block", "|-\n   slave", "", "slave"},
	} {
		for client, want := range map[Client]string{Apisonator: test.apisonator, Porta: test.porta} {
			got, faults := programOf(t, release(t, "2.7"), client).readRole(test.value, redis.System, true)
			if got != want || (want == "") != (len(faults) > 0) {
				t.Errorf("%s, %s: %q %v, want %q", test.name, client, got, faults, want)
			}
		}
	}
}

// TestReadRole_messageBus: message_bus.yml has the role one level deeper, so that a
// line which belongs to it elsewhere breaks the file.
func TestReadRole_messageBus(t *testing.T) {
	porta := programOf(t, release(t, "2.7"), Porta)
	for value, want := range map[string]string{
		"slave": "slave", "|-": "master", "|-\n     slave": "slave", "|-\n   slave": "", "a\n   b": "",
	} {
		got, faults := porta.readRole(value, redis.MessageBus, true)
		if got != want || (want == "") != (len(faults) > 0) {
			t.Errorf("%q: %q %v, want %q", value, got, faults, want)
		}
	}
}

// TestFaults_neverQuote: a message must not contain what could be a password.
func TestFaults_neverQuote(t *testing.T) {
	const canary = "canary"
	for _, value := range []string{canary, "redis://" + canary, ":" + canary + "@a@b", "redis://:" + canary + "@x@h/" + canary, "redis://:" + canary + "/@h", canary + "://h", `"` + canary, `\` + canary, "h:" + canary, "redis://h/5?" + canary} {
		for _, client := range []Client{Apisonator, Porta} {
			p := programOf(t, release(t, "2.7"), client)
			_, faults := p.readURL(value, false)
			_, more := p.readSentinels(value)
			_, roles := p.readRole(value, redis.System, true)
			for _, f := range append(append(faults, more...), roles...) {
				if strings.Contains(f.Message, canary) {
					t.Errorf("%s quotes %q: %s", client, value, f.Message)
				}
			}
		}
	}
}
