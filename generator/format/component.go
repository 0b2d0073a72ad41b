package format

import (
	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// componentFiles gives a Kustomize Component: the Secrets as plain resources,
// and the env patches.
func componentFiles(s Source) ([]File, error) {
	objects, err := helm.Render(s.Values)
	if err != nil {
		return nil, err
	}
	var files []File
	var resources []string
	for _, o := range objects {
		data, err := manifest.Encode(o.Node)
		if err != nil {
			return nil, err
		}
		name := objectFile(o)
		resources = append(resources, name)
		files = append(files, File{Name: name, Data: data, Secret: o.Kind() == "Secret" && s.RealSecrets()})
	}
	component, err := wiring.Component(s.Release, s.Base, s.Annotations(), resources)
	for _, f := range component {
		files = append(files, File{Name: f.Name, Data: f.Data})
	}
	return files, err
}
