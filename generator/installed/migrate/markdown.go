package migrate

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"text/template"

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
	var costs []string
	for _, d := range p.Moved() {
		switch d.Name {
		case "backendStorage":
			costs = append(costs, "**Calls are refused, and counters start at zero**, from the moment that apisonator uses the new place until its data is there: an empty Redis knows no application and no key. No data moves by itself. Agree on a time for this, or copy the data first. The section Data says more.")
		case "backendQueues", "system":
			costs = append(costs, "What waits in "+d.Name+" ("+d.Holds()+") stays behind unless it is worked off first: "+p.queueOrder())
		}
	}
	if p.Rolls() != "nothing" {
		costs = append(costs, "The pods of "+p.Rolls()+" are replaced. Where there is one pod and the strategy is Recreate, the service is away meanwhile.")
	}
	return append(costs,
		"The files in `secrets` and `rollback` hold passwords: keep them to yourself, and delete them when all is done.",
		"`--patch-file` needs `oc` 4.7 or later.",
	)
}
