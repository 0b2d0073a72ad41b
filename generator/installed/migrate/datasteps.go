package migrate

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/installed/move"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// movingSteps are the steps of a direction that takes the data along. Consumers are
// down before the first pod writes to the other side, and come up when nothing is left
// behind: a job would be done twice, or by nobody.
func (p *planner) movingSteps(s side, created []string) ([]Step, error) {
	return collect(
		func() ([]Step, error) { return p.tryStep(s) },
		func() ([]Step, error) { return p.earlyCopy(s) },
		func() ([]Step, error) { return p.downSteps(s) },
		func() ([]Step, error) { return p.lateCopy(s) },
		func() ([]Step, error) { return p.switchSteps(s, created) },
		func() ([]Step, error) { return p.proofSteps(s) },
		func() ([]Step, error) { return p.upSteps(s) },
		func() ([]Step, error) { return p.afterSteps(s) },
	)
}

// collect makes steps one after the other.
func collect(makers ...func() ([]Step, error)) ([]Step, error) {
	var all []Step
	for _, steps := range makers {
		made, err := steps()
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	return all, nil
}

// down returns whether the pods of a workload are away while data moves in a direction.
func (p *planner) down(s side) func(releases.Workload) bool {
	rel := p.report.Release
	return func(w releases.Workload) bool {
		return !w.Transient && (s.offline || slices.Contains(rel.Consumers, w.Name) || slices.Contains(rel.Requeues, w.Name) || p.portal(w))
	}
}

// portal reports whether a workload is a portal that goes down.
func (p *planner) portal(w releases.Workload) bool {
	return !p.data.KeepPortal && slices.Contains(p.report.Release.Portals, w.Name)
}

// copies are those of a direction.
func (p *planner) copies(s side) *move.Move {
	if s.back() {
		return p.data.back
	}
	return p.data.forward
}

// check is a command that sends the check of an old Redis to its pod. The script is
// standard input, since it holds passwords.
func (p *planner) check(s side, server oldServer, mode string) string {
	return p.plan.oc("rsh", "-T", resource(server.object), "bash", "-s", "--", mode) + " < " + s.dir + "data/check-" + server.name + ".sh"
}

// checks are the commands of a mode for all old servers.
func (p *planner) checks(s side, modes ...string) []string {
	var commands []string
	for _, mode := range modes {
		for _, server := range p.data.servers {
			if slices.ContainsFunc(p.copies(s).Checks, func(c move.Check) bool { return c.Name == server.name }) {
				commands = append(commands, p.check(s, server, mode))
			}
		}
	}
	return commands
}

// tryStep looks at everything that can be looked at before anything changes.
func (p *planner) tryStep(s side) ([]Step, error) {
	p.dataFiles(s.dir, p.copies(s))
	step := Step{
		Title: "Try first", Why: "This changes nothing. The scripts run in the pods of the old Redis, and look at both sides: whether the new Redis answers, is new enough and empty, and whether the old one can write its data to its disk, which the copy begins with. " +
			"`NOT OK` before a line says what to mend first.",
		Meanwhile: "nothing is interrupted.",
		Fails:     "mend what the line names, and run the command again. Where a Pod does not succeed, `oc logs` of it says why: delete it with its file (`oc delete -f`) before you create it again. Nothing has changed.",
		Done:      "each command prints no line that begins with `NOT OK`.",
		Commands:  p.checks(s, "ready"),
	}
	if s.back() {
		step.Why = "The data goes from the new Redis to the old one, which still holds what it held. `flush` puts that into a file beside its own, and empties its databases: a copy onto old data doubles lists."
		step.Title, step.Fails = "Make room", "run it again. The new Redis is untouched, and 3scale works on it."
		step.Commands = append(p.checks(s, "flush"), step.Commands...)
		return []Step{step}, nil
	}
	commands, err := p.tries()
	step.Commands = append(step.Commands, commands...)
	return []Step{step}, err
}

// earlyCopy copies while everything runs.
func (p *planner) earlyCopy(s side) ([]Step, error) {
	if s.offline {
		return nil, nil
	}
	step := p.copyStep(s)
	step.Meanwhile = "nothing is interrupted: 3scale works on the Redis that it has, and every write flows over."
	return []Step{step}, nil
}

// lateCopy copies what nobody changes any more.
func (p *planner) lateCopy(s side) ([]Step, error) {
	if !s.offline {
		return nil, nil
	}
	step := p.copyStep(s)
	step.Why = "Each Pod runs RedisShake, which copies the databases once, and ends. It is a bare Pod, so that nothing starts it a second time: a second run onto filled databases doubles their lists. It takes about a second for 50,000 keys, and more on a slow disk."
	step.Meanwhile = "3scale is down: calls are refused until the pods are up again."
	step.Fails = strings.TrimPrefix(step.Fails, "nobody has noticed. ")
	return []Step{step}, nil
}

func (p *planner) copyStep(s side) Step {
	step := Step{
		Title: "Copy", Commands: p.checks(s, "begin"),
		Why:   "Each Pod runs RedisShake, which copies the databases, and then every write that comes. It is a bare Pod, so that nothing starts it a second time: a second run onto filled databases doubles their lists. The first copy takes about a second for 50,000 keys, and more on a slow disk.",
		Fails: "nobody has noticed. While the image is still being pulled, run `copied` again. `oc logs` of the Pod says what else it is. Delete its objects (`" + p.deleteCopies(s) + "`), empty the databases (`" + strings.Join(p.checks(s, "flush"), "; ") + "`), and begin this step again.",
		Done:  "the commands end without `NOT OK`, and `counts` shows the same numbers on both sides, but for keys that expire.",
	}
	for _, c := range p.copies(s).Copies {
		if env := c.MasterEnv; env != "" {
			step.Commands = append(step.Commands,
				env+"=$("+p.check(s, p.server(c), "master")+")",
				p.plan.oc("create", "configmap", c.Object)+" --from-literal="+env+`="${`+env+`:?}"`)
		}
		step.Commands = append(step.Commands, p.plan.oc("create", "-f", s.dir+"data/copy-"+c.Name+".yaml"))
	}
	step.Commands = append(step.Commands, p.checks(s, "copied", "counts", "sample")...)
	return step
}

// server is the old Redis of a copy.
func (p *planner) server(c move.Copy) oldServer {
	i := slices.IndexFunc(p.data.servers, func(s oldServer) bool { return s.name == c.Server.Name })
	return p.data.servers[i]
}

// deleteCopies deletes what copies in a direction.
func (p *planner) deleteCopies(s side) string {
	return p.plan.oc(append([]string{"delete", "--ignore-not-found"}, p.copyObjects(s)...)...)
}

// deleteAll deletes what the forward direction can have left when it stops.
func (p *planner) deleteAll() string {
	words := append([]string{"delete", "--ignore-not-found"}, p.copyObjects(side{})...)
	for _, name := range p.data.tries {
		words = append(words, "pod/"+name, "secret/"+name)
	}
	return p.plan.oc(words...)
}

func (p *planner) copyObjects(s side) []string {
	var words []string
	for _, c := range p.copies(s).Copies {
		words = append(words, "pod/"+c.Object, "secret/"+c.Object)
		if c.MasterEnv != "" {
			words = append(words, "configmap/"+c.Object)
		}
	}
	return words
}

// switchSteps are what a plan without data has too: Secrets, env, and new pods of what
// is up.
func (p *planner) switchSteps(s side, created []string) ([]Step, error) {
	return collect(
		func() ([]Step, error) { return p.secretStep(s, created) },
		func() ([]Step, error) { return p.hookStep(s) },
		func() ([]Step, error) { return p.downEnv(s) },
		func() ([]Step, error) { return p.upEnv(s) },
	)
}

// downEnv changes what is down: no pod is replaced.
func (p *planner) downEnv(s side) ([]Step, error) {
	step := Step{
		Title: "Env of what is down", Meanwhile: "as before.",
		Why:   "These workloads have no pods now, so this replaces none. A rollout runs the hooks of a workload even so: they use the new values.",
		Fails: "look at the pods of its hook, and run the command again.",
	}
	steps, err := p.envSteps(s, p.down(s))
	if err != nil {
		return nil, err
	}
	rolls, err := p.rollStep(s, steps, func(w releases.Workload) bool { return p.down(s)(w) && p.annotations(s, w) != nil })
	if err != nil {
		return nil, err
	}
	for _, made := range append(steps, rolls...) {
		step.Commands = append(step.Commands, made.Commands...)
		step.Done = made.Done
	}
	if len(step.Commands) == 0 {
		return nil, nil
	}
	return []Step{step}, nil
}

// upEnv rolls what is up: calls are answered all the time.
func (p *planner) upEnv(s side) ([]Step, error) {
	up := func(w releases.Workload) bool { return !p.down(s)(w) }
	steps, err := p.envSteps(s, up)
	if err != nil {
		return nil, err
	}
	rolls, err := p.rollStep(s, steps, up)
	if err != nil {
		return nil, err
	}
	steps = append(steps, rolls...)
	for i := range steps {
		steps[i].Meanwhile = "calls are answered: pods on the old values write to the one Redis, and what they write flows over to the other, where the new pods are."
		steps[i].Fails = "`oc logs` of the new pod says why. While no consumer runs, the way back from the step Secrets on is open. If a copy has ended, go on, and see the next step."
	}
	return steps, nil
}

// proofSteps prove that nothing is left behind, and end the copy.
func (p *planner) proofSteps(s side) ([]Step, error) {
	stop := Step{
		Title: "Stop the copy", Commands: append([]string{p.deleteCopies(s)}, p.checks(s, "stopped")...),
		Why:       "Consumers must not run while it still flows: a key that expires in the one Redis would be deleted in the other.",
		Meanwhile: "as before.",
		Fails:     "run it again.",
		Done:      "the mode `stopped` ends without `NOT OK`.",
	}
	if s.offline {
		return []Step{stop}, nil
	}
	return []Step{{
		Title:    "Nobody left, nothing behind",
		Why:      "`clients` finds whoever is still connected to the Redis that 3scale leaves. `synced` writes a marker there and waits until it has come through: then everything before it has. `waiting` looks for each waiting job on the other side: since no consumer runs, that is a full proof.",
		Commands: p.checks(s, "clients", "synced", "waiting"), Meanwhile: "as before.",
		Fails: "`clients`: wait for the rollout, or look at what still uses it. `synced`, where a copy has ended: do not go back; `carry` in the place of `waiting` brings over the jobs that are missing, and `waiting` then finds none. What old listeners wrote into the lists of integration errors since the copy has ended is lost.",
		Done:  "no command prints a line that begins with `NOT OK`.",
	}, stop}, nil
}

// upSteps bring back what was down.
func (p *planner) upSteps(s side) ([]Step, error) {
	objects := p.scaled(p.down(s))
	commands, err := p.upCommands(s, objects)
	if err != nil || len(objects) == 0 {
		return nil, err
	}
	step := Step{
		Title: "Up", Commands: commands,
		Why:       "The workloads get as many pods as the export has. A pod that starts now reads the values as they are.",
		Meanwhile: "portals open, and what waited in the queues is worked off.",
		Fails:     "`oc logs` of the pod says why. **From here on only the way back after the step Up is open**: it takes the data along.",
		Done:      "`oc get pods` shows them ready.",
	}
	for _, o := range objects {
		step.Up = append(step.Up, o.Name())
	}
	return []Step{step}, nil
}

// afterSteps tidy up.
func (p *planner) afterSteps(s side) ([]Step, error) {
	steps, err := collect(
		func() ([]Step, error) { return p.apiManagerStep(s) },
		func() ([]Step, error) { return p.keyStep(s) },
	)
	if err != nil {
		return nil, err
	}
	steps = append(steps, p.doneStep(s)...)
	return append(steps, Step{
		Title: "After", Commands: p.checks(s, "counts", "end"),
		Why:       "The Redis that 3scale has left must not grow any more. `end` takes back what `begin` set there, and deletes the markers. Keep it, with its volume: it is the way back.",
		Meanwhile: "nothing is interrupted.",
		Done:      "`counts`, some minutes later, shows the same numbers for the Redis that was left.",
	}), nil
}

// shortName is backend of backend-redis.
func shortName(name string) string { return strings.TrimSuffix(name, "-redis") }
