package rule

import (
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Releases says for people which releases the rule holds for: lines, and versions
// where it holds for some tags of a line only.
func (r Rule) Releases() string {
	var spans []string
	var open *span
	for _, t := range tags() {
		if !r.Holds(releases.Release{Pin: t.pin, Tag: &t.pin.Tags[t.index]}) {
			open = nil
			continue
		}
		if open == nil {
			open = &span{from: t}
			spans = append(spans, "")
		}
		open.to = t
		spans[len(spans)-1] = open.String()
	}
	if len(spans) == 0 {
		return "none"
	}
	return strings.Join(spans, ", ")
}

// tag is one tag of a pin.
type tag struct {
	pin   *releases.Pin
	index int
}

// tags are all tags, oldest first.
func tags() []tag {
	var all []tag
	for _, line := range releases.Lines() {
		pin := releases.Load(line)
		for i := range pin.Tags {
			all = append(all, tag{pin, i})
		}
	}
	return all
}

func (t tag) isFirst() bool { return t.index == 0 }

func (t tag) isLast() bool { return t.index == len(t.pin.Tags)-1 }

var version = regexp.MustCompile(`\d+\.\d+\.\d+`)

// version is 2.11.1 for the tag 3scale-2.11.1-GA.
func (t tag) version() string { return version.FindString(t.pin.Tags[t.index].Name) }

// span are tags in a row.
type span struct{ from, to tag }

func (s span) String() string {
	lines := releases.Lines()
	whole := s.from.pin != s.to.pin || s.from.isFirst() && s.to.isLast()
	from, to := s.from.version(), s.to.version()
	if whole && s.from.isFirst() {
		from = s.from.pin.Line
	}
	if whole && s.to.isLast() {
		to = s.to.pin.Line
	}
	newest := to == lines[len(lines)-1]
	switch {
	case newest && from == lines[0]:
		return "all"
	case newest && !s.from.isFirst():
		return from + " and later"
	case from == to:
		return from
	default:
		return from + " to " + to
	}
}
