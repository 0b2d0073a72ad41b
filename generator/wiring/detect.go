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

// Detect compares the wiring of an installation with all pins. Workloads that no
// release has tell nothing about the release, and labels neither: other tools add
// theirs, and no pod reads them. A Job can be left from an earlier release. Where
// the lines of templates and of the operator have the same wiring, the owner of the
// objects decides; an APIManager says its line itself.
func Detect(objects []manifest.Object) Match {
	// What it cannot make sense of is no matter for what it can.
	found, _ := ExtractObjects(objects)
	found.Workloads = slices.DeleteFunc(found.Workloads, func(w releases.Workload) bool { return w.Transient || !pinned()[w.Kind+"/"+w.Name] })
	own, others := candidates(objects)
	match := detect(found, own)
	if len(match.Fits) > 0 {
		return match
	}
	if other := detect(found, others); len(other.Fits) > 0 {
		return other
	}
	return match
}

// candidates are the lines that an installation can be of: the one that its
// APIManager says, else those of its owner. The others are for an installation that
// does not show its owner.
func candidates(objects []manifest.Object) (own, others []string) {
	operated := slices.ContainsFunc(objects, isOperated)
	for _, line := range releases.Lines() {
		if (releases.Load(line).Owner == releases.OwnedByOperator) == operated {
			own = append(own, line)
		} else {
			others = append(others, line)
		}
	}
	for _, o := range objects {
		if line := LineOf(o); slices.Contains(own, line) {
			return []string{line}, nil
		}
	}
	return own, others
}

// detect compares a wiring with the pins of lines. Older than all of them is one only
// before the first line that is known.
func detect(found releases.Wiring, lines []string) Match {
	var nearest Match
	var fits []string
	older := slices.Contains(lines, releases.Lines()[0])
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
	switch {
	case len(fits) > 0:
		return Match{Fits: fits}
	case older:
		return Match{OlderThan: lines[0], Nearest: lines[0], Differences: diffWithoutLabels(found, lines[0])}
	default:
		return nearest
	}
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
