package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// What a server wrote goes, and nothing that only looks like it.
func TestClean(t *testing.T) {
	objects, err := manifest.Read("export.yaml", []byte(`apiVersion: v1
kind: List
items:
- apiVersion: apps.openshift.io/v1
  kind: DeploymentConfig
  metadata:
    creationTimestamp: "2020-05-04T09:12:31Z"
    deletionTimestamp: "2020-05-04T09:12:31Z"
    generation: 3
    managedFields: [{manager: oc}]
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: '{"data": {"URL": "canary"}}'
    name: system-app
    resourceVersion: "410070"
    selfLink: /apis/x
    uid: 0b9f8bda
  spec:
    template:
      metadata: {creationTimestamp: null, labels: {generation: "3"}}
      spec: {containers: [{name: a, env: [{name: status, value: uid}]}]}
  status: {latestVersion: 1}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: kept, annotations: {kubectl.kubernetes.io/last-applied-configuration: "", mine: kept}}
  data: {status: kept, uid: kept, metadata: "creationTimestamp: null"}
`))
	if err != nil {
		t.Fatal(err)
	}
	manifest.Clean(objects)
	got, err := manifest.Write(objects)
	if err != nil {
		t.Fatal(err)
	}
	const want = `apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata:
  name: system-app
spec:
  template:
    metadata: {labels: {generation: "3"}}
    spec: {containers: [{name: a, env: [{name: status, value: uid}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, annotations: {mine: kept}}
data: {status: kept, uid: kept, metadata: "creationTimestamp: null"}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
