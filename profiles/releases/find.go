package releases

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

//go:embed *.yaml
var files embed.FS

// Lines returns the release lines with a pin, oldest first.
func Lines() []string { return slices.Clone(lines()) }

var lines = sync.OnceValue(func() []string {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err)
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(n, ".yaml")
	}
	slices.SortFunc(names, compareLines)
	return names
})

// compareLines orders "2.9" before "2.10".
func compareLines(a, b string) int {
	if c := len(a) - len(b); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// Source returns the data file of a release line that Lines names.
func Source(line string) []byte {
	data, err := files.ReadFile(line + ".yaml")
	if err != nil {
		panic(err)
	}
	return data
}

// Load returns the pin of a release line that Lines names. The caller owns it.
func Load(line string) *Pin { return load(line).clone() }

// load returns the one copy of a pin, which nobody may change. The file is read
// once, since a run over many environments loads the same pin for each.
func load(line string) *Pin {
	pin, ok := pins()[line]
	if !ok {
		panic("no pin of release " + line)
	}
	return pin()
}

var pins = sync.OnceValue(func() map[string]func() *Pin {
	byLine := map[string]func() *Pin{}
	for _, line := range lines() {
		byLine[line] = sync.OnceValue(func() *Pin { return parse(Source(line)) })
	}
	return byLine
})

// parse reads a data file. The data is embedded and held by tests, so a fault
// in it is a panic.
func parse(data []byte) *Pin {
	var pin Pin
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&pin); err != nil {
		panic(fmt.Sprintf("pin %s: %v", pin.Line, err))
	}
	return &pin
}

// Find returns the release with that line or tag. The error offers a near miss
// and lists the lines.
func Find(name string) (Release, error) {
	if slices.Contains(lines(), name) {
		return Release{Pin: Load(name)}, nil
	}
	found := tagsWhere(name, func(t Tag) bool { return t.Name == name })
	if len(found) > 0 {
		return found[0], nil
	}
	known := Lines()
	for _, line := range lines() {
		for _, t := range load(line).Tags {
			known = append(known, t.Name)
		}
	}
	return Release{}, diag.Issues{{
		Message: "must be a release line (" + strings.Join(lines(), ", ") + "), or a template tag or patch release of one",
		Hint:    nearMiss(name, known),
	}}
}

// ByDigest returns the tags that have a template with that SHA-256, in lower case
// hexadecimal, oldest first. They can be of several lines.
func ByDigest(sha256hex string) []Release {
	return tagsWhere(sha256hex, func(t Tag) bool {
		return slices.Contains(slices.Collect(maps.Values(t.Templates)), sha256hex)
	})
}

// tagsWhere returns the tags that match, oldest first. Only pins whose file has
// the text are looked at: to parse one takes longer than to search them all.
func tagsWhere(text string, match func(Tag) bool) []Release {
	var found []Release
	for _, line := range lines() {
		if !bytes.Contains(Source(line), []byte(text)) {
			continue
		}
		for i, t := range load(line).Tags {
			if match(t) {
				found = append(found, releaseAt(line, i))
			}
		}
	}
	return found
}

// releaseAt returns one tag of a line.
func releaseAt(line string, tag int) Release {
	pin := Load(line)
	return Release{Pin: pin, Tag: &pin.Tags[tag]}
}

var version = regexp.MustCompile(`(\d+\.\d+)(\.\d+)?`)

// nearMiss offers the release that has the version in name. A version that no
// release has is not a misspelling of another, however few letters differ.
func nearMiss(name string, known []string) string {
	v := version.FindStringSubmatch(name)
	if v == nil {
		return diag.DidYouMean(name, known)
	}
	// YAML reads an unquoted 2.10 as 2.1.
	for _, want := range []string{v[0], v[1], v[0] + "0"} {
		for _, k := range known {
			if version.FindString(k) == want {
				return fmt.Sprintf("did you mean %q?", k)
			}
		}
	}
	return ""
}

// Names are all names that Find knows: the lines, then the tags.
func Names() []string {
	names := Lines()
	for _, line := range lines() {
		for _, t := range load(line).Tags {
			names = append(names, t.Name)
		}
	}
	return names
}

// TemplateLines returns the oldest and the newest line that was published as
// templates.
func TemplateLines() (oldest, newest string) {
	for _, line := range lines() {
		if !slices.ContainsFunc(load(line).Tags, func(t Tag) bool { return len(t.Templates) > 0 }) {
			continue
		}
		if oldest == "" {
			oldest = line
		}
		newest = line
	}
	return oldest, newest
}

// Older reports whether a version, such as "2.5" or "2.4.0", is of a line before
// another. A text that begins with no version is not.
func Older(text, line string) bool {
	v := version.FindStringSubmatch(text)
	return v != nil && strings.HasPrefix(text, v[0]) && compareLines(v[1], line) < 0
}

// SecretNames are the Secrets that any release reads, sorted.
func SecretNames() []string {
	var names []string
	for _, line := range lines() {
		for _, s := range load(line).Secrets {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Covers reports whether another release is this one: the same tag, or for a
// line any tag of it.
func (r Release) Covers(other Release) bool {
	if r.Tag == nil || other.Tag == nil {
		return r.Line == other.Line
	}
	return r.Tag.Name == other.Tag.Name
}
