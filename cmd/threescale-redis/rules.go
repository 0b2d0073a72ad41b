package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/threescale-redis/threescale-redis/generator/rule"
)

// rulesCmd shows the rules.
type rulesCmd struct {
	List rulesListCmd `cmd:"" default:"withargs" help:"List all rules."`
	Show rulesShowCmd `cmd:"" help:"Show one rule."`
}

type rulesListCmd struct{ listFlag }

// Run lists the rules.
func (c *rulesListCmd) Run(env *Env) error {
	if c.Format == "json" {
		return printRules(env.Stdout)
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tLEVEL\tSUBJECT\tRELEASES\tREQUIRES")
	for _, r := range rule.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.Level, r.Subject, r.Releases(), r.Requires)
	}
	return w.Flush()
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
	_, err = fmt.Fprintf(env.Stdout, "%s\n\n  level:     %s\n  subject:   %s\n  releases:  %s\n  allowable: %s\n\nRequires: %s\n\nReason: %s\n",
		r.Name, r.Level, r.Subject, r.Releases(), allowable, r.Requires, r.Reason)
	return err
}
