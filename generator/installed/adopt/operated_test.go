package adopt

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// adopted writes the spec of an export of an operator.
func adopted(t testing.TB, text string) (*export.Export, string) {
	t.Helper()
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	rel, err := e.Running()
	if err != nil {
		t.Fatal(err)
	}
	data, err := Spec(e, rel)
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"FAKE", "BEGIN"} {
		if strings.Contains(string(data), password) {
			t.Errorf("holds a password:\n%s", data)
		}
	}
	return e, string(data)
}

// The spec of an installation of an operator verifies: there is nothing to warn of.
func TestSpec_operated(t *testing.T) {
	pem := testinput.NewPEM(t)
	texts := map[string]string{"ca": pem.CA, "certificate": pem.Certificate, "key": pem.Key}
	lookup := func(v secret.Value) (string, error) {
		name := v.Name()
		for field, text := range texts {
			if strings.HasSuffix(name, "redis-"+field+".pem") {
				return text, nil
			}
		}
		for database, text := range map[string]string{"STORAGE": "FAKE-storage-password", "QUEUES": "FAKE-queues-password", "SYSTEM": "FAKE-system-password"} {
			if strings.Contains(name, "SENTINEL") {
				return "FAKE-sentinel-password", nil
			}
			if strings.Contains(name, database) {
				return text, nil
			}
		}
		if name != "REDIS_PASSWORD" {
			return "", secret.ErrUnknown
		}
		return "FAKE", nil
	}
	for name, want := range map[string][]string{
		"2.13.2-external":             {`release: "2.13"`, "profile: self-managed"},
		"2.13.2-internal":             {`release: "2.13"`, "profile: internal"},
		"2.13.2-sentinel":             {"profile: sentinel"},
		"2.14.1-internal":             {`release: "2.14"`, "profile: internal"},
		"2.14.1-sentinel":             {"profile: sentinel"},
		"2.15.1-external":             {`release: "2.15.1"`, "profile: self-managed"},
		"2.15.1-internal":             {"profile: internal"},
		"2.15.1-internal-to-external": {"profile: self-managed", "host: new.example.com"},
		"2.15.1-sentinel":             {"profile: sentinel"},
		"2.16.3-acl":                  {"secrets: {credentials: keys}", "username: fake-storage-user", "{fromEnv: SYSTEM_REDIS_PASSWORD}   # in system-redis/REDIS_PASSWORD"},
		"2.16.3-external":             {`release: "2.16.3"`, "secrets: {credentials: url}"},
		"2.16.3-sentinel":             {"profile: sentinel", "secrets: {credentials: url}"},
		"2.16.3-tls":                  {"ca: {fromFile: backend-queues-redis-ca.pem}   # in backend-redis/REDIS_SSL_QUEUES_CA", "key: {fromFile: system-redis-key.pem}   # in system-redis/REDIS_SSL_KEY"},
		"2.16.3-upgraded-from-2.15.1": {"secrets: {credentials: url}"},
	} {
		t.Run(name, func(t *testing.T) {
			e, text := adopted(t, pem.In(string(testinput.Export(t, "operator/"+name+".yaml"))))
			for _, part := range want {
				if !strings.Contains(text, part) {
					t.Errorf("does not say %s:\n%s", part, text)
				}
			}
			r, err := generator.Check(spec.Parse([]spec.Layer{{Name: spec.FileName, Data: []byte(text)}}, nil), generator.Secrets{Lookup: lookup})
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			for _, i := range verify.Compare(e, r.Release, r).Issues() {
				if i.Severity != diag.Note {
					t.Errorf("%s\n%s", i, text)
				}
			}
		})
	}
}

// What an APIManager says of its own is in the spec.
func TestSpec_apiManager(t *testing.T) {
	text := string(testinput.Export(t, "operator/2.16.3-upgraded-from-2.15.1.yaml"))
	text = strings.NewReplacer(
		"      apps.3scale.net/apimanager-threescale-version:", "      apps.3scale.net/disable-async: 'true'\n      apps.3scale.net/apimanager-threescale-version:",
		"    name: apimanager\n    namespace", "    name: 3scale\n    namespace",
	).Replace(text)
	_, got := adopted(t, text)
	_, got, _ = strings.Cut(got, "spec:\n")
	const want = `  release: "2.16.3"
  profile: self-managed
  apiManager: {name: 3scale, async: false}
  secrets: {credentials: url}
  databases:
    backendStorage:
      host: redis-storage.example.com
      port: 6379
      password: {fromEnv: BACKEND_STORAGE_REDIS_PASSWORD}   # in backend-redis/REDIS_STORAGE_URL
      db: 0
    backendQueues:
      host: redis-queues.example.com
      port: 6379
      password: {fromEnv: BACKEND_QUEUES_REDIS_PASSWORD}   # in backend-redis/REDIS_QUEUES_URL
      db: 1
    system:
      host: redis-system.example.com
      port: 6379
      password: {fromEnv: SYSTEM_REDIS_PASSWORD}   # in system-redis/URL
      db: 2
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The Redis that the operator left over is one like any other.
func TestSpec_leftOver(t *testing.T) {
	text := string(testinput.Export(t, "operator/2.15.1-internal.yaml"))
	_, got := adopted(t, strings.Replace(text, "    resourceRequirementsEnabled:", "    externalComponents: {backend: {redis: true}, system: {redis: true}}\n    resourceRequirementsEnabled:", 1))
	if !strings.Contains(got, "profile: self-managed") || !strings.Contains(got, "host: backend-redis") {
		t.Error(got)
	}
}
