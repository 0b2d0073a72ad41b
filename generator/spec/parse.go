package spec

import (
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Layer is one file of a spec. Name is the path as the user gave it, which
// positions show and relative paths in the file start from, or <stdin>.
type Layer struct {
	Name string
	Data []byte
}

// Document is a parsed spec.
type Document struct {
	File File
	root *value
}

// Parse reads layers, at least one, each over those before it, and puts --set
// flags over them. The error is diag.Issues: every mistake of the layers and the
// flags, and what is missing from them all. A Document beside an error has what
// could be read, so that more mistakes can be found.
func Parse(layers []Layer, sets []string) (*Document, error) {
	var root *value
	var issues diag.Issues
	readable := true
	for i, layer := range layers {
		v, found := readLayer(layer)
		issues = append(issues, found...)
		if i == 0 {
			issues = append(issues, emptySecrets(fileShape(), "", v)...)
		}
		readable = readable && v != nil
		root = merge(fileShape(), root, v)
	}
	for _, set := range sets {
		changed, found := put(root, set)
		root, issues = changed, append(issues, found...)
	}
	if !readable {
		// Nobody knows what such a layer gives, so nothing is missing.
		return nil, issues.Sorted()
	}
	return document(root, issues)
}

// ParseNode reads a spec that is part of another document, such as the
// functionConfig of a ResourceList. The name is that of the document's file.
func ParseNode(name string, node *yaml.Node) (*Document, error) {
	root, issues := readRoot(name, node)
	if root == nil {
		return nil, issues
	}
	return document(root, append(issues, emptySecrets(fileShape(), "", root)...))
}

func document(root *value, issues diag.Issues) (*Document, error) {
	d := &Document{root: root}
	f := filler{issues: issues}
	f.fill(fileShape(), "", root, reflect.ValueOf(&d.File).Elem())
	return d, f.issues.Sorted().Err()
}

// Position is where the value at a path stands, in the layer or flag that it
// came from. A value that is not given is missing from its parent, so the place
// is then the key of the nearest parent that is given.
func (d *Document) Position(at string) diag.Position {
	v, found := d.nearest(at)
	if !found {
		return v.key
	}
	return v.pos
}

// KeyPosition is where the key at a path stands, or that of the nearest parent
// that is given.
func (d *Document) KeyPosition(at string) diag.Position {
	v, _ := d.nearest(at)
	return v.key
}

// nearest gives the value at a path, or its nearest parent.
func (d *Document) nearest(at string) (v *value, found bool) {
	steps, ok := path(at).steps()
	if !ok {
		return d.root, false
	}
	v = d.root
	for _, step := range steps {
		next := v.child(step)
		if !next.given() {
			return v, false
		}
		v = next
	}
	return v, true
}
