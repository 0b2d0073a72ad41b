package migrate

import (
	"fmt"
	"slices"
	"strings"
)

// Name is the file of the runbook.
const Name = "PLAN.md"

// holds says what stays behind when a database moves.
var holds = map[string]string{
	"backendStorage": "applications, keys, limits and usage counters; without them calls are refused",
	"backendQueues":  "reports and notifications that wait for backend-worker",
	"system":         "background jobs of Sidekiq that wait or are due later",
	"messageBus":     "nothing that outlives its readers",
}

// Markdown is the plan as a runbook for a person.
func (p *Plan) Markdown() []byte {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# %s: to 3scale %s with %s\n", p.Environment, p.Release, p.Profile)
	if p.Nothing() {
		say("There is nothing to do: what runs is what the spec says. Nothing is patched.\n")
	}
	say("## What runs\n\nAs for Redis, %s.\n", p.Wiring)
	if p.Wiring.OlderThan == "" {
		list(say, p.Wiring.Differences)
	}
	say("| database | now | then |\n| --- | --- | --- |")
	for _, d := range p.Databases {
		then := d.Then
		if !d.Moves {
			then = "the same"
		}
		say("| %s | %s | %s |", d.Name, d.Now, then)
	}
	say("")
	p.differences(say)
	if len(p.InTheWay) > 0 {
		say("## What stands in the way\n\nNo patch does this. Look into it before the first step.\n")
		list(say, p.InTheWay)
	}
	if len(p.Remarks) > 0 {
		say("## Worth knowing\n")
		list(say, p.Remarks)
	}
	if len(p.Steps) == 0 {
		return []byte(b.String())
	}
	say("## Steps\n\nRun the commands in the folder of this file. If anything has changed since the export, make\na new plan. The files in `secrets` and `rollback` hold passwords: keep them to yourself, and\ndelete them when all is done. If a step fails and you cannot help it, go the way back.\n")
	p.steps(say, p.Steps)
	say("Then `%s | threescale-redis verify - -f SPEC` must find nothing.\n", p.oc("get", "dc,secret", "-o", "yaml"))
	p.data(say)
	say("## The way back\n\nThe files in `rollback` bring back exactly what the export says. The data that was\nwritten in between stays in the other Redis. Leave out the patches of steps that were not\ncarried out: that of a hook fails there, and the others change nothing.\n")
	p.steps(say, p.Rollback)
	return []byte(b.String())
}

type sayer func(format string, args ...any)

func list[T any](say sayer, items []T) {
	for _, item := range items {
		say("- %v", item)
	}
	if len(items) > 0 {
		say("")
	}
}

// differences says what is missing where, and why it matters.
func (p *Plan) differences(say sayer) {
	if len(p.Env)+len(p.Keys) == 0 {
		return
	}
	say("## What differs\n")
	for _, e := range p.Env {
		clause(say, e.Place, "lacks", e.Missing)
		clause(say, e.Place, "has in another way", e.Other)
		clause(say, e.Place, "has, though nothing reads it any more,", e.Stale)
	}
	for _, k := range p.Keys {
		say("- `%s` %s", k.Key, k.Change)
	}
	say("")
	if slices.ContainsFunc(p.Env, func(e Env) bool { return len(e.Missing) > 0 }) {
		say("An env var that is missing in a container is a setting that its program does not know of:\nit uses the wrong Redis, or none. An init container that lacks it checks the wrong Redis and\nkeeps its pod from starting. The hook takes what it lacks from the container that it copies.\n")
	}
}

func clause(say sayer, place, what string, names []string) {
	if len(names) > 0 {
		say("- %s %s %s", place, what, strings.Join(names, ", "))
	}
}

func (p *Plan) steps(say sayer, steps []Step) {
	for i, s := range steps {
		say("### %d. %s\n\n%s\n", i+1, s.Title, s.Why)
		if len(s.Commands) > 0 {
			say("```sh\n%s\n```\n", strings.Join(s.Commands, "\n"))
		}
		if len(s.Rolls) > 0 {
			say("Rolls %s. Watch `%s`: an init container that does not end, or a hook's pod that fails, cannot reach Redis; `oc logs` of it says why. The server gives up a rollout whose pods make no progress for %d s.\n", strings.Join(s.Rolls, ", "), p.oc("get", "pods", "-w"), s.Seconds)
		}
	}
}

// data says what does not move by itself.
func (p *Plan) data(say sayer) {
	var moved []string
	for _, d := range p.Databases {
		if d.Moves {
			moved = append(moved, d.Name+": "+holds[d.Name])
		}
	}
	if len(moved) == 0 {
		return
	}
	say("## Data\n\nNo data moves by itself. What stays behind in the old Redis:\n")
	list(say, moved)
	old := ""
	if len(p.OldRedis) > 0 {
		old = " (" + strings.Join(p.OldRedis, ", ") + ")"
	}
	say("1. Keep: leave the old Redis running, and its volumes where they are%s.\n2. Switch: the steps above.\n3. Copy: bring over what you need, once no pod writes to the old Redis any more.\n4. Remove the old Redis only when nobody misses anything: it is the way back.\n", old)
}
