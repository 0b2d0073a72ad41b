package format

import (
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// componentFiles returns a Kustomize Component: the Secrets as plain resources,
// and the env patches, or the patch of the APIManager.
func componentFiles(r Result) ([]File, error) {
	var files []File
	var resources []string
	for _, o := range r.Delivered {
		data, err := manifest.Encode(o.Node)
		if err != nil {
			return nil, err
		}
		name := objectFile(o)
		resources = append(resources, name)
		files = append(files, File{Name: name, Data: data, Secret: o.Kind() == "Secret" && r.RealSecrets()})
	}
	component, err := componentOf(r, resources)
	for _, f := range component {
		files = append(files, File{Name: f.Name, Data: f.Data})
	}
	return files, err
}

func componentOf(r Result, resources []string) ([]wiring.File, error) {
	if r.Release.Operated() {
		return wiring.OperatedComponent(r.APIManagerPatch(), resources)
	}
	return wiring.Component(r.Release, r.Base, r.Annotations(), resources)
}
