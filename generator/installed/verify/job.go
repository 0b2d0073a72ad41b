package verify

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// job compares an object that the operator makes anew for each task. It can be
// missing, and nobody patches it: what differs is a warning, and what an earlier
// release did not have a note.
func (r *Report) job(w releases.Workload) {
	o, ok := r.Export.Workload(w.Kind, w.Name)
	if !ok {
		return
	}
	places := wiring.Places(o)
	for _, want := range wiring.PinnedPlaces(w) {
		i := slices.IndexFunc(places, func(p wiring.Place) bool { return p.Field == want.Field && p.Container == want.Container })
		if i < 0 {
			issue := notThere(o, w, want)
			issue.Severity = diag.Warning
			r.Remarks = append(r.Remarks, issue)
			continue
		}
		p := r.differences(places[i], want.Env, want.Env)
		if names, _ := p.listed(NotRead); names != "" {
			issue := o.Issue(places[i].Node, places[i].String(), "is of an earlier release: it does not read %s", names)
			issue.Severity = diag.Note
			r.Remarks = append(r.Remarks, issue)
		}
		p.Differences = slices.DeleteFunc(p.Differences, func(d Difference) bool { return d.Kind == NotRead })
		for _, issue := range p.issues() {
			if issue.Severity == diag.Error {
				issue.Severity = diag.Warning
			}
			issue.Hint = "the operator makes the Job anew for its next task"
			r.Remarks = append(r.Remarks, issue)
		}
	}
	for _, c := range manifest.Items(manifest.Field(o.Node, "status", "conditions")) {
		if manifest.Text(c, "type") == "Failed" && manifest.Text(c, "status") == "True" {
			issue := o.Issue(c, o.String(), "has failed (%s): the operator waits for it", reason(c))
			issue.Severity, issue.Hint = diag.Warning, "`oc logs` of its pods says why"
			r.Remarks = append(r.Remarks, issue)
		}
	}
}
