package verify

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// The specs of the exports of operators, which lead where their Secrets lead.
const (
	external = "  profile: self-managed\n  databases:\n" +
		"    backendStorage: {host: redis-storage.example.com, db: 0, password: {fromEnv: storage}}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, password: {fromEnv: queues}}\n" +
		"    system: {host: redis-system.example.com, db: 2, password: {fromEnv: system}}\n"
	behindSentinels = "  profile: sentinel\n" +
		"  redis: {masterGroup: mymaster, sentinels: {hosts: [sentinel-0.example.com, sentinel-1.example.com, sentinel-2.example.com], password: {fromEnv: sentinel}}}\n  databases:\n" +
		"    backendStorage: {db: 0, password: {fromEnv: storage}}\n    backendQueues: {db: 1, password: {fromEnv: queues}}\n    system: {db: 2, password: {fromEnv: system}}\n"
	moved = "  profile: self-managed\n  redis: {host: new.example.com, password: FAKE}\n" +
		"  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}}\n"
	withUsers = "  profile: self-managed\n  secrets: {credentials: keys}\n  databases:\n" +
		"    backendStorage: {host: redis-storage.example.com, db: 0, username: fake-storage-user, password: {fromEnv: storage}}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, username: fake-queues-user, password: {fromEnv: queues}}\n" +
		"    system: {host: redis-system.example.com, db: 2, username: fake-system-user, password: {fromEnv: system}}\n"
	withTLS = "  profile: self-managed\n  redis: {port: 6380, tls: {ca: {fromEnv: CA}, certificate: {fromEnv: CERT}, key: {fromEnv: KEY}}}\n  databases:\n" +
		"    backendStorage: {host: redis-storage.example.com, db: 0, password: {fromEnv: storage}}\n" +
		"    backendQueues: {host: redis-queues.example.com, db: 1, password: {fromEnv: queues}}\n" +
		"    system: {host: redis-system.example.com, db: 2, password: {fromEnv: system}}\n"
	ownRedis = "  profile: internal\n"
)

// operatorExports are the exports of operators with the specs that belong to them.
var operatorExports = map[string]string{
	"2.13.2-external":             "  release: \"2.13\"\n" + external,
	"2.13.2-internal":             "  release: \"2.13\"\n" + ownRedis,
	"2.13.2-sentinel":             "  release: 2.13.2\n" + behindSentinels,
	"2.14.1-internal":             "  release: \"2.14\"\n" + ownRedis,
	"2.14.1-sentinel":             "  release: \"2.14\"\n" + behindSentinels,
	"2.15.1-external":             "  release: \"2.15\"\n" + external,
	"2.15.1-internal":             "  release: 2.15.1\n" + ownRedis,
	"2.15.1-internal-to-external": "  release: \"2.15\"\n" + moved,
	"2.15.1-sentinel":             "  release: \"2.15\"\n" + behindSentinels,
	"2.16.3-acl":                  "  release: \"2.16\"\n" + withUsers,
	"2.16.3-external":             "  release: \"2.16\"\n" + external,
	"2.16.3-sentinel":             "  release: 2.16.3\n" + behindSentinels,
	"2.16.3-tls":                  "  release: \"2.16\"\n" + withTLS,
	"2.16.3-upgraded-from-2.15.1": "  release: \"2.16\"\n" + external,
}

// lookup knows what is behind the references of those specs.
func (in operatorInput) lookup(v secret.Value) (string, error) {
	for name, text := range map[string]string{"CA": in.pem.CA, "CERT": in.pem.Certificate, "KEY": in.pem.Key} {
		if v.Name() == name {
			return text, nil
		}
	}
	return "FAKE-" + v.Name() + "-password", nil
}

// operatorInput is an export of an operator that a case changes.
type operatorInput struct {
	pem  testinput.PEM
	text string
	spec string
}

func operatorExport(t testing.TB, name string, pem testinput.PEM) operatorInput {
	t.Helper()
	return operatorInput{pem, pem.In(string(testinput.Export(t, "operator/"+name+".yaml"))), operatorExports[name]}
}

// issues compares the export with its spec. Whatever it says must hold no password.
func (in operatorInput) issues(t testing.TB) diag.Issues {
	t.Helper()
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(in.text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := checked(t, in.spec, in.lookup)
	issues := Compare(e, want.Release, want).Issues()
	for _, i := range issues {
		for _, password := range []string{"FAKE", canary, "BEGIN"} {
			if strings.Contains(i.String(), password) {
				t.Errorf("holds a password: %s", i)
			}
		}
	}
	return issues
}

// An export with the spec that belongs to it is fine.
func TestCompare_operatorExports(t *testing.T) {
	pem := testinput.NewPEM(t)
	for name := range operatorExports {
		t.Run(name, func(t *testing.T) {
			for _, i := range operatorExport(t, name, pem).issues(t) {
				if i.Severity != diag.Note {
					t.Error(i)
				} else {
					t.Log(i)
				}
			}
		})
	}
}
