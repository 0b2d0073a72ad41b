package template

import (
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func TestService(t *testing.T) {
	objects, err := manifest.Read("t", []byte("{kind: Service, metadata: {name: system-redis}}\n---\n{kind: Secret, metadata: {name: redis}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string][2]string{
		"system-redis":                        {"system-redis", ""},
		"System-Redis.":                       {"system-redis", ""},
		"system-redis.ns":                     {"system-redis", "ns"},
		"system-redis.ns.svc":                 {"system-redis", "ns"},
		"system-redis.ns.svc.cluster.local":   {"system-redis", "ns"},
		"system-redis.example.com":            {},
		"system-redis-master.ns.svc":          {},
		"redis":                               {},
		"":                                    {},
		"10.0.0.1":                            {},
		"pod-0.system-redis.ns.svc.cluster.x": {},
	} {
		if name, namespace := Service(objects, host); [2]string{name, namespace} != want {
			t.Errorf("%q is Service %q in namespace %q", host, name, namespace)
		}
	}
}

func TestMissing_templates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		tmpl, _ := open(t, path)
		objects, err := tmpl.Process(fill(tmpl))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if strings.Contains(name, "-ha-") {
			want = []string{"Service/backend-redis", "Service/system-redis"}
		}
		if got := Missing(objects, releases.Load(tmpl.Release()).InternalRedis); !slices.Equal(got, want) {
			t.Errorf("%s lacks %v", name, got)
		}
	}
}
