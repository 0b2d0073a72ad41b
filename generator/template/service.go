package template

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

const serviceKind = "Service"

// Missing returns the Services of a template's own Redis that the objects lack;
// own lists that Redis as Kind/Name, from the pin. The HA templates have none.
func Missing(objects []manifest.Object, own []string) []string {
	var missing []string
	for _, name := range own {
		has := slices.ContainsFunc(objects, func(o manifest.Object) bool { return o.String() == name })
		if strings.HasPrefix(name, serviceKind+"/") && !has {
			missing = append(missing, name)
		}
	}
	return missing
}

// Service returns the Service among the objects that a host leads to, as the
// names of a cluster do: NAME, NAME.NAMESPACE, NAME.NAMESPACE.svc and so on. The
// namespace is the one in the host, or "".
func Service(objects []manifest.Object, host string) (name, namespace string) {
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	if len(labels) > 2 && labels[2] != "svc" {
		return "", ""
	}
	for _, o := range objects {
		if o.Kind() == serviceKind && o.Name() == labels[0] {
			if len(labels) > 1 {
				namespace = labels[1]
			}
			return o.Name(), namespace
		}
	}
	return "", ""
}
