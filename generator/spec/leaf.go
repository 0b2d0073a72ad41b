package spec

// Leaf is a field of the file that holds a value and no other fields.
type Leaf struct {
	// Path is the dotted path, as --set takes it.
	Path string
	// Doc says what it is, Enum are the values where there are only some. Format is the
	// name of the form of a text: release, profile, dns.
	Doc    string
	Enum   []string
	Format string
}

// Leaves are all leaves in the order of the file. Of a secret these are the ways to
// refer to it. What is in lists of objects and in labels has no path and is left out.
func Leaves() []Leaf { return leavesOf(fileShape(), "", "") }

func leavesOf(s *shape, path, doc string) []Leaf {
	if s.doc != "" {
		doc = s.doc
	}
	switch {
	case s.kind == dict, s.kind == list && s.elem.kind == object:
		return nil
	case s.kind != object && s.kind != secretValue:
		leaf := Leaf{Path: path, Doc: doc, Enum: s.enum, Format: s.format}
		if s.kind == truth {
			leaf.Enum = []string{"true", "false"}
		}
		return []Leaf{leaf}
	}
	var leaves []Leaf
	for _, f := range s.fields {
		below := f.name
		if path != "" {
			below = path + "." + f.name
		}
		leaves = append(leaves, leavesOf(f, below, doc)...)
	}
	return leaves
}
