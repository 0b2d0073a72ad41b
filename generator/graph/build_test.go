package graph

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles"
)

// sourceOf is the only Source of a database.
func sourceOf(t testing.TB, g *Graph, database string) Source {
	t.Helper()
	var found []Source
	for _, s := range g.Sources {
		if s.Database == database {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d sources of %s", len(found), database)
	}
	return found[0]
}

// where says in one line where an End is.
func (g *Graph) where(e End) string {
	if e.To == nil {
		return e.Why
	}
	s := g.Servers[e.To.Server]
	d := s.Databases[e.To.Database]
	use := d.Uses[e.To.Use]
	return strings.TrimSpace(strings.Join(append([]string{s.Address + "/" + string(rune('0'+d.Index)), use.Database, use.Namespace}, s.Sentinels...), " "))
}

// Where a spec leads is what the spec means, for all programs of each release: the
// masks in the values change nothing.
func TestFromSpec_meaning(t *testing.T) {
	specs, err := filepath.Glob(filepath.Join("..", "..", "golden", "testdata", "*", "*", "threescale-redis.yaml"))
	if err != nil || len(specs) < 50 {
		t.Fatalf("%d specs: %v", len(specs), err)
	}
	for _, path := range specs {
		profile, name := filepath.Base(filepath.Dir(filepath.Dir(path))), filepath.Base(filepath.Dir(path))
		text := exampleOf(t, profile, name)
		c, err := generator.Check(spec.Parse([]spec.Layer{{Name: path, Data: []byte(text)}}, nil), generator.Secrets{Unneeded: true})
		if err != nil {
			t.Fatal(err)
		}
		if c.Profile.Reach == profiles.InTemplate {
			continue
		}
		g, meant := FromSpec(c), resolve.Connections(c.Databases)
		for _, database := range redis.Used(c.Release) {
			s := sourceOf(t, g, database)
			if len(s.Ends) != 1 || s.Ends[0].To == nil || len(s.Problems) > 0 {
				t.Errorf("%s, %s: ends %v, problems %v", path, database, s.Ends, s.Problems)
				continue
			}
			to, want := s.Ends[0].To, meant[database]
			got := g.Servers[to.Server].Databases[to.Database].Uses[to.Use].connection
			if got.Endpoint() != want.Endpoint() || got.DB != want.DB || got.TLS.On != want.TLS.On || got.Namespace != want.Namespace && c.Release.Clients.Porta.Namespace {
				t.Errorf("%s, %s: leads to %s/%d, means %s/%d", path, database, got.Endpoint(), got.DB, want.Endpoint(), want.DB)
			}
		}
	}
}

// Everything that the pods of a release read is in the picture, each workload once.
func TestFromSpec_workloads(t *testing.T) {
	g := ofSpec(t, exampleOf(t, "sentinel", "2.16"))
	got := map[string][]string{}
	for _, p := range g.Pods {
		var read []string
		for _, r := range p.Reads {
			read = append(read, g.Sources[r.Source].Database)
		}
		for _, w := range p.Workloads {
			if got[w.Name] != nil {
				t.Errorf("%s is there twice", w.Name)
			}
			got[w.Name] = append([]string{p.Program, w.Note}, read...)
		}
	}
	porta, job := []string{"porta", "", redis.BackendStorage, redis.System}, []string{"porta", "Job", redis.BackendStorage, redis.System}
	async := []string{"apisonator", "async mode", redis.BackendStorage, redis.BackendQueues}
	want := map[string][]string{
		"backend-cron": {"apisonator", "", redis.BackendStorage, redis.BackendQueues}, "backend-listener": async, "backend-worker": async,
		"system-app": porta, "system-sidekiq": porta, "system-app-pre": job, "system-app-post": job, "system-searchd-manticore-reindex": job,
		"3scale operator": {"the operator's check", "", redis.BackendStorage, redis.BackendQueues, redis.System},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A release whose Secrets have keys for a message bus that porta does not have shows none.
func TestFromSpec_noMessageBus(t *testing.T) {
	text := exampleOf(t, "sentinel", "2.11")
	for release, want := range map[string]int{`"2.11"`: 4, "3scale-2.11.1-GA": 3} {
		if g := ofSpec(t, strings.Replace(text, `"2.11"`, release, 1)); len(g.Sources) != want {
			t.Errorf("%s: %d sources, want %d", release, len(g.Sources), want)
		}
	}
}

// What the rules warn of, the picture marks.
func TestFromSpec_collision(t *testing.T) {
	text := exampleOf(t, "self-managed", "2.7")
	for was, want := range map[string][]string{"db: 3": {redis.System, redis.MessageBus}, "db: 1": {redis.BackendQueues, redis.System}} {
		if !strings.Contains(text, was) {
			t.Fatalf("the spec has no %q", was)
		}
		g := ofSpec(t, regexp.MustCompile(`, namespace: \w+`).ReplaceAllString(strings.Replace(text, was, "db: 2", 1), ""))
		var got []string
		for _, d := range g.Servers[0].Databases {
			got = append(got, d.Colliding()...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q collide, want %q", was, got, want)
		}
	}
}

// The details say where a password comes from.
func TestFromSpec_details(t *testing.T) {
	const text = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: a}
spec:
  release: "2.16.4"
  profile: sentinel
  redis: {masterGroup: g, username: u, password: PASSWORD, tls: {ca: {fromFile: ca.pem}}, sentinels: {role: slave, hosts: [s0, s1, s2], password: {fromEnv: S}}}
  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}
`
	for password, want := range map[string]string{
		"{fromEnv: A}": "password from env A", "{fromFile: f}": "password from file f",
		"{placeholder: " + canary + "}": "password from a placeholder", canary: "password set",
	} {
		s := sourceOf(t, ofSpec(t, strings.Replace(text, "PASSWORD", password, 1)), redis.System)
		all := []string{"user name u", want, "TLS, with a CA", "Sentinel password from env S", "asks the Sentinels for a slave"}
		if diff := cmp.Diff(all, s.Details); diff != "" {
			t.Errorf("%s (-want +got):\n%s", password, diff)
		}
	}
	remote := strings.NewReplacer("PASSWORD", "{remoteRef: {key: k, property: p}}", "{fromEnv: S}", `""`, "{fromFile: ca.pem}", "{remoteRef: {key: ca}}").Replace(text) +
		"  secrets: {delivery: ExternalSecret, store: {name: s}}\n"
	s := sourceOf(t, ofSpec(t, remote), redis.System)
	if s.Details[1] != "password from store key k" || s.Details[3] != "no Sentinel password" {
		t.Errorf("got %q", s.Details)
	}
}

const workerURL = "{name: CONFIG_REDIS_PROXY, valueFrom: {secretKeyRef: {name: backend-redis, key: REDIS_STORAGE_URL}}}"

// gone is the value of a key that is not there.
const gone = "gone"

func TestFromExport(t *testing.T) {
	for name, test := range map[string]struct {
		values   map[string]string
		replaced []string
		database string
		// ends are where the programs end up; problems are those of all sources.
		ends, problems []string
	}{
		"as it should be": {
			database: redis.BackendStorage,
			ends:     []string{"[apisonator porta] redis.example.com:6379/0 backendStorage"},
		},
		"env var of its own": {
			replaced: []string{workerURL, "{name: CONFIG_REDIS_PROXY, value: 'redis://:" + canary + "@own.example.com/3'}"},
			database: redis.BackendStorage,
			ends: []string{
				"[apisonator porta] redis.example.com:6379/0 backendStorage",
				"[apisonator] own.example.com:6379/3 backendStorage",
			},
		},
		"env var of another source": {
			replaced: []string{workerURL, "{name: CONFIG_REDIS_PROXY, valueFrom: {configMapKeyRef: {name: m, key: k}}}"},
			database: redis.BackendStorage,
			ends: []string{
				"[apisonator porta] redis.example.com:6379/0 backendStorage",
				"[] not in the export: CONFIG_REDIS_PROXY is read from a configMapKeyRef",
			},
		},
		"no URL": {
			values:   map[string]string{"backend-redis/REDIS_QUEUES_URL": ""},
			database: redis.BackendQueues,
			ends:     []string{"[apisonator] REDIS_QUEUES_URL: apisonator requires a URL"},
		},
		"no key for the URL": {
			values:   map[string]string{"backend-redis/REDIS_QUEUES_URL": gone},
			database: redis.BackendQueues,
			ends:     []string{"[apisonator] REDIS_QUEUES_URL is missing"},
			problems: []string{"keys are missing: REDIS_QUEUES_URL"},
		},
		"an IPv6 address": {
			values:   map[string]string{"backend-redis/REDIS_QUEUES_URL": "redis://[2001:db8::1]:6379/1"},
			database: redis.BackendQueues,
			ends:     []string{"[apisonator] [2001:db8::1]:6379/1 backendQueues"},
		},
		"a namespace of its own": {
			replaced: []string{"{name: REDIS_NAMESPACE, valueFrom: {secretKeyRef: {name: system-redis, key: NAMESPACE}}}", "{name: REDIS_NAMESPACE, value: mine}"},
			database: redis.System,
			ends:     []string{"[porta] system.example.com:6379/0 system system", "[porta] system.example.com:6379/0 system mine"},
		},
		"no URL of the storage": {
			values:   map[string]string{"backend-redis/REDIS_STORAGE_URL": ""},
			database: redis.BackendStorage,
			ends: []string{
				"[apisonator] REDIS_STORAGE_URL: apisonator requires a URL",
				"[porta] system.example.com:6379/0 backendStorage",
			},
			problems: []string{"REDIS_STORAGE_URL: porta silently uses the system Redis instead, with its database and password"},
		},
		"a bus that takes from system": {
			values:   map[string]string{"system-redis/MESSAGE_BUS_URL": "", "system-redis/MESSAGE_BUS_NAMESPACE": ""},
			database: redis.MessageBus,
			ends:     []string{"[porta] system.example.com:6379/1 messageBus system"},
		},
		"a bus without a system": {
			values:   map[string]string{"system-redis/MESSAGE_BUS_URL": "", "system-redis/URL": ""},
			database: redis.MessageBus,
			ends:     []string{"[porta] the system database, which it would take, is not reached"},
		},
		"Sentinels": {
			values: map[string]string{
				"system-redis/URL": "redis://:" + canary + "@mymaster/2", "system-redis/SENTINEL_HOSTS": "redis://:" + canary + "-2@s0.example.com:26379,redis://:" + canary + "-2@s1.example.com:26379",
			},
			database: redis.System,
			ends:     []string{"[porta] mymaster/2 system system s0.example.com:26379 s1.example.com:26379"},
		},
		"a password in the place of a host": {
			values:   map[string]string{"system-redis/URL": "redis://" + canary + "-1/x@system.example.com:6379/0"},
			database: redis.System,
			ends:     []string{"[porta] *** (no address to be shown)/0 system system"},
			problems: []string{"URL: porta takes the path of the URL for database 0"},
		},
		"a namespace like a password": {
			values:   map[string]string{"system-redis/NAMESPACE": canary + "-1"},
			database: redis.System,
			ends:     []string{"[porta] system.example.com:6379/0 system ***"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			values := running(t, test.values)
			for _, keys := range values {
				maps.DeleteFunc(keys, func(_, value string) bool { return value == gone })
			}
			g := ofExport(t, installation(t, "2.7", values, test.replaced...), "2.7")
			var ends, problems []string
			for _, s := range g.Sources {
				problems = append(problems, s.Problems...)
				for _, e := range s.Ends {
					if s.Database == test.database {
						ends = append(ends, "["+strings.Join(e.Programs, " ")+"] "+g.where(e))
					}
				}
			}
			if diff := cmp.Diff(test.ends, ends); diff != "" {
				t.Errorf("ends (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.problems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			for _, picture := range [][]byte{g.Mermaid(), g.SVG()} {
				if strings.Contains(string(picture), canary) {
					t.Error("the picture shows a password")
				}
			}
		})
	}
}

// A key that is not there is not shown as one, and a database that nobody reaches is a fact.
func TestFromExport_noURL(t *testing.T) {
	values := running(t, nil)
	delete(values["backend-redis"], "REDIS_QUEUES_URL")
	g := ofExport(t, installation(t, "2.7", values), "2.7")
	if s := sourceOf(t, g, redis.BackendQueues); len(s.Keys) > 0 {
		t.Errorf("shows the keys %q", s.Keys)
	}
	if want := (Fact{"nobody reaches backendQueues", true}); !slices.Contains(g.Facts(), want) {
		t.Errorf("got %v", g.Facts())
	}
}

// A message bus without a URL says that it takes from system.
func TestFromExport_inherits(t *testing.T) {
	const text = "takes from system what is not said here"
	for url, want := range map[string]bool{"": true, "redis://h:6379/5": false} {
		g := ofExport(t, installation(t, "2.7", running(t, map[string]string{"system-redis/MESSAGE_BUS_URL": url})), "2.7")
		if got := slices.Contains(sourceOf(t, g, redis.MessageBus).Details, text); got != want {
			t.Errorf("%q: %v", url, got)
		}
	}
}

// Async mode is said where it is on.
func TestFromExport_async(t *testing.T) {
	url := map[string]string{"REDIS_STORAGE_URL": "redis://h:6379/0", "REDIS_QUEUES_URL": "redis://h:6379/1"}
	export := installation(t, "2.16.3", clients.Values{"backend-redis": url, "system-redis": {"URL": "redis://h:6379/2"}})
	for annotation, want := range map[string]string{"": "async mode", "apps.3scale.net/disable-async: 'true', ": ""} {
		g := ofExport(t, strings.Replace(export, "annotations: {", "annotations: {"+annotation, 1), "")
		if w := g.Pods[0].Workloads[1]; w.Name != "backend-listener" || w.Note != want {
			t.Errorf("with %q: %+v", annotation, w)
		}
	}
}

// A workload of which one container has env vars of its own reaches both databases.
func TestFromExport_twoContainers(t *testing.T) {
	const url = "{name: REDIS_URL, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}"
	g := ofExport(t, installation(t, "2.7", running(t, nil), url, "{name: REDIS_URL, value: 'redis://own.example.com/3'}"), "2.7")
	var read int
	for _, p := range g.Pods {
		if slices.Contains(p.names(), "system-app") {
			for _, r := range p.Reads {
				if g.Sources[r.Source].Database == redis.System {
					read++
				}
			}
		}
	}
	if read != 2 {
		t.Errorf("system-app reads %d sources of system, want 2", read)
	}
}

// What the release has and the installation has not is said.
func TestFromExport_lacks(t *testing.T) {
	values := running(t, nil)
	delete(values["system-redis"], "SENTINEL_ROLE")
	g := ofExport(t, installation(t, "2.7", values, workerURL+", ", ""), "2.7")
	if s := sourceOf(t, g, redis.System); !slices.Equal(s.Problems, []string{"keys are missing: SENTINEL_ROLE"}) {
		t.Errorf("problems: %q", s.Problems)
	}
	p := g.Pods[0]
	if p.Workloads[0].Name != "backend-cron" || len(p.Workloads) != 1 || !slices.Equal(p.Reads[0].Lacks, []string{"CONFIG_REDIS_PROXY"}) || p.Reads[1].Lacks != nil {
		t.Errorf("got %+v", p)
	}
	wanted := []Fact{{"what is said of system has faults", true}, {"env vars of the release are missing in backend-cron", true}}
	for _, want := range wanted {
		if !slices.Contains(g.Facts(), want) {
			t.Errorf("%q is not among %v", want.Text, g.Facts())
		}
	}
}

// What reads the Secrets without being of the release is there too.
func TestFromExport_strangers(t *testing.T) {
	const stranger = "- {apiVersion: batch/v1, kind: CronJob, metadata: {name: report, namespace: threescale}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}]}]}}}}}}\n"
	g := ofExport(t, installation(t, "2.7", running(t, nil))+stranger, "2.7")
	last := g.Pods[len(g.Pods)-1]
	if last.Program != "not part of 3scale" || last.Workloads[0].Name != "report" || len(last.Reads) != 1 || g.Sources[last.Reads[0].Source].Database != redis.System {
		t.Errorf("got %+v", last)
	}
}

// The operator's check selects no database: it is beside the others.
func TestFromExport_operator(t *testing.T) {
	for _, path := range testinput.OperatorExports(t) {
		g := ofExport(t, string(testinput.Export(t, "operator/"+filepath.Base(path))), "")
		for _, s := range g.Sources {
			if len(s.Ends) != 1 || s.Ends[0].To == nil {
				t.Errorf("%s: %s ends at %+v", path, s.Database, s.Ends)
			}
		}
		for _, f := range g.Facts() {
			if f.Wrong {
				t.Errorf("%s: %s", path, f.Text)
			}
		}
	}
}
