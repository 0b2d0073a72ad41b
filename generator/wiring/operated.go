package wiring

import (
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// APIManagerPatch is the patch of the APIManager with that name.
type APIManagerPatch struct {
	Name string
	// Namespace is that of the object; empty where nobody names one.
	Namespace string
	// Patch is for `oc patch --type=merge`, nil where nothing is to be changed.
	Patch *yaml.Node
	// HighAvailability says that the object has the older field, and that the patch
	// was made for that.
	HighAvailability bool
}

// OperatedComponent is a Kustomize Component for an installation that an operator
// runs. It patches the APIManager and no pod. The resources are files that the
// caller adds; the kustomization.yaml that names all others is the last file.
//
// The build fails where no APIManager, or more than one, has the name, and where one
// has highAvailability that the patch does not know of.
func OperatedComponent(p APIManagerPatch, resources []string) ([]File, error) {
	const kustomization, patchFile, guardFile = "kustomization.yaml", "patches/apimanager.yaml", "patches/high-availability.yaml"
	patches, nodes := manifest.Sequence(), map[string]*yaml.Node{}
	names := []string{guardsFile}
	add := func(name string, n *yaml.Node) {
		target := p.selector("^" + regexp.QuoteMeta(p.Name) + "$")
		names, nodes[name] = append(names, name), n
		patches.Content = append(patches.Content, manifest.Mapping("path", manifest.Scalar(name), "target", target))
	}
	if !p.HighAvailability {
		// In a JSON patch a field that is missing equals null.
		add(guardFile, manifest.Sequence(operation("test", "/spec/highAvailability", manifest.Null())))
	}
	if p.Patch != nil {
		add(patchFile, p.object())
	}
	var fields []any
	if len(patches.Content) > 0 {
		fields = append(fields, "patches", patches)
	}
	nodes[guardsFile], nodes[kustomization] = p.guards(), component(resources, fields...)
	return encoded(append(names, kustomization), nodes)
}

// object is the patch for Kustomize.
func (p APIManagerPatch) object() *yaml.Node {
	o := manifest.Mapping(
		"apiVersion", manifest.Scalar(APIManagerVersion),
		"kind", manifest.Scalar(APIManagerKind),
		"metadata", manifest.Mapping("name", manifest.Scalar(p.Name)))
	mergeInto(o, p.Patch)
	return o
}

// guards copy the kind of the APIManager onto itself.
func (p APIManagerPatch) guards() *yaml.Node {
	source := p.selector(p.Name)
	manifest.Set(source, manifest.Scalar("kind"), "fieldPath")
	return manifest.Sequence(manifest.Mapping("source", source, "targets", manifest.Sequence(
		manifest.Mapping("select", p.selector(p.Name), "fieldPaths", manifest.Sequence(manifest.Scalar("kind"))))))
}

func (p APIManagerPatch) selector(name string) *yaml.Node {
	return selector(APIManagerVersion, APIManagerKind, name)
}
