package export

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const canary = "c4n4ry"

const (
	cron    = "kind: DeploymentConfig\nmetadata: {name: backend-cron, namespace: one}\n"
	backend = "kind: Secret\nmetadata: {name: backend-redis, namespace: one}\ndata: {REDIS_STORAGE_URL: cmVkaXM6Ly9o}\n"
)

func one(data string) []File { return []File{{Name: "export.yaml", Data: []byte(data)}} }

func TestRead_exports(t *testing.T) {
	for _, name := range []string{"installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml"} {
		data := testinput.Export(t, name)
		want, err := Read([]File{{Name: name, Data: data}}, "")
		if err != nil {
			t.Fatal(err)
		}
		if want.Namespace != "threescale" || want.Values["backend-redis"]["REDIS_QUEUES_URL"] != "redis://backend-redis:6379/1" {
			t.Errorf("%s: %s %v", name, want.Namespace, want.Values)
		}
		objects, err := manifest.Read(name, data)
		if err != nil {
			t.Fatal(err)
		}
		asJSON, err := sigsyaml.YAMLToJSON(data)
		if err != nil {
			t.Fatal(err)
		}
		documents, err := manifest.Write(objects)
		if err != nil {
			t.Fatal(err)
		}
		var files []File
		for i, o := range objects {
			text, err := manifest.Encode(o.Node)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, File{Name: fmt.Sprint(i), Data: text})
		}
		for form, in := range map[string][]File{
			"json": {{Name: name, Data: asJSON}}, "documents": {{Name: name, Data: documents}}, "files": files,
			"crlf": {{Name: name, Data: bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))}},
		} {
			got, err := Read(in, "threescale")
			if err != nil {
				t.Fatalf("%s as %s: %v", name, form, err)
			}
			if diff := cmp.Diff(want.Values, got.Values); diff != "" || got.Ignored != want.Ignored || len(got.Workloads) != len(want.Workloads) {
				t.Errorf("%s as %s: %s, ignored %s", name, form, diff, got.Ignored)
			}
		}
	}
}

// An export that is cut off anywhere is not an export.
func TestRead_truncated(t *testing.T) {
	data := testinput.Export(t, "installed-2.6.0.GA.yaml")
	whole := bytes.LastIndex(data, []byte("kind: List"))
	if whole < 4001 {
		t.Fatalf("the export is not one List: %d", whole)
	}
	for cut := 1; cut < whole; cut += 4001 {
		if _, err := Read(one(string(data[:cut])), ""); err == nil {
			t.Errorf("cut at byte %d of %d it is whole", cut, len(data))
		}
	}
	objects, err := manifest.Read("export.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	documents, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	templates := 0
	for at, line := range bytes.Split(documents, []byte("\n")) {
		if !bytes.HasPrefix(line, []byte("  template:")) {
			continue
		}
		templates++
		cut := bytes.Join(bytes.Split(documents, []byte("\n"))[:at+1], []byte("\n"))
		if _, err := Read(one(string(cut)), ""); err == nil {
			t.Errorf("cut at line %d, inside an object, it is whole", at)
		}
	}
	if templates < 6 {
		t.Errorf("cut in %d pod templates", templates)
	}
}

func TestRead_bad(t *testing.T) {
	cases := map[string]struct{ data, namespace, want string }{
		"nothing":             {"", "", "export.yaml: error: holds no object"},
		"no YAML":             {"kind: [", "", "is not YAML"},
		"list of lists":       {"kind: List\nitems: [{kind: List, items: []}]\n", "", "a List inside a List is not supported"},
		"list without kind":   {"items:\n- " + strings.ReplaceAll(cron, "\n", "\n  ") + "\n", "", "a List without it is cut off"},
		"template":            {"kind: Template\nmetadata: {name: amp}\nobjects: []\n---\n" + cron, "", "is an OpenShift template, not an export"},
		"only secrets":        {backend, "", "must have the DeploymentConfigs or the Deployments of 3scale"},
		"only workloads":      {cron, "", "must have the Secrets backend-redis and system-redis"},
		"no data":             {cron + "---\nkind: Secret\nmetadata: {name: system-redis}\n", "", "export.yaml:4:1: error: Secret/system-redis: must have data"},
		"stringData":          {cron + "---\n" + backend + "stringData: {URL: " + canary + "}\n", "", "Secret/backend-redis.stringData: stands in what is applied"},
		"no base64":           {cron + "---\nkind: Secret\nmetadata: {name: system-redis}\ndata: {URL: " + canary + "!}\n", "", "Secret/system-redis.data.URL: must be base64"},
		"value is a list":     {cron + "---\nkind: Secret\nmetadata: {name: system-redis}\ndata: {URL: [" + canary + "]}\n", "", "Secret/system-redis.data.URL: must be base64"},
		"key twice":           {cron + "---\nkind: Secret\nmetadata: {name: system-redis}\ndata: {URL: '', URL: ''}\n", "", "data.URL: is given twice: first at export.yaml:6:8"},
		"two lists":           {"kind: List\nitems: []\nkind: List\nitems: []\n", "", "export.yaml:3:1: error: kind: is given twice: first at export.yaml:1:1\n  hint: put a line \"---\" between two objects, and between two exports"},
		"object twice":        {cron + "---\n" + cron + "---\n" + backend, "", "DeploymentConfig/backend-cron: is there twice, first at export.yaml:1:1"},
		"several namespaces":  {cron + "---\n" + strings.ReplaceAll(backend, "one", "two"), "", "has objects of several namespaces: one, two"},
		"another namespace":   {cron + "---\n" + backend, "ones", "is of namespace one, the spec of ones\n  hint: did you mean \"one\"?"},
		"workload cut off":    {cron + "---\n" + backend + "---\nkind: DeploymentConfig\nmetadata: {name: x, uid: 0-1}\nspec: {}\n", "", "DeploymentConfig/x: has no status: the export is cut off"},
		"secret cut off":      {cron + "---\n" + strings.ReplaceAll(backend, "namespace", "uid: 0-1, namespace"), "", "Secret/backend-redis: has no type: the export is cut off"},
		"no object":           {"- a\n", "", "must be a Kubernetes object"},
		"item is no object":   {"kind: List\nitems: [a]\n", "", "must be a Kubernetes object"},
		"items are no list":   {"kind: List\nitems: {}\n", "", "items: must be a list"},
		"chart":               {"apiVersion: v2\nname: x\n", "", "kind: is required"},
		"bad object in a row": {cron + "---\nmetadata: {}\n", "", "kind: is required"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := Read(one(c.data), c.namespace)
			if err == nil {
				t.Fatalf("is fine: %+v", e)
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestRead_namespaces(t *testing.T) {
	two := strings.NewReplacer("one", "two", "cmVkaXM6Ly9o", "cmVkaXM6Ly90d28=")
	e, err := Read(one(cron+"---\n"+backend+"---\n"+two.Replace(cron)+"---\n"+two.Replace(backend)+"---\nkind: Route\nmetadata: {name: x, namespace: three}\n"), "two")
	if err != nil {
		t.Fatal(err)
	}
	if e.Namespace != "two" || e.Values["backend-redis"]["REDIS_STORAGE_URL"] != "redis://two" || len(e.Workloads) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestRead_ignores(t *testing.T) {
	e, err := Read(one(cron+"---\n"+backend+"---\nkind: Secret\nmetadata: {name: own}\ndata: {X: '"+canary+"!'}\n---\nkind: Route\nmetadata: {name: x}\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := "1 Route, 1 Secret"; e.Ignored != want {
		t.Errorf("ignored %q, want %q", e.Ignored, want)
	}
}

// reading is an object whose pods read a Secret.
func reading(kind, name, more string) string {
	return "---\nkind: " + kind + "\nmetadata: {name: " + name + more + "}\n" +
		"spec: {template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: system-redis}}]}]}}}\n"
}

// Copies of a pod template that the export has are no readers of their own; all
// else that reads the Secrets is kept.
func TestRead_copies(t *testing.T) {
	owned := func(kind, name string) string { return ", ownerReferences: [{kind: " + kind + ", name: " + name + "}]" }
	pod := func(name, more string) string {
		return "---\nkind: Pod\nmetadata: {name: " + name + more + "}\nspec: {volumes: [{name: v, secret: {secretName: system-redis}}]}\n"
	}
	data := cron + "---\n" + backend +
		reading("DeploymentConfig", "app", "") +
		reading("ReplicationController", "app-12", owned("DeploymentConfig", "app")) +
		pod("app-12-x", owned("ReplicationController", "app-12")) +
		pod("app-11-x", owned("ReplicationController", "app-11")) +
		reading("Deployment", "own", owned("APIManager", "apimanager")) +
		"---\nkind: APIManager\nmetadata: {name: apimanager}\nspec: {}\n" +
		pod("own-5d4-x", owned("ReplicaSet", "own-5d4")) +
		strings.NewReplacer("spec: {template:", "spec: {jobTemplate: {spec: {template:", "]}}}", "]}}}}}").Replace(reading("CronJob", "nightly", "")) +
		reading("Job", "nightly-1", owned("CronJob", "nightly")) +
		pod("alone", "") +
		pod("of-another", owned("ReplicaSet", "other-5d4"))
	e, err := Read(one(data), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range e.Workloads {
		got = append(got, o.String())
	}
	want := []string{"DeploymentConfig/backend-cron", "DeploymentConfig/app", "Deployment/own", "CronJob/nightly", "Pod/alone", "Pod/of-another"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := "1 APIManager, 1 Job, 1 ReplicationController"; e.Ignored != want {
		t.Errorf("ignored %q, want %q", e.Ignored, want)
	}
}

// Workloads of other kinds do not make an export of 3scale, and one that is cut
// off is none.
func TestRead_otherKinds(t *testing.T) {
	if _, err := Read(one(backend+reading("Deployment", "own", "")), ""); err == nil || !strings.Contains(err.Error(), "must have the DeploymentConfigs") {
		t.Errorf("says %v", err)
	}
	if _, err := Read(one(cron+"---\n"+backend+reading("Deployment", "own", ", uid: 0-1")), ""); err == nil || !strings.Contains(err.Error(), "Deployment/own: has no status: the export is cut off") {
		t.Errorf("says %v", err)
	}
	if _, err := Read(one(cron+"---\n"+backend+reading("Deployment", "own", "")+reading("Deployment", "own", "")), ""); err == nil || !strings.Contains(err.Error(), "Deployment/own: is there twice") {
		t.Errorf("says %v", err)
	}
}

// Whatever comes in, nothing panics, and what is wrong stands in a file.
// A name that Kubernetes does not allow could be a command, a step of a plan or a
// terminal's escape sequence where it is repeated. Nothing of it is.
func TestRead_names(t *testing.T) {
	const bad = "\"x; touch PWNED #\\n\\e[31m\""
	workload := func(name, spec string) string {
		return "---\nkind: DeploymentConfig\nmetadata: {name: " + name + "}\nspec: " + spec + "\n"
	}
	pod := func(pod string) string { return "{template: {spec: {" + pod + "}}}" }
	cases := map[string]struct{ data, want string }{
		"namespace":         {"---\nkind: Secret\nmetadata: {name: own, namespace: " + bad + "}\n", "metadata.namespace: must be at most 63 lower-case letters"},
		"of an ignored one": {"---\nkind: Route\nmetadata: {name: own, namespace: " + bad + "}\n", "metadata.namespace: must be at most 63 lower-case letters"},
		"kind":              {"---\nkind: " + bad + "\nmetadata: {name: own}\n", "kind: must be letters and digits"},
		"workload":          {workload(bad, "{}"), "metadata.name: must be lower-case letters"},
		"owner":             {"---\nkind: Secret\nmetadata: {name: own, ownerReferences: [{kind: ExternalSecret, name: " + bad + "}]}\n", "metadata.ownerReferences.name: must be lower-case"},
		"secret":            {"---\nkind: Secret\nmetadata: {name: " + bad + "}\n", "metadata.name: must be lower-case letters"},
		"key":               {"---\nkind: Secret\nmetadata: {name: own}\ndata: {" + bad + ": ''}\n", "data: must be letters, digits"},
		"container":         {workload("own", pod("containers: [{name: "+bad+"}]")), "containers: must be at most 63"},
		"init container":    {workload("own", pod("initContainers: [{name: "+bad+"}]")), "initContainers: must be at most 63"},
		"hook":              {workload("own", "{strategy: {rollingParams: {pre: {execNewPod: {containerName: "+bad+"}}}}}"), "pre: must be at most 63"},
		"env var":           {workload("own", pod("containers: [{name: main, env: [{name: "+bad+"}]}]")), "containers.env: must be printable ASCII"},
		"secret that is read": {
			workload("own", pod("containers: [{name: main, envFrom: [{secretRef: {name: "+bad+"}}]}]")), "the name of a Secret: must be lower-case",
		},
		"key that is read": {
			workload("own", pod("containers: [{name: main, env: [{name: X, valueFrom: {secretKeyRef: {name: own, key: "+bad+"}}}]}]")), "a key of a Secret: must be letters",
		},
		"volume": {workload("own", pod("volumes: [{name: "+bad+", secret: {secretName: own}}]")), "the name of a volume: must be at most 63"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Read(one(cron+"---\n"+backend+c.data), "")
			if err == nil {
				t.Fatal("is taken")
			}
			text := err.Error()
			if !strings.Contains(text, c.want) || !strings.HasPrefix(text, "export.yaml:") || strings.ContainsAny(text, "\x1b\n") {
				t.Errorf("got  %q\nwant %q", text, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(cron+"---\n"+backend), "one")
	f.Add([]byte(`{"kind":"List","items":[{"kind":"Secret","metadata":{"name":"system-redis"},"data":{"URL":"eA=="}}]}`), "")
	f.Add([]byte("kind: Secret\nmetadata: {name: system-redis}\ndata: &a {URL: *a}\n"), "")
	f.Fuzz(func(t *testing.T, data []byte, namespace string) {
		e, err := Read([]File{{Name: "x", Data: data}}, namespace)
		for _, i := range diag.From(err) {
			if i.Pos.File != "x" {
				t.Errorf("no file in %q", i)
			}
		}
		if err == nil && (len(e.Workloads) == 0 || len(e.Secrets) == 0) {
			t.Error("an export without workloads or Secrets")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	data := testinput.Export(b, "installed-2.6.0.GA.yaml")
	for _, copies := range []int{1, 10, 50} {
		b.Run(fmt.Sprint(copies), func(b *testing.B) {
			var files []File
			for i := range copies {
				namespace := fmt.Appendf(nil, "namespace: ns%d\n", i)
				files = append(files, File{Name: fmt.Sprint(i), Data: bytes.ReplaceAll(data, []byte("namespace: threescale\n"), namespace)})
			}
			for b.Loop() {
				if _, err := Read(files, "ns0"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
