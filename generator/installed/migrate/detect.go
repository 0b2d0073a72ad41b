package migrate

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Wiring tells which release's env vars and keys an installation has.
type Wiring struct {
	// Fits are the release lines whose wiring it is.
	Fits []string `json:"fits,omitempty"`
	// OlderThan is the oldest line that is known, where all that differs from it
	// is missing.
	OlderThan string `json:"olderThan,omitempty"`
	// Nearest is the line that differs least, and Differences how.
	Nearest     string   `json:"nearest,omitempty"`
	Differences []string `json:"differences,omitempty"`
}

// String says it in a sentence.
func (w Wiring) String() string {
	switch {
	case len(w.Fits) == 1:
		return "the wiring is that of 3scale " + w.Fits[0]
	case len(w.Fits) > 1:
		return "the wiring is that of 3scale " + w.Fits[0] + " to " + w.Fits[len(w.Fits)-1]
	case w.OlderThan != "":
		return "the wiring is older than that of 3scale " + w.OlderThan + ", and all that differs from it is missing"
	default:
		return "the wiring is that of no release; the nearest is 3scale " + w.Nearest
	}
}

// Release gives the newest release whose wiring it is.
func (w Wiring) Release() (releases.Release, error) {
	if len(w.Fits) == 0 {
		return releases.Release{}, diag.Issues{{Message: w.String(), Hint: "--release says which release of 3scale runs"}}
	}
	return releases.Find(w.Fits[len(w.Fits)-1])
}

// Detect compares the wiring of an export with all pins.
func Detect(e *export.Export) Wiring {
	// What it cannot make sense of is no matter for what it can.
	found, _ := releases.ExtractObjects(append(slices.Clone(e.Workloads), e.Secrets...))
	found = withoutLabels(found)
	var w Wiring
	older := true
	for _, line := range releases.Lines() {
		differences := found.Diff(withoutLabels(releases.Load(line).Wiring))
		if len(differences) == 0 {
			w.Fits = append(w.Fits, line)
		}
		if w.Nearest == "" || len(differences) < len(w.Differences) {
			w.Nearest, w.Differences = line, differences
		}
		older = older && isOlder(differences)
	}
	switch {
	case len(w.Fits) > 0:
		return Wiring{Fits: w.Fits}
	case older:
		w.Nearest = releases.Lines()[0]
		w.OlderThan, w.Differences = w.Nearest, found.Diff(withoutLabels(releases.Load(w.Nearest).Wiring))
	}
	return w
}

// isOlder reports whether all that differs is missing, a key too: env vars alone
// somebody may have taken away.
func isOlder(differences []string) bool {
	return !slices.ContainsFunc(differences, func(d string) bool { return !isMissing(d) }) &&
		slices.ContainsFunc(differences, func(d string) bool { return strings.HasPrefix(d, "secret ") })
}

// isMissing reports whether a difference says that something is not there.
func isMissing(difference string) bool {
	return strings.HasSuffix(difference, " missing")
}

// withoutLabels leaves out labels: other tools add theirs, and no pod reads them.
func withoutLabels(w releases.Wiring) releases.Wiring {
	w.Secrets = slices.Clone(w.Secrets)
	for i := range w.Secrets {
		w.Secrets[i].Labels = nil
	}
	return w
}

// rollsByItself reports whether a change of the pod template starts a rollout.
func rollsByItself(o manifest.Object) bool {
	triggers := manifest.Field(o.Node, "spec", "triggers")
	if triggers == nil {
		return true // the server's default
	}
	return slices.ContainsFunc(manifest.Items(triggers), func(n *yaml.Node) bool { return manifest.Text(n, "type") == "ConfigChange" })
}

// patience gives the seconds without progress after which the server gives up a
// rollout.
func patience(o manifest.Object) int {
	for _, params := range []string{"rollingParams", "recreateParams"} {
		if n, err := strconv.Atoi(manifest.Text(o.Node, "spec", "strategy", params, "timeoutSeconds")); err == nil {
			return n
		}
	}
	return 600 // the server's default (openshift/library-go appsutil, DefaultRollingTimeoutSeconds)
}
