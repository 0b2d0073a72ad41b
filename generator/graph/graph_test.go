package graph

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// canary begins every password of these tests.
const canary = "c4n4ry"

// ofSpec is the Graph of a spec.
func ofSpec(t testing.TB, text string) *Graph {
	t.Helper()
	doc := spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: []byte(text)}}, nil)
	c, err := generator.Check(doc, generator.Secrets{Unneeded: true})
	if err != nil {
		t.Fatal(err)
	}
	return FromSpec(c)
}

// ofExport is the Graph of an export of a release; an empty name is what its
// APIManager says.
func ofExport(t testing.TB, text, release string) *Graph {
	t.Helper()
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	rel, err := e.Running()
	if release != "" {
		rel, err = releases.Find(release)
	}
	if err != nil {
		t.Fatal(err)
	}
	return FromExport(verify.Compare(e, rel, nil))
}

// installation is an export of the workloads of a release with these values. Texts are
// replaced in it, in pairs, where they are first.
func installation(t testing.TB, release string, values clients.Values, replaced ...string) string {
	t.Helper()
	rel, err := releases.Find(release)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	for _, s := range rel.Secrets {
		fmt.Fprintf(&b, "- {apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: threescale}, data: {", s.Name)
		for _, key := range slices.Sorted(maps.Keys(values[s.Name])) {
			fmt.Fprintf(&b, "%s: %q, ", key, base64.StdEncoding.EncodeToString([]byte(values[s.Name][key])))
		}
		b.WriteString("}}\n")
	}
	if rel.Operated() {
		fmt.Fprintf(&b, "- {apiVersion: %s, kind: %s, metadata: {name: a, namespace: threescale, annotations: {%s: %q}}, spec: {}}\n",
			wiring.APIManagerVersion, wiring.APIManagerKind, wiring.VersionAnnotation, release)
	}
	for _, w := range rel.Workloads {
		fmt.Fprintf(&b, "- apiVersion: v1\n  kind: %s\n  metadata: {name: %s, namespace: threescale}\n  spec: {template: {spec: {containers: [", w.Kind, w.Name)
		for _, p := range wiring.PinnedPlaces(w) {
			if p.Field != wiring.Containers {
				continue
			}
			fmt.Fprintf(&b, "{name: %s, env: [", p.Container)
			for _, v := range p.Env {
				optional := ""
				if v.Optional {
					optional = ", optional: true"
				}
				fmt.Fprintf(&b, "{name: %s, valueFrom: {secretKeyRef: {name: %s, key: %s%s}}}, ", v.Name, v.Secret, v.Key, optional)
			}
			b.WriteString("]}, ")
		}
		b.WriteString("]}}}\n")
	}
	text := b.String()
	for i := 0; i+1 < len(replaced); i += 2 {
		if !strings.Contains(text, replaced[i]) {
			t.Fatalf("the export has no %q", replaced[i])
		}
		text = strings.Replace(text, replaced[i], replaced[i+1], 1)
	}
	return text
}

// running are values of 2.7 that are right; changed replaces some, by Secret/KEY.
func running(t testing.TB, changed map[string]string) clients.Values {
	t.Helper()
	values := clients.Values{
		"backend-redis": {
			"REDIS_STORAGE_URL": "redis://:" + canary + "-1@redis.example.com:6379/0", "REDIS_STORAGE_SENTINEL_HOSTS": "", "REDIS_STORAGE_SENTINEL_ROLE": "",
			"REDIS_QUEUES_URL": "redis://:" + canary + "-1@redis.example.com:6379/1", "REDIS_QUEUES_SENTINEL_HOSTS": "", "REDIS_QUEUES_SENTINEL_ROLE": "",
		},
		"system-redis": {
			"URL": "redis://:" + canary + "-2@system.example.com:6379/0", "SENTINEL_HOSTS": "", "SENTINEL_ROLE": "", "NAMESPACE": "system",
			"MESSAGE_BUS_URL": "redis://:" + canary + "-2@system.example.com:6379/0", "MESSAGE_BUS_SENTINEL_HOSTS": "", "MESSAGE_BUS_SENTINEL_ROLE": "", "MESSAGE_BUS_NAMESPACE": "bus",
		},
	}
	for name, value := range changed {
		secret, key, _ := strings.Cut(name, "/")
		if _, ok := values[secret][key]; !ok {
			t.Fatalf("there is no key %s", name)
		}
		values[secret][key] = value
	}
	return values
}

// exampleOf reads one of the specs of the golden files.
func exampleOf(t testing.TB, profile, release string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "golden", "testdata", profile, release, "threescale-redis.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// pictures are the cases of the golden files.
func pictures() map[string]func(testing.TB) *Graph {
	profile := func(name, release string) func(testing.TB) *Graph {
		return func(t testing.TB) *Graph { return ofSpec(t, exampleOf(t, name, release)) }
	}
	values := func(changed map[string]string) func(testing.TB) *Graph {
		return func(t testing.TB) *Graph { return ofExport(t, installation(t, "2.7", running(t, changed)), "2.7") }
	}
	return map[string]func(testing.TB) *Graph{
		"sentinel":         profile("sentinel", "2.7"),
		"redis-enterprise": profile("redis-enterprise", "2.11"),
		"elasticache-tls":  profile("elasticache", "tls-and-auth"),
		"operator": func(t testing.TB) *Graph {
			return ofExport(t, string(testinput.Export(t, "operator/2.16.3-sentinel.yaml")), "")
		},
		"collision": values(map[string]string{
			"backend-redis/REDIS_QUEUES_URL": "redis://:" + canary + "-1@redis.example.com:6379/0", "system-redis/MESSAGE_BUS_NAMESPACE": "system",
		}),
		// The operator's check takes another port than the others where none is given.
		"disagreement": func(t testing.TB) *Graph {
			url := "redis://:" + canary + "-1@mymaster/"
			return ofExport(t, installation(t, "2.16.3", clients.Values{
				"backend-redis": {
					"REDIS_STORAGE_URL": url + "0", "REDIS_STORAGE_SENTINEL_HOSTS": "sentinel-0.example.com,sentinel-1.example.com", "REDIS_STORAGE_SENTINEL_ROLE": "master",
					"REDIS_QUEUES_URL": url + "1", "REDIS_QUEUES_SENTINEL_HOSTS": "sentinel-0.example.com:26379,sentinel-1.example.com:26379", "REDIS_QUEUES_SENTINEL_ROLE": "",
				},
				"system-redis": {"URL": "redis://system.example.com:6379/1", "SENTINEL_HOSTS": "", "SENTINEL_ROLE": ""},
			}), "")
		},
		// porta takes the scheme for the host of a Sentinel, and a value of that form is not shown.
		"hidden": values(map[string]string{
			"backend-redis/REDIS_STORAGE_URL": "redis://:" + canary + "-1@mymaster/0", "backend-redis/REDIS_STORAGE_SENTINEL_HOSTS": "http://:" + canary + "-3@sentinel-0.example.com:26379",
		}),
		"lacking": func(t testing.TB) *Graph {
			return ofExport(t, installation(t, "2.7", running(t, nil), workerURL+", ", ""), "2.7")
		},
		"blank": values(map[string]string{"backend-redis/REDIS_STORAGE_URL": ""}),
	}
}

// TestGolden compares the pictures with files, which UPDATE_GOLDEN writes.
func TestGolden(t *testing.T) {
	for name, picture := range pictures() {
		t.Run(name, func(t *testing.T) {
			g := picture(t)
			golden(t, name+".mmd", g.Mermaid())
			golden(t, name+".svg", g.SVG())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
	if strings.Contains(string(got), canary) {
		t.Errorf("%s shows a password", file)
	}
}
