package adopt

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

const canary = "c4n4ry"

// running is an export whose Secrets hold the values.
func running(t testing.TB, values clients.Values, more ...*yaml.Node) *export.Export {
	t.Helper()
	objects := []manifest.Object{{Node: manifest.Mapping(
		"kind", manifest.Scalar("DeploymentConfig"),
		"metadata", manifest.Mapping("name", manifest.Scalar("backend-cron"), "namespace", manifest.Scalar("threescale")))}}
	for name, keys := range values {
		data := manifest.Mapping()
		for key, text := range keys {
			manifest.Set(data, manifest.Scalar(base64.StdEncoding.EncodeToString([]byte(text))), key)
		}
		objects = append(objects, manifest.Object{Node: manifest.Mapping(
			"kind", manifest.Scalar("Secret"), "metadata", manifest.Mapping("name", manifest.Scalar(name)), "data", data)})
	}
	for _, n := range more {
		objects = append(objects, manifest.Object{Node: n})
	}
	text, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: text}}, "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// manager is the APIManager of a release, none where no operator runs it.
func manager(rel releases.Release, profile string) []*yaml.Node {
	if !rel.Operated() {
		return nil
	}
	n := wiring.Switches{External: map[string]bool{}}
	for _, field := range rel.APIManager.External {
		n.External[field] = profile != "internal"
	}
	o := n.Patch(rel)
	manifest.Set(o, manifest.Scalar("apps.3scale.net/v1alpha1"), "apiVersion")
	manifest.Set(o, manifest.Scalar("APIManager"), "kind")
	manifest.Set(o, manifest.Scalar("apimanager"), "metadata", "name")
	manifest.Set(o, manifest.Scalar(rel.Line), "metadata", "annotations", "apps.3scale.net/apimanager-threescale-version")
	return []*yaml.Node{o}
}

func find(t testing.TB, release string) releases.Release {
	t.Helper()
	rel, err := releases.Find(release)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

// composed returns the values of a spec, with a password behind each reference.
func composed(t testing.TB, text []byte, lookup secret.Lookup) clients.Values {
	t.Helper()
	r, err := generator.Check(spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: text}}, nil), generator.Secrets{Lookup: lookup})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	values := clients.Values{}
	for _, s := range r.Secrets {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			values[s.Name][f.Key], _ = f.Reveal()
		}
	}
	return values
}

// What a spec renders to gives a spec that renders to the same, of the same
// profile where host names tell.
func TestSpec_roundTrip(t *testing.T) {
	for _, name := range profiles.Names() {
		for _, line := range releases.Lines() {
			if name == "internal" && len(releases.Load(line).InternalRedis) == 0 {
				continue // it brings no Redis
			}
			t.Run(name+" "+line, func(t *testing.T) {
				p, err := profiles.Find(name)
				if err != nil {
					t.Fatal(err)
				}
				rel := find(t, line)
				values := composed(t, p.InitSpec(profiles.InitData{Release: line, MessageBus: rel.ReadsMessageBus()}),
					func(v secret.Value) (string, error) { return canary + v.Name(), nil })
				text, err := Spec(running(t, values, manager(rel, name)...), rel)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), canary) {
					t.Errorf("holds a password:\n%s", text)
				}
				if !strings.Contains(string(text), "profile: "+name) {
					t.Errorf("is another profile:\n%s", text)
				}
				again := composed(t, text, func(v secret.Value) (string, error) { return canary + v.Name(), nil })
				if name != "redis-enterprise" { // has other names for its passwords
					if diff := cmp.Diff(values, again); diff != "" {
						t.Errorf("%s\n%s", diff, text)
					}
				}
			})
		}
	}
}

func TestSpec_text(t *testing.T) {
	values := clients.Values{
		"backend-redis": {
			"REDIS_STORAGE_URL": "redis://:" + canary + "1@storage", "REDIS_STORAGE_SENTINEL_HOSTS": "", "REDIS_STORAGE_SENTINEL_ROLE": "",
			"REDIS_QUEUES_URL": "redis://mymaster/1", "REDIS_QUEUES_SENTINEL_HOSTS": "redis://:" + canary + "2@s1,redis://:" + canary + "2@s2:5000", "REDIS_QUEUES_SENTINEL_ROLE": "slave",
		},
		"system-redis": {"URL": "redis://system:7000/2", "NAMESPACE": "no"},
	}
	text, err := Spec(running(t, values), find(t, "2.12"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `# What ran when it was exported; a password is where its comment says.
apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata:
  name: threescale
  namespace: threescale
spec:
  release: "2.12"
  profile: sentinel
  databases:
    backendStorage:
      host: storage
      port: 6379
      password: {fromEnv: BACKEND_STORAGE_REDIS_PASSWORD}   # in backend-redis/REDIS_STORAGE_URL
      db: 0
    backendQueues:
      masterGroup: mymaster
      sentinels:
        hosts:
        - s1:26379
        - s2:5000
        password: {fromEnv: BACKEND_QUEUES_SENTINEL_PASSWORD}   # in backend-redis/REDIS_QUEUES_SENTINEL_HOSTS
        role: slave
      db: 1
    system:
      host: system
      port: 7000
      db: 2
      namespace: "no"
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}

// A value in the wrong key could be a password: no spec shows it, and no error.
func TestSpec_hidden(t *testing.T) {
	for name, c := range map[string]struct{ line, secret, key, value string }{
		"word as a URL":               {"2.12", "backend-redis", "REDIS_QUEUES_URL", canary},
		"namespace":                   {"2.12", "system-redis", "NAMESPACE", canary + "#1"},
		"the password as a host":      {"2.12", "backend-redis", "REDIS_QUEUES_URL", "redis://" + canary + "0/1"},
		"the password as a namespace": {"2.12", "system-redis", "NAMESPACE", canary + "0"},
		"word as a Sentinel":          {"2.12", "backend-redis", "REDIS_QUEUES_SENTINEL_HOSTS", canary},
		"the password as a user":      {"2.16", "backend-redis", "REDIS_STORAGE_USERNAME", canary + "0"},
		"a user that could be one":    {"2.16", "backend-redis", "REDIS_QUEUES_URL", "redis://Tr0" + canary + ":pw@h/1"},
	} {
		t.Run(name, func(t *testing.T) {
			values := clients.Values{
				"backend-redis": {"REDIS_STORAGE_URL": "redis://:" + canary + "0@h/0", "REDIS_QUEUES_URL": "redis://h/1"},
				"system-redis":  {"URL": "redis://h/2"},
			}
			values[c.secret][c.key] = c.value
			rel := find(t, c.line)
			text, err := Spec(running(t, values, manager(rel, "")...), rel)
			if err == nil || !strings.Contains(err.Error(), c.secret+"/"+c.key+": a spec would show this value") {
				t.Errorf("%v\n%s", err, text)
			}
			if strings.Contains(fmt.Sprint(err, string(text)), canary) {
				t.Errorf("shows the value: %v\n%s", err, text)
			}
		})
	}
}

// What a spec cannot say is refused, by key and without its value.
func TestSpec_refuses(t *testing.T) {
	cases := map[string]struct{ secret, key, value, rule string }{
		"passwords of Sentinels": {"system-redis", "SENTINEL_HOSTS", "redis://:" + canary + "1@s1,redis://:" + canary + "2@s2", "sentinel-hosts-passwords-differ"},
		"user name":              {"system-redis", "URL", "redis://own:" + canary + "@h/1", "url-username"},
		"TLS":                    {"system-redis", "URL", "rediss://:" + canary + "@h/1", "url-tls"},
		"reserved":               {"backend-redis", "REDIS_QUEUES_URL", "redis://:" + canary + "#@h/1", "url-reserved-character"},
		"unreadable":             {"system-redis", "URL", canary + " x", "url-syntax"},
		"blank":                  {"backend-redis", "REDIS_STORAGE_URL", "", "storage-url-blank"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			values := clients.Values{
				"backend-redis": {"REDIS_STORAGE_URL": "redis://h/0", "REDIS_QUEUES_URL": "redis://h/1"},
				"system-redis":  {"URL": "redis://h/2", "MESSAGE_BUS_URL": "redis://h/3"},
			}
			values[c.secret][c.key] = c.value
			text, err := Spec(running(t, values), find(t, "2.7"))
			if err == nil {
				t.Fatalf("is said:\n%s", text)
			}
			for _, part := range []string{"export.yaml:", c.secret + "/" + c.key, "[" + c.rule + "]"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("does not name %s: %s", part, err)
				}
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("holds the value: %s", err)
			}
		})
	}
}
