package rule_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// layers returns the spec of the profile with a layer over it.
func layers(profile, release, over string) []spec.Layer {
	base := `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: test}
spec:
  release: "` + release + `"
  profile: ` + profile + baseSpec(profile, release) + "\n"
	return []spec.Layer{{Name: "base.yaml", Data: []byte(base)}, {Name: "over.yaml", Data: []byte("spec: {" + over + "}\n")}}
}

// baseSpec is the spec of the profile, with the databases and namespaces of the release.
func baseSpec(profile, release string) string {
	base := baseSpecs[profile]
	if rel, err := releases.Find(release); err == nil && !rel.Clients.Porta.Namespace {
		base = namespaces.ReplaceAllString(base, "")
	}
	return base
}

var namespaces = regexp.MustCompile(`, namespace: system|\n +messageBus: \{namespace: bus\}`)

// check returns all issues of a spec.
func check(profile, release, over string) diag.Issues {
	r, err := generator.Check(spec.Parse(layers(profile, release, over), nil), generator.Secrets{Now: now})
	issues := diag.From(err)
	if r != nil {
		issues = append(issues, r.Issues...)
	}
	return issues
}

// holds returns the issues of a rule.
func holds(issues diag.Issues, name string) diag.Issues {
	return slices.DeleteFunc(slices.Clone(issues), func(i diag.Issue) bool { return i.Rule != name })
}

// expect fails unless the rule was found at the path, with its level.
func expect(t *testing.T, r rule.Rule, path string, issues diag.Issues) {
	t.Helper()
	found := holds(issues, r.Name)
	if !slices.ContainsFunc(found, func(i diag.Issue) bool { return i.Path == path && i.Severity == r.Level }) {
		t.Errorf("not broken at %s; all issues:\n%s", path, issues)
	}
	for _, i := range found {
		if i.Message == "" || strings.HasSuffix(i.Message, ".") || strings.HasPrefix(i.Message, "A ") {
			t.Errorf("message %q", i.Message)
		}
	}
}

func TestBaseSpecs(t *testing.T) {
	for _, profile := range profiles.Names() {
		if _, there := baseSpecs[profile]; !there {
			t.Errorf("baseSpecs has no spec of profile %s", profile)
			continue
		}
		// Names of Sentinels are noted in 2.7, whatever they are.
		issues := slices.DeleteFunc(check(profile, "2.7", ""), func(i diag.Issue) bool { return i.Rule == "sentinel-name-resolves" })
		if len(issues) > 0 {
			t.Errorf("%s:\n%s", profile, issues)
		}
	}
}

func TestCheckSpec(t *testing.T) {
	for _, c := range specCases {
		t.Run(c.rule+" "+c.profile, func(t *testing.T) {
			r, err := rule.Find(c.rule)
			if err != nil {
				t.Fatal(err)
			}
			release := c.release
			if release == "" {
				release = "2.7"
			}
			expect(t, r, c.path, check(c.profile, release, c.broken))
			if c.fineRelease != "" {
				release = c.fineRelease
			}
			fine := check(c.profile, release, c.fine)
			if fine.Failed() || len(holds(fine, c.rule)) > 0 {
				t.Errorf("the neighbour is not fine:\n%s", fine)
			}
		})
	}
}

// composed returns the values of the profile's spec with changes.
func composed(t *testing.T, profile string, rel releases.Release, changes map[string]string) clients.Values {
	t.Helper()
	r, err := generator.Check(spec.Parse(layers(profile, rel.String(), ""), nil), generator.Secrets{})
	if err != nil {
		t.Fatal(err)
	}
	values := clients.Values{}
	for _, s := range r.Secrets {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			values[s.Name][f.Key], _ = f.Reveal()
		}
	}
	for at, text := range changes {
		name, key, _ := strings.Cut(at, "/")
		values[name][key] = text
		if text == "-" {
			delete(values[name], key)
		}
	}
	return values
}

func TestCheckValues(t *testing.T) {
	for _, c := range valueCases {
		t.Run(c.rule, func(t *testing.T) {
			r, err := rule.Find(c.rule)
			if err != nil {
				t.Fatal(err)
			}
			if c.release == "" {
				c.release = "2.7"
			}
			rel, err := releases.Find(c.release)
			if err != nil {
				t.Fatal(err)
			}
			profile, err := profiles.Find(c.profile)
			if err != nil {
				t.Fatal(err)
			}
			judge := func(changes map[string]string) diag.Issues {
				return rule.CheckValues(rule.ValueInput{Values: composed(t, c.profile, rel, changes), Release: rel, Profile: profile, Now: now})
			}
			expect(t, r, c.path, judge(c.broken))
			if fine := judge(c.fine); fine.Failed() || len(holds(fine, c.rule)) > 0 {
				t.Errorf("the neighbour is not fine:\n%s", fine)
			}
		})
	}
}

// TestCheckValues_neverQuote: a password in any key is in no message.
func TestCheckValues_neverQuote(t *testing.T) {
	const canary = "canary"
	for _, p := range profiles.Names() {
		profile, err := profiles.Find(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"2.7", "2.12", "2.15", "2.16"} {
			rel, err := releases.Find(line)
			if err != nil {
				t.Fatal(err)
			}
			if p == "internal" && len(rel.InternalRedis) == 0 {
				continue // which is refused
			}
			values := composed(t, p, rel, nil)
			for _, text := range []string{canary, canary + "," + canary, "redis://" + canary, "redis://" + canary + "/1", "redis://h/" + canary, ":" + canary + "@a,b", canary + "://h", canary + " x"} {
				for name, keys := range values {
					for key, was := range keys {
						keys[key] = text
						for _, i := range rule.CheckValues(rule.ValueInput{Values: values, Release: rel, Profile: profile}) {
							if strings.Contains(i.Message+i.Hint, canary) {
								t.Errorf("%s, %s, %s/%s %q: %s", p, line, name, key, text, i)
							}
						}
						keys[key] = was
					}
				}
			}
		}
	}
}

// TestCheckValues_ours: what the specs compose breaks no rule, at any release
// and tag.
func TestCheckValues_ours(t *testing.T) {
	for _, name := range releases.Names() {
		rel, err := releases.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range profiles.Names() {
			profile, err := profiles.Find(p)
			if err != nil {
				t.Fatal(err)
			}
			if p == "internal" && len(rel.InternalRedis) == 0 {
				continue // which is refused
			}
			issues := rule.CheckValues(rule.ValueInput{Values: composed(t, p, rel, nil), Release: rel, Profile: profile})
			// The upgrade beyond 2.13 is a matter of the spec, which says so.
			issues = slices.DeleteFunc(issues, func(i diag.Issue) bool { return i.Rule == "namespace-blocks-upgrade" })
			if len(issues) > 0 {
				t.Errorf("%s, %s:\n%s", name, p, issues)
			}
		}
	}
}

// envCases break the rules about env vars of apisonator; kept says that the
// release has no such trap, or that the value does nothing.
var envCases = []struct {
	rule, release, name, value string
	literal, kept              bool
}{
	{"async-mode", "2.7", "CONFIG_REDIS_ASYNC", "true", true, false},
	{"async-mode", "2.7", "CONFIG_REDIS_ASYNC", "", false, false},
	{"async-mode", "2.7", "CONFIG_REDIS_ASYNC", "0", true, true},
	{"async-mode", "2.6", "CONFIG_REDIS_ASYNC", "true", true, true},
	{"sentinel-hosts-fallback", "2.6", "SENTINEL_HOSTS", "redis://a:26379", true, false},
	{"sentinel-hosts-fallback", "2.12", "SENTINEL_HOSTS", "", true, true},
	{"sentinel-hosts-fallback", "2.12", "CONFIG_QUEUES_SENTINEL_HOSTS", "a", true, true},
}

func TestCheckEnv(t *testing.T) {
	for _, c := range envCases {
		rel, err := releases.Find(c.release)
		if err != nil {
			t.Fatal(err)
		}
		issues := rule.CheckEnv(rel, c.name, c.value, c.literal)
		if broken := len(issues) == 1 && issues[0].Rule == c.rule; broken == c.kept {
			t.Errorf("%s=%q at %s: got %v", c.name, c.value, c.release, issues)
		}
	}
}

// TestAll_cases names the rules that no case breaks.
func TestAll_cases(t *testing.T) {
	var ofSpec, ofValue []string
	for _, c := range specCases {
		ofSpec = append(ofSpec, c.rule)
	}
	for _, c := range valueCases {
		ofValue = append(ofValue, c.rule)
	}
	for _, c := range envCases {
		ofValue = append(ofValue, c.rule)
	}
	for _, r := range rule.All() {
		if r.Subject != rule.OfValue && !slices.Contains(ofSpec, r.Name) {
			t.Errorf("%s: no case among specCases", r.Name)
		}
		if r.Subject != rule.OfSpec && !slices.Contains(ofValue, r.Name) {
			t.Errorf("%s: no case among valueCases", r.Name)
		}
	}
}

// TestAll holds what `rules` prints.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rule.All() {
		if seen[r.Name] {
			t.Errorf("%s is there twice", r.Name)
		}
		seen[r.Name] = true
		if r.Requires == "" || r.Reason == "" || r.Subject == "" || strings.HasSuffix(r.Requires+r.Reason, ".") {
			t.Errorf("%s: requires %q, reason %q", r.Name, r.Requires, r.Reason)
		}
		if r.Releases() == "none" {
			t.Errorf("%s holds for no release", r.Name)
		}
	}
}

// Which releases a rule is for; those that hold for the newest are not closed, and
// only their beginning is known.
func TestRule_Releases(t *testing.T) {
	for name, want := range map[string]string{
		"endpoint-required":        "all",
		"message-bus-collision":    "2.6 to 2.11.0",
		"message-bus-inert":        "2.11.1",
		"sentinel-name-resolves":   "2.6 to 2.7",
		"stats-cleaner-database":   "2.8",
		"namespace-blocks-upgrade": "2.12 to 2.13",
		"namespace-ignored":        "2.14",
		"tls-unsupported":          "2.6 to 2.15",
		"tls-client-certificate":   "2.16.0 to 2.16.3",
		"apimanager-unsupported":   "2.6 to 2.12",
		"url-password-shell":       "2.15",
		"internal-not-brought":     "2.16",
	} {
		r, err := rule.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Releases(); got != want && !strings.HasPrefix(got, want+" ") {
			t.Errorf("%s holds for %s, want %s", name, got, want)
		}
	}
}

func TestAllow(t *testing.T) {
	for name, test := range map[string]struct {
		profile, over string
		want          string
	}{
		"allowable": {
			"elasticache", `redis: {password: {fromEnv: T}}, allow: [{rule: elasticache-auth-token, reason: a tunnel}]`,
			`over.yaml:1:26: warning: spec.redis.password: an AUTH token needs TLS, which 3scale 2.7 can't speak (allowed: a tunnel) [elasticache-auth-token]`,
		},
		"not allowable": {
			"redis-enterprise", `allow: [{rule: redis-enterprise-db, reason: x}]`,
			`over.yaml:1:23: error: spec.allow[0].rule: rule redis-enterprise-db can't be allowed: a database of Redis Enterprise has no other index: every call fails with DB index is out of range`,
		},
		"broken and not allowable": {
			"redis-enterprise", `databases: {system: {db: 1}, messageBus: {db: 0}}, allow: [{rule: redis-enterprise-db, reason: x}]`,
			`over.yaml:1:33: error: spec.databases.system.db: must be 0: a database of Redis Enterprise has no other index [redis-enterprise-db]` + "\n" +
				`over.yaml:1:74: error: spec.allow[0].rule: rule redis-enterprise-db can't be allowed: a database of Redis Enterprise has no other index: every call fails with DB index is out of range`,
		},
		"unknown": {
			"elasticache", `allow: [{rule: elasticache-auth-tokens, reason: x}]`,
			`over.yaml:1:23: error: spec.allow[0].rule: there is no rule "elasticache-auth-tokens"` + "\n" + `  hint: did you mean "elasticache-auth-token"?`,
		},
		"nothing to allow": {
			"elasticache", `allow: [{rule: elasticache-auth-token, reason: x}]`,
			`over.yaml:1:23: warning: spec.allow[0].rule: rule elasticache-auth-token has nothing to allow here`,
		},
		"a warning": {
			"sentinel", `redis: {sentinels: {hosts: [10.0.0.1, 10.0.0.2]}}, allow: [{rule: sentinel-count, reason: x}]`,
			`over.yaml:1:35: note: spec.redis.sentinels.hosts: 2 of at least 3 Sentinels: no failover when one is lost (allowed: x) [sentinel-count]`,
		},
		"twice": {
			"elasticache", `redis: {password: a}, allow: [{rule: elasticache-auth-token, reason: x}, {rule: elasticache-auth-token, reason: y}]`,
			`over.yaml:1:26: warning: spec.redis.password: an AUTH token needs TLS, which 3scale 2.7 can't speak (allowed: x) [elasticache-auth-token]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := check(test.profile, "2.7", test.over).Sorted().Error(); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

// TestCheckSpec_statsCleaner: whose statistics are in danger, and what can be done.
func TestCheckSpec_statsCleaner(t *testing.T) {
	for over, want := range map[string]string{
		`databases: {backendStorage: {db: 4}}`:                                                            "whoever uses it",
		`databases: {backendStorage: {db: 4}, system: {db: 0}}`:                                           "which is that of system",
		`databases: {backendStorage: {db: 4}, system: {db: 0, port: 1}}`:                                  "whoever uses it",
		`databases: {backendStorage: {db: 4}, backendQueues: {db: 0}, system: {db: 0}}`:                   "which is that of backendQueues and system",
		`databases: {backendStorage: {db: 4, host: h}, backendQueues: {db: 0}}`:                           "whoever uses it",
		`databases: {backendStorage: {db: 4}}, allow: [{rule: stats-cleaner-database, reason: all ours}]`: "(allowed: all ours)",
	} {
		found := holds(check("self-managed", "2.12", over), "stats-cleaner-database")
		if len(found) != 1 || !strings.Contains(found[0].Message, want) || found[0].Hint == "" {
			t.Errorf("%s: %s", over, found)
		}
	}
}

// TestCheckSpec_allInOne: the one error says it all.
func TestCheckSpec_allInOne(t *testing.T) {
	issues := check("self-managed", "2.7", `databases: {backendStorage: {db: 1}, backendQueues: {db: 1}, system: {db: 1}, messageBus: {db: 1}}`)
	const want = "over.yaml:1:103: error: spec.databases.messageBus.db: backendStorage, backendQueues, system and messageBus are all database 1 of one server [all-in-one-database]\n  hint: give each a db of its own"
	if got := issues.Error(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestCheckSpec_hostWithPort: the hint has the two apart.
func TestCheckSpec_hostWithPort(t *testing.T) {
	for host, hint := range map[string]string{
		"redis.example.com:6380": "write host and port apart: {host: redis.example.com, port: 6380}",
		"redis example:6380":     "",
		"redis:x":                "",
	} {
		found := holds(check("self-managed", "2.7", `redis: {host: "`+host+`"}`), "host-syntax")
		if len(found) == 0 || found[0].Hint != hint {
			t.Errorf("%s: %s", host, found)
		}
	}
}

// TestPlaceholder_texts: what another program was meant to replace is not a password, and
// no message quotes it.
func TestPlaceholder_texts(t *testing.T) {
	const canary = "canary"
	for text, like := range map[string]bool{
		"<path:" + canary + "#p>": true, "a<path:" + canary + ">": true, "<" + canary + ">": true, "<" + canary + "-key | base64encode>": true,
		"${" + canary + "}": true, "${" + canary + ":-x}": true, "a${" + canary + "}b": true, "$(" + canary + ")": true,
		"{{ ." + canary + " }}": true, "ENC[AES256_GCM,data:" + canary + ",type:str]": true,
		"ref+vault://" + canary + "#/p": true, "secretref+awsssm://" + canary: true, "vault:secret/data/" + canary + "#p": true, "op://" + canary + "/p": true,
		canary: false, "<" + canary: false, "$" + canary: false, "$()" + canary: false, "${}" + canary: false, "${1" + canary + "}": false, "{" + canary + "}": false,
		"vault:" + canary: false, "ref+" + canary: false, "<1" + canary + ">": false, "ENC" + canary: false,
	} {
		found := holds(check("self-managed", "2.7", `redis: {password: '`+text+`'}`), "placeholder-as-password")
		if got := len(found) > 0; got != like {
			t.Errorf("%s: like a placeholder: %t", text, got)
		}
		for _, i := range found {
			if strings.Contains(i.Message+i.Hint, canary) {
				t.Errorf("%s is quoted: %s", text, i)
			}
		}
	}
	found := holds(check("self-managed", "2.7", `redis: {password: "${A}"}, allow: [{rule: placeholder-as-password, reason: it is one}]`), "placeholder-as-password")
	if len(found) != 1 || found[0].Severity != diag.Warning {
		t.Errorf("cannot be allowed: %s", found)
	}
}

// TestCheckSpec_neverShowsPEM: no message on TLS quotes what stands in the PEM texts.
func TestCheckSpec_neverShowsPEM(t *testing.T) {
	const canary = "canary"
	found := 0
	for _, texts := range [][3]string{{canary, canary, canary}, {pems.ca, pems.certificate, pems.otherKey}, {pems.key, pems.key, pems.certificate}, {pems.ca, pems.expired, pems.encrypted}} {
		over := `redis: {tls: {ca: ` + strconv.Quote(texts[0]) + `, certificate: ` + strconv.Quote(texts[1]) + `, key: ` + strconv.Quote(texts[2]) + `}}`
		for _, i := range check("self-managed", "2.16", over) {
			if strings.HasPrefix(i.Rule, "tls-") {
				found++
			}
			for _, text := range texts {
				for line := range strings.Lines(text) {
					if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") && strings.Contains(i.Message+i.Hint, line) {
						t.Errorf("%s quotes a PEM text", i.Rule)
					}
				}
			}
		}
	}
	if found < 7 {
		t.Errorf("%d faults found", found)
	}
}

// TestCheckSpec_pemUnchecked: what is not known is said to be so, tokens are no PEM, and
// without a clock nothing is expired.
func TestCheckSpec_pemUnchecked(t *testing.T) {
	found := holds(check("self-managed", "2.16.4", `redis: {tls: {ca: {fromFile: ca.pem}}}`), "tls-pem")
	if len(found) == 0 || found[0].Severity != diag.Note || found[0].Message != "not checked: the value is behind {fromFile: ca.pem}" {
		t.Errorf("%s", found)
	}
	over := `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.expired) + `, key: ` + pemKey + `}}`
	token := func(secret.Value) (string, error) { return "golden-token.fromEnv.A", nil }
	for name, secrets := range map[string]generator.Secrets{"tokens": {Tokens: true, Lookup: token}, "no clock": {}} {
		if _, err := generator.Check(spec.Parse(layers("self-managed", "2.16.4", over), nil), secrets); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckSpec_unchecked: a rule on the text of a secret says where it could
// not look, and never shows the text.
func TestCheckSpec_unchecked(t *testing.T) {
	for over, want := range map[string]string{
		`{fromEnv: P}`:              "not checked: the value is behind {fromEnv: P}",
		`{fromFile: p.txt}`:         "not checked: the value is behind {fromFile: p.txt}",
		`{placeholder: "<path:a>"}`: "not checked: the value is behind a placeholder",
	} {
		issues := holds(check("sentinel", "2.7", `redis: {sentinels: {password: `+over+`}}`), "sentinel-password-charset")
		if len(issues) == 0 || issues[0].Severity != diag.Note || issues[0].Message != want {
			t.Errorf("%s: %s", over, issues)
		}
	}
}
