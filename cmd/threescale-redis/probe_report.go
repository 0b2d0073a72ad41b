package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// printProbe prints what a probe saw: that is its result, on standard output.
func printProbe(env *Env, report *report, format string, rel releases.Release, results []probe.Result) error {
	for i, r := range results {
		results[i].Server, results[i].Saw, results[i].Do = diag.Printable(r.Server), diag.Printable(r.Saw), diag.Printable(r.Do)
	}
	switch format {
	case "json":
		return probeJSON(env.Stdout, rel, results)
	case "junit":
		return probeJUnit(env.Stdout, rel, results)
	default:
		return probeText(env.Stdout, report.quiet, results)
	}
}

// topic is what stands above results.
func topic(r probe.Result) string {
	if len(r.Programs) == 0 {
		return strings.Join(r.Databases, ", ")
	}
	return strings.Join(r.Databases, ", ") + ", for " + strings.Join(r.Programs, ", ")
}

// byTopic puts results of one topic together, in the order in which these come.
func byTopic(results []probe.Result) [][]probe.Result {
	var groups [][]probe.Result
	for _, r := range results {
		i := slices.IndexFunc(groups, func(g []probe.Result) bool { return topic(g[0]) == topic(r) })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// probeText prints a line for each check, and below it what to do. When quiet it prints
// what is not ok.
func probeText(out io.Writer, quiet bool, results []probe.Result) error {
	var b strings.Builder
	for _, group := range byTopic(results) {
		if quiet {
			group = slices.DeleteFunc(slices.Clone(group), func(r probe.Result) bool { return r.Status == probe.OK })
		}
		if len(group) == 0 {
			continue
		}
		fmt.Fprintln(&b, strings.ReplaceAll(topic(group[0]), ", for ", "\n  for "))
		for _, r := range group {
			saw := r.Saw
			if r.Server != "" && r.Server != saw {
				saw = strings.TrimRight(r.Server+" "+saw, " ")
			}
			fmt.Fprintf(&b, "  %-8s%-18s%s\n", r.Status, r.Check, saw)
			if r.Do != "" {
				fmt.Fprintf(&b, "  %-8s%-18s%s\n", "", "", r.Do)
			}
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintln(&b, summary(results))
	_, err := io.WriteString(out, b.String())
	return err
}

// statuses are all in the order of a summary.
var statuses = []probe.Status{probe.OK, probe.Warning, probe.Failed, probe.Skipped}

// summary counts: "41 ok, 2 warnings, 1 failed, 0 skipped".
func summary(results []probe.Result) string {
	counts := countStatuses(results)
	warnings := "warnings"
	if counts[probe.Warning] == 1 {
		warnings = "warning"
	}
	return fmt.Sprintf("%d ok, %d %s, %d failed, %d skipped", counts[probe.OK], counts[probe.Warning], warnings, counts[probe.Failed], counts[probe.Skipped])
}

func countStatuses(results []probe.Result) map[probe.Status]int {
	counts := map[probe.Status]int{}
	for _, s := range statuses {
		counts[s] = 0
	}
	for _, r := range results {
		counts[r.Status]++
	}
	return counts
}

// probeJSON prints one object.
func probeJSON(out io.Writer, rel releases.Release, results []probe.Result) error {
	type row struct {
		Check     string       `json:"check"`
		Databases []string     `json:"databases"`
		Programs  []string     `json:"programs,omitempty"`
		Server    string       `json:"server,omitempty"`
		Status    probe.Status `json:"status"`
		Saw       string       `json:"saw,omitempty"`
		Do        string       `json:"do,omitempty"`
	}
	rows := []row{}
	for _, r := range results {
		rows = append(rows, row(r))
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{"release": rel.String(), "results": rows, "summary": countStatuses(results)})
}

// probeJUnit prints a suite for each topic. A warning has passed, and says so.
func probeJUnit(out io.Writer, rel releases.Release, results []probe.Result) error {
	var suites []junitSuite
	for _, group := range byTopic(results) {
		var cases []junitCase
		for _, r := range group {
			c := junitCase{Class: topic(r), Name: strings.TrimSpace(r.Check + " " + r.Server)}
			said := &junitText{Message: r.Saw, Text: r.Do}
			switch r.Status {
			case probe.Failed:
				c.Failure = said
			case probe.Skipped:
				c.Skipped = said
			default:
				c.Output = strings.TrimSpace(string(r.Status) + ": " + r.Saw + "\n" + r.Do)
			}
			cases = append(cases, c)
		}
		suites = append(suites, suiteOf(topic(group[0]), cases))
	}
	return writeJUnit(out, program+" probe "+rel.String(), suites)
}
