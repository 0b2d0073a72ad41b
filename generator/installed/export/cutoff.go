package export

import (
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// last is the field that a server prints last of an object: without it an object
// of a server is cut off, though what is left of it may parse.
var last = map[string]string{
	DeploymentConfig: "status", "Secret": "type", wiring.APIManagerKind: "status",
	"CronJob": "status", "DaemonSet": "status", Deployment: "status", "Job": "status", "Pod": "status",
	"ReplicaSet": "status", "ReplicationController": "status", "StatefulSet": "status",
}

// cutOff reports objects that a server made and whose end is missing. Each of
// its objects has a uid.
func cutOff(objects []manifest.Object) diag.Issues {
	var issues diag.Issues
	for _, o := range objects {
		field := last[o.Kind()]
		if field != "" && manifest.Field(o.Node, "metadata", "uid") != nil && manifest.Field(o.Node, field) == nil {
			issues = append(issues, o.Issue(o.Node, o.String(), "has no %s: the export is cut off", field))
		}
	}
	return issues
}
