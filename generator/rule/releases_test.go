package rule

import (
	"slices"
	"testing"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// A rule says versions where it holds for some tags of a line only.
func TestRule_Releases_tags(t *testing.T) {
	names := releases.Names()
	for want, tags := range map[string][]string{
		"none":             nil,
		"2.11.1":           {"3scale-2.11.1-GA"},
		"2.11.0":           {"3scale-2.11.0-GA"},
		"2.11.0 to 2.11.1": {"3scale-2.11.0-GA", "3scale-2.11.1-GA"},
		"2.11.1 to 2.11.2": {"3scale-2.11.1-GA", "3scale-2.11.2-GA"},
		"2.11":             {"3scale-2.11.0-GA", "3scale-2.11.1-GA", "3scale-2.11.2-GA"},
		"2.11.0, 2.11.2":   {"3scale-2.11.0-GA", "3scale-2.11.2-GA"},
		"2.11.2 and later": names[slices.Index(names, "3scale-2.11.2-GA"):],
		"2.10 to 2.11.0":   {"3scale-2.10.0-GA", "3scale-2.11.0-GA"},
		"2.12":             {"3scale-2.12.0-GA"},
	} {
		holds := map[string]bool{}
		for _, tag := range tags {
			holds[tag] = true
		}
		r := Rule{applies: func(rel releases.Release) bool { return holds[rel.String()] }}
		if got := r.Releases(); got != want {
			t.Errorf("%v: got %s, want %s", tags, got, want)
		}
	}
}
