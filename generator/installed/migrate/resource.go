package migrate

import (
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// resources are the kinds of workloads by the name that `oc` takes.
var resources = map[string]string{export.DeploymentConfig: "dc", "Deployment": "deployment"}

// resource names a workload for `oc rollout`: dc/NAME.
func resource(o manifest.Object) string { return resources[o.Kind()] + "/" + o.Name() }

// patchCommand patches a workload or an APIManager with a file.
func (p *planner) patchCommand(o manifest.Object, kind, file string) string {
	name := resources[o.Kind()]
	if wiring.IsAPIManager(o) {
		name = "apimanager"
	}
	return p.plan.oc("patch", name, o.Name(), "--type="+kind, "--patch-file", file)
}

// restartCommand replaces the pods of a workload as they are.
func (p *planner) restartCommand(o manifest.Object) string {
	if o.Kind() == export.DeploymentConfig {
		return p.plan.oc("rollout", "latest", resource(o))
	}
	return p.plan.oc("rollout", "restart", resource(o))
}
