package export

import (
	"maps"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// pick leaves the objects of one namespace. Objects that name none belong to any.
// DeploymentConfigs, APIManagers and Secrets say which namespaces there are.
func (e *Export) pick(objects []manifest.Object, namespace string) ([]manifest.Object, diag.Issues) {
	first := map[string]manifest.Object{}
	for _, o := range objects {
		counts := o.Kind() == DeploymentConfig || o.Kind() == "Secret" || wiring.IsAPIManager(o)
		if counts && o.Namespace() != "" && first[o.Namespace()].Node == nil {
			first[o.Namespace()] = o
		}
	}
	names := slices.Sorted(maps.Keys(first))
	whole := diag.Position{File: e.Name}
	switch {
	case namespace == "" && len(names) > 1:
		return nil, diag.Issues{{
			Pos: whole, Message: "has objects of several namespaces: " + strings.Join(names, ", "),
			Hint: "name one in metadata.namespace of the spec, or export one",
		}}
	case namespace != "" && len(names) > 0 && first[namespace].Node == nil:
		return nil, diag.Issues{{
			Pos: whole, Message: "is of namespace " + strings.Join(names, ", ") + ", the spec of " + namespace,
			Hint: diag.DidYouMean(namespace, names),
		}}
	case namespace == "" && len(names) == 1:
		namespace = names[0]
	}
	e.Namespace = namespace
	return slices.DeleteFunc(objects, func(o manifest.Object) bool { return o.Namespace() != "" && o.Namespace() != namespace }), nil
}
