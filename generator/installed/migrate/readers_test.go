package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// From 2.11 to 2.12 four keys of system-redis lose their readers. Each stays that
// something else reads, in whatever way, and the reader is named.
func TestNew_otherReaders(t *testing.T) {
	const url = "[{name: X, valueFrom: {secretKeyRef: {name: system-redis, key: MESSAGE_BUS_URL}}}]"
	all := []string{"MESSAGE_BUS_NAMESPACE", "MESSAGE_BUS_SENTINEL_HOSTS", "MESSAGE_BUS_SENTINEL_ROLE", "MESSAGE_BUS_URL"}
	cases := map[string]struct {
		kind, spec string
		// by is the reader, stays are the keys that it keeps.
		by    string
		stays []string
	}{
		"none": {"Deployment", "{template: {spec: {containers: [{name: main}]}}}", "", nil},
		"env of a Deployment": {
			"Deployment", "{template: {spec: {containers: [{name: main, env: " + url + "}]}}}",
			"Deployment/own/main (env var X)", all[3:],
		},
		"init container of a CronJob": {
			"CronJob", "{jobTemplate: {spec: {template: {spec: {initContainers: [{name: wait, env: " + url + "}]}}}}}",
			"CronJob/own/init container wait (env var X)", all[3:],
		},
		"post hook": {
			"DeploymentConfig", "{strategy: {type: Recreate, recreateParams: {post: {execNewPod: {containerName: main, env: " + url + "}}}}, template: {}}",
			"DeploymentConfig/own/post hook in main (env var X)", all[3:],
		},
		"optional": {
			"Job", "{template: {spec: {containers: [{name: main, env: [{name: X, valueFrom: {secretKeyRef: {name: system-redis, key: MESSAGE_BUS_URL, optional: true}}}]}]}}}",
			"Job/own/main (env var X)", all[3:],
		},
		"envFrom": {
			"StatefulSet", "{template: {spec: {containers: [{name: main, envFrom: [{prefix: R_, secretRef: {name: system-redis}}]}]}}}",
			"StatefulSet/own/main (envFrom)", all,
		},
		"volume": {
			"DaemonSet", "{template: {spec: {volumes: [{name: v, secret: {secretName: system-redis}}]}}}",
			"DaemonSet/own (volume v)", all,
		},
		"volume with items": {
			"Pod", "{volumes: [{name: v, secret: {secretName: system-redis, items: [{key: URL, path: u}, {key: MESSAGE_BUS_SENTINEL_ROLE, path: r}]}}]}",
			"Pod/own (volume v)", all[2:3],
		},
		"projected volume": {
			"ReplicaSet", "{template: {spec: {volumes: [{name: v, projected: {sources: [{configMap: {name: c}}, {secret: {name: system-redis, items: [{key: MESSAGE_BUS_URL, path: u}]}}]}}]}}}",
			"ReplicaSet/own (volume v)", all[3:],
		},
		"another Secret": {"Deployment", "{template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: backend-redis}}]}]}}}", "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			data := string(testinput.Export(t, "installed-2.6.0.GA.yaml")) + "---\nkind: " + c.kind + "\nmetadata: {name: own}\nspec: " + c.spec + "\n"
			p, err := New(compare(t, []byte(data), checkedText(t, head+"  release: \"2.12\"\n  profile: internal\n")), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, key := range c.stays {
				want = append(want, "key system-redis/"+key+" stays: "+c.by+" reads it")
			}
			slices.Sort(p.InTheWay)
			if diff := cmp.Diff(want, p.InTheWay, cmp.Transformer("empty", func(s []string) string { return strings.Join(s, "\n") })); diff != "" {
				t.Error(diff)
			}
			removed := ""
			for _, f := range p.Files {
				if f.Name == "patches/system-redis.merge.yaml" {
					removed = string(f.Data)
				}
			}
			for _, key := range all {
				if stays := slices.Contains(c.stays, key); stays == strings.Contains(removed, key+": null") {
					t.Errorf("%s: stays %v, and the patch is:\n%s", key, stays, removed)
				}
			}
		})
	}
}
