package wiring

import (
	"maps"
	"slices"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Settings returns the env vars that the operator writes as plain values where an
// APIManager says this: name and value by workload/container. For a whole line they
// are those that all its patch releases have.
func (s Switches) Settings(rel releases.Release) map[string]map[string]string {
	if rel.Tag != nil {
		return s.settingsAt(rel.Tag.Name, rel)
	}
	var all map[string]map[string]string
	for _, tag := range rel.Tags {
		at := s.settingsAt(tag.Name, rel)
		if all == nil {
			all = at
		}
		for place, env := range all {
			maps.DeleteFunc(env, func(name, value string) bool { other, ok := at[place][name]; return !ok || other != value })
		}
	}
	return all
}

func (s Switches) settingsAt(tag string, rel releases.Release) map[string]map[string]string {
	found := map[string]map[string]string{}
	for _, setting := range rel.Settings {
		if len(setting.Tags) > 0 && !slices.Contains(setting.Tags, tag) {
			continue
		}
		env := setting.Off
		if s.isOn(setting.Switch) {
			env = setting.On
		}
		for _, place := range setting.Places {
			if found[place] == nil {
				found[place] = map[string]string{}
			}
			maps.Copy(found[place], env)
		}
	}
	return found
}

func (s Switches) isOn(name string) bool {
	if name == releases.SwitchAsync {
		return s.DisableAsync != "true"
	}
	return s.TLS[name]
}
