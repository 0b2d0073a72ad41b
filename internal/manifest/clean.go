package manifest

import "go.yaml.in/yaml/v3"

// serverFields are what a server writes into the metadata of an object. An apply
// that names another uid or resourceVersion than the server's fails.
var serverFields = []string{"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}

// lastApplied is where `kubectl apply` keeps what was applied, with all values of
// a Secret.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Clean takes out, in place, what only a server writes, and templates and exports
// carry all the same: status, resourceVersion and the like, and creationTimestamps
// of null, those of pod templates too. Argo CD would report them as a difference
// for ever.
func Clean(objects []Object) {
	for _, o := range objects {
		Remove(o.Node, "status")
		metadata := Field(o.Node, "metadata")
		for _, field := range serverFields {
			Remove(metadata, field)
		}
		if annotations := Field(metadata, "annotations"); Field(annotations, lastApplied) != nil {
			Remove(annotations, lastApplied)
			if len(annotations.Content) == 0 {
				Remove(metadata, "annotations")
			}
		}
		dropNullTimestamps(o.Node)
	}
}

func dropNullTimestamps(n *yaml.Node) {
	metadata := Field(n, "metadata")
	if created := Field(metadata, "creationTimestamp"); created != nil && created.Tag == "!!null" {
		Remove(metadata, "creationTimestamp")
	}
	for _, child := range n.Content {
		dropNullTimestamps(child)
	}
}
