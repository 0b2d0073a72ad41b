package kustomize

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// reference is a place in a kustomization that names a file or a directory, or
// holds the text of one.
type reference struct {
	dir, file string // of the kustomization
	node      *yaml.Node
	path      string
	role      role
}

// role is what a reference stands for.
type role int

const (
	roleResource  role = iota // objects, or a kustomization
	roleDirectory             // a kustomization
	rolePlugin                // what configures a plugin: a text, a file, or a kustomization
	rolePatch                 // YAML: a text or a file
	roleDocument              // YAML: a file
	roleInline                // YAML: a text
)

// fields are the fields of a kustomization with references. A path through lists
// names a field of each item.
var fields = []struct {
	path string
	role role
}{
	{"resources", roleResource},
	{"bases", roleDirectory},
	{"components", roleDirectory},
	{"generators", rolePlugin},
	{"transformers", rolePlugin},
	{"validators", rolePlugin},
	{"crds", roleDocument},
	{"configurations", roleDocument},
	{"openapi.path", roleDocument},
	{"patchesStrategicMerge", rolePatch},
	{"patches.path", roleDocument},
	{"patches.patch", roleInline},
	{"patchesJson6902.path", roleDocument},
	{"patchesJson6902.patch", roleInline},
	{"replacements.path", roleDocument},
}

// follow goes down to the references at a path.
func (c *checker) follow(r reference, keys []string) {
	switch {
	case r.node == nil:
	case r.node.Kind == yaml.SequenceNode:
		for i, item := range r.node.Content {
			below := r
			below.node, below.path = item, r.path+"["+strconv.Itoa(i)+"]"
			c.follow(below, keys)
		}
	case len(keys) > 0:
		r.node, r.path = manifest.Field(r.node, keys[0]), strings.TrimPrefix(r.path+"."+keys[0], ".")
		c.follow(r, keys[1:])
	case r.node.Kind == yaml.ScalarNode && r.node.Tag == "!!str":
		c.schema = c.schema || r.path == "openapi.path"
		c.reference(r)
	}
}

// remote matches what Kustomize takes for a URL or a Git repository.
var remote = regexp.MustCompile(`^[\w.+-]+@[\w.-]+:|^git::|://|\?(ref|version)=|\.git(/|$)|^github\.com[/:]`)

// reference looks at what one reference names or holds.
func (c *checker) reference(r reference) {
	text := r.node.Value
	if r.role == roleInline || strings.Contains(text, "\n") && (r.role == rolePatch || r.role == rolePlugin) {
		c.text(r)
		return
	}
	at, err := c.locate(r.dir, text)
	switch {
	case err != nil && remote.MatchString(text) && !strings.Contains(text, "\n"):
		c.report(r, "names something remote, and rendering uses no network", "commit a copy and name that")
	case err != nil && (r.role == rolePatch || r.role == rolePlugin) && strings.ContainsAny(text, "{:"):
		c.text(r)
	case err != nil:
		c.report(r, why(err), "")
	case at.isDir() && r.role <= rolePlugin:
		c.directory(at.name, r)
	case at.isDir():
		c.report(r, "is a directory, and must be a file", "")
	case r.role == roleDirectory:
		c.report(r, "must be the directory of a kustomization", "")
	case !strings.HasPrefix(at.name, strings.TrimSuffix(r.dir, "/")+"/"):
		c.report(r, "is outside of its kustomization", "a file must be in the directory of the kustomization or below")
	default:
		c.file(at, r)
	}
}

// locate finds a path as Kustomize does, which takes "a/.." away before it looks
// whether a is a link.
func (c *checker) locate(dir, name string) (found, error) {
	if filepath.IsAbs(name) {
		if !c.tree.disk {
			return found{}, errOutside
		}
		return c.tree.find(name)
	}
	below := filepath.Join(strings.TrimPrefix(dir, "/"), name)
	if !c.tree.disk && !filepath.IsLocal(below) {
		return found{}, errOutside
	}
	return c.tree.find(filepath.Join("/", below))
}
