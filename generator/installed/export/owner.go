package export

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// makers are the kinds that make objects of another kind and name them after
// themselves: system-app-12 is of system-app.
var makers = map[string]string{
	"Job":                   "CronJob",
	"ReplicaSet":            Deployment,
	"ReplicationController": DeploymentConfig,
}

// makerIn returns a function that finds the object in the export whose pod
// template another one is a copy of, as Kind/name, "" where there is none: a pod or
// a ReplicaSet of a Deployment reads what the Deployment reads, and is not a reader of
// its own.
func makerIn(objects []manifest.Object) func(manifest.Object) string {
	there := map[string]bool{}
	for _, o := range objects {
		there[o.String()] = len(wiring.Places(o)) > 0
	}
	return func(o manifest.Object) string {
		for _, ref := range manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")) {
			kind, name := manifest.Text(ref, "kind"), manifest.Text(ref, "name")
			maker := name
			if i := strings.LastIndex(name, "-"); i > 0 {
				maker = name[:i]
			}
			for _, id := range []string{makers[kind] + "/" + maker, kind + "/" + name} {
				if there[id] {
					return id
				}
			}
		}
		return ""
	}
}

// deployer is the label of the pods that roll a DeploymentConfig and run its hooks
// (openshift/api, apps/v1).
const deployer = "openshift.io/deployer-pod-for.name"

// runs reports whether a pod is one that the workload itself runs.
func runs(pod manifest.Object) bool {
	phase := manifest.Text(pod.Node, "status", "phase")
	return manifest.Field(pod.Node, "metadata", "labels", deployer) == nil && phase != "Succeeded" && phase != "Failed"
}
