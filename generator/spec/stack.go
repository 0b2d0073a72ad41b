package spec

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// maxBelow is how many files the layers of one spec may name in all: an
// environment has a handful, and a chain without an end must have one.
const maxBelow = 100

// stack puts layers over each other, and below each the layers that it names.
type stack struct {
	read func(file string) ([]byte, error)
	// documents counts the values of all layers together.
	documents *manifest.Reader

	root   *value
	issues diag.Issues
	// unknown says that there is a layer of which nobody knows what it says.
	unknown bool
	// begun says that the lowest layer is there.
	begun bool
	// part is where the highest layer that is no spec says so.
	part *value
	// named is where layers name files, by path, and below is how many they name.
	named map[string]diag.Position
	below int
}

func newStack(read func(file string) ([]byte, error)) *stack {
	return &stack{read: read, documents: manifest.NewReader(maxValues), named: map[string]diag.Position{}}
}

// add puts a layer over the others. Above are the files that lead to it.
func (s *stack) add(l Layer, above []string) {
	v, issues := readLayer(l, s.documents)
	s.put(l.Name, v, issues, above)
}

// put puts what a layer says over the others, after what it names below itself.
func (s *stack) put(name string, v *value, issues diag.Issues, above []string) {
	s.issues = append(s.issues, issues...)
	if v == nil {
		s.unknown, s.begun = true, true
		return
	}
	name = filepath.Clean(name)
	if _, ok := s.named[name]; !ok {
		s.named[name] = diag.Position{}
	}
	if below := v.members["layers"]; below.given() {
		s.unknown = s.unknown || below.faulty
		for i, item := range below.items {
			s.putBelow(path("layers").item(i), item, append(above[:len(above):len(above)], name))
		}
	}
	delete(v.members, "layers")
	if kind := v.members["kind"]; kind != nil && kind.scalar == LayerKind {
		s.part = kind
		delete(v.members, "kind")
	}
	if !s.begun {
		s.issues = append(s.issues, emptySecrets(fileShape(), "", v)...)
		s.begun = true
	}
	s.root = merge(fileShape(), s.root, v)
}

// putBelow puts a file that the last of the files above names.
func (s *stack) putBelow(p path, item *value, above []string) {
	refuse := func(message, hint string) {
		s.issues = append(s.issues, diag.Issue{Pos: item.pos, Path: string(p), Message: message, Hint: hint})
		s.unknown = true
	}
	file, ok := item.scalar.(string)
	if !ok { // said already
		s.unknown = true
		return
	}
	first, twice := s.named[file]
	switch {
	case filepath.IsAbs(file):
		refuse("must be a path relative to this file", "")
	case slices.Contains(above, file):
		circle := append(above[slices.Index(above, file):len(above):len(above)], file)
		refuse("must not lead back to itself: "+strings.Join(circle, " -> "), "")
	case twice && first.File != "":
		refuse(file+" is a layer twice: first at "+first.String(), "leave one out: the second would undo what is between them")
	case twice:
		refuse(file+" is a layer twice: it is given by itself too", "leave it out here or there")
	case s.read == nil:
		refuse("must not be given: no other file is read here", "")
	case s.below == maxBelow:
		refuse(fmt.Sprintf("must not be more: a spec has at most %d layers", maxBelow), "")
		s.below++
	case s.below > maxBelow: // said already
		s.unknown = true
	default:
		s.below++
		s.named[file] = item.pos
		data, err := s.read(file)
		if err != nil {
			refuse(file+": "+err.Error(), "")
			return
		}
		s.add(Layer{Name: file, Data: data}, above)
	}
}

// wantSpec wants one of the layers to be a spec.
func (s *stack) wantSpec() {
	if s.part == nil || s.root.members["kind"].given() {
		return
	}
	s.issues = append(s.issues, diag.Issue{
		Pos: s.part.pos, Path: "kind", Message: "must be " + Kind + " in one of the layers: a " + LayerKind + " is a part of a spec",
		Hint: "name a spec that has this file among its layers",
	})
	s.unknown = true
}
