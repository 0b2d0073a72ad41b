package spec

// Node is a field of the file.
type Node struct {
	// Path is the dotted path, without the places of a list. Name is its last part.
	Path, Name string
	// Doc says what it is, Enum are the values where there are only some. Format is the
	// name of the form of a text: release, profile, dns.
	Doc    string
	Enum   []string
	Format string
	// Fields are those of a mapping, those of the objects in a list, and the ways to
	// refer to a secret.
	Fields []Node
	// inList says that it has no path that --set takes, and dict that its keys are
	// the user's own.
	inList, dict bool
}

// Tree is the whole file; its own path is empty.
func Tree() Node { return nodeOf(sourceShape(), "", false) }

func nodeOf(s *shape, path string, inList bool) Node {
	n := Node{Path: path, Name: s.name, Doc: s.doc, Enum: s.enum, Format: s.format, inList: inList, dict: s.kind == dict}
	if s.kind == truth {
		n.Enum = []string{"true", "false"}
	}
	if s.kind == list && s.elem.kind == object {
		s, inList = s.elem, true
	}
	for _, f := range s.fields {
		below := f.name
		if path != "" {
			below = path + "." + f.name
		}
		n.Fields = append(n.Fields, nodeOf(f, below, inList))
	}
	return n
}

// Find returns the node with a path.
func (n Node) Find(path string) (Node, bool) {
	if n.Path == path {
		return n, true
	}
	for _, f := range n.Fields {
		if found, ok := f.Find(path); ok {
			return found, true
		}
	}
	return Node{}, false
}

// All are a node and all below it, in the order of the file.
func (n Node) All() []Node {
	all := []Node{n}
	for _, f := range n.Fields {
		all = append(all, f.All()...)
	}
	return all
}

// Leaves are all fields that hold a value and no other fields, as --set takes them.
// The layers of a file, and what is in lists of objects and in labels, is left out.
func Leaves() []Node {
	var leaves []Node
	for _, n := range nodeOf(fileShape(), "", false).All() {
		if len(n.Fields) == 0 && !n.dict && !n.inList {
			leaves = append(leaves, n)
		}
	}
	return leaves
}
