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

// Document is a spec as it was read: what could be read of it, and what is wrong
// with the rest. It is for the step after to refuse it, so that one run reports
// the mistakes of both.
type Document struct {
	File
	Issues diag.Issues
}

// Parse reads layers, at least one, each over those before it, and puts --set
// flags over them. The issues are every mistake of the layers and the flags, and
// what is missing from them all.
func Parse(layers []Layer, sets []string) Document {
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
		// Nobody knows what such a layer says, so nothing is missing.
		return Document{Issues: issues.Sorted()}
	}
	return document(root, issues)
}

// ParseNode reads a spec that is part of another document, such as the
// functionConfig of a ResourceList. The name is that of the document's file.
func ParseNode(name string, node *yaml.Node) Document {
	root, issues := readRoot(name, node)
	if root == nil {
		return Document{Issues: issues}
	}
	return document(root, append(issues, emptySecrets(fileShape(), "", root)...))
}

func document(root *value, issues diag.Issues) Document {
	var d Document
	f := filler{issues: issues}
	f.fill(fileShape(), "", root, root.key, reflect.ValueOf(&d.File).Elem())
	d.Issues = f.issues.Sorted()
	return d
}
