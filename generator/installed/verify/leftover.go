package verify

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// leftOver says of the Redis that the operator brought and that its APIManager does
// not ask for any more: nobody deletes it, and with the APIManager go its claims.
func (r *Report) leftOver() {
	var names []string
	used := false
	for _, o := range r.Export.Workloads {
		if !export.IsInternalRedis(o) || wiring.IsPinned(o) || operator(o) == "" || !r.isExternal(o.Name()) {
			continue
		}
		names = append(names, o.String())
		used = used || !r.leadsOut(o.Name())
	}
	if len(names) == 0 {
		return
	}
	issue := r.manager.Issue(r.manager.Node, r.manager.String(), "%s: left over from the Redis of the operator, and still owned by the APIManager: whoever deletes that deletes their claims too", strings.Join(names, ", "))
	issue.Severity = diag.Note
	if used {
		issue.Severity = diag.Warning
		issue.Message += "; a Secret leads there"
	}
	r.Remarks = append(r.Remarks, issue)
}

// isExternal reports whether the APIManager says that the Redis of a Secret is
// outside.
func (r *Report) isExternal(secret string) bool {
	for field, on := range r.Switches.External {
		if secretOf(r.Release, field) == secret {
			return on
		}
	}
	return false
}

// internalRedis says which pods of the Redis that the template or the operator
// brings are not there.
func (r *Report) internalRedis() {
	owner := "template"
	if r.Release.Operated() {
		owner = "operator"
	}
	for _, id := range r.Release.InternalRedis {
		kind, name, _ := strings.Cut(id, "/")
		_, ok := r.Export.Workload(kind, name)
		if runs := kind == export.DeploymentConfig || kind == export.Deployment; runs && !ok {
			issues := &r.Obstacles
			if r.Release.Operated() {
				issues = &r.Switched // the operator makes it when its switch is off
			}
			*issues = append(*issues, diag.Issue{
				Pos: diag.Position{File: r.Export.Name}, Path: id, Message: "is required by the profile " + r.Want.Profile.Name + ": it is the " + owner + "'s own Redis",
			})
		}
	}
}
