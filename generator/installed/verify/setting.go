package verify

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// settings compares the env vars that the operator writes as plain values. Jobs are
// left out: they were made at a time of their own.
func (r *Report) settings() {
	for _, s := range r.Release.Settings {
		// Which of several a patch release has, nobody knows of one that no pin has.
		if len(s.Tags) > 0 && (r.Release.Tag == nil || !slices.Contains(s.Tags, r.Release.Tag.Name)) {
			continue
		}
		for _, name := range s.Places {
			if p, there := r.placeOf(name); there {
				r.setting(s, p)
			}
		}
	}
}

// placeOf finds workload/container among the places of the release.
func (r *Report) placeOf(name string) (wiring.Place, bool) {
	workload, container, _ := strings.Cut(name, "/")
	i := slices.IndexFunc(r.pinned, func(p pinnedPlace) bool { return p.Object.Name() == workload && p.Container == container })
	if i < 0 {
		return wiring.Place{}, false
	}
	return r.pinned[i].Place, true
}

// switched says whether a switch is on, and what in the APIManager says so.
func (r *Report) switched(name string) (on bool, by string) {
	if name == releases.SwitchAsync {
		return r.Switches.DisableAsync != "true", "async mode"
	}
	return r.Switches.TLS[name], r.Release.APIManager.TLS[name]
}

// setting compares the env vars of one switch in one place. What stands there
// instead is not shown: it could be anything.
func (r *Report) setting(s releases.Setting, p wiring.Place) {
	on, by := r.switched(s.Switch)
	must, because := s.Off, ": "+by+" is off"
	if on {
		must, because = s.On, ": "+by+" is on"
	}
	var wrong, extra []string
	at := p.Node
	for _, name := range slices.Sorted(maps.Keys(s.On)) {
		entry := wiring.Named(p.Env(), name)
		switch value, wanted := must[name]; {
		case wanted && !isLiteral(entry, value):
			wrong = append(wrong, name+"="+value)
		case !wanted && entry != nil && !isLiteral(entry, "") && !isLiteral(entry, "0"):
			extra = append(extra, name)
		default:
			continue
		}
		if entry != nil {
			at, r.compared[entry] = entry, true
		}
	}
	if len(wrong) > 0 {
		r.settingIssue(s, p, at, "env vars must be "+strings.Join(wrong, ", ")+because)
	}
	if len(extra) > 0 {
		r.settingIssue(s, p, at, "env vars must not be there: "+strings.Join(extra, ", ")+because)
	}
	if on && len(wrong) == 0 {
		r.mounts(s, p)
	}
}

func (r *Report) settingIssue(s releases.Setting, p wiring.Place, at *yaml.Node, message string) {
	issue := p.Object.Issue(at, p.String(), "%s", message)
	issue.Hint = "the operator writes them when it reconciles: if it does not, its log says why"
	r.Unsettled = append(r.Unsettled, issue)
	r.Pending[s.Switch] = true
}

// isLiteral reports whether an entry has a value of its own, which is that one.
func isLiteral(entry *yaml.Node, value string) bool {
	return entry != nil && wiring.SourceOf(entry).From == wiring.Literal && manifest.Text(entry, "value") == value
}
