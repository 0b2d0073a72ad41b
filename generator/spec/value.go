package spec

import (
	"maps"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// value is one place of a layer, or of the merged layers.
type value struct {
	// key and pos are where its key and the value itself stand.
	key, pos diag.Position
	// null is a value that deletes the one of a lower layer.
	null bool
	// faulty is a value that has been reported. It counts as given, so that one
	// mistake is one issue.
	faulty bool

	// scalar is a string, int or bool; nil for a mapping or a list.
	scalar  any
	members map[string]*value
	items   []*value
}

// given reports whether there is a value.
func (v *value) given() bool { return v != nil && !v.null }

// merge puts a higher layer over a lower one: mappings deep, lists replaced,
// null deletes. A secret value is one unit: {fromEnv: A} over {fromFile: b}
// leaves only the higher one. A mapping has its place in the higher layer: what is
// missing in it is missing there, whatever other specs put over the lower one.
func merge(s *shape, low, high *value) *value {
	if high == nil {
		return low
	}
	deep := s.kind == object || s.kind == dict
	if !deep || !low.given() || !high.given() || low.faulty || high.faulty {
		return high
	}
	merged := *high
	merged.members = maps.Clone(low.members)
	for key, v := range high.members {
		merged.members[key] = merge(s.member(key), low.members[key], v)
	}
	return &merged
}
