package wiring

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Match tells which release's env vars and keys an installation has.
type Match struct {
	// Fits are the release lines whose wiring it is.
	Fits []string `json:"fits,omitempty"`
	// OlderThan is the oldest line that is known, where all that differs from it
	// is missing.
	OlderThan string `json:"olderThan,omitempty"`
	// Nearest is the line that differs least, and Differences how.
	Nearest     string       `json:"nearest,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
}

// String says it in a sentence.
func (m Match) String() string {
	switch {
	case len(m.Fits) == 1:
		return "the wiring is that of 3scale " + m.Fits[0]
	case len(m.Fits) > 1:
		return "the wiring is that of 3scale " + m.Fits[0] + " to " + m.Fits[len(m.Fits)-1]
	case m.OlderThan != "":
		return "the wiring is older than that of 3scale " + m.OlderThan + ", and all that differs from it is missing"
	default:
		return "the wiring is that of no release; the nearest is 3scale " + m.Nearest
	}
}

// Release returns the newest release whose wiring it is.
func (m Match) Release() (releases.Release, error) {
	if len(m.Fits) == 0 {
		return releases.Release{}, diag.Issues{{Message: m.String(), Hint: "--release says which release of 3scale runs"}}
	}
	return releases.Find(m.Fits[len(m.Fits)-1])
}

// Detect compares the wiring of an installation with all pins of its owner: an
// operator makes some of what a template makes, and marks it. Workloads that no
// release has tell nothing about the release, and labels neither: other tools add
// theirs, and no pod reads them. A Job can be left from an earlier release. An
// APIManager says its line itself.
func Detect(objects []manifest.Object) Match {
	// What it cannot make sense of is no matter for what it can.
	found, _ := ExtractObjects(objects)
	found.Workloads = slices.DeleteFunc(found.Workloads, func(w releases.Workload) bool { return w.Transient || !pinned()[w.Kind+"/"+w.Name] })
	var nearest Match
	var fits []string
	lines, older := candidates(objects)
	for _, line := range lines {
		differences := diffWithoutLabels(found, line)
		if len(differences) == 0 {
			fits = append(fits, line)
		}
		if nearest.Nearest == "" || len(differences) < len(nearest.Differences) {
			nearest = Match{Nearest: line, Differences: differences}
		}
		older = older && isOlder(differences)
	}
	switch oldest := releases.Lines()[0]; {
	case len(fits) > 0:
		return Match{Fits: fits}
	case older:
		return Match{OlderThan: oldest, Nearest: oldest, Differences: diffWithoutLabels(found, oldest)}
	default:
		return nearest
	}
}

// candidates are the lines that an installation can be of, and whether it can be of
// an older one too.
func candidates(objects []manifest.Object) (lines []string, older bool) {
	for _, o := range objects {
		if line := LineOf(o); slices.Contains(releases.Lines(), line) {
			return []string{line}, false
		}
	}
	operated := slices.ContainsFunc(objects, isOperated)
	return slices.DeleteFunc(releases.Lines(), func(line string) bool {
		return (releases.Load(line).Owner == releases.OwnedByOperator) != operated
	}), !operated
}

// isOperated reports whether an object is an APIManager or was made for one.
func isOperated(o manifest.Object) bool {
	return IsAPIManager(o) || slices.ContainsFunc(manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")), func(owner *yaml.Node) bool {
		return IsAPIManager(manifest.Object{Node: owner})
	})
}

func diffWithoutLabels(found releases.Wiring, line string) []Difference {
	return slices.DeleteFunc(Diff(found, releases.Load(line).Wiring), func(d Difference) bool { return d.Subject == OfLabel })
}

// isOlder reports whether all that differs is missing, and a key or a Secret with
// it: env vars alone somebody may have taken away.
func isOlder(differences []Difference) bool {
	all := !slices.ContainsFunc(differences, func(d Difference) bool { return d.Kind != Missing })
	return all && slices.ContainsFunc(differences, func(d Difference) bool { return d.Subject == OfSecret || d.Subject == OfKey })
}
