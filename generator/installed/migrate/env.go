package migrate

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// now is the env of a place as the export has it.
func now(p verify.Place) []*yaml.Node { return p.Env() }

// wired is the env of a place as the release has it: what is missing comes last,
// what is stale goes, and all else stays where it is.
func wired(p verify.Place) []*yaml.Node {
	var set releases.Env
	stale := map[*yaml.Node]bool{}
	for _, d := range p.Differences {
		if d.Kind == verify.Stale {
			stale[d.Entry] = true
		} else {
			set = append(set, d.Var)
		}
	}
	return slices.DeleteFunc(wiring.Merged(p.Env(), set, wiring.InPlace), func(n *yaml.Node) bool { return stale[n] })
}

// change is that of a place in one direction.
func (s side) change(p verify.Place) wiring.Change {
	return wiring.Change{Place: p.Place, From: s.from(p), To: s.to(p)}
}
