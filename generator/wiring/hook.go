package wiring

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Hook is the JSON patch (RFC 6902) that sets in the hooks of a known object the
// env vars of the pin, nil where all are in place.
func Hook(o manifest.Object, w releases.Workload) (*yaml.Node, error) {
	var operations []*yaml.Node
	var issues diag.Issues
	for _, want := range PinnedPlaces(w) {
		if !want.Field.IsHook() {
			continue
		}
		p, issue := locate(o, w, want)
		if issue != nil {
			issues = append(issues, *issue)
			continue
		}
		operations = append(operations, HookChange(Change{p, p.Env(), Merged(p.Env(), want.Env, InPlace)})...)
	}
	if len(operations) == 0 || issues.Failed() {
		return nil, issues.Err()
	}
	return manifest.Sequence(operations...), nil
}

// HookChange are the operations of a JSON patch that make a change of a hook,
// none where nothing changes. They fail as a whole, and so change nothing, where
// the hook copies another container, where the list has changed since, and where
// they have added or removed an entry before.
func HookChange(c Change) []*yaml.Node {
	pod := "/" + strings.Join(HookPath(c.Object, c.Field), "/")
	env := pod + "/env"
	var operations []*yaml.Node
	switch {
	case len(c.From) > 0:
		operations = edit(env, c.From, c.To)
	case len(c.To) > 0:
		// To the server a list that is missing equals null.
		operations = []*yaml.Node{operation("test", env, manifest.Null()), operation("add", env, manifest.Sequence(c.To...))}
	}
	if len(operations) == 0 {
		return nil
	}
	if len(c.To) == 0 {
		operations = append(operations, operation("remove", env, nil))
	}
	return slices.Insert(operations, 0, operation("test", pod+"/containerName", manifest.Scalar(c.Container)))
}

// spot is what happens at an index of a list: entries come before the one that
// stands there, which is removed or replaced. The last spot is the end.
type spot struct {
	before      []*yaml.Node
	removed     bool
	replacement *yaml.Node
}

func (s spot) changes() bool { return len(s.before) > 0 || s.removed || s.replacement != nil }

// compare finds what turns one list into another. Entries of one name are one
// entry that may change; those that stand in another order are moved.
func compare(from, to []*yaml.Node) []spot {
	spots := make([]spot, len(from)+1)
	left := map[string]int{} // how often a name stands in from[i:]
	for _, n := range from {
		left[name(n)]++
	}
	i := 0
	for _, n := range to {
		for ; left[name(n)] > 0 && name(from[i]) != name(n); i++ {
			left[name(from[i])]--
			spots[i].removed = true
		}
		if left[name(n)] == 0 {
			spots[i].before = append(spots[i].before, n)
			continue
		}
		if !manifest.Equal(from[i], n) {
			spots[i].replacement = n
		}
		left[name(n)]--
		i++
	}
	for ; i < len(from); i++ {
		spots[i].removed = true
	}
	return spots
}

// edit turns one list into another. All tests come first: each entry that is
// removed, replaced, or gets a new one in front of it must stand where it stood.
// At the first index where the lists differ in a name the patch finds another
// name, or none, once it has been applied.
func edit(path string, from, to []*yaml.Node) []*yaml.Node {
	spots := compare(from, to)
	var operations []*yaml.Node
	for i, n := range from {
		if spots[i].changes() {
			operations = append(operations, testName(path, i, n))
		}
	}
	if spots[len(from)].changes() {
		operations = append(operations, testEnd(path, from)...)
	}
	// From the end, so that no index moves before its use.
	for i, s := range slices.Backward(spots) {
		if s.removed {
			operations = append(operations, operation("remove", at(path, i), nil))
		}
		if s.replacement != nil {
			operations = append(operations, operation("replace", at(path, i), s.replacement))
		}
		for k, n := range s.before {
			operations = append(operations, operation("add", at(path, i+k), n))
		}
	}
	return operations
}

// testEnd tests that a list ends with its last entry: a new entry at the end has
// nothing behind it to test. Moved to the end, the last entry alone stays where
// it is.
func testEnd(path string, list []*yaml.Node) []*yaml.Node {
	last := len(list) - 1
	test := testName(path, last, list[last])
	move := manifest.Mapping("op", manifest.Scalar("move"), "from", manifest.Scalar(at(path, last)), "path", manifest.Scalar(path+"/-"))
	return []*yaml.Node{test, move, test}
}

// testName tests the name of an entry.
func testName(path string, i int, n *yaml.Node) *yaml.Node {
	return operation("test", at(path, i)+"/name", manifest.Scalar(name(n)))
}

func at(path string, i int) string { return path + "/" + strconv.Itoa(i) }

func operation(op, path string, value *yaml.Node) *yaml.Node {
	n := manifest.Mapping("op", manifest.Scalar(op), "path", manifest.Scalar(path))
	if value != nil {
		manifest.Set(n, value, "value")
	}
	return n
}
