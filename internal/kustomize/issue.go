package kustomize

import (
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// reason is an error of Kustomize in our words.
type reason struct {
	pattern *regexp.Regexp
	message string
	hint    string
}

// reasons are the errors that people meet, the more telling first. Kustomize's
// own text is never shown: it quotes patches, literals and URLs, which may hold
// secrets. What $1 shows is an id, a key or a line.
var reasons = []reason{
	{
		regexp.MustCompile(errOffline.Error() + `|no 'git' program on path`), "names something remote, and rendering uses no network",
		"commit a copy and name that",
	},
	{regexp.MustCompile(`^` + errBroken.Error() + `$`), "makes kustomize break off", "simplify it, and see what `kustomize build` prints"},
	{regexp.MustCompile(`already registered id: ([\w.\[\]/-]+)`), "has $1 twice", "take one out"},
	{regexp.MustCompile(`no matches for Id ([\w.\[\]/-]+)`), "has a patch of $1, which is not there", ""},
	{regexp.MustCompile(`unknown field "(\w{1,40})"`), `unknown key "$1" in the kustomization`, ""},
	{regexp.MustCompile(`security; file `), "is outside of its kustomization", ""},
	{regexp.MustCompile(`yaml: line (\d+)`), "is not YAML: line $1", ""},
	{regexp.MustCompile(`missing kind in object|missing Resource metadata`), "must be Kubernetes objects", ""},
	{regexp.MustCompile(`missing metadata\.name in object`), "has an object without metadata.name", ""},
	{regexp.MustCompile(`unable to parse SM or JSON patch`), "has a patch that is neither a strategic merge patch nor a JSON patch", ""},
	{regexp.MustCompile(`cycle detected`), "includes itself", ""},
	{regexp.MustCompile(`external plugins disabled|must specify --enable-helm`), "needs a plugin or a chart, and neither is run here", ""},
	{regexp.MustCompile(`unable to find one of 'kustomization\.yaml'`), "holds no kustomization.yaml, kustomization.yml or Kustomization", ""},
	{regexp.MustCompile(`no such file or directory|doesn't exist`), "there is no such file or directory", ""},
}

// resource matches the path of a resource as the kustomization says it.
var resource = regexp.MustCompile(`accumulating resources from '([\w./-]+)'`)

// issue says what is wrong with a kustomization that Kustomize does not build.
func issue(err error) diag.Issue {
	text := err.Error()
	i := diag.Issue{
		Pos:     diag.Position{File: "."},
		Message: "kustomize can't build it",
		Hint:    `"kustomize build" prints why, and may quote secrets of the manifests`,
	}
	for _, r := range reasons {
		if m := r.pattern.FindStringSubmatchIndex(text); m != nil {
			i.Message, i.Hint = string(r.pattern.ExpandString(nil, r.message, text, m)), r.hint
			break
		}
	}
	if found := resource.FindAllStringSubmatch(text, -1); found != nil {
		i.Path = strings.TrimSuffix(found[len(found)-1][1], "/")
	}
	return i
}
