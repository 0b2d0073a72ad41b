package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// completionCmd prints a script that asks completeCmd for the words.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help implements kong.HelpProvider.
func (c *completionCmd) Help() string {
	return `Examples:
  source <(threescale-redis completion bash)
  threescale-redis completion zsh > "${fpath[1]}/_threescale-redis"
  threescale-redis completion fish > ~/.config/fish/completions/threescale-redis.fish`
}

// completeFiles is the candidate by which a shell completes names of files.
const completeFiles = ":files"

var completionScripts = map[string]string{
	"bash": `_threescale_redis() {
  local IFS=$'\n' candidates
  candidates=$(threescale-redis __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$candidates" = ":files" ]; then
    compopt -o filenames
    COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
  else
    COMPREPLY=($candidates)
  fi
}
complete -F _threescale_redis threescale-redis
`,
	"zsh": `#compdef threescale-redis
_threescale_redis() {
  local -a candidates
  candidates=("${(@f)$(threescale-redis __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "$candidates" == ":files" ]]; then
    _files
  else
    compadd -a candidates
  fi
}
compdef _threescale_redis threescale-redis
`,
	"fish": `function __threescale_redis_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates (threescale-redis __complete -- $words[2..-1] 2>/dev/null)
  if test "$candidates" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\n' $candidates
  end
end
complete -c threescale-redis -f -a '(__threescale_redis_complete)'
`,
}

// Run prints the script.
func (c *completionCmd) Run(env *Env) error {
	_, err := fmt.Fprint(env.Stdout, completionScripts[c.Shell])
	return err
}

// completeCmd prints the words that may stand at the end of a command line.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints the candidates, one per line.
func (c *completeCmd) Run(env *Env, parser *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	for _, candidate := range complete(parser.Model.Node, words) {
		if _, err := fmt.Fprintln(env.Stdout, candidate); err != nil {
			return err
		}
	}
	return nil
}

// complete returns what the last word may be, after the words before it.
func complete(node *kong.Node, words []string) []string {
	last := words[len(words)-1]
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
	var candidates []string
	switch {
	case expects != nil:
		candidates = valuesOf(expects.Value)
	case strings.HasPrefix(last, "-") && last != stdin:
		for _, group := range node.AllFlags(true) {
			for _, f := range group {
				candidates = append(candidates, "--"+f.Name)
			}
		}
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				candidates = append(candidates, child.Name)
			}
		}
		if positional < len(node.Positional) {
			candidates = append(candidates, valuesOf(node.Positional[positional])...)
		} else if n := len(node.Positional); n > 0 && node.Positional[n-1].IsCumulative() {
			candidates = append(candidates, valuesOf(node.Positional[n-1])...)
		}
	}
	if slices.Equal(candidates, []string{completeFiles}) {
		return candidates
	}
	return slices.DeleteFunc(candidates, func(c string) bool { return !strings.HasPrefix(c, last) })
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
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if word == "--"+f.Name || word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// valuesOf returns the values of a flag or an argument: those of its enum, or of
// what its predictor tag names.
func valuesOf(v *kong.Value) []string {
	if v.Enum != "" {
		return v.EnumSlice()
	}
	switch v.Tag.Get("predictor") {
	case "profile":
		return profiles.Names()
	case "release":
		return releases.Names()
	case "format":
		return format.Names()
	case "rule":
		var names []string
		for _, r := range rule.All() {
			names = append(names, r.Name)
		}
		return names
	case "file", "dir":
		return []string{completeFiles}
	default:
		return nil
	}
}
