package releases_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
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

		"backend-redis/REDIS_STORAGE_USERNAME":          "backendStorage username",
		"backend-redis/REDIS_STORAGE_PASSWORD":          "backendStorage password",
		"backend-redis/REDIS_STORAGE_SENTINEL_USERNAME": "backendStorage sentinelUsername",
		"backend-redis/REDIS_STORAGE_SENTINEL_PASSWORD": "backendStorage sentinelPassword",
		"backend-redis/REDIS_SSL_CA":                    "backendStorage ca",
		"backend-redis/REDIS_SSL_CERT":                  "backendStorage certificate",
		"backend-redis/REDIS_SSL_KEY":                   "backendStorage key",
		"backend-redis/REDIS_QUEUES_USERNAME":           "backendQueues username",
		"backend-redis/REDIS_QUEUES_PASSWORD":           "backendQueues password",
		"backend-redis/REDIS_QUEUES_SENTINEL_USERNAME":  "backendQueues sentinelUsername",
		"backend-redis/REDIS_QUEUES_SENTINEL_PASSWORD":  "backendQueues sentinelPassword",
		"backend-redis/REDIS_SSL_QUEUES_CA":             "backendQueues ca",
		"backend-redis/REDIS_SSL_QUEUES_CERT":           "backendQueues certificate",
		"backend-redis/REDIS_SSL_QUEUES_KEY":            "backendQueues key",
		"system-redis/REDIS_USERNAME":                   "system username",
		"system-redis/REDIS_PASSWORD":                   "system password",
		"system-redis/REDIS_SENTINEL_USERNAME":          "system sentinelUsername",
		"system-redis/REDIS_SENTINEL_PASSWORD":          "system sentinelPassword",
		"system-redis/REDIS_SSL_CA":                     "system ca",
		"system-redis/REDIS_SSL_CERT":                   "system certificate",
		"system-redis/REDIS_SSL_KEY":                    "system key",
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

// counts are how many env vars the readers of the Secrets have, and how many keys
// the two Secrets.
type counts struct {
	backend, porta, checkSvc int
	// sphinx and hook are 0 where there is none, jobs where no Job reads the Secrets.
	sphinx, hook, jobs        int
	backendRedis, systemRedis int
}

func (c counts) readers() map[string]int {
	readers := map[string]int{
		"backend-cron/backend-cron": c.backend, "backend-cron/backend-redis-svc": c.backend,
		"backend-listener/backend-listener": c.backend,
		"backend-worker/backend-worker":     c.backend, "backend-worker/backend-redis-svc": c.backend,
		"system-app/system-master": c.porta, "system-app/system-provider": c.porta, "system-app/system-developer": c.porta,
		"system-app/pre hook in system-master": c.hook,
		"system-sidekiq/system-sidekiq":        c.porta, "system-sidekiq/check-svc": c.checkSvc,
		"system-sphinx/system-sphinx":   c.sphinx,
		"system-app-pre/system-app-pre": c.jobs, "system-app-post/system-app-post": c.jobs,
		"system-searchd-manticore-reindex/system-searchd-manticore-reindex": c.jobs,
	}
	maps.DeleteFunc(readers, func(_ string, n int) bool { return n == 0 })
	return readers
}

// How many env vars each reader of the Secrets has, by release line.
func TestPins_counts(t *testing.T) {
	withBus := counts{backend: 6, porta: 11, hook: 11, checkSvc: 8, sphinx: 8, backendRedis: 6, systemRedis: 8}
	without := counts{backend: 6, porta: 7, hook: 7, checkSvc: 4, sphinx: 4, backendRedis: 6, systemRedis: 4}
	searchd := without
	searchd.sphinx = 0
	want := map[string]counts{
		"2.6": withBus, "2.7": withBus, "2.8": withBus, "2.9": withBus, "2.10": withBus, "2.11": withBus,
		"2.12": without, "2.13": without, "2.14": searchd,
		"2.15": {backend: 6, porta: 6, jobs: 6, checkSvc: 3, backendRedis: 6, systemRedis: 3},
		"2.16": {backend: 14, porta: 14, jobs: 14, checkSvc: 7, backendRedis: 20, systemRedis: 10},
	}
	for _, line := range releases.Lines() {
		pin, got := releases.Load(line), map[string]int{}
		for _, w := range pin.Workloads {
			for _, c := range slices.Concat(w.Containers, w.InitContainers) {
				got[w.Name+"/"+c.Name] = len(c.Env)
			}
			if w.PreHook != nil {
				got[w.Name+"/pre hook in "+w.PreHook.Name] = len(w.PreHook.Env)
			}
			if w.MidHook != nil || w.PostHook != nil {
				t.Errorf("%s: %s has a hook of which no release has env", line, w.Name)
			}
		}
		if diff := cmp.Diff(want[line].readers(), got); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
		for i, n := range []int{want[line].backendRedis, want[line].systemRedis} {
			if s := pin.Secrets[i]; len(s.Keys) != n {
				t.Errorf("%s: %s has %d keys, want %d", line, s.Name, len(s.Keys), n)
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
	pemFields      = []string{"ca", "certificate", "key"}
	optionalFields = append([]string{"username", "password", "sentinelUsername", "sentinelPassword"}, pemFields...)
	sha256hex      = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// pinCheck collects what is wrong with a pin.
type pinCheck struct {
	*releases.Pin
	found []string
	// keys are those of the Secrets, by secret/KEY.
	keys map[string]releases.Key
}

func (c *pinCheck) require(ok bool, format string, args ...any) {
	if !ok {
		c.found = append(c.found, fmt.Sprintf(format, args...))
	}
}

func faults(pin *releases.Pin) []string {
	c := &pinCheck{Pin: pin, keys: map[string]releases.Key{}}
	c.tags()
	c.clients()
	c.secrets()
	c.readers()
	if pin.Owner == releases.OwnedByOperator {
		c.operator()
	} else {
		c.require(pin.Owner == releases.OwnedByUser, "owner %q", pin.Owner)
		c.require(pin.APIManager == nil && pin.Settings == nil, "a template has no APIManager")
	}
	return c.found
}

func (c *pinCheck) tags() {
	templates := map[releases.Owner]int{releases.OwnedByUser: 5}[c.Owner]
	c.require(len(c.Tags) > 0, "no tags")
	for _, tag := range c.Tags {
		c.require(strings.Contains(tag.Name, c.Line+"."), "tag %s is of another line", tag.Name)
		c.require(len(tag.Templates) == templates, "tag %s has %d templates", tag.Name, len(tag.Templates))
		for file, digest := range tag.Templates {
			c.require(sha256hex.MatchString(digest), "tag %s: digest of %s", tag.Name, file)
		}
		bus := releases.Release{Pin: c.Pin}.HasDatabase("messageBus")
		c.require(bus || !tag.MessageBus, "tag %s reads a message bus that has no keys", tag.Name)
		tls := c.APIManager != nil && c.APIManager.TLS != nil
		c.require(tls || !tag.StorageTLSWithSystem && !tag.ClientCertificate, "tag %s has traits of TLS, which the release has not", tag.Name)
	}
}

func (c *pinCheck) clients() {
	c.require(c.Clients.Apisonator.Library != "" && c.Clients.Porta.Library != "", "a client has no library")
	for _, client := range []*releases.Client{&c.Clients.Apisonator, c.Clients.Async, &c.Clients.Porta, c.Clients.Operator} {
		c.require(client == nil || slices.Contains(parsers, client.Parser), "no parser reads as a client does")
	}
	namespace := releases.Release{Pin: c.Pin}.HasField("system", "namespace")
	c.require(!c.Clients.Apisonator.Namespace && (namespace || !c.Clients.Porta.Namespace), "porta alone reads the namespace, where there is a key")
	c.require(c.Clients.Porta.Namespace || c.Owner == releases.OwnedByOperator, "porta of a template reads the namespace")
	for what, names := range map[string][]string{"consumer": c.Consumers, "requeue": c.Requeues, "portal": c.Portals} {
		for _, name := range names {
			c.require(c.workload(name), "%s %s is no workload", what, name)
		}
		c.require(len(names) > 0, "no %ss", what)
	}
}

func (c *pinCheck) workload(name string) bool {
	return slices.ContainsFunc(c.Workloads, func(w releases.Workload) bool { return w.Name == name })
}

func (c *pinCheck) secrets() {
	meanings := map[string]bool{}
	c.require(len(c.Secrets) == 2, "%d secrets", len(c.Secrets))
	for _, s := range c.Secrets {
		// From 2.16 on the operator sets no label.
		none := c.Owner == releases.OwnedByOperator && len(c.InternalRedis) == 0 && len(s.Labels) == 0
		c.require(none || s.Labels["app"] != "" && s.Labels["threescale_component"] != "", "secret %s lacks a label", s.Name)
		for _, k := range s.Keys {
			ref, meaning := s.Name+"/"+k.Name, k.Database+" "+k.Field
			_, twice := c.keys[ref]
			c.require(!twice, "key %s is there twice", ref)
			c.require(!meanings[meaning], "two keys are %s", meaning)
			c.require(slices.Contains(databases, k.Database), "key %s: database %q", ref, k.Database)
			c.require(slices.Contains(keyFields, k.Field), "key %s: field %q", ref, k.Field)
			c.require(k.Optional == slices.Contains(optionalFields, k.Field), "key %s: optional is %t", ref, k.Optional)
			c.require(k.Internal == "" || len(c.InternalRedis) > 0, "key %s has a value for a Redis that is not brought", ref)
			c.keys[ref], meanings[meaning] = k, true
		}
	}
}

func (c *pinCheck) readers() {
	read := map[string]bool{}
	for _, w := range c.Workloads {
		c.require(w.Kind != "Job" && !w.Transient || w.Kind == "Job" && w.Transient, "%s %s: transient is %t", w.Kind, w.Name, w.Transient)
		c.require(c.Owner == releases.OwnedByOperator || w.Kind == "DeploymentConfig", "%s is a %s", w.Name, w.Kind)
		c.require(w.PreHook == nil || w.Kind == "DeploymentConfig", "%s %s has no hooks", w.Kind, w.Name)
		all := slices.Concat(w.Containers, w.InitContainers)
		names := map[string]bool{}
		for _, container := range all {
			c.require(!names[container.Name], "%s/%s is there twice", w.Name, container.Name)
			names[container.Name] = true
		}
		if w.PreHook != nil {
			c.require(names[w.PreHook.Name], "%s: the pre hook copies an unknown container %s", w.Name, w.PreHook.Name)
			all = append(all, *w.PreHook)
		}
		for _, container := range all {
			c.env(w.Name+"/"+container.Name, container.Env, read)
		}
	}
	for ref, key := range c.keys {
		// The PEM texts are mounted as files.
		c.require(read[ref] || slices.Contains(pemFields, key.Field), "nobody reads %s", ref)
	}
	c.require(slices.IsSortedFunc(c.Workloads, func(a, b releases.Workload) int { return strings.Compare(a.Name, b.Name) }),
		"workloads are not sorted by name")
}

func (c *pinCheck) env(at string, env releases.Env, read map[string]bool) {
	names := map[string]bool{}
	c.require(len(env) > 0, "%s reads nothing", at)
	for _, v := range env {
		key, ok := c.keys[v.String()]
		c.require(ok, "%s: %s comes from %s, which is no key", at, v.Name, v)
		c.require(!ok || key.Optional == v.Optional, "%s: %s: optional is %t, that of its key is not", at, v.Name, v.Optional)
		c.require(!names[v.Name], "%s: %s is there twice", at, v.Name)
		names[v.Name], read[v.String()] = true, true
	}
}

// operator checks what a pin says of the APIManager, and what follows from it.
func (c *pinCheck) operator() {
	if c.APIManager == nil || len(c.APIManager.External) == 0 || len(c.APIManager.Defaults) == 0 {
		c.require(false, "the operator is not told of an external Redis")
		return
	}
	for _, names := range [][]string{c.Consumers, c.Requeues, c.Portals, c.APIManager.Autoscaled} {
		for _, name := range names {
			c.require(c.APIManager.Pods[name] != "", "no field says how many pods %s has", name)
		}
	}
	places := map[string]bool{}
	for _, w := range c.Workloads {
		for _, container := range slices.Concat(w.Containers, w.InitContainers) {
			places[w.Name+"/"+container.Name] = true
		}
	}
	switched := map[string]bool{}
	for _, s := range c.Settings {
		_, ofTLS := c.APIManager.TLS[s.Switch]
		c.require(ofTLS || s.Switch == releases.SwitchAsync && c.APIManager.DisableAsync != "", "setting of the switch %q, which is none", s.Switch)
		c.require(len(s.On) > 0 && len(s.Places) > 0, "a setting of %s sets nothing", s.Switch)
		for _, p := range s.Places {
			c.require(places[p], "a setting of %s is at %s, which is no container", s.Switch, p)
		}
		for _, tag := range s.Tags {
			c.require(slices.ContainsFunc(c.Tags, func(t releases.Tag) bool { return t.Name == tag }), "a setting of %s is for %s, which is no tag", s.Switch, tag)
		}
		switched[s.Switch] = true
	}
	c.require((c.APIManager.DisableAsync != "") == (c.Clients.Async != nil), "async mode has no annotation, or an annotation no async mode")
	c.require(c.APIManager.DisableAsync == "" || switched[releases.SwitchAsync], "nothing is set where async mode is on")
	for database := range c.APIManager.TLS {
		c.require(switched[database], "nothing is set where TLS of %s is on", database)
		for _, field := range pemFields {
			c.require(releases.Release{Pin: c.Pin}.HasField(database, field), "TLS of %s has no key for its %s", database, field)
		}
	}
}

// Each check of a pin finds what it is for.
func TestPins_faultsAreFound(t *testing.T) {
	for want, spoil := range map[string]func(*releases.Pin){
		"no tags":                               func(p *releases.Pin) { p.Tags = nil },
		"tag 2.8.0.GA is of another line":       func(p *releases.Pin) { p.Tags[0].Name = "2.8.0.GA" },
		"has 4 templates":                       func(p *releases.Pin) { delete(p.Tags[0].Templates, "amp.yml") },
		"digest of amp.yml":                     func(p *releases.Pin) { p.Tags[0].Templates["amp.yml"] = "7121" },
		"no consumers":                          func(p *releases.Pin) { p.Consumers = nil },
		"no requeues":                           func(p *releases.Pin) { p.Requeues = nil },
		"portal zync is no workload":            func(p *releases.Pin) { p.Portals[0] = "zync" },
		"consumer zync is no workload":          func(p *releases.Pin) { p.Consumers[0] = "zync" },
		"a client has no library":               func(p *releases.Pin) { p.Clients.Porta.Library = "" },
		"no parser reads as a client does":      func(p *releases.Pin) { p.Clients.Porta.Parser = "redis" },
		"porta alone reads the namespace":       func(p *releases.Pin) { p.Clients.Apisonator.Namespace = true },
		"porta of a template reads":             func(p *releases.Pin) { p.Clients.Porta.Namespace = false },
		`owner "me"`:                            func(p *releases.Pin) { p.Owner = "me" },
		"a template has no APIManager":          func(p *releases.Pin) { p.APIManager = &releases.APIManager{} },
		"optional is true":                      func(p *releases.Pin) { p.Secrets[0].Keys[0].Optional = true },
		"traits of TLS":                         func(p *releases.Pin) { p.Tags[0].ClientCertificate = true },
		"backend-cron is a Job":                 func(p *releases.Pin) { p.Workloads[0].Kind = "Job" },
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
		expectFault(t, releases.Load("2.7"), want, spoil)
	}
	for want, spoil := range map[string]func(*releases.Pin){
		"tag 2.16.0 has 1 templates":                func(p *releases.Pin) { p.Tags[0].Templates = map[string]string{"amp.yml": ""} },
		"the operator is not told":                  func(p *releases.Pin) { p.APIManager.External = nil },
		"Job backend-cron: transient is false":      func(p *releases.Pin) { p.Workloads[0].Kind = "Job" },
		"Deployment backend-cron: transient is":     func(p *releases.Pin) { p.Workloads[0].Transient = true },
		"Deployment backend-cron has no hooks":      func(p *releases.Pin) { p.Workloads[0].PreHook = &p.Workloads[0].Containers[0] },
		"porta alone reads the namespace":           func(p *releases.Pin) { p.Clients.Porta.Namespace = true },
		"is not brought":                            func(p *releases.Pin) { p.Secrets[0].Keys[0].Internal = "x" },
		`setting of the switch "queues"`:            func(p *releases.Pin) { p.Settings[0].Switch = "queues" },
		"a setting of async sets nothing":           func(p *releases.Pin) { p.Settings[0].On = nil },
		"at zync/zync, which is no container":       func(p *releases.Pin) { p.Settings[0].Places[0] = "zync/zync" },
		"for 2.15.1, which is no tag":               func(p *releases.Pin) { p.Settings[0].Tags = []string{"2.15.1"} },
		"how many pods backend-worker has":          func(p *releases.Pin) { delete(p.APIManager.Pods, "backend-worker") },
		"how many pods zync has":                    func(p *releases.Pin) { p.APIManager.Autoscaled = []string{"zync"} },
		"async mode has no annotation":              func(p *releases.Pin) { p.APIManager.DisableAsync = "" },
		"nothing is set where async mode":           func(p *releases.Pin) { p.Settings = p.Settings[1:] },
		"nothing is set where TLS of backendStorag": func(p *releases.Pin) { p.Settings = nil },
		"TLS of messageBus has no key for its ca":   func(p *releases.Pin) { p.APIManager.TLS["messageBus"] = "spec.x" },
		"that of its key is not":                    func(p *releases.Pin) { p.Workloads[0].Containers[0].Env[0].Optional = true },
	} {
		expectFault(t, releases.Load("2.16"), want, spoil)
	}
}

// expectFault fails unless the spoilt pin has that fault.
func expectFault(t *testing.T, pin *releases.Pin, want string, spoil func(*releases.Pin)) {
	t.Helper()
	if got := faults(pin); got != nil {
		t.Fatalf("before: %v", got)
	}
	spoil(pin)
	if got := strings.Join(faults(pin), "\n"); !strings.Contains(got, want) {
		t.Errorf("want %q, got:\n%s", want, got)
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
