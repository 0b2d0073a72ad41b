package migrate

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"text/template"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
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

//go:embed plan.md.tmpl
var runbook string

var markdown = template.Must(template.New(Name).Funcs(template.FuncMap{
	"cell":  cell,
	"inc":   func(i int) int { return i + 1 },
	"join":  func(items []string) string { return line(strings.Join(items, ", ")) },
	"line":  line,
	"steps": func(p *Plan, steps []Step) any { return map[string]any{"Plan": p, "Steps": steps} },
}).Parse(runbook))

// line makes a text one line of a document, without tags.
func line(text string) string { return strings.ReplaceAll(diag.Printable(text), "<", `\<`) }

// cell makes a text one cell of a table, or a part of a title.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "`", "\\`").Replace(line(text))
}

// Markdown is the plan as a runbook for a person.
func (p *Plan) Markdown() ([]byte, error) {
	var b bytes.Buffer
	err := markdown.Execute(&b, p)
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n'), err
}

// LacksEnv reports whether an env var is missing.
func (p *Plan) LacksEnv() bool {
	return slices.ContainsFunc(p.Env, func(e Env) bool { return len(e.Missing) > 0 })
}

// Operated reports whether an operator makes the pods.
func (p *Plan) Operated() bool { return p.operated }

// Export and Watch are commands for people.
func (p *Plan) Export() string { return p.oc("get", p.kinds, "-o", "yaml") }

// Watch shows what the pods do.
func (p *Plan) Watch() string { return p.oc("get", "pods", "-w") }

// Moved are the databases that move.
func (p *Plan) Moved() []Database {
	return slices.DeleteFunc(slices.Clone(p.Databases), func(d Database) bool { return !d.Moves })
}

// Holds says what stays behind when the database moves.
func (d Database) Holds() string { return holds[d.Name] }

// queueOrder says in which order the workloads of a queue move.
func (p *Plan) queueOrder() string {
	if p.together {
		return "the operator replaces what fills a queue and what empties it at the same time."
	}
	return "the steps move what fills a queue before what empties it."
}

// Warnings are what the steps cost, and what they need: whoever begins should know.
func (p *Plan) Warnings() []string {
	costs, oc := p.leftBehind(), "4.7"
	if p.Data != "" {
		costs, oc = p.movingCosts(), "4.10"
	}
	if p.Rolls() != "nothing" {
		costs = append(costs, "The pods of "+p.Rolls()+" are replaced. Where there is one pod and the strategy is Recreate, the service is away meanwhile.")
	}
	if slices.ContainsFunc(p.Files, func(f format.File) bool { return f.Secret }) {
		costs = append(costs, "The files in "+p.secretFolders()+" hold passwords: keep them to yourself, and delete them when all is done.")
	}
	if slices.ContainsFunc(p.Steps, func(s Step) bool { return len(s.Commands) > 0 }) {
		costs = append(costs, "The commands need `oc` "+oc+" or later.")
	}
	return costs
}

func (p *Plan) secretFolders() string {
	if p.Data != "" {
		return "`secrets`, `data` and `rollback`"
	}
	return "`secrets` and `rollback`"
}

// leftBehind is what it costs that no data moves.
func (p *Plan) leftBehind() []string {
	var costs []string
	for _, d := range p.Moved() {
		switch d.Name {
		case redis.BackendStorage:
			costs = append(costs, "**Calls are refused, and counters start at zero**, from the moment that apisonator uses the new place until its data is there: an empty Redis knows no application and no key. No data moves by itself.")
		case redis.BackendQueues, redis.System:
			costs = append(costs, "What waits in "+d.Name+" ("+d.Holds()+") stays behind unless it is worked off first: "+p.queueOrder())
		}
	}
	if len(costs) > 0 && p.copyable {
		costs = append(costs, "To take the data along, plan again with `--data live` and an image of RedisShake in `spec.data.image`: no call is refused then. The section Data says more.")
	}
	return costs
}

// movingCosts is what it costs to take the data along.
func (p *Plan) movingCosts() []string {
	costs := []string{
		"**No call is refused**: the data is copied while 3scale runs. From the step Consumers down to the step Up usage is counted late, so limits let more through, and background jobs and mails wait. No report and no job is lost.",
	}
	switch {
	case p.Data == spec.MoveOffline:
		costs = []string{"**3scale is down from the step Listeners down to the step Up**: calls are refused, or let through, as the gateways are told to. That takes as long as the copy, about a second for 50,000 keys, and the start of the pods. No report and no job is lost."}
	case p.keepsPortal:
		costs = append(costs, "**The portals stay open**: an application, a key or a limit that is deleted there while the listeners roll can survive in Redis, where calls with it are accepted. After that `bundle exec rake backend:storage:rewrite` does not delete it either.")
	default:
		costs = append(costs, "**The portals and the account management API are closed** from the step Portals down to the step Up. `--keep-portal` plans it without that, and says what it risks.")
	}
	if p.offlineBack && p.Data != spec.MoveOffline {
		costs = append(costs, "The way back after the step Up is offline: the new Redis lets nobody replicate from it, so 3scale is down while the data is copied back.")
	}
	return append(costs, "Do not begin between 23:30 and 00:30 UTC: usage that is worked off late counts for the day in which that happens. Nor between 07:45 and 08:30 UTC: billing and the other daily jobs that are due while system-sidekiq is down are skipped.")
}
