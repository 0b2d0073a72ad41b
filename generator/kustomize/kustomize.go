// Package kustomize builds the kustomizations that specs name as their base. It
// is the only package that runs Kustomize.
package kustomize

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Build gives what `kustomize build` prints for a directory, without plugins and
// without files from outside of it.
func Build(files filesys.FileSystem, dir string) ([]byte, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, dir)
	if err != nil {
		return nil, fmt.Errorf("kustomize: %w", err)
	}
	return resources.AsYaml()
}
