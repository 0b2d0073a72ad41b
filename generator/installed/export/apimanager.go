package export

import (
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// operatedCommand makes an export where an operator runs the pods, for messages.
const operatedCommand = "oc get apimanager,dc,deployment,job,secret -o yaml"

// versionAnnotation is where the operator says which 3scale it runs: 2.13, or
// 2.15.1 from 2.15 on (exports of 2.13.2, 2.14.1, 2.15.1 and 2.16.3).
const versionAnnotation = "apps.3scale.net/apimanager-threescale-version"

// version is what the annotation looks like: a release line, or a patch release.
var version = regexp.MustCompile(`^([0-9]{1,3}\.[0-9]{1,3})(?:\.[0-9]{1,3})?$`)

// manager takes the APIManager. An operator has one in a namespace; with two nobody
// knows whose the Secrets are.
func (e *Export) manager(o manifest.Object) diag.Issues {
	if e.APIManager == nil {
		e.APIManager = &o
		return nil
	}
	first := manifest.Position(e.APIManager.File, e.APIManager.Node)
	return diag.Issues{o.Issue(o.Node, o.String(), "must be the only APIManager, but %s is at %s", e.APIManager, first)}
}

// Version is the release that the operator says it runs, "" where it says none.
func (e *Export) Version() string {
	if e.APIManager == nil {
		return ""
	}
	text := manifest.Text(e.APIManager.Node, "metadata", "annotations", versionAnnotation)
	if !version.MatchString(text) {
		return ""
	}
	return text
}

// Running is the release that the operator says it runs, the line where the pin
// does not have the patch release.
func (e *Export) Running() (releases.Release, error) {
	running := e.Version()
	if running == "" {
		return releases.Release{}, diag.Issues{e.unversioned()}
	}
	if rel, err := releases.Find(running); err == nil {
		return rel, nil
	}
	rel, err := releases.Find(version.FindStringSubmatch(running)[1])
	if err != nil {
		issue := e.managerIssue("runs 3scale %s, which is not known", running)
		issue.Hint = "the release lines are " + strings.Join(releases.Lines(), ", ")
		return releases.Release{}, diag.Issues{issue}
	}
	return rel, nil
}

// Release is a release that somebody named, as exactly as the export says it: the
// operator names its patch release. Another line is an error, and so is an
// installation of the operator without its APIManager.
func (e *Export) Release(named releases.Release) (releases.Release, diag.Issues) {
	running := e.Version()
	switch {
	case e.APIManager == nil && named.Operated():
		return named, diag.Issues{{
			Pos: diag.Position{File: e.Name}, Message: "must have the APIManager: an operator runs 3scale " + named.String(),
			Hint: "add apimanager to the command: `" + operatedCommand + "`",
		}}
	case running == "":
		return named, nil
	}
	if line := version.FindStringSubmatch(running)[1]; line != named.Line {
		issue := e.managerIssue("its operator runs 3scale %s, not %s", running, named)
		issue.Hint = `say release: "` + line + `", or compare with another export`
		if lines := releases.Lines(); slices.Index(lines, named.Line) > slices.Index(lines, line) {
			issue.Hint = `say release: "` + line + `": Redis moves in the release that runs, and the upgrade to ` + named.Line + ` comes after`
		}
		return named, diag.Issues{issue}
	}
	i := slices.IndexFunc(named.Tags, func(t releases.Tag) bool { return t.Name == running })
	if i < 0 {
		return named, nil
	}
	exact := releases.Release{Pin: named.Pin, Tag: &named.Tags[i]}
	if named.Tag != nil && named.Tag.Name != running {
		issue := e.managerIssue("its operator runs 3scale %s, not %s: the comparison is with %[1]s", running, named)
		issue.Severity = diag.Warning
		return exact, diag.Issues{issue}
	}
	return exact, nil
}

func (e *Export) unversioned() diag.Issue {
	if e.APIManager == nil {
		return diag.Issue{Pos: diag.Position{File: e.Name}, Message: "has no APIManager that says which release runs"}
	}
	issue := e.managerIssue("must have the annotation %s, by which its operator says which release runs", versionAnnotation)
	issue.Hint = "the operator sets it when it reconciles"
	return issue
}

// managerIssue is an issue at the version of the APIManager.
func (e *Export) managerIssue(format string, args ...any) diag.Issue {
	at := manifest.Field(e.APIManager.Node, "metadata", "annotations", versionAnnotation)
	if at == nil {
		at = e.APIManager.Node
	}
	return e.APIManager.Issue(at, e.APIManager.String(), format, args...)
}
