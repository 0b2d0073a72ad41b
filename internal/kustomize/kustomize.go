// Package kustomize builds the kustomizations that specs name as their base. It
// is the only package that runs Kustomize.
package kustomize

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"sync"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// building is held by the one build that runs: Kustomize keeps its schema in a
// global variable.
var building sync.Mutex

// Build gives what `kustomize build` prints for a directory, without plugins,
// without files from outside of it and without the network.
func Build(files filesys.FileSystem, dir string) ([]byte, error) {
	building.Lock()
	defer building.Unlock()
	defer offline()()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, dir)
	if err != nil {
		return nil, diag.Issues{issue(dir, err)}
	}
	return resources.AsYaml()
}

var errOffline = errors.New("rendering uses no network")

// offline takes from Kustomize the two ways to the network, which it has no
// options for: the transport of the http.Client that it makes itself, and git,
// which it looks up on the PATH. The function that it gives puts them back.
func offline() func() {
	transport := http.DefaultTransport
	path, set := os.LookupEnv("PATH") //nolint:forbidigo // it is put back
	http.DefaultTransport = refusal{}
	_ = os.Unsetenv("PATH")
	return func() {
		http.DefaultTransport = transport
		if set {
			_ = os.Setenv("PATH", path)
		}
	}
}

// refusal is an http.RoundTripper that makes no trip.
type refusal struct{}

// RoundTrip implements http.RoundTripper.
func (refusal) RoundTrip(*http.Request) (*http.Response, error) { return nil, errOffline }

// IsKustomization reports whether a file of that name makes its directory a
// kustomization.
func IsKustomization(name string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), name)
}

// ClusterScoped reports whether objects of a kind are in no namespace, as far as
// Kustomize knows the kind.
func ClusterScoped(apiVersion, kind string) bool {
	return openapi.IsCertainlyClusterScoped(yaml.TypeMeta{APIVersion: apiVersion, Kind: kind})
}
