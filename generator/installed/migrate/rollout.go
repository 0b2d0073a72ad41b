package migrate

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// rollsByItself reports whether a change of the pod template starts a rollout.
func rollsByItself(o manifest.Object) bool {
	triggers := manifest.Field(o.Node, "spec", "triggers")
	if triggers == nil {
		return true // the server's default
	}
	return slices.ContainsFunc(manifest.Items(triggers), func(n *yaml.Node) bool { return manifest.Text(n, "type") == "ConfigChange" })
}

// defaultPatience is the server's (openshift/library-go appsutil,
// DefaultRollingTimeoutSeconds and DefaultRecreateTimeoutSeconds).
const defaultPatience = 600

// patience is how many seconds without progress make the server give up a
// rollout.
func patience(o manifest.Object) int {
	n, err := strconv.Atoi(manifest.Text(o.Node, append(wiring.StrategyPath(o), "timeoutSeconds")...))
	if err != nil {
		return defaultPatience
	}
	return n
}
