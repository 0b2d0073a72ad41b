// Package kustomize builds the kustomizations that specs name as their base. It
// is the only package that runs Kustomize, which trusts its input: aliases that
// multiply, a pattern that does not parse or a schema that is none end the
// process. So all that it will read is read and looked at first, and Kustomize
// runs over what was kept of that.
package kustomize

import (
	"io"
	"os"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Build returns what `kustomize build` prints for a directory below the root,
// without plugins, without the network, and without files from outside of the
// root or of the kustomization that names them. The function reads a file that is
// open, within limits. Files in positions are relative to the directory.
func Build(root *os.Root, dir string, read func(io.Reader) ([]byte, error)) ([]byte, diag.Issues) {
	o := watched(func() outcome {
		t := newTree(root, read)
		defer t.close()
		return build(t, path.Join("/", dir))
	})
	return o.data, o.issues.Sorted()
}

func build(t *tree, dir string) outcome {
	c := checker{tree: t, start: dir}
	c.root(dir)
	if c.issues.Failed() {
		return outcome{issues: c.issues}
	}
	t.check = c.load
	data, printed, err := run(t, dir, c.schema)
	switch {
	case c.issues.Failed():
		return outcome{issues: c.issues}
	case err != nil:
		return outcome{issues: append(c.issues, issue(err))}
	case printed:
		c.issues = append(c.issues, diag.Issue{
			Severity: diag.Warning, Pos: diag.Position{File: "."}, Message: "kustomize has a warning about it",
			Hint: `"kustomize build" prints it, and may quote secrets of the manifests`,
		})
	}
	return outcome{data, c.issues}
}

// IsKustomization reports whether a file of that name makes its directory a
// kustomization.
func IsKustomization(name string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), name)
}

// ClusterScoped reports whether objects of a kind are in no namespace, as far as
// Kustomize knows the kind. A build changes the schema that says so, so this waits
// until none runs. After one that was given up nothing is known, and the run ends
// with the error of that build.
func ClusterScoped(apiVersion, kind string) bool {
	select {
	case building <- struct{}{}:
		defer func() { <-building }()
	case <-givenUp:
		return false
	}
	return openapi.IsCertainlyClusterScoped(yaml.TypeMeta{APIVersion: apiVersion, Kind: kind})
}
