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

// Hook is the JSON patch (RFC 6902) that gives the pre hook of a known object
// the env vars of the pin, nil where all are in place. Each change of an entry
// is guarded by a test of the name that stands there, so that a list that has
// changed since fails the patch as a whole.
func Hook(o manifest.Object, w releases.Workload) (*yaml.Node, error) {
	if w.PreHook == nil {
		return nil, nil
	}
	pod, issue := hookPod(o, *w.PreHook)
	if issue != nil {
		return nil, diag.Issues{*issue}
	}
	base := "/" + strings.Join(hookPath, "/")
	list := manifest.Field(pod, "env")
	changes := hookChanges(list, w.PreHook.Env, base+"/env")
	if len(changes) == 0 {
		return nil, nil
	}
	guard := operation("test", base+"/containerName", manifest.Scalar(w.PreHook.Name))
	if list == nil || list.Kind != yaml.SequenceNode {
		// To the server a field that is missing equals null.
		changes = slices.Insert(changes, 0, operation("test", base+"/env", null()), operation("add", base+"/env", sequence()))
	}
	return sequence(slices.Insert(changes, 0, guard)...), nil
}

// hookChanges replaces what differs, then removes second entries of a name from
// the end, then appends what is missing, so that no index moves before its use.
func hookChanges(list *yaml.Node, env releases.Env, path string) []*yaml.Node {
	var replaced, removed, added []*yaml.Node
	seen := map[string]bool{}
	for i, n := range manifest.Items(list) {
		name, at := manifest.Text(n, "name"), path+"/"+strconv.Itoa(i)
		v := slices.IndexFunc(env, func(v releases.EnvVar) bool { return v.Name == name })
		guard := operation("test", at+"/name", manifest.Scalar(name))
		switch {
		case v < 0:
		case seen[name]:
			removed = slices.Insert(removed, 0, guard, operation("remove", at, nil))
		case !wired(n, env[v]):
			replaced = append(replaced, guard, operation("replace", at, entry(env[v])))
		}
		seen[name] = true
	}
	for _, v := range env {
		if !seen[v.Name] {
			added = append(added, operation("add", path+"/-", entry(v)))
		}
	}
	return slices.Concat(replaced, removed, added)
}

func operation(op, path string, value *yaml.Node) *yaml.Node {
	n := manifest.Mapping("op", manifest.Scalar(op), "path", manifest.Scalar(path))
	if value != nil {
		manifest.Set(n, value, "value")
	}
	return n
}
