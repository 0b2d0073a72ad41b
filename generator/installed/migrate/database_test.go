package migrate

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// spec27 puts each database of 2.7 onto a host.
func spec27(storage, queues, system, bus string) string {
	return head + "  release: \"2.7\"\n  profile: self-managed\n  databases: {backendStorage: {host: " + storage + ", db: 0}, backendQueues: {host: " + queues +
		", db: 1}, system: {host: " + system + ", db: 1}, messageBus: {host: " + bus + ", db: 2}}\n"
}

// What is left, and what must stay since a database uses it.
func TestNew_left(t *testing.T) {
	objects := func(name string) []string {
		return []string{"DeploymentConfig/" + name, "Service/" + name, "ImageStream/" + name, "PersistentVolumeClaim/" + name + "-storage"}
	}
	cases := map[string]struct {
		first, spec string
		want        []Left
	}{
		"nothing moves": {spec: spec27("backend-redis", "backend-redis", "system-redis", "system-redis")},
		"storage alone": {
			spec: spec27("h", "backend-redis", "system-redis", "system-redis"),
			want: []Left{{Server: "backend-redis:6379", Databases: []string{"backendStorage"}, Used: []string{"backendQueues"}}},
		},
		"a long name is the same server": {
			spec: spec27("h", "backend-redis.threescale.svc.cluster.local", "system-redis", "system-redis"),
			want: []Left{{Server: "backend-redis:6379", Databases: []string{"backendStorage", "backendQueues"}, Used: []string{"backendQueues"}}},
		},
		"from a long name": {
			first: spec27("h.ns.svc", "h.ns.svc", "h.ns.svc", "i"), spec: spec27("i", "h", "i", "i"),
			want: []Left{{Server: "h.ns.svc:6379", Databases: []string{"backendStorage", "backendQueues", "system"}, Used: []string{"backendQueues"}}},
		},
		"the backend": {
			spec: spec27("h", "h", "system-redis", "system-redis"),
			want: []Left{{Server: "backend-redis:6379", Databases: []string{"backendStorage", "backendQueues"}, Objects: objects("backend-redis")}},
		},
		"all": {
			spec: spec27("h", "h", "i", "i"),
			want: []Left{
				{Server: "backend-redis:6379", Databases: []string{"backendStorage", "backendQueues"}, Objects: objects("backend-redis")},
				{Server: "system-redis:6379", Databases: []string{"system", "messageBus"}, Objects: objects("system-redis")},
			},
		},
		"between two others": {
			first: spec27("h", "h", "i", "i"), spec: spec27("h", "h", "h", "i"),
			want: []Left{{Server: "i:6379", Databases: []string{"system"}, Used: []string{"messageBus"}}},
		},
		"they change places": {
			first: spec27("h", "h", "i", "i"), spec: spec27("i", "i", "h", "h"),
			want: []Left{
				{Server: "h:6379", Databases: []string{"backendStorage", "backendQueues"}, Used: []string{"system", "messageBus"}},
				{Server: "i:6379", Databases: []string{"system", "messageBus"}, Used: []string{"backendStorage", "backendQueues"}},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cl := newCluster(t, read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml")))
			if c.first != "" {
				finish(t, cl, checkedText(t, c.first))
			}
			p, err := New(compare(t, cl.Export(), checkedText(t, c.spec)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, p.Left, cmpopts.IgnoreUnexported(Left{})); diff != "" {
				t.Error(diff)
			}
			for _, l := range c.want {
				text := "- " + l.Server + " is left by " + strings.Join(l.Databases, ", ") + ". "
				if len(l.Used) > 0 {
					text += "**Do not remove it**: " + strings.Join(l.Used, ", ") + " will be there."
				}
				if !bytes.Contains(runbookOf(t, p), []byte(text)) {
					t.Errorf("PLAN.md does not say %q", text)
				}
			}
		})
	}
}

// What a workload reads is what its env says, whatever the Secrets hold.
func TestNew_ownValues(t *testing.T) {
	const usual = "system-redis:6379, database 1"
	cases := map[string]struct {
		entry, now string
		moves      bool
		unclear    bool
	}{
		"literal": {`{name: REDIS_URL, value: "redis://:` + canary + `@own.example.com:7000/4"}`, usual + "; own.example.com:7000, database 4 (system-app)", true, false},
		// A password that stands in an address too is shown in neither.
		"password in the host": {`{name: REDIS_URL, value: "redis://:` + canary + `@` + canary + `.example.com:7000/4"}`, usual + "; *** (no address to be shown), database 4 (system-app)", true, false},
		"the same":             {`{name: REDIS_URL, value: "redis://system-redis:6379/1"}`, usual, false, false},
		"literal secret":       {`{name: REDIS_URL, value: ` + canary + `}`, usual + "; unclear: porta does not take the values as they stand (system-app)", true, true},
		"ConfigMap":            {`{name: REDIS_URL, valueFrom: {configMapKeyRef: {name: own, key: URL}}}`, usual + "; unknown: REDIS_URL is read from a configMapKeyRef (system-app)", true, true},
		"another Secret":       {`{name: REDIS_URL, valueFrom: {secretKeyRef: {name: own, key: URL}}}`, usual + "; unknown: REDIS_URL is read from own/URL (system-app)", true, true},
		"another key":          {`{name: REDIS_URL, valueFrom: {secretKeyRef: {name: backend-redis, key: REDIS_QUEUES_URL}}}`, usual + "; backend-redis:6379, database 1 (system-app)", true, false},
		"literal namespace":    {`{name: REDIS_NAMESPACE, value: own}`, usual + "; " + usual + ", namespace own (system-app)", true, false},
		"may be missing":       {`{name: REDIS_URL, valueFrom: {secretKeyRef: {name: system-redis, key: URL, optional: true}}}`, usual, false, false},
		"group of Sentinels":   {`{name: REDIS_SENTINEL_HOSTS, value: "redis://:` + canary + `@s1:26379,s2:26379"}`, usual + "; group system-redis of the Sentinels s1:26379, s2:26379, database 1 (system-app)", true, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			objects := read(t, "export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
			setEnv(t, container(t, objects, "system-app", "containers", "system-master"), manifest.Text(node(c.entry), "name"), c.entry)
			p, err := New(compare(t, newCluster(t, objects).Export(), checkedText(t, head+"  release: \"2.7\"\n  profile: internal\n")), Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkSilence(t, p)
			for _, d := range p.Databases {
				if d.Name == "system" && (d.Now != c.now || d.Moves != c.moves) {
					t.Errorf("now %q, moves %v; want %q, %v", d.Now, d.Moves, c.now, c.moves)
				}
			}
			// To somewhere else, a server is removable where all is known.
			away, err := New(compare(t, newCluster(t, objects).Export(), checkedText(t, spec27("h", "h", "i", "i"))), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(away.Left) < 2 {
				t.Fatalf("leaves %v", away.Left)
			}
			for _, l := range away.Left {
				if l.Removable() == c.unclear {
					t.Errorf("%s: removable %v", l.Server, l.Removable())
				}
			}
		})
	}
}
