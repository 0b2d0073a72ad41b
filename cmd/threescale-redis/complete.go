package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/threescale-redis/threescale-redis/generator/explain"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// completeCmd prints what may stand at the end of a command line.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// candidate is a word that may stand there, and what it is.
type candidate struct{ word, about string }

// completeFiles stands for the names of files.
const completeFiles = ":files"

// Run prints the candidates, one per line, with a tab before what they are.
func (c *completeCmd) Run(env *Env, parser *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	for _, found := range complete(parser.Model.Node, words) {
		if _, err := fmt.Fprintln(env.Stdout, strings.TrimRight(found.word+"\t"+found.about, "\t")); err != nil {
			return err
		}
	}
	return nil
}

// complete returns what the last word may be, after the words before it.
func complete(node *kong.Node, words []string) []candidate {
	last := words[len(words)-1]
	if len(words) > 1 && words[0] == "help" {
		words = words[1:]
	}
	var expects *kong.Flag
	positional := 0
	for _, word := range words[:len(words)-1] {
		switch child := childNamed(node, word); {
		case expects != nil:
			expects = nil
		case strings.HasPrefix(word, "-") && word != stdin:
			if f := flagNamed(node, word); f != nil && !f.IsBool() && !strings.Contains(word, "=") {
				expects = f
			}
		case child != nil:
			node = child
		default:
			positional++
		}
	}
	flag, _, isValue := strings.Cut(last, "=")
	switch f := flagNamed(node, flag); {
	case expects != nil:
		return beginning(last, "", valuesOf(expects.Value))
	case isValue && f != nil:
		return beginning(last, flag+"=", valuesOf(f.Value))
	case strings.HasPrefix(last, "-") && last != stdin:
		return beginning(last, "", flagsOf(node))
	default:
		return beginning(last, "", argumentsOf(node, positional))
	}
}

// beginning are the candidates that begin as the last word does, each behind a prefix.
// The values of a field come when the field is there.
func beginning(last, prefix string, candidates []candidate) []candidate {
	assigns := strings.Contains(strings.TrimPrefix(last, prefix), "=")
	var found []candidate
	for _, c := range candidates {
		_, value, _ := strings.Cut(c.word, "=")
		if c.word = prefix + c.word; c.word == prefix+completeFiles || strings.HasPrefix(c.word, last) && (assigns || value == "") {
			found = append(found, c)
		}
	}
	return found
}

// levels are a command and what stands for it where nothing else is said.
func levels(node *kong.Node) []*kong.Node {
	if node.DefaultCmd == nil {
		return []*kong.Node{node}
	}
	return []*kong.Node{node, node.DefaultCmd}
}

func flagsOf(node *kong.Node) []candidate {
	var found []candidate
	for _, n := range levels(node) {
		for _, group := range n.AllFlags(true) {
			for _, f := range group {
				if c := (candidate{"--" + f.Name, oneLine(f.Help)}); !slices.Contains(found, c) {
					found = append(found, c)
				}
			}
		}
	}
	return found
}

// argumentsOf are the commands below a command, and the values of its n-th argument.
func argumentsOf(node *kong.Node, n int) []candidate {
	var found []candidate
	for _, level := range levels(node) {
		for _, child := range level.Children {
			if !child.Hidden && n == 0 {
				found = append(found, candidate{child.Name, oneLine(child.Help)})
			}
		}
		args := level.Positional
		if n < len(args) {
			found = append(found, valuesOf(args[n])...)
		} else if last := len(args) - 1; last >= 0 && args[last].IsCumulative() {
			found = append(found, valuesOf(args[last])...)
		}
	}
	return found
}

// oneLine is the beginning of a help text: shells show it beside the word.
func oneLine(help string) string {
	help, _, _ = strings.Cut(help, "; ")
	help, _, _ = strings.Cut(help, ": ")
	return strings.TrimSuffix(help, ".")
}

func childNamed(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

func flagNamed(node *kong.Node, word string) *kong.Flag {
	for _, level := range levels(node) {
		for _, group := range level.AllFlags(false) {
			for _, f := range group {
				if word == "--"+f.Name || word == "-"+string(f.Short) {
					return f
				}
			}
		}
	}
	return nil
}

// valuesOf returns the values of a flag or an argument: those of its enum, or of
// what its predictor tag names.
func valuesOf(v *kong.Value) []candidate {
	if v.Enum != "" {
		return words(v.EnumSlice())
	}
	switch v.Tag.Get("predictor") {
	case "profile":
		return words(profiles.Names())
	case "release":
		return words(releases.Names())
	case "format":
		return words(format.Names())
	case "rule":
		var found []candidate
		for _, r := range rule.All() {
			found = append(found, candidate{r.Name, r.Requires})
		}
		return found
	case "field":
		return fields()
	case "explained":
		return words(explain.Names(allReleases()))
	case "file", "dir":
		return words([]string{completeFiles})
	default:
		return nil
	}
}

// fields are the assignments that --set takes: with the values where there are only
// some.
func fields() []candidate {
	var found []candidate
	for _, l := range spec.Leaves() {
		values := l.Enum
		switch l.Format {
		case "release":
			values = releases.Lines()
		case "profile":
			values = profiles.Names()
		}
		found = append(found, candidate{l.Path + "=", strings.TrimSuffix(l.Doc, ".")})
		for _, value := range values {
			found = append(found, candidate{l.Path + "=" + value, ""})
		}
	}
	return found
}

func words(texts []string) []candidate {
	var found []candidate
	for _, text := range texts {
		found = append(found, candidate{word: text})
	}
	return found
}
