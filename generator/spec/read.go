package spec

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

const (
	// maxValues bounds what one layer may hold, aliases followed: far above any
	// spec, and low enough that an alias bomb ends at once.
	maxValues = 20_000
	// maxItems bounds a list. That of the Sentinels becomes one environment variable,
	// which Linux takes up to 128 KiB (MAX_ARG_STRLEN): 100 long names with a
	// password each.
	maxItems = 100
)

// reader reads the YAML of one layer into values and collects what is wrong.
type reader struct {
	file   string
	values int
	issues diag.Issues
	// quiet is set inside a secret value, where even an unknown key may be a
	// password that lost its quotes.
	quiet bool
}

func (r *reader) report(at diag.Position, p path, message, hint string) {
	r.issues = append(r.issues, diag.Issue{Pos: at, Path: string(p), Message: message, Hint: hint})
}

// spend counts a value or a key, and reports whether the layer may hold it.
func (r *reader) spend(at diag.Position, p path) bool {
	if r.values++; r.values == maxValues {
		r.report(at, p, "holds too many values, aliases followed: not a spec", "")
	}
	return r.values < maxValues
}

// read reads one value. The position of an alias is that of its anchor, where
// the text stands.
func (r *reader) read(s *shape, p path, n *yaml.Node) *value {
	n = resolved(n)
	v := &value{pos: manifest.Position(r.file, n)}
	v.key = v.pos
	before := len(r.issues)
	switch {
	case n.Tag == "!!null":
		v.null = true
	case s.kind == list && n.Kind == yaml.SequenceNode:
		v.items = r.items(s, p, n)
		return v
	case (s.kind == object || s.kind == dict) && n.Kind == yaml.MappingNode:
		v.members = r.members(s, p, n)
		return v
	case s.kind == secretValue && n.Kind == yaml.MappingNode:
		r.reference(s, p, n, v)
	default:
		r.scalar(s, p, n, v)
	}
	v.faulty = len(r.issues) > before
	return v
}

var tooManyItems = fmt.Sprintf("must have at most %d items", maxItems)

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (r *reader) items(s *shape, p path, n *yaml.Node) []*value {
	var items []*value
	if len(n.Content) > maxItems {
		r.report(manifest.Position(r.file, n), p, tooManyItems, "")
		return nil
	}
	for i, child := range n.Content {
		if !r.spend(manifest.Position(r.file, child), p) {
			break
		}
		item := r.read(s.elem, p.item(i), child)
		if item.null {
			item.faulty = true
			r.report(item.pos, p.item(i), s.elem.kind.required(), "")
		}
		items = append(items, item)
	}
	return items
}

func (r *reader) members(s *shape, p path, n *yaml.Node) map[string]*value {
	members := map[string]*value{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolved(n.Content[i])
		at := manifest.Position(r.file, key)
		if !r.spend(at, p) {
			break
		}
		switch child := s.member(key.Value); {
		case key.Tag == "!!merge":
			r.report(at, p, "merge keys (<<) are not supported", "write the keys out, or use a layer")
		case key.Kind != yaml.ScalarNode || key.Tag != "!!str":
			r.report(at, p, "a key must be a string: quote it", "")
		case child == nil:
			r.unknown(s, p, key.Value, at, members)
		default:
			v := r.read(child, p.key(key.Value), n.Content[i+1])
			v.key = at
			if first := members[key.Value]; first != nil && first.key.Line > 0 {
				r.report(at, p.key(key.Value), "is given twice: first at "+first.key.String(), "")
				continue
			}
			members[key.Value] = v
		}
	}
	return members
}

// unknown reports a key that the shape lacks. The one that it resembles counts
// as given.
func (r *reader) unknown(s *shape, p path, key string, at diag.Position, members map[string]*value) {
	message, hint, near := unknownKey(s, key)
	if near != "" && members[near] == nil {
		members[near] = &value{faulty: true}
	}
	if !r.quiet {
		p = p.key(key)
	}
	r.report(at, p, message, hint)
}

func unknownKey(s *shape, key string) (message, hint, near string) {
	if isShown(key) {
		near = diag.Nearest(key, s.keys())
		hint = diag.DidYouMean(key, []string{near})
	}
	if near == "" {
		hint = "allowed here: " + strings.Join(s.keys(), ", ")
	}
	return "unknown key", hint, near
}

// reference reads the mapping of a secret value. It is one unit, so what it
// lacks is missing whatever other layers say.
func (r *reader) reference(s *shape, p path, n *yaml.Node, v *value) {
	before := len(r.issues)
	r.quiet = true
	v.members = r.members(s, p, n)
	r.quiet = false
	if len(r.issues) == before {
		var f filler
		f.secret(s, p, v)
		r.issues = append(r.issues, f.issues...)
	}
}

// scalar reads a string, number or truth value, and refuses what is none.
func (r *reader) scalar(s *shape, p path, n *yaml.Node, v *value) {
	if n.Kind != yaml.ScalarNode || n.Tag != s.kind.tag() {
		r.report(v.pos, p, wrongType(s, n), "")
		return
	}
	scalar, ok := s.parse(n.Value)
	if !ok {
		r.report(v.pos, p, s.kind.required(), "")
		return
	}
	if message, hint := s.fault(scalar); message != "" {
		r.report(v.pos, p, message, hint)
		return
	}
	if s.format == "path" {
		scalar = r.relative(n.Value)
	}
	v.scalar = scalar
}

// relative returns a path as seen from the working directory: in the file it is
// relative to the file.
func (r *reader) relative(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(r.file), name)
}

var versionNumber = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3})?$`)

// wrongType says what is required. Only a release is repeated, where it is
// plainly a version: YAML reads 2.10 as the number 2.1.
func wrongType(s *shape, n *yaml.Node) string {
	required := s.kind.required()
	scalar := n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0
	switch {
	case scalar && s.format == "release" && versionNumber.MatchString(n.Value):
		return required + `: write "` + n.Value + `"`
	case scalar && s.kind == secretValue:
		return "must be a string: quote it"
	case scalar && s.kind == text:
		return required + ": quote it"
	}
	if _, ok := s.parse(n.Value); ok && scalar && s.kind != object && s.kind != dict && s.kind != list {
		return required + ", without quotes"
	}
	return required
}
