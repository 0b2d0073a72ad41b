// Package wiring gives the workloads of an installation the env vars that its
// release reads from the backend-redis and system-redis Secrets: every one that
// the pin names, in containers, init containers and the pre hook, and nothing
// else. It never touches an image.
//
// The same wiring comes in three shapes: applied to known objects (Apply), as
// patches for `oc patch` (Strategic, Hook), and as a Kustomize Component
// (Component).
package wiring

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The pod-template annotations that roll a workload when a value that it reads
// has changed, which a changed Secret alone does not do.
const (
	// TokenAnnotation holds spec.rollout.token.
	TokenAnnotation = "threescale-redis.io/rollout-token"
	// DigestAnnotation holds a digest of the non-secret parts of the values that
	// the workload reads.
	DigestAnnotation = "threescale-redis.io/config-digest"
)

// Annotations are pod-template annotations by the name of the workload.
type Annotations map[string]map[string]string

// hookPath leads to the pod of a pre hook in a DeploymentConfig.
var hookPath = []string{"spec", "strategy", "rollingParams", "pre", "execNewPod"}

// entry is an env var as it stands in a container.
func entry(v releases.EnvVar) *yaml.Node {
	return manifest.Mapping("name", manifest.Scalar(v.Name), "valueFrom", manifest.Mapping("secretKeyRef", secretKeyRef(v)))
}

func secretKeyRef(v releases.EnvVar) *yaml.Node {
	return manifest.Mapping("key", manifest.Scalar(v.Key), "name", manifest.Scalar(v.Secret))
}

// wired reports whether an env entry reads the key that the pin names, and
// nothing else.
func wired(n *yaml.Node, v releases.EnvVar) bool {
	from := manifest.Field(n, "valueFrom")
	ref := manifest.Field(from, "secretKeyRef")
	return manifest.Text(n, "name") == v.Name && manifest.Text(n, "value") == "" &&
		from != nil && len(from.Content) == 2 && ref != nil && len(ref.Content) == 4 &&
		manifest.Text(ref, "name") == v.Secret && manifest.Text(ref, "key") == v.Key
}

// sequence makes a list node.
func sequence(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

// texts makes a mapping of strings, sorted by key.
func texts(m map[string]string) *yaml.Node {
	n := manifest.Mapping()
	for _, k := range slices.Sorted(maps.Keys(m)) {
		manifest.Set(n, manifest.Scalar(m[k]), k)
	}
	return n
}
