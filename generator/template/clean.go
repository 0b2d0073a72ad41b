package template

import (
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Clean takes out, in place, what only a server writes and the templates carry
// all the same: the status of each object, and null creationTimestamps, those
// of pod templates too. Argo CD would report both as a difference for ever.
func Clean(objects []manifest.Object) {
	for _, o := range objects {
		manifest.Remove(o.Node, "status")
		dropNullTimestamps(o.Node)
	}
}

func dropNullTimestamps(n *yaml.Node) {
	metadata := manifest.Field(n, "metadata")
	if created := manifest.Field(metadata, "creationTimestamp"); created != nil && created.Tag == "!!null" {
		manifest.Remove(metadata, "creationTimestamp")
	}
	for _, child := range n.Content {
		dropNullTimestamps(child)
	}
}
