package spec

import (
	"maps"
	"slices"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// emptySecrets reports the secret values of the lowest layer that have nothing
// behind their key. In a higher layer that deletes what a lower one says; here
// there is nothing to delete, and somebody has forgotten the password or means none.
// A parameter of a template that is null is left out.
func emptySecrets(s *shape, p path, v *value) diag.Issues {
	var issues diag.Issues
	switch {
	case v == nil || v.faulty:
	case s.kind == secretValue && v.null:
		v.faulty = true
		issues = append(issues, diag.Issue{Pos: v.pos, Path: string(p), Message: `must not be empty: write "" for none`})
	case s.kind == object:
		for _, key := range slices.Sorted(maps.Keys(v.members)) {
			if child := s.member(key); child != nil {
				issues = append(issues, emptySecrets(child, p.key(key), v.members[key])...)
			}
		}
	}
	return issues
}
