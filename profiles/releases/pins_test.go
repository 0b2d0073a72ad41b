package releases_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The digests of a pin are those of its templates.
func TestPins_digests(t *testing.T) {
	for name, path := range testinput.Templates(t) {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			release, err := releases.Find(filepath.Dir(name))
			if err != nil {
				t.Fatal(err)
			}
			digest := fmt.Sprintf("%x", sha256.Sum256(data))
			if got := release.Tag.Templates[filepath.Base(name)]; got != digest {
				t.Errorf("the pin has digest %s, the file %s", got, digest)
			}
			if !slices.Contains(tags(releases.ByDigest(digest)), release.Tag.Name) {
				t.Errorf("digest %s does not lead to %s", digest, release)
			}
		})
	}
}

// What each key of the Secrets holds, in every release that has it.
func TestPins_meaning(t *testing.T) {
	want := map[string]string{
		"backend-redis/REDIS_STORAGE_URL":            "backendStorage url",
		"backend-redis/REDIS_STORAGE_SENTINEL_HOSTS": "backendStorage sentinelHosts",
		"backend-redis/REDIS_STORAGE_SENTINEL_ROLE":  "backendStorage sentinelRole",
		"backend-redis/REDIS_QUEUES_URL":             "backendQueues url",
		"backend-redis/REDIS_QUEUES_SENTINEL_HOSTS":  "backendQueues sentinelHosts",
		"backend-redis/REDIS_QUEUES_SENTINEL_ROLE":   "backendQueues sentinelRole",
		"system-redis/URL":                           "system url",
		"system-redis/NAMESPACE":                     "system namespace",
		"system-redis/SENTINEL_HOSTS":                "system sentinelHosts",
		"system-redis/SENTINEL_ROLE":                 "system sentinelRole",
		"system-redis/MESSAGE_BUS_URL":               "messageBus url",
		"system-redis/MESSAGE_BUS_NAMESPACE":         "messageBus namespace",
		"system-redis/MESSAGE_BUS_SENTINEL_HOSTS":    "messageBus sentinelHosts",
		"system-redis/MESSAGE_BUS_SENTINEL_ROLE":     "messageBus sentinelRole",
	}
	for _, line := range releases.Lines() {
		for _, s := range releases.Load(line).Secrets {
			for _, k := range s.Keys {
				if key := s.Name + "/" + k.Name; want[key] != k.Database+" "+k.Field {
					t.Errorf("%s: %s is %s of %s, want %s", line, key, k.Field, k.Database, want[key])
				}
			}
		}
	}
}

// What YAML writes is a pin's wiring again.
func TestWiring_YAML(t *testing.T) {
	hook := releases.Container{Name: "main", Env: releases.Env{{Name: "A", Secret: "s", Key: "K", Optional: true}, {Name: "B", Secret: "s", Key: "L"}}}
	wirings := map[string]releases.Wiring{"none": {}, "optional": {
		Secrets:   []releases.Secret{{Name: "s", Labels: map[string]string{"a": "b"}, Keys: []releases.Key{{Name: "K", Database: "system", Field: "url"}}}},
		Workloads: []releases.Workload{{Kind: "Job", Name: "job", Containers: []releases.Container{hook}, PostHook: &hook}},
	}}
	for _, line := range releases.Lines() {
		wirings[line] = releases.Load(line).Wiring
	}
	for name, want := range wirings {
		data, err := want.YAML()
		if err != nil {
			t.Fatal(err)
		}
		var got releases.Wiring
		dec := yaml.NewDecoder(strings.NewReader(string(data)))
		dec.KnownFields(true)
		if err := dec.Decode(&got); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, data)
		}
		if name != "none" && !cmp.Equal(want, got) {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
	data, err := releases.Load("2.7").YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		"  labels: {app: 3scale-api-management, threescale_component: backend}\n",
		"  - {name: REDIS_QUEUES_SENTINEL_HOSTS, database: backendQueues, field: sentinelHosts, internal: \"\"}\n",
		"    env:\n      CONFIG_REDIS_PROXY: backend-redis/REDIS_STORAGE_URL\n",
	} {
		if !strings.Contains(string(data), row) {
			t.Errorf("no row %q in:\n%s", row, data)
		}
	}
}

// How many env vars each reader of the Secrets has in the releases that were published
// as templates: those without a message bus have four less.
func TestPins_counts(t *testing.T) {
	withBus := map[string]int{
		"backend-cron/backend-cron": 6, "backend-cron/backend-redis-svc": 6,
		"backend-listener/backend-listener": 6,
		"backend-worker/backend-worker":     6, "backend-worker/backend-redis-svc": 6,
		"system-app/system-master": 11, "system-app/system-provider": 11, "system-app/system-developer": 11,
		"system-app/pre hook in system-master": 11,
		"system-sidekiq/system-sidekiq":        11, "system-sidekiq/check-svc": 8,
		"system-sphinx/system-sphinx": 8,
	}
	for _, line := range releases.Lines() {
		pin, want := releases.Load(line), withBus
		keys := map[string]int{"backend-redis": 6, "system-redis": 8}
		if len(pin.Tags) == 0 {
			continue
		}
		if !strings.Contains(fmt.Sprint(pin.Secrets), "MESSAGE_BUS") {
			want = map[string]int{}
			for reader, n := range withBus {
				want[reader] = n
				if strings.HasPrefix(reader, "system-") {
					want[reader] = n - 4
				}
			}
			keys["system-redis"] = 4
		}
		got := map[string]int{}
		for _, w := range pin.Workloads {
			for _, c := range slices.Concat(w.Containers, w.InitContainers) {
				got[w.Name+"/"+c.Name] = len(c.Env)
			}
			if w.PreHook != nil {
				got[w.Name+"/pre hook in "+w.PreHook.Name] = len(w.PreHook.Env)
			}
			if w.MidHook != nil || w.PostHook != nil {
				t.Errorf("%s: %s has a hook of which the templates have no env", line, w.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
		for _, s := range pin.Secrets {
			if len(s.Keys) != keys[s.Name] {
				t.Errorf("%s: %s has %d keys, want %d", line, s.Name, len(s.Keys), keys[s.Name])
			}
		}
	}
}

// A pin is sound by itself; this test needs no templates.
func TestPins_areSound(t *testing.T) {
	seen := map[string]string{}
	for _, line := range releases.Lines() {
		pin := releases.Load(line)
		if pin.Line != line {
			t.Errorf("%s.yaml says release %q", line, pin.Line)
		}
		for _, tag := range pin.Tags {
			if other, twice := seen[tag.Name]; twice {
				t.Errorf("tag %s is in %s and %s", tag.Name, other, line)
			}
			seen[tag.Name] = line
		}
		for _, fault := range faults(pin) {
			t.Errorf("%s: %s", line, fault)
		}
	}
}

var (
	databases = []string{"backendStorage", "backendQueues", "system", "messageBus"}
	parsers   = []releases.Parser{releases.RedisRB, releases.RedisClient, releases.AsyncRedis, releases.RedisCLI, releases.GoRedis}
	keyFields = []string{
		"url", "sentinelHosts", "sentinelRole", "namespace",
		"username", "password", "sentinelUsername", "sentinelPassword", "ca", "certificate", "key",
	}
	sha256hex = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func faults(pin *releases.Pin) []string {
	var found []string
	require := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	require(len(pin.Tags) > 0, "no tags")
	for _, tag := range pin.Tags {
		require(strings.Contains(tag.Name, pin.Line+"."), "tag %s is of another line", tag.Name)
		require(len(tag.Templates) == 5, "tag %s has %d templates", tag.Name, len(tag.Templates))
		for file, digest := range tag.Templates {
			require(sha256hex.MatchString(digest), "tag %s: digest of %s", tag.Name, file)
		}
		bus := releases.Release{Pin: pin}.HasDatabase("messageBus")
		require(bus || !tag.MessageBus, "tag %s reads a message bus that has no keys", tag.Name)
	}
	require(pin.Clients.Apisonator.Library != "" && pin.Clients.Porta.Library != "", "a client has no library")
	for _, c := range []*releases.Client{&pin.Clients.Apisonator, pin.Clients.Async, &pin.Clients.Porta, pin.Clients.Operator} {
		require(c == nil || slices.Contains(parsers, c.Parser), "no parser reads as a client does")
	}
	require(pin.Clients.Porta.Namespace && !pin.Clients.Apisonator.Namespace, "porta alone reads the namespace")

	for _, name := range pin.Consumers {
		require(slices.ContainsFunc(pin.Workloads, func(w releases.Workload) bool { return w.Name == name }), "consumer %s is no workload", name)
	}
	require(len(pin.Consumers) > 0, "no consumers")

	keys, meanings := map[string]bool{}, map[string]bool{}
	require(len(pin.Secrets) == 2, "%d secrets", len(pin.Secrets))
	for _, s := range pin.Secrets {
		require(s.Labels["app"] != "" && s.Labels["threescale_component"] != "", "secret %s lacks a label", s.Name)
		for _, k := range s.Keys {
			ref, meaning := s.Name+"/"+k.Name, k.Database+" "+k.Field
			require(!keys[ref], "key %s is there twice", ref)
			require(!meanings[meaning], "two keys are %s", meaning)
			require(slices.Contains(databases, k.Database), "key %s: database %q", ref, k.Database)
			require(slices.Contains(keyFields, k.Field), "key %s: field %q", ref, k.Field)
			keys[ref], meanings[meaning] = true, true
		}
	}
	return append(found, readerFaults(pin, keys)...)
}

func readerFaults(pin *releases.Pin, keys map[string]bool) []string {
	var found []string
	require := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	read := map[string]bool{}
	for _, w := range pin.Workloads {
		require(w.Kind == "DeploymentConfig", "%s is a %s", w.Name, w.Kind)
		all := slices.Concat(w.Containers, w.InitContainers)
		names := map[string]bool{}
		for _, c := range all {
			require(!names[c.Name], "%s/%s is there twice", w.Name, c.Name)
			names[c.Name] = true
		}
		if w.PreHook != nil {
			require(names[w.PreHook.Name], "%s: the pre hook copies an unknown container %s", w.Name, w.PreHook.Name)
			all = append(all, *w.PreHook)
		}
		for _, c := range all {
			env := map[string]bool{}
			require(len(c.Env) > 0, "%s/%s reads nothing", w.Name, c.Name)
			for _, v := range c.Env {
				require(keys[v.String()], "%s/%s: %s comes from %s, which is no key", w.Name, c.Name, v.Name, v)
				require(!env[v.Name], "%s/%s: %s is there twice", w.Name, c.Name, v.Name)
				env[v.Name], read[v.String()] = true, true
			}
		}
	}
	for key := range keys {
		require(read[key], "nobody reads %s", key)
	}
	require(slices.IsSortedFunc(pin.Workloads, func(a, b releases.Workload) int { return strings.Compare(a.Name, b.Name) }),
		"workloads are not sorted by name")
	return found
}

// Each check of a pin finds what it is for.
func TestPins_faultsAreFound(t *testing.T) {
	for want, spoil := range map[string]func(*releases.Pin){
		"no tags":                               func(p *releases.Pin) { p.Tags = nil },
		"tag 2.8.0.GA is of another line":       func(p *releases.Pin) { p.Tags[0].Name = "2.8.0.GA" },
		"has 4 templates":                       func(p *releases.Pin) { delete(p.Tags[0].Templates, "amp.yml") },
		"digest of amp.yml":                     func(p *releases.Pin) { p.Tags[0].Templates["amp.yml"] = "7121" },
		"no consumers":                          func(p *releases.Pin) { p.Consumers = nil },
		"consumer zync is no workload":          func(p *releases.Pin) { p.Consumers[0] = "zync" },
		"a client has no library":               func(p *releases.Pin) { p.Clients.Porta.Library = "" },
		"no parser reads as a client does":      func(p *releases.Pin) { p.Clients.Porta.Parser = "redis" },
		"porta alone reads the namespace":       func(p *releases.Pin) { p.Clients.Porta.Namespace = false },
		"reads a message bus that has no keys":  func(p *releases.Pin) { p.Secrets[1].Keys = p.Secrets[1].Keys[4:] },
		"lacks a label":                         func(p *releases.Pin) { delete(p.Secrets[0].Labels, "app") },
		"is there twice":                        func(p *releases.Pin) { p.Secrets[0].Keys[1].Name = p.Secrets[0].Keys[0].Name },
		`database "redis"`:                      func(p *releases.Pin) { p.Secrets[0].Keys[0].Database = "redis" },
		`field "host"`:                          func(p *releases.Pin) { p.Secrets[0].Keys[0].Field = "host" },
		"two keys are":                          func(p *releases.Pin) { p.Secrets[0].Keys[0].Field = "url" },
		"which is no key":                       func(p *releases.Pin) { p.Workloads[0].Containers[0].Env[0].Key = "REDIS_URL" },
		"CONFIG_REDIS_PROXY is there twice":     func(p *releases.Pin) { p.Workloads[0].Containers[0].Env[1].Name = "CONFIG_REDIS_PROXY" },
		"copies an unknown container":           func(p *releases.Pin) { p.Workloads[3].PreHook.Name = "app" },
		"workloads are not sorted by name":      func(p *releases.Pin) { slices.Reverse(p.Workloads) },
		"nobody reads backend-redis/REDIS_EXTR": func(p *releases.Pin) { p.Secrets[0].Keys[0].Name = "REDIS_EXTRA" },
	} {
		pin := releases.Load("2.7")
		if got := faults(pin); got != nil {
			t.Fatalf("before: %v", got)
		}
		spoil(pin)
		if got := strings.Join(faults(pin), "\n"); !strings.Contains(got, want) {
			t.Errorf("want %q, got:\n%s", want, got)
		}
	}
}

// What Source returns is the file that Load reads.
func TestSource(t *testing.T) {
	for _, line := range releases.Lines() {
		if source := string(releases.Source(line)); !strings.Contains(source, fmt.Sprintf("\nrelease: %q\n", line)) {
			t.Errorf("%s: the file does not say its release", line)
		}
	}
}
