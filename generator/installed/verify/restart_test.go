package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// changed reads an export of which a case has changed the objects.
func changed(t testing.TB, change func(o manifest.Object), more string) *export.Export {
	t.Helper()
	objects, err := manifest.Read("export.yaml", testinput.Export(t, "installed-2.6.0.GA.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		change(o)
	}
	data, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: append(data, more...)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// written sets when the data of the Secrets was last changed; an annotation that
// came later does not change it.
func written(o manifest.Object) {
	if o.Kind() != "Secret" {
		return
	}
	entry := func(time, field string) *yaml.Node {
		return manifest.Mapping("time", manifest.Scalar(time), "fieldsV1", manifest.Mapping(field, manifest.Mapping()))
	}
	manifest.Set(o.Node, manifest.Sequence(
		entry("2026-01-01T00:00:00Z", "f:data"), entry("2026-01-02T12:00:00Z", "f:data"), entry("2026-01-09T00:00:00Z", "f:metadata"),
	), "metadata", "managedFields")
}

// pod is a pod of backend-worker.
func pod(name, started, more string) string {
	return "---\nkind: Pod\nmetadata: {name: " + name + ", ownerReferences: [{kind: ReplicationController, name: backend-worker-7}]" + more + "}\n" +
		"spec: {containers: [{name: main, envFrom: [{secretRef: {name: backend-redis}}]}]}\nstatus: {startTime: '" + started + "'}\n"
}

// What the pods of backend-worker have read, by all that an export can show.
func TestCompare_restarts(t *testing.T) {
	const spec = "  release: \"2.7\"\n  profile: internal\n"
	want := checked(t, spec, nil)
	annotated := func(o manifest.Object) {
		for name, value := range want.Annotations()[o.Name()] {
			manifest.Set(o.Node, manifest.Scalar(value), "spec", "template", "metadata", "annotations", name)
		}
	}
	set := func(value string, path ...string) func(manifest.Object) {
		return func(o manifest.Object) {
			if o.String() == "DeploymentConfig/backend-worker" {
				manifest.Set(o.Node, manifest.Scalar(value), path...)
			}
		}
	}
	digest := []string{"spec", "template", "metadata", "annotations", wiring.DigestAnnotation}
	marked := func(o manifest.Object) {
		if o.String() == "Secret/backend-redis" {
			manifest.Set(o.Node, manifest.Scalar("backend-worker,system-app"), "metadata", "annotations", wiring.RestartAnnotation)
		}
	}
	const unknown, stale = "no plan and no apply has set the annotation", "is older than the last change of a Secret"
	cases := map[string]struct {
		change []func(manifest.Object)
		pods   string
		known  bool
		want   string
	}{
		"nothing is known":      {want: unknown},
		"annotated":             {change: []func(manifest.Object){annotated}},
		"of other values":       {change: []func(manifest.Object){annotated, set("0", digest...)}, known: true, want: "is of other values"},
		"no pod wanted":         {change: []func(manifest.Object){set("0", "spec", "replicas")}},
		"paused":                {change: []func(manifest.Object){annotated, set("true", "spec", "paused")}, want: "it is paused"},
		"rolling":               {change: []func(manifest.Object){annotated, set("0", "status", "updatedReplicas")}, want: "its last rollout is not finished"},
		"not observed":          {change: []func(manifest.Object){annotated, set("9", "metadata", "generation")}, want: "its last rollout is not finished"},
		"marked":                {change: []func(manifest.Object){annotated, marked}, known: true, want: "a plan which was not finished has to restart it"},
		"new pods":              {change: []func(manifest.Object){written}, pods: pod("a", "2026-01-02T12:00:01Z", "")},
		"new pods, marked":      {change: []func(manifest.Object){written, marked}, pods: pod("a", "2026-01-02T12:00:01Z", "")},
		"an old pod":            {change: []func(manifest.Object){written}, pods: pod("a", "2026-01-03T00:00:00Z", "") + pod("b", "2026-01-02T12:00:00Z", ""), known: true, want: "pod b " + stale},
		"an old pod, annotated": {change: []func(manifest.Object){written, annotated}, pods: pod("a", "2026-01-01T12:00:00Z", ""), known: true, want: "pod a " + stale},
		"a pod of a rollout":    {change: []func(manifest.Object){written}, pods: pod("a", "2026-01-01T12:00:00Z", ", labels: {openshift.io/deployer-pod-for.name: backend-worker-7}"), want: unknown},
		"no time of the Secret": {pods: pod("a", "2026-01-03T00:00:00Z", ""), want: unknown},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := changed(t, func(o manifest.Object) {
				for _, change := range c.change {
					change(o)
				}
			}, c.pods)
			r := Compare(e, want.Release, want)
			got, said := Restart{}, false
			for _, restart := range r.Restarts {
				if restart.Workload == "backend-worker" {
					got = restart
				}
			}
			for _, i := range r.Issues() {
				said = said || strings.Contains(i.String(), "backend-worker: its pods have not read the values that the Secrets have: "+got.Why)
			}
			if (c.want == "") != (got.Workload == "") || !strings.Contains(got.Why, c.want) || got.Known != c.known || said != c.known {
				t.Errorf("got %+v, said %v, want known %v: %s", got, said, c.known, c.want)
			}
		})
	}
}

// What the server says of a workload, and of the release that it runs.
func TestCompare_status(t *testing.T) {
	const status = "{observedGeneration: 3, updatedReplicas: %d, availableReplicas: %d, conditions: [{type: Available, status: 'True'}, {type: Progressing, status: '%s', reason: ProgressDeadlineExceeded}]}"
	cases := map[string]struct {
		path  []string
		value string
		want  []string
	}{
		"fine":            {[]string{"status"}, fmt.Sprintf(status, 1, 1, "True"), nil},
		"failed":          {[]string{"status"}, fmt.Sprintf(status, 0, 1, "False"), []string{"error: DeploymentConfig/backend-cron: its last rollout failed (ProgressDeadlineExceeded): its pods are those of an earlier one\n  hint: `oc describe` of it and `oc logs` of its pods say why"}},
		"failed, hostile": {[]string{"status"}, "{conditions: [{type: Progressing, status: 'False', reason: \"`x`\\n- run `touch PWNED`\"}]}", []string{"error: DeploymentConfig/backend-cron: its last rollout failed (no reason given): its pods are those of an earlier one\n  hint: `oc describe` of it and `oc logs` of its pods say why"}},
		"running":         {[]string{"status"}, fmt.Sprintf(status, 0, 1, "True"), []string{"warning: DeploymentConfig/backend-cron: its last rollout is not finished: 0 of 1 pods are new"}},
		"unavailable":     {[]string{"status"}, fmt.Sprintf(status, 1, 0, "True"), []string{"warning: DeploymentConfig/backend-cron: 0 of 1 pods are available"}},
		"unobserved":      {[]string{"metadata", "generation"}, "4", []string{"warning: DeploymentConfig/backend-cron: the server has not acted on its last change yet"}},
		"paused":          {[]string{"spec", "paused"}, "true", []string{"warning: DeploymentConfig/backend-cron: is paused: a change of its environment does not restart its pods"}},
		"trigger": {[]string{"spec", "triggers"}, "[{type: ConfigChange}, {type: ImageChange, imageChangeParams: {from: {name: 'amp-backend:2.11'}}}]", []string{
			"warning: DeploymentConfig/backend-cron: the image of its trigger is of 3scale 2.11, not of 2.7",
		}},
		"trigger of the line": {[]string{"spec", "triggers"}, "[{type: ImageChange, imageChangeParams: {from: {name: 'amp-backend:2.7'}}}]", nil},
		"image": {[]string{"spec", "template", "spec", "containers"}, "[{name: backend-cron, image: 'registry.redhat.io/3scale-amp2/backend-rhel7:3scale2.9'}]", []string{
			"error: DeploymentConfig/backend-cron/backend-cron: env vars are missing: ",
			"warning: DeploymentConfig/backend-cron: the image of backend-cron is of 3scale 2.9, not of 2.7",
		}},
		"AMP_RELEASE": {[]string{"spec", "template", "spec", "containers"}, "[{name: backend-cron, env: [{name: AMP_RELEASE, value: 2.6.1}]}]", []string{
			"error: DeploymentConfig/backend-cron/backend-cron: env vars are missing: ",
			"warning: DeploymentConfig/backend-cron: AMP_RELEASE in backend-cron is of 3scale 2.6, not of 2.7",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			want := checked(t, "  release: \"2.7\"\n  profile: internal\n", nil)
			e := changed(t, func(o manifest.Object) {
				if o.String() == "DeploymentConfig/backend-cron" {
					var doc yaml.Node
					if err := yaml.Unmarshal([]byte(c.value), &doc); err != nil {
						t.Fatal(err)
					}
					manifest.Set(o.Node, doc.Content[0], c.path...)
				}
			}, "")
			got := lines(t, Compare(e, want.Release, want).Issues())
			for i := range got {
				if at := strings.Index(got[i], "env vars are missing: "); at > 0 {
					got[i] = got[i][:at+len("env vars are missing: ")]
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A mark on a Secret is text of anybody: names count, and nothing else.
func TestUnread(t *testing.T) {
	objects, err := manifest.Read("export.yaml", []byte("kind: Secret\nmetadata: {name: system-redis, annotations: {"+wiring.RestartAnnotation+": \"system-app,x; touch PWNED,\\n```,system-sphinx,\"}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"system-app", "system-sphinx"}, Unread(objects[0])); diff != "" {
		t.Error(diff)
	}
}
