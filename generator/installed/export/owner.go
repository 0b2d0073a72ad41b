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
	"ReplicaSet":            "Deployment",
	"ReplicationController": DeploymentConfig,
}

// copiesIn returns a function that reports whether an object is a copy of a pod
// template that the export has: a pod or a ReplicaSet of a Deployment reads what
// the Deployment reads, and is no reader of its own.
func copiesIn(objects []manifest.Object) func(manifest.Object) bool {
	there := map[string]bool{}
	for _, o := range objects {
		there[o.String()] = len(wiring.Places(o)) > 0
	}
	return func(o manifest.Object) bool {
		for _, ref := range manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")) {
			kind, name := manifest.Text(ref, "kind"), manifest.Text(ref, "name")
			maker := name
			if i := strings.LastIndex(name, "-"); i > 0 {
				maker = name[:i]
			}
			if there[kind+"/"+name] || there[makers[kind]+"/"+maker] {
				return true
			}
		}
		return false
	}
}
