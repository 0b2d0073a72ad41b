package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
)

// TestColumns wants what is for people to fit into a terminal of 80 columns. A pin, which
// `releases show` prints, is a data file.
func TestColumns(t *testing.T) {
	commands := [][]string{{"--help"}, {"releases"}, {"rules"}, {"version"}, {"--version"}}
	for _, command := range commandsOf(grammar(t).Model.Node) {
		commands = append(commands, append(command, "--help"))
	}
	for _, r := range rule.All() {
		commands = append(commands, []string{"rules", "show", r.Name})
	}
	for _, n := range spec.Tree().All()[1:] {
		commands = append(commands, []string{"explain", n.Path})
	}
	for _, args := range commands {
		var out, errs bytes.Buffer
		env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, LookupEnv: func(string) (string, bool) { return "", false }}
		if code := run(env, args); code != exitOK || out.Len() == 0 {
			t.Errorf("%s exits %d: %s", args, code, errs.String())
		}
		for line := range strings.Lines(out.String()) {
			if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s: %d columns: %s", args, utf8.RuneCountInString(line), line)
			}
		}
	}
}

// commandsOf are all commands below a node, as their words.
func commandsOf(n *kong.Node) [][]string {
	var all [][]string
	for _, child := range n.Children {
		if child.Hidden {
			continue
		}
		all = append(all, []string{child.Name})
		for _, below := range commandsOf(child) {
			all = append(all, append([]string{child.Name}, below...))
		}
	}
	return all
}
