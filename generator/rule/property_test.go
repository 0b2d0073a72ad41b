package rule_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// TestProperty_survives: for every release and profile, what the rules on
// characters refuse is exactly what would not come back from the Secrets.
func TestProperty_survives(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	specs := 40
	if testinput.Full(t, "40 more random specs for each release and profile") {
		specs = 80
	}
	for _, name := range releases.Names() {
		rel, err := releases.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{"sentinel", "redis-enterprise", "elasticache", "self-managed"} {
			profile, err := profiles.Find(p)
			if err != nil {
				t.Fatal(err)
			}
			refused, survived := 0, 0
			for range specs {
				s := randomSpec(random, profile)
				databases, issues := resolve.Databases(s, rel)
				issues = append(issues, rule.CheckSpec(rule.Input{Spec: s, Profile: profile, Release: rel, Databases: databases})...)
				diff := roundTrip(resolve.Connections(databases), rel)
				if issues.Failed() != (diff != "") {
					t.Fatalf("%s, %s: the rules say:\n%s\nbut what comes back is:\n%s", name, p, issues, diff)
				}
				if issues.Failed() {
					refused++
				} else {
					survived++
				}
			}
			if refused == 0 || survived == 0 {
				t.Errorf("%s, %s: %d refused, %d survived: the specs prove nothing", name, p, refused, survived)
			}
		}
	}
}

// roundTrip composes, reads back, and says what is not the same.
func roundTrip(dbs redis.Databases, rel releases.Release) string {
	values := clients.Values{}
	for _, s := range redis.Compose(dbs, rel) {
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

// randomSpec is valid for the profile, but for the characters in its texts.
func randomSpec(r *rand.Rand, profile profiles.Profile) spec.Spec {
	s := spec.Spec{Profile: says(profile.Name), Allow: []spec.Allow{
		// Refused for other reasons than what comes back.
		{Rule: says("placeholder-as-password"), Reason: "random"}, {Rule: says("stats-cleaner-database"), Reason: "random"},
	}}
	dbs := make([]spec.Database, 4)
	for i := range dbs {
		d := &dbs[i]
		if !profile.SingleDB {
			d.DB = says(4*r.IntN(4) + i)
		}
		if i >= 2 {
			d.Namespace = says(fmt.Sprint(i) + text(r, 3))
		}
		if profile.SingleDB && i < 3 {
			d.Host, d.Password = says(fmt.Sprint("r", i, hostName(r))), password(r, 50)
		}
	}
	name := says(hostName(r))
	switch {
	case profile.Reach == profiles.Sentinel:
		s.Redis.MasterGroup, s.Redis.Password = name, password(r, 50)
		hosts := make([]spec.Field[string], 3+r.IntN(3))
		for i := range hosts {
			hosts[i] = says(fmt.Sprintf("%s%d:%d", hostName(r), i, 1+r.IntN(65535)))
		}
		s.Redis.Sentinels = spec.Sentinels{Password: password(r, 5), Hosts: says(hosts)}
	case !profile.SingleDB:
		s.Redis.Host = name
		if !profile.ElastiCache {
			// There a token is refused for another reason than its characters.
			s.Redis.Password = password(r, 50)
		}
	}
	if r.IntN(10) == 0 {
		dbs[0].Username = says("default")
	}
	s.Databases = spec.Databases{
		BackendStorage: says(dbs[0]), BackendQueues: says(dbs[1]), System: says(dbs[2]), MessageBus: says(dbs[3]),
	}
	return s
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
		for range 100 {
			system, bus := text(random, 10), ""
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
