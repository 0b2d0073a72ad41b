package rule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// TestProperty_survives: for every release and profile, what the rules on
// characters refuse is exactly what would not come back from the Secrets.
func TestProperty_survives(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	specs, names := 60, releases.Lines()
	full := testinput.Full(t, "each tag of a release line with each profile, not with every second, and 20 more random specs")
	if full {
		specs, names = 80, releases.Names()
	}
	for i, name := range names {
		rel, err := releases.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for j, p := range []string{"sentinel", "redis-enterprise", "elasticache", "self-managed"} {
			if !full && i%2 != j%2 {
				continue
			}
			profile, err := profiles.Find(p)
			if err != nil {
				t.Fatal(err)
			}
			refused, survived := 0, 0
			for range specs {
				if survives(t, randomSpec(random, profile, rel), profile, rel) {
					survived++
				} else {
					refused++
				}
			}
			if refused == 0 || survived == 0 {
				t.Errorf("%s, %s: %d refused, %d survived: the specs prove nothing", name, p, refused, survived)
			}
		}
	}
}

// shellRules are about the operator's check of 2.15. They ask for less than survives,
// since what a shell makes of ! * and ~ depends on what stands around them.
var shellRules = []string{"url-password-shell", "sentinel-hosts-password-shell"}

// survives reports whether a spec is let through, and fails unless what it says comes
// back just then.
func survives(t *testing.T, s spec.Spec, profile profiles.Profile, rel releases.Release) bool {
	t.Helper()
	name := rel.String()
	if s.AsyncOff() {
		rel = rel.WithoutAsync()
	}
	databases, issues := resolve.Databases(s, rel)
	issues = append(issues, rule.CheckSpec(rule.Input{Spec: s, Profile: profile, Release: rel, Databases: databases})...)
	if slices.ContainsFunc(s.Allow, func(a spec.Allow) bool { return slices.Contains(shellRules, a.Rule.Value) }) {
		// The operator then runs without its check.
		pin := *rel.Pin
		pin.Clients.Operator = nil
		rel.Pin = &pin
	}
	diff := roundTrip(resolve.Connections(databases), rel, redis.Credentials(s.Secrets.Credentials.Value))
	byShellOnly := !slices.ContainsFunc(issues, func(i diag.Issue) bool {
		return i.Severity == diag.Error && !slices.Contains(shellRules, i.Rule)
	})
	if issues.Failed() != (diff != "") && !(issues.Failed() && byShellOnly) {
		t.Fatalf("%s, %s: the rules say:\n%s\nbut what comes back is:\n%s", name, profile.Name, issues, diff)
	}
	return !issues.Failed()
}

// roundTrip composes, reads back, and says what is not the same.
func roundTrip(dbs redis.Databases, rel releases.Release, credentials redis.Credentials) string {
	values := clients.Values{}
	for _, s := range redis.Compose(dbs, rel, credentials) {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			values[s.Name][f.Key], _ = f.Reveal()
		}
	}
	got, problems := clients.Read(values, rel)
	diff := cmp.Diff(dbs, got, cmp.Comparer(func(a, b secret.Value) bool { return a.Reveal() == b.Reveal() }))
	for _, p := range problems {
		diff += fmt.Sprintf("\n%s/%s: %s", p.Secret, p.Key, p.Message)
	}
	return diff
}

// The characters of passwords and namespaces: mostly such as survive everywhere.
const (
	tame  = "abcXYZ019-._~"
	wild  = " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}ä€😀\u0085\u00a0\u2028\u2029\ufeff\ufffd"
	names = "abcXYZ019-._"
)

func text(r *rand.Rand, wildness int) string {
	tameRunes, wildRunes := []rune(tame), []rune(wild)
	var b strings.Builder
	for range 1 + r.IntN(12) {
		if r.IntN(100) < wildness {
			b.WriteRune(wildRunes[r.IntN(len(wildRunes))])
		} else {
			b.WriteRune(tameRunes[r.IntN(len(tameRunes))])
		}
	}
	return b.String()
}

func hostName(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("h")
	for range 1 + r.IntN(9) {
		b.WriteByte(names[r.IntN(len(names))])
	}
	return b.String()
}

func says[T any](v T) spec.Field[T] { return spec.Field[T]{Value: v, Said: true} }

func password(r *rand.Rand, wildness int) spec.Field[secret.Value] {
	if r.IntN(5) == 0 {
		return says(secret.Value{})
	}
	return says(secret.FromText(text(r, wildness)))
}

// username is mostly none.
func username(r *rand.Rand, rel releases.Release) spec.Field[string] {
	switch {
	case r.IntN(10) == 0:
		return says("default")
	case !rel.Clients.Porta.Usernames || r.IntN(2) == 0:
		return spec.Field[string]{}
	default:
		return says(text(r, 10))
	}
}

// tls are the PEM texts of a connection, or none.
func tls(r *rand.Rand, rel releases.Release) spec.Field[spec.TLS] {
	if !rel.Clients.Porta.TLS || r.IntN(2) == 0 {
		return spec.Field[spec.TLS]{}
	}
	pem := func(text string) spec.Field[secret.Value] { return says(secret.FromText(strings.TrimSpace(text))) }
	return says(spec.TLS{CA: pem(pems.ca), Certificate: pem(pems.certificate), Key: pem(pems.key)})
}

// randomSpec is valid for the profile, but for the characters in its texts.
func randomSpec(r *rand.Rand, profile profiles.Profile, rel releases.Release) spec.Spec {
	s := spec.Spec{Profile: says(profile.Name), Allow: []spec.Allow{
		// Refused for other reasons than what comes back.
		{Rule: says("placeholder-as-password"), Reason: "random"}, {Rule: says("stats-cleaner-database"), Reason: "random"},
	}}
	if r.IntN(2) == 0 {
		for _, name := range shellRules {
			s.Allow = append(s.Allow, spec.Allow{Rule: says(name), Reason: "random"})
		}
	}
	if rel.Clients.Async != nil && r.IntN(2) == 0 {
		s.APIManager = says(spec.APIManager{Async: says(r.IntN(2) == 0)})
	}
	if rel.HasField(redis.System, "password") && r.IntN(2) == 0 {
		s.Secrets.Credentials = says([]string{"url", "keys"}[r.IntN(2)])
	}
	s.Databases = randomDatabases(r, profile, rel)
	// porta of some releases has the storage's TLS as system's.
	shared := tls(r, rel)
	for _, d := range []*spec.Field[spec.Database]{&s.Databases.BackendStorage, &s.Databases.BackendQueues, &s.Databases.System} {
		d.Value.TLS = shared
	}
	name := says(hostName(r))
	switch {
	case profile.Reach == profiles.Sentinel:
		s.Redis.MasterGroup, s.Redis.Username, s.Redis.Password = name, username(r, rel), password(r, 20)
		hosts := make([]spec.Field[string], 3+r.IntN(3))
		for i := range hosts {
			hosts[i] = says(fmt.Sprintf("%s%d:%d", hostName(r), i, 1+r.IntN(65535)))
		}
		s.Redis.Sentinels = spec.Sentinels{Username: username(r, rel), Password: password(r, 5), Hosts: says(hosts)}
	case !profile.SingleDB:
		s.Redis.Host = name
		if r.IntN(20) == 0 {
			s.Redis.Host = says("fd00::1")
		}
		if !profile.ElastiCache || shared.Said {
			// ElastiCache refuses a token without TLS, whatever its characters.
			s.Redis.Username, s.Redis.Password = username(r, rel), password(r, 20)
		}
	}
	return s
}

func randomDatabases(r *rand.Rand, profile profiles.Profile, rel releases.Release) spec.Databases {
	dbs := make([]spec.Database, 4)
	for i := range dbs {
		d := &dbs[i]
		if !profile.SingleDB {
			d.DB = says(4*r.IntN(4) + i)
		}
		if i >= 2 && (rel.Clients.Porta.Namespace || r.IntN(8) == 0) {
			d.Namespace = says(fmt.Sprint(i) + text(r, 3))
		}
		if profile.SingleDB && i < 3 {
			d.Host, d.Username, d.Password = says(fmt.Sprint("r", i, hostName(r))), username(r, rel), password(r, 10)
			if i == 1 && !rel.Clients.Porta.Usernames {
				// Where apisonator alone connects, 2.15 would send it, but for the operator's check.
				d.Username = spec.Field[string]{}
			}
		}
	}
	return spec.Databases{
		BackendStorage: says(dbs[0]), BackendQueues: says(dbs[1]), System: says(dbs[2]), MessageBus: says(dbs[3]),
	}
}

// TestProperty_internal: with the profile internal the namespaces are the user's;
// the message bus takes that of system where it has none.
func TestProperty_internal(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	profile, err := profiles.Find("internal")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range releases.Names() {
		rel, err := releases.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(rel.InternalRedis) == 0 {
			continue // refused, whatever the namespaces
		}
		for range 100 {
			system, bus := "", ""
			if rel.Clients.Porta.Namespace || random.IntN(2) == 0 {
				system = text(random, 10)
			}
			if random.IntN(2) == 0 {
				bus = text(random, 10)
			}
			s := spec.Spec{Databases: spec.Databases{
				System: says(spec.Database{Namespace: says(system)}), MessageBus: says(spec.Database{Namespace: says(bus)}),
			}}
			databases, _ := resolve.Databases(s, rel)
			issues := rule.CheckSpec(rule.Input{Spec: s, Profile: profile, Release: rel, Databases: databases})
			values := clients.Values{}
			for _, s := range redis.Internal(rel, system, bus) {
				values[s.Name] = map[string]string{}
				for _, f := range s.Fields {
					values[s.Name][f.Key], _ = f.Reveal()
				}
			}
			got, problems := clients.Read(values, rel)
			want := bus
			if bus == "" {
				want = system
			}
			same := len(problems) == 0 && got[redis.System].Namespace == system
			if rel.HasDatabase(redis.MessageBus) {
				same = same && got[redis.MessageBus].Namespace == want
			}
			if same == issues.Failed() {
				t.Fatalf("%s: %q and %q: the rules say:\n%s\nbut what comes back is %+v, %v", name, system, bus, issues, got, problems)
			}
		}
	}
}
