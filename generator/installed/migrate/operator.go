package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// switches are the fields of the APIManager that the plan changes.
type switches struct {
	// forward and back are merge patches.
	forward, back *yaml.Node
	// names are the fields and annotations, for people.
	names []string
	// turned are the switches of the pin whose env vars the operator writes anew.
	turned map[string]bool
}

// planSwitches compares the APIManager with the spec. It needs the Secrets to be
// right: the operator refuses to go on where a key is missing, and from 2.16 on where
// a URL does not fit the switch.
func (p *planner) planSwitches() {
	if !p.report.Release.Operated() || p.report.Export.APIManager == nil {
		return
	}
	o, rel := *p.report.Export.APIManager, p.report.Release
	s := switches{forward: manifest.Mapping(), back: manifest.Mapping(), turned: map[string]bool{}}
	now, then := p.report.Switches, p.report.Want.Switches()
	for _, field := range rel.APIManager.External {
		if now.External[field] != then.External[field] {
			s.change(o, strings.Split(field, "."), boolean(then.External[field]))
		}
	}
	for _, d := range p.report.Want.Databases {
		if now.TLS[d.Name] != then.TLS[d.Name] {
			s.turned[d.Name] = true
			s.change(o, strings.Split(rel.APIManager.TLS[d.Name], "."), boolean(then.TLS[d.Name]))
		}
	}
	if off := then.DisableAsync; off != "" && (off == "true") != (now.DisableAsync == "true") {
		s.turned[releases.SwitchAsync] = true
		s.change(o, []string{"metadata", "annotations", rel.APIManager.DisableAsync}, manifest.Scalar(off))
	}
	p.switches = s
}

func boolean(on bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(on)}
}

// change sets a field of the APIManager; the way back has what was there, or takes
// away the topmost mapping that was not.
func (s *switches) change(o manifest.Object, path []string, value *yaml.Node) {
	s.names = append(s.names, path[len(path)-1])
	if path[0] == "spec" {
		s.names[len(s.names)-1] = strings.Join(path, ".")
	}
	manifest.Set(s.forward, value, path...)
	before := manifest.Field(o.Node, path...)
	if before == nil {
		before = manifest.Null()
		for len(path) > 1 && manifest.Field(o.Node, path[:len(path)-1]...) == nil {
			path = path[:len(path)-1]
		}
	}
	manifest.Set(s.back, before, path...)
}

// apiManagerStep makes the APIManager say what the spec says, and waits for what the
// operator rolls because of it.
func (p *planner) apiManagerStep(s side) ([]Step, error) {
	if len(p.switches.names) == 0 {
		return p.waitStep(s), nil
	}
	o := *p.report.Export.APIManager
	patch := p.switches.forward
	if s.back() {
		patch = p.switches.back
	}
	file := s.dir + "patches/apimanager.merge.yaml"
	if err := p.file(file, patch, false); err != nil {
		return nil, err
	}
	step := Step{
		Title:    "APIManager",
		Why:      "The operator learns of the change: " + strings.Join(p.switches.names, ", ") + ". It checks the Secrets, overwrites no value in them, and deletes nothing.",
		Commands: []string{p.patchCommand(o, "merge", file)},
		Done:     "`" + p.plan.oc("get", "apimanager", o.Name(), "-o", "yaml") + "` shows the fields of the patch.",
	}
	steps := []Step{step}
	if wait := p.waitStep(s); wait != nil {
		steps = append(steps, wait...)
	} else if own := p.ownRedisPods(); len(own) > 0 && p.toInternal(s) {
		wait := Step{Title: "Wait for the operator", Why: "It makes its own Redis again, if it is not there."}
		for _, name := range own {
			wait.Commands = append(wait.Commands, p.plan.oc("rollout", "status", name))
		}
		steps = append(steps, wait)
	}
	return steps, nil
}

// waitStep waits until the operator has written the env vars of the switches, which
// replaces pods. Nothing that those pods refer to may go before.
func (p *planner) waitStep(s side) []Step {
	rolled := p.rolledByOperator()
	if len(rolled) == 0 {
		return nil
	}
	p.plan.together = slices.ContainsFunc(p.report.Release.Consumers, func(name string) bool { return slices.Contains(rolled, name) })
	wait := Step{
		Title: "Wait for the operator", Rolls: rolled, Seconds: defaultPatience,
		Why:  "It writes other env vars into these workloads, which replaces their pods; they read the Secrets then. It may take minutes to begin: if nothing happens, its log says why. Do not go on before it has done so.",
		Done: "no command waits any more.",
	}
	for _, name := range rolled {
		workload, _ := p.anyWorkload(name)
		for _, setting := range p.settings() {
			if command := p.settledCommand(s, workload, setting); command != "" && !slices.Contains(wait.Commands, command) {
				wait.Commands = append(wait.Commands, command)
			}
		}
		wait.Commands = append(wait.Commands, p.plan.oc("rollout", "status", resource(workload)))
		wait.Seconds = max(wait.Seconds, patience(workload))
	}
	return []Step{wait}
}

// settledCommand waits until a workload has the env var of a setting, or has it no more.
func (p *planner) settledCommand(s side, workload manifest.Object, setting releases.Setting) string {
	in := func(place string) bool { return strings.HasPrefix(place, workload.Name()+"/") }
	i := slices.IndexFunc(slices.Sorted(maps.Keys(setting.On)), func(name string) bool { return setting.On[name] == "1" })
	if i < 0 || !slices.ContainsFunc(setting.Places, in) {
		return ""
	}
	name := slices.Sorted(maps.Keys(setting.On))[i]
	test := "awk '/^" + name + "=1$/ {on = 1} END {exit on || !NR}'"
	if p.switchedOn(s, setting.Switch) {
		test = "grep -qx " + name + "=1"
	}
	return "until " + p.plan.oc("set", "env", resource(workload), "--list") + " | " + test + "; do sleep 5; done"
}

// switchedOn reports whether a switch is on at the end of a direction.
func (p *planner) switchedOn(s side, name string) bool {
	then := p.report.Want.Switches()
	if s.back() {
		then = p.report.Switches
	}
	if name == releases.SwitchAsync {
		return then.DisableAsync != "true"
	}
	return then.TLS[name]
}

// toInternal reports whether a direction leads to the operator's own Redis.
func (p *planner) toInternal(s side) bool {
	return !s.back() && p.report.Want.Profile.Reach == profiles.InTemplate
}

// ownRedisPods are the workloads of the operator's own Redis, as dc/NAME.
func (p *planner) ownRedisPods() []string {
	var names []string
	for _, id := range p.report.Release.InternalRedis {
		if kind, name, _ := strings.Cut(id, "/"); resources[kind] != "" {
			names = append(names, resources[kind]+"/"+name)
		}
	}
	return names
}

// rolledByOperator are the workloads whose env the operator writes anew because of
// the switches. Jobs it makes when it needs them.
func (p *planner) rolledByOperator() []string {
	var names []string
	for _, setting := range p.settings() {
		for _, place := range setting.Places {
			name, _, _ := strings.Cut(place, "/")
			if o, there := p.anyWorkload(name); there && o.Kind() != "Job" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// settings are those of the pin that the switches turn.
func (p *planner) settings() []releases.Setting {
	return slices.DeleteFunc(slices.Clone(p.report.Release.Settings), func(s releases.Setting) bool {
		tag := p.report.Release.Tag
		return !p.switches.turned[s.Switch] && !p.report.Pending[s.Switch] || tag != nil && len(s.Tags) > 0 && !slices.Contains(s.Tags, tag.Name)
	})
}

// anyWorkload is the workload of that name that the release has.
func (p *planner) anyWorkload(name string) (manifest.Object, bool) {
	w, there := p.workload(name)
	if !there {
		return manifest.Object{}, false
	}
	return p.report.Export.Workload(w.Kind, w.Name)
}

// operatorRemarks say what the operator does by itself, and what nobody does.
func (p *planner) operatorRemarks() {
	if !p.report.Release.Operated() {
		return
	}
	remark := func(format string, args ...any) {
		p.plan.Remarks = append(p.plan.Remarks, fmt.Sprintf(format, args...))
	}
	if len(p.plan.Steps) > 0 {
		remark("The operator restarts no pod because of a changed Secret, with the label watched-by on it or not, and it never brings env vars of Redis back: the steps do both.")
		remark("Deleting workloads so that the operator makes them again is another way to the right env vars. It interrupts the service, so it is not planned here.")
	}
	if slices.ContainsFunc(slices.Collect(maps.Keys(p.switches.turned)), func(name string) bool { return name != releases.SwitchAsync }) {
		remark("Between the first command and the patch of the APIManager the URLs do not fit its switches, and the operator does nothing else: go through these steps in one go. " +
			"It writes a URL that it refuses into its log, with the password if the URL has one (operator of 2.16, highavailability_options_provider.go).")
	}
	if left := p.ownRedisLeft(); len(left) > 0 && p.leavesOwnRedis() {
		remark("The operator's own Redis stays, and so does its data: %s. They belong to the APIManager: **whoever deletes the APIManager deletes the claims with them.** Deleted by hand they are not made again.", strings.Join(left, ", "))
	}
}

// leavesOwnRedis reports whether the plan leads away from the operator's own Redis.
func (p *planner) leavesOwnRedis() bool {
	return p.report.Want.Profile.Reach != profiles.InTemplate &&
		slices.ContainsFunc(p.report.Release.APIManager.External, func(field string) bool { return !p.report.Switches.External[field] })
}

// ownRedisLeft are the objects of the operator's own Redis, where its pods are there.
func (p *planner) ownRedisLeft() []string {
	there := slices.ContainsFunc(p.report.Export.Workloads, func(o manifest.Object) bool {
		return slices.Contains(p.report.Release.InternalRedis, o.String())
	})
	if !there {
		return nil
	}
	return p.report.Release.InternalRedis
}

// Upgrade is what the next release line needs of Redis before the upgrade to it.
type Upgrade struct {
	Release string `json:"release"`
	// MinimumRedis is the version that the operator asks for; "" where it does not ask.
	MinimumRedis string `json:"minimumRedis,omitempty"`
	// External says that the release brings no Redis.
	External bool `json:"external"`
	// Refused are the errors of the spec in that release.
	Refused []string `json:"refused,omitempty"`
}

// upgrade looks at the next release line, where an operator runs both.
func (p *planner) upgrade() {
	lines := releases.Lines()
	next := slices.Index(lines, p.report.Release.Line) + 1
	if !p.report.Release.Operated() || next == len(lines) {
		return
	}
	rel := releases.Release{Pin: releases.Load(lines[next])}
	u := &Upgrade{Release: rel.Line, MinimumRedis: rel.MinimumRedis, External: len(rel.InternalRedis) == 0}
	if u.MinimumRedis == "" && !u.External {
		return
	}
	want := p.report.Want
	if want.Spec.AsyncOff() {
		rel = rel.WithoutAsync()
	}
	databases, issues := resolve.Databases(want.Spec, rel)
	issues = append(issues, rule.CheckSpec(rule.Input{Spec: want.Spec, Profile: want.Profile, Release: rel, Databases: databases})...)
	for _, i := range issues {
		if i.Severity == diag.Error {
			u.Refused = append(u.Refused, i.Path+": "+i.Message)
		}
	}
	p.plan.Upgrade = u
}
