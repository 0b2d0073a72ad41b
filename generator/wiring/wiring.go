// Package wiring knows how workloads get the values of the backend-redis and
// system-redis Secrets: through env vars of containers, init containers and
// hooks, each of which reads one key of a Secret.
//
//   - Places walks over an object and returns every place where env stands;
//     SourceOf says what one entry reads, Readers lists all that an object reads.
//   - Extract reads the wiring of a template or of an installation, Diff compares
//     it with a pin, Detect finds the release that it belongs to.
//   - Apply wires known objects; Strategic, StrategicChange, Hook and HookChange
//     are the same as patches for `oc patch`, Component as a Kustomize Component.
//   - Where an operator makes the pods, Switches are what its APIManager says of
//     Redis: ReadSwitches reads them, Apply sets them, PatchOf and OperatedComponent
//     are the same as a patch and as a Component.
//
// A change of the wiring sets env vars and pod-template annotations and nothing
// else. It never touches an image.
package wiring

// The pod-template annotations that roll a workload when a value that it reads
// has changed, which a changed Secret alone does not do.
const (
	// TokenAnnotation holds spec.rollout.token.
	TokenAnnotation = "threescale-redis.io/rollout-token"
	// DigestAnnotation holds a digest of the non-secret parts of the values that
	// the workload reads.
	DigestAnnotation = "threescale-redis.io/config-digest"
)

// RestartAnnotation of a Secret names the workloads that a plan restarts because
// of a change that no digest shows, such as a password. It goes when they are
// restarted.
const RestartAnnotation = "threescale-redis.io/restart"

// Annotations are pod-template annotations by the name of the workload.
type Annotations map[string]map[string]string
