package main

import "fmt"

// completionCmd prints a script that asks completeCmd for the words.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help implements kong.HelpProvider.
func (c *completionCmd) Help() string {
	return `Examples:
  source <(threescale-redis completion bash)
  threescale-redis completion zsh > "${fpath[1]}/_threescale-redis"
  d=~/.config/fish/completions
  threescale-redis completion fish > $d/threescale-redis.fish`
}

// completionScripts ask __complete for candidates: a word and what it is, with a tab
// between them. completeFiles in place of a word stands for the names of files.
var completionScripts = map[string]string{
	"bash": `_threescale_redis() {
  local IFS=$'\n' word candidates current=${COMP_WORDS[COMP_CWORD]}
  # = is a word of its own here.
  local -a words=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ ${#words[@]} -gt 0 && ( $word == "=" || ${words[-1]} == *= ) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
  done
  candidates=$(threescale-redis __complete -- "${words[@]}" 2>/dev/null)
  [[ $current == "=" ]] && current=
  COMPREPLY=()
  for word in $candidates; do
    word=${word%%$'\t'*}
    if [[ $word == *:files ]]; then
      compopt -o filenames
      COMPREPLY+=($(compgen -f -- "$current"))
      continue
    fi
    # What stands before the last = is there already.
    if [[ ${words[-1]} == *=* ]]; then word=${word#"${words[-1]%"$current"}"}; fi
    COMPREPLY+=("$word")
  done
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -F _threescale_redis threescale-redis
`,
	"zsh": `#compdef threescale-redis
_threescale_redis() {
  local line word files
  local -a plain assigned
  for line in "${(@f)$(threescale-redis __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    word=${line%%$'\t'*}
    case $word in
      *:files) files=1 ;;
      *=) assigned+=("${word//:/\\:}:${line#*$'\t'}") ;;
      ?*) plain+=("${word//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  _describe -V threescale-redis plain -- assigned -S ''
  if [[ -n $files ]]; then
    compset -P '--*='
    _files
  fi
}
# The shell loads the file at the first TAB and wants an answer then.
if [[ ${funcstack[1]} == _threescale-redis ]]; then
  _threescale_redis "$@"
else
  compdef _threescale_redis threescale-redis
fi
`,
	"fish": `function __threescale_redis_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l flag (string match -r -- '^--[^=]*=' $words[-1])
  for candidate in (threescale-redis __complete -- $words[2..-1] 2>/dev/null)
    if string match -q -- '*:files' $candidate
      for file in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $words[-1]))
        printf '%s%s\n' "$flag" $file
      end
    else
      printf '%s\n' $candidate
    end
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
