package wiring_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

const small = `
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: small}
labels: {part: "${PART}"}
objects:
- kind: Secret
  metadata:
    name: system-redis
    labels: {app: "${APP}", unknown: "${NOBODY}"}
  stringData: {URL: "redis://system-redis:${{PORT}}/1", NAMESPACE: "${NAMESPACE}"}
- kind: Secret
  metadata: {name: system-database}
  stringData: {URL: mysql2://root@system-mysql}
- kind: Service
  metadata: {name: system-redis}
- kind: DeploymentConfig
  metadata: {name: zync}
  spec: {template: {spec: {containers: [{name: zync, env: [{name: REDIS_URL, value: x}]}]}}}
- kind: DeploymentConfig
  metadata: {name: system-app}
  spec:
    strategy:
      type: Rolling
      rollingParams:
        pre: {execNewPod: {containerName: system-master, env: [{name: REDIS_URL, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}]}}
        post: {execNewPod: {containerName: system-master, command: [rake]}}
    template:
      spec:
        initContainers: [{name: wait}]
        containers:
        - name: system-master
          env:
          - {name: REDIS_URL, value: overridden}
          - {name: REDIS_SENTINEL_ROLE, valueFrom: {secretKeyRef: {name: system-redis, key: SENTINEL_ROLE}}}
          - {name: REDIS_SENTINEL_ROLE, value: master}
          - {name: REDIS_NAMESPACE, valueFrom: {secretKeyRef: {name: "${APP}-redis", key: NAMESPACE}}}
          - {name: REDIS_URL, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}
          - {name: DATABASE_URL, valueFrom: {secretKeyRef: {name: system-database, key: URL}}}
          - {name: RAILS_ENV, valueFrom: {configMapKeyRef: {name: system-environment, key: RAILS_ENV}}}
parameters:
- {name: APP, value: system}
- {name: PORT, value: "6379"}
- {name: NAMESPACE}
- {name: PART, value: 3scale}
`

func smallWiring() releases.Wiring {
	url := releases.EnvVar{Name: "REDIS_URL", Secret: "system-redis", Key: "URL"}
	namespace := releases.EnvVar{Name: "REDIS_NAMESPACE", Secret: "system-redis", Key: "NAMESPACE"}
	return releases.Wiring{
		Secrets: []releases.Secret{{
			Name:   "system-redis",
			Labels: map[string]string{"app": "system", "part": "3scale", "unknown": "${NOBODY}"},
			Keys: []releases.Key{
				{Name: "URL", Database: "system", Field: "url", Internal: "redis://system-redis:6379/1"},
				{Name: "NAMESPACE", Database: "system", Field: "namespace"},
			},
		}},
		Workloads: []releases.Workload{{
			Kind:       "DeploymentConfig",
			Name:       "system-app",
			Containers: []releases.Container{{Name: "system-master", Env: releases.Env{namespace, url}}},
			PreHook:    &releases.Container{Name: "system-master", Env: releases.Env{url}},
		}},
	}
}

func TestExtract(t *testing.T) {
	if diff := cmp.Diff(smallWiring(), extract(t, "small.yml", []byte(small))); diff != "" {
		t.Error(diff)
	}
}

// Without Redis pods in the template, what stands in the Secret is somebody's
// endpoint, and may be somebody's password.
func TestExtract_externalRedis(t *testing.T) {
	data := strings.Replace(small, "kind: Service\n", "kind: Route\n", 1)
	for _, key := range extract(t, "small.yml", []byte(data)).Secrets[0].Keys {
		if key.Internal != "" {
			t.Errorf("%s has the in-template value %s", key.Name, key.Internal)
		}
	}
}

func extract(t testing.TB, file string, data []byte) releases.Wiring {
	t.Helper()
	docs, err := manifest.ReadDocuments(file, data)
	if err != nil {
		t.Fatal(err)
	}
	w, err := wiring.Extract(file, docs[0])
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Every pin is what the templates of its tags say.
func TestExtract_templates(t *testing.T) {
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
			got, want := extract(t, path, data), release.Wiring
			if differences := wiring.Diff(got, want); differences != nil {
				t.Errorf("differs: %v", differences)
			}
			if strings.Contains(name, "amp-ha-") {
				// This variant brings no Redis, so it has no in-template values.
				for i := range want.Secrets {
					for k := range want.Secrets[i].Keys {
						want.Secrets[i].Keys[k].Internal = ""
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pin (-), template (+):\n%s", diff)
			}
		})
	}
}

// Every kind with a pod template is read, and an optional reference is another
// one than that of a pin.
func TestExtractObjects_kinds(t *testing.T) {
	for kind, layout := range podTemplates {
		objects, err := manifest.Read("x.yaml", []byte("kind: "+kind+"\nmetadata: {name: app}\n"+strings.Replace(layout, "POD", `{initContainers: [{name: wait, env: [{name: A, valueFrom: {secretKeyRef: {name: backend-redis, key: REDIS_QUEUES_URL}}}]}], containers: [{name: main, env: [{name: B, valueFrom: {secretKeyRef: {name: system-redis, key: URL, optional: true}}}]}]}`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := wiring.ExtractObjects(objects)
		if err != nil {
			t.Fatal(err)
		}
		want := []releases.Workload{{
			Kind: kind, Name: "app", Transient: kind == "Job",
			InitContainers: []releases.Container{{Name: "wait", Env: releases.Env{{Name: "A", Secret: "backend-redis", Key: "REDIS_QUEUES_URL"}}}},
			Containers:     []releases.Container{{Name: "main", Env: releases.Env{{Name: "B", Secret: "system-redis", Key: "URL", Optional: true}}}},
		}}
		if diff := cmp.Diff(want, got.Workloads); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		want[0].Containers[0].Env[0].Optional = false
		const difference = "app/main: env var B must come from system-redis/URL, not from system-redis/URL, which may be missing"
		if d := wiring.Diff(got, releases.Wiring{Workloads: want}); len(d) != 1 || d[0].Kind != wiring.Other || d[0].String() != difference {
			t.Errorf("%s: %v", kind, d)
		}
	}
}

// podTemplates are the kinds with a pod template, and where POD stands in them.
var podTemplates = map[string]string{
	"DeploymentConfig": "spec: {template: {spec: POD}}",
	"Deployment":       "spec: {template: {spec: POD}}",
	"StatefulSet":      "spec: {template: {spec: POD}}",
	"DaemonSet":        "spec: {template: {spec: POD}}",
	"ReplicaSet":       "spec: {template: {spec: POD}}",
	"Job":              "spec: {template: {spec: POD}}",
	"CronJob":          "spec: {jobTemplate: {spec: {template: {spec: POD}}}}",
	"Pod":              "spec: POD",
	"Rollout":          "spec: {template: {spec: POD}}",
}

// The order of objects in the template is none.
func TestExtract_sorts(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	docs, err := manifest.ReadDocuments("amp.yml", data)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(manifest.Field(docs[0], "objects").Content)
	got, err := wiring.Extract("amp.yml", docs[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(releases.Load("2.7").Wiring, got); diff != "" {
		t.Error(diff)
	}
}

// With the strategy Recreate, the hooks of recreateParams run.
func TestExtract_recreate(t *testing.T) {
	data := strings.NewReplacer("type: Rolling", "type: Recreate", "rollingParams:", "recreateParams:", "pre:", "mid:").Replace(small)
	app := extract(t, "small.yml", []byte(data)).Workloads[0]
	if app.PreHook != nil || app.MidHook == nil || app.MidHook.Name != "system-master" {
		t.Errorf("got %+v", app)
	}
	data = strings.Replace(small, "type: Rolling", "type: Recreate", 1)
	if app := extract(t, "small.yml", []byte(data)).Workloads[0]; app.PreHook != nil {
		t.Error("the pre hook of a strategy that is not used")
	}
}

func TestExtract_mistakes(t *testing.T) {
	for name, test := range map[string]struct{ input, want string }{
		"no template": {"kind: List\nitems: []\n", "t.yml:1:1: error: must be an OpenShift Template with objects"},
		"no objects":  {"kind: Template\n", "t.yml:1:1: error: must be an OpenShift Template with objects"},
		"a scalar":    {"text\n", "t.yml:1:1: error: must be an OpenShift Template with objects"},
		"no 3scale": {
			"kind: Template\nobjects:\n- {kind: Service, metadata: {name: x}}\n- text\n",
			"t.yml:3:1: error: objects: must have the Secrets backend-redis and system-redis, or workloads that read them",
		},
		"an unknown key": {
			"kind: Template\nobjects:\n- kind: Secret\n  metadata: {name: system-redis}\n  stringData:\n    URL: redis://:canary@x\n    PASSWORD: canary\n",
			"t.yml:7:5: error: Secret/system-redis.stringData.PASSWORD: is a key that no release of 3scale reads",
		},
		"a Secret twice": {
			"kind: Template\nobjects:\n- {kind: Secret, metadata: {name: backend-redis}}\n- {kind: Secret, metadata: {name: backend-redis}}\n",
			"t.yml:4:3: error: Secret/backend-redis: must be there once",
		},
	} {
		docs, err := manifest.ReadDocuments("t.yml", []byte(test.input))
		if err != nil {
			t.Fatal(err)
		}
		_, err = wiring.Extract("t.yml", docs[0])
		if got := diag.From(err).Error(); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

// An export of 2.6 has the wiring of its pin; its values are not read.
func TestExtractObjects_export(t *testing.T) {
	objects, err := manifest.Read("export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := wiring.ExtractObjects(objects)
	if err != nil {
		t.Fatal(err)
	}
	if differences := wiring.Diff(w, releases.Load("2.6").Wiring); differences != nil {
		t.Errorf("differs: %v", differences)
	}
	for _, s := range w.Secrets {
		for _, k := range s.Keys {
			if k.Internal != "" {
				t.Errorf("the value of %s/%s was read", s.Name, k.Name)
			}
		}
	}
}

// An export that was never brought from 2.5 to 2.6 lacks what 2.6 added: 7 keys
// and 9, 8, 7 or 5 env vars each.
func TestExtractObjects_exportOf25(t *testing.T) {
	objects, err := manifest.Read("export.yaml", testinput.Export(t, "installed-2.5.0.GA.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := wiring.ExtractObjects(objects)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, d := range wiring.Diff(w, releases.Load("2.7").Wiring) {
		switch {
		case d.Kind != wiring.Missing:
			t.Errorf("not missing: %s", d)
		case d.Subject == wiring.OfPlace:
			got[d.In] = d.EnvVars
		default:
			got[d.In]++
		}
	}
	want := map[string]int{
		"system-redis":             7,
		"system-app/system-master": 9, "system-app/system-provider": 9, "system-app/system-developer": 9,
		"system-app/pre hook in system-master":            9,
		"system-sidekiq/system-sidekiq":                   9,
		"system-sidekiq/init container check-svc":         7,
		"system-sphinx/system-sphinx":                     8,
		"backend-cron/init container backend-redis-svc":   5,
		"backend-worker/init container backend-redis-svc": 5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Any YAML yields a wiring or an error, and what Extract reads YAML can write.
func FuzzExtract(f *testing.F) {
	f.Add(small)
	f.Add("kind: Template\nobjects: [{kind: DeploymentConfig, spec: [1]}, null, {kind: Secret, metadata: {name: backend-redis}, data: []}]\n")
	f.Fuzz(func(t *testing.T, data string) {
		docs, err := manifest.ReadDocuments("t.yml", []byte(data))
		if err != nil {
			return
		}
		for _, doc := range docs {
			w, err := wiring.Extract("t.yml", doc)
			if differences := wiring.Diff(w, w); differences != nil {
				t.Errorf("differs from itself: %v", differences)
			}
			if _, failed := w.YAML(); err == nil && failed != nil {
				t.Error(failed)
			}
		}
	})
}

func BenchmarkExtract(b *testing.B) {
	data := testinput.Template(b, "2.7.1.GA", "amp.yml")
	docs, err := manifest.ReadDocuments("amp.yml", data)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := wiring.Extract("amp.yml", docs[0]); err != nil {
			b.Fatal(err)
		}
	}
}
