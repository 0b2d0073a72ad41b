package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/threescale-redis/threescale-redis/generator/rule"
)

// rulesCmd shows the rules.
type rulesCmd struct {
	List rulesListCmd `cmd:"" default:"withargs" help:"List all rules."`
	Show rulesShowCmd `cmd:"" help:"Show one rule."`
}

type rulesListCmd struct{ listFlag }

// Run lists the rules, each with what it requires below it.
func (c *rulesListCmd) Run(env *Env) error {
	if c.Format == "json" {
		return printRules(env.Stdout)
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tLEVEL\tSUBJECT\tRELEASES")
	for _, r := range rule.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Level, r.Subject, r.Releases())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	lines := strings.SplitAfter(table.String(), "\n")
	list := lines[0]
	for i, r := range rule.All() {
		list += lines[i+1] + hanging("  ", r.Requires)
	}
	_, err := fmt.Fprint(env.Stdout, list)
	return err
}

func printRules(out io.Writer) error {
	type row struct {
		Name      string `json:"name"`
		Level     string `json:"level"`
		Subject   string `json:"subject"`
		Releases  string `json:"releases"`
		Allowable bool   `json:"allowable"`
		Requires  string `json:"requires"`
		Reason    string `json:"reason"`
	}
	rows := []row{}
	for _, r := range rule.All() {
		rows = append(rows, row{r.Name, r.Level.String(), fmt.Sprint(r.Subject), r.Releases(), r.CanBeAllowed(), r.Requires, r.Reason})
	}
	return printJSON(out, rows)
}

type rulesShowCmd struct {
	Name string `arg:"" help:"Name of the rule." predictor:"rule"`
}

// Run shows one rule.
func (c *rulesShowCmd) Run(env *Env) error {
	r, err := rule.Find(c.Name)
	if err != nil {
		return usageError{err}
	}
	allowable := "no"
	if r.CanBeAllowed() {
		allowable = "yes, by spec.allow with a reason"
	}
	_, err = fmt.Fprintf(env.Stdout, "%s\n\n  level:     %s\n  subject:   %s\n  releases:  %s\n  allowable: %s\n\n%s\n%s",
		r.Name, r.Level, r.Subject, r.Releases(), allowable, hanging("", "Requires: "+r.Requires), hanging("", "Reason: "+r.Reason))
	return err
}
