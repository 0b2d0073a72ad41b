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

// Parser parses specs. The zero Parser reads no file: layers below others are errors.
type Parser struct {
	// Read reads a file that another one names as a layer below itself. The path is
	// relative to where that of the other one is. Its errors are shown as they are.
	Read func(file string) ([]byte, error)
}

// Parse parses a spec that names no layers.
func Parse(layers []Layer, sets []string) Document { return Parser{}.Parse(layers, sets) }

// Parse reads layers, at least one, each over those before it, and puts --set
// flags over them. The issues are every mistake of the layers and the flags, and
// what is missing from them all.
func (p Parser) Parse(layers []Layer, sets []string) Document {
	s := newStack(p.Read)
	for _, layer := range layers {
		s.add(layer, nil)
	}
	for _, set := range sets {
		changed, found := put(s.root, set)
		s.root, s.issues = changed, append(s.issues, found...)
	}
	return s.document()
}

// ParseNode reads a spec that is part of another document, such as the
// functionConfig of a ResourceList. The name is that of the document's file.
func (p Parser) ParseNode(name string, node *yaml.Node) Document {
	s := newStack(p.Read)
	v, issues := readRoot(name, node)
	s.put(name, v, issues, nil)
	return s.document()
}

// document is the spec that the layers make together.
func (s *stack) document() Document {
	var d Document
	s.wantSpec()
	if s.unknown {
		// Nobody knows what is in such a layer, so nothing is missing.
		d.Issues = s.issues.Sorted()
		return d
	}
	f := filler{issues: s.issues}
	f.fill(fileShape(), "", s.root, s.root.key, reflect.ValueOf(&d.File).Elem())
	d.Issues = f.issues.Sorted()
	return d
}
