package migrate

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// RollbackDir is the folder of the way back.
const RollbackDir = "rollback"

// side is one direction: forward, or back. Its files stand below dir.
type side struct {
	dir string
	// from and to return the env of a place before and after.
	from, to func(verify.Place) []*yaml.Node
	// secrets are the Secrets that come first, with every key that any pod refers
	// to; gone are the keys that go last.
	secrets map[string]*yaml.Node
	gone    map[string][]string
	// recreated are the Secrets that no patch and no replace can change, as they are
	// at the end.
	recreated map[string]*yaml.Node
	// envFirst says that the env changes before the Secrets: the keys that nobody
	// reads go when an ExternalSecret comes.
	envFirst bool
	// offline says that everything is down while data moves.
	offline bool
	// marked are the Secrets that name, while the steps run, the workloads that are
	// still to be restarted.
	marked []string
}

func (s side) back() bool { return s.dir != "" }

// steps makes the steps of both directions: keys come before the env that refers
// to them, and go after it.
func (p *planner) steps() error {
	forward := side{from: now, to: wired, secrets: map[string]*yaml.Node{}, gone: map[string][]string{}, recreated: map[string]*yaml.Node{}}
	forward.envFirst = p.delivery() == spec.DeliverExternalSecret && len(p.report.StaleKeys) > 0 || p.lacksCredentials() && len(p.changed) > 0
	back := side{dir: RollbackDir + "/", from: wired, to: now, secrets: map[string]*yaml.Node{}, gone: map[string][]string{}, recreated: map[string]*yaml.Node{}}
	var created []string
	for _, s := range p.report.Release.Secrets {
		switch p.delivery() {
		case spec.DeliverNone:
			continue
		case spec.DeliverExternalSecret:
			p.takenOver(s)
		}
		c, differs := p.secretChange(s.Name)
		if c.marked {
			forward.marked, back.marked = append(forward.marked, s.Name), append(back.marked, s.Name)
		}
		switch {
		case !differs:
			continue
		case c.before == nil:
			created = append(created, s.Name)
			forward.secrets[s.Name] = c.after
			continue
		case c.after != nil:
			forward.secrets[s.Name] = c.after
			back.gone[s.Name] = slices.Sorted(maps.Keys(c.added))
		}
		if c.immutable {
			last := c.after
			if last == nil {
				last = c.before
			}
			forward.recreated[s.Name], back.recreated[s.Name] = without(last, c.gone), c.before
		}
		if p.delivery() == spec.DeliverSecret { // an ExternalSecret takes them away itself
			forward.gone[s.Name] = c.gone
		}
		back.secrets[s.Name] = c.restored()
	}
	direction := p.direction
	if p.data != nil {
		direction = p.movingSteps
		forward.offline, back.offline = p.data.offline, p.data.offline || p.data.offlineBack
	}
	steps, err := direction(forward, created)
	if err != nil || len(steps) == 0 {
		return err
	}
	p.plan.Steps = steps
	if p.plan.Rollback, err = direction(back, nil); err != nil {
		return err
	}
	if err := p.returns(back); err != nil {
		return err
	}
	if len(created) > 0 {
		p.plan.Rollback = append(p.plan.Rollback, Step{
			Title: "Delete the Secrets that were not there", Why: "Nothing refers to them any more.",
			Commands: []string{p.plan.oc(append([]string{"delete", "secret"}, created...)...)},
		})
	}
	return nil
}

// lacksCredentials reports whether a place lacks an env var whose key may be missing:
// it comes before a password moves into that key, so that no pod is without.
func (p *planner) lacksCredentials() bool {
	return slices.ContainsFunc(p.places, func(place verify.Place) bool {
		return slices.ContainsFunc(place.Differences, func(d verify.Difference) bool { return d.Kind == verify.NotRead })
	})
}

// secretsDiffer reports whether a key differs, is missing or has no reader.
func (p *planner) secretsDiffer() bool { return len(p.report.Values)+len(p.report.StaleKeys) > 0 }

func (p *planner) delivery() string { return p.report.Want.Spec.Secrets.DeliveredAs() }

// direction makes the steps of one direction, and its files. Workloads that take
// jobs from a queue move after those that fill it: they can empty the old one.
func (p *planner) direction(s side, created []string) ([]Step, error) {
	first, err := p.secretStep(s, created)
	if err != nil {
		return nil, err
	}
	hooks, err := p.hookStep(s)
	if err != nil {
		return nil, err
	}
	var envs, pods []Step
	for _, which := range []func(releases.Workload) bool{p.fills, p.consumes} {
		steps, err := p.envSteps(s, which)
		if err != nil {
			return nil, err
		}
		envs, pods = append(envs, steps...), append(pods, steps...)
		if s.envFirst {
			continue
		}
		roll, err := p.rollStep(s, steps, which)
		if err != nil {
			return nil, err
		}
		pods = append(pods, roll...)
	}
	last, err := p.keyStep(s)
	if err != nil {
		return nil, err
	}
	last = append(last, p.doneStep(s)...)
	managed, err := p.apiManagerStep(s)
	if err != nil {
		return nil, err
	}
	if p.toInternal(s) {
		first = slices.Concat(managed, first)
	} else {
		first = slices.Concat(first, managed)
	}
	if !s.envFirst {
		return slices.Concat(first, hooks, pods, last), nil
	}
	// What the env has rolled has not read the new values.
	var rolls []Step
	for _, which := range []func(releases.Workload) bool{p.fills, p.consumes} {
		step, err := p.rollStep(s, nil, which)
		if err != nil {
			return nil, err
		}
		rolls = append(rolls, step...)
	}
	return slices.Concat(hooks, envs, first, rolls, last), nil
}

// byWorkload calls f with the places of each workload, hooks or not.
func (p *planner) byWorkload(hooks bool, f func(releases.Workload, []verify.Place) error) error {
	for _, w := range p.report.Release.Workloads {
		var places []verify.Place
		for _, place := range p.places {
			if place.Object.Name() == w.Name && place.Field.IsHook() == hooks {
				places = append(places, place)
			}
		}
		if len(places) == 0 {
			continue
		}
		if err := f(w, places); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) hookStep(s side) ([]Step, error) {
	step := Step{Title: "Hooks", Why: "A hook runs at the next rollout: it must be right before. This rolls nothing. The server replaces a hook's env as a whole, so this is a JSON patch that fails where the list has changed since the export, or where it has been applied already.", Done: "the command fails, or changes nothing, when it is run again."}
	err := p.byWorkload(true, func(w releases.Workload, places []verify.Place) error {
		operations := manifest.Sequence()
		for _, place := range places {
			operations.Content = append(operations.Content, wiring.HookChange(s.change(place))...)
		}
		file := s.dir + "patches/" + w.Name + ".hook.yaml"
		step.Commands = append(step.Commands, p.patchCommand(places[0].Object, "json", file))
		return p.file(file, operations, s.dir != "")
	})
	if err != nil || len(step.Commands) == 0 {
		return nil, err
	}
	return []Step{step}, nil
}

// consumes reports whether a workload takes jobs from a queue that others fill.
func (p *planner) consumes(w releases.Workload) bool {
	return slices.Contains(p.report.Release.Consumers, w.Name)
}

func (p *planner) fills(w releases.Workload) bool { return !p.consumes(w) }

// envSteps change the env of some workloads.
func (p *planner) envSteps(s side, which func(releases.Workload) bool) ([]Step, error) {
	var steps []Step
	err := p.byWorkload(false, func(w releases.Workload, places []verify.Place) error {
		if !which(w) {
			return nil
		}
		step := Step{Title: "Env of " + w.Name, Why: "This replaces its pods; wait until it is done.", Rolls: []string{w.Name}, Seconds: patience(places[0].Object)}
		if !rollsByItself(places[0].Object) {
			step.Why = "It has no ConfigChange trigger: the rollout is started by hand. Wait until it is done."
		}
		var changes []wiring.Change
		for _, place := range places {
			changes = append(changes, s.change(place))
		}
		var annotations *yaml.Node
		if !s.envFirst || !reads(w, p.changed) {
			annotations = p.annotations(s, w)
		}
		var err error
		step.Commands, err = p.rollout(s, places[0].Object, changes, annotations)
		step.Done = p.annotationDone(w, annotations)
		steps = append(steps, step)
		return err
	})
	return steps, err
}

// rollStep restarts some workloads whose pods have not read the values of the Secrets,
// and that the steps before do not restart.
func (p *planner) rollStep(s side, before []Step, which func(releases.Workload) bool) ([]Step, error) {
	step := Step{Why: "A pod reads the values when it starts, and a changed Secret restarts none: these may still have others. Wait until each is done."}
	for _, w := range p.report.Release.Workloads {
		o, there := p.report.Export.Workload(w.Kind, w.Name)
		rolled := slices.ContainsFunc(before, func(s Step) bool { return slices.Contains(s.Rolls, w.Name) }) ||
			slices.Contains(p.rolledByOperator(), w.Name)
		if !there || w.Transient || rolled || !which(w) || !p.restarts(w) {
			continue
		}
		annotations := p.annotations(s, w)
		commands, err := p.rollout(s, o, nil, annotations)
		if err != nil {
			return nil, err
		}
		step.Seconds = max(step.Seconds, patience(o))
		step.Rolls = append(step.Rolls, w.Name)
		step.Commands = append(step.Commands, commands...)
		step.Done = p.annotationDone(w, annotations)
	}
	if len(step.Rolls) == 0 {
		return nil, nil
	}
	step.Title = "Restart " + strings.Join(step.Rolls, ", ")
	return []Step{step}, nil
}

// restarts reports whether the pods of a workload have to be restarted: a value
// that they read changes, or they are not known to have read what is there.
func (p *planner) restarts(w releases.Workload) bool {
	return reads(w, p.changed) || slices.ContainsFunc(p.report.Restarts, func(r verify.Restart) bool { return r.Workload == w.Name })
}

// reads reports whether a workload reads one of the keys.
func reads(w releases.Workload, keys map[string]bool) bool {
	for _, c := range slices.Concat(w.Containers, w.InitContainers) {
		if slices.ContainsFunc(c.Env, func(v releases.EnvVar) bool { return keys[v.String()] }) {
			return true
		}
	}
	return false
}

// oc returns a command in the namespace of the installation, each word quoted for
// a shell where it must be.
func (p *Plan) oc(words ...string) string {
	command := []string{"oc"}
	if p.Namespace != "" {
		command = append(command, "-n", p.Namespace)
	}
	return shellescape.QuoteCommand(append(command, words...))
}

// file adds a file. Env that was there before may hold a literal password.
func (p *planner) file(name string, n *yaml.Node, secret bool) error {
	data, err := manifest.Encode(n)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(p.plan.Files, func(f format.File) bool { return f.Name == name }); i >= 0 {
		if !bytes.Equal(p.plan.Files[i].Data, data) {
			return fmt.Errorf("%s would be two files", name)
		}
		return nil // another way back has it
	}
	p.plan.Files = append(p.plan.Files, format.File{Name: name, Data: data, Secret: secret})
	return nil
}
