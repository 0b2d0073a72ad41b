package verify

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Restart is a workload whose pods must be restarted to read the values that the
// Secrets have: pods read them when they start, and never again.
type Restart struct {
	Workload string
	// Why is what the export shows.
	Why string
	// Known says that the pods have not read the values. Else nobody can tell.
	Known bool
}

// restarts finds the workloads whose pods are not known to have read the values
// that the Secrets have now.
func (r *Report) restarts() {
	wanted := r.Want.Annotations()
	for _, w := range r.Release.Workloads {
		o, there := r.Export.Workload(w.Kind, w.Name)
		if !there || w.Transient || manifest.Text(o.Node, "spec", "replicas") == "0" {
			continue
		}
		restart, needed := r.restart(o, w, wanted[w.Name])
		if !needed {
			continue
		}
		r.Restarts = append(r.Restarts, restart)
		if restart.Known {
			r.remark(o, o.Node, o.String(), "its pods have not read the values that the Secrets have: %s", restart.Why)
		}
	}
}

// restart judges one workload. Its pods are the best witnesses; the annotations
// come next, since a plan and an apply set them after the Secrets. They show no
// password.
func (r *Report) restart(o manifest.Object, w releases.Workload, wanted map[string]string) (Restart, bool) {
	because := func(known bool, why string) (Restart, bool) { return Restart{w.Name, why, known}, true }
	pods, changed := r.Export.Pods[o.String()], r.changed(w)
	if len(pods) > 0 && !changed.IsZero() {
		for _, pod := range pods {
			if started := timeOf(manifest.Field(pod.Node, "status", "startTime")); !started.After(changed) {
				return because(true, "pod "+pod.Name()+" is older than the last change of a Secret that it reads")
			}
		}
		return Restart{}, false
	}
	for _, s := range r.Export.Secrets {
		if slices.Contains(Unread(s), w.Name) {
			return because(true, "Secret/"+s.Name()+" says that a plan which was not finished has to restart it")
		}
	}
	if r.Release.Operated() { // nothing sets an annotation in pods of the operator
		return because(false, "the export does not show which is older, the pods or the last change of the Secrets")
	}
	annotations := manifest.Field(wiring.PodTemplate(o), "metadata", "annotations")
	if manifest.Field(annotations, wiring.DigestAnnotation) == nil {
		return because(false, "no plan and no apply has set the annotation "+wiring.DigestAnnotation+", and the export does not show which is older, the pods or the last change of the Secrets")
	}
	for name, value := range wanted {
		if manifest.Text(annotations, name) != value {
			return because(true, "its annotation "+name+" is of other values")
		}
	}
	switch {
	case rolloutOf(o) != finished:
		return because(false, "its last rollout is not finished")
	case manifest.Text(o.Node, "spec", "paused") == "true":
		return because(false, "it is paused")
	}
	return Restart{}, false
}

// changed is when the data of a Secret that a workload reads was last changed,
// zero where the export does not say.
func (r *Report) changed(w releases.Workload) time.Time {
	var last time.Time
	for _, s := range r.Export.Secrets {
		if !ReadsSecret(w, s.Name()) {
			continue
		}
		var written time.Time
		for _, entry := range manifest.Items(manifest.Field(s.Node, "metadata", "managedFields")) {
			if at := timeOf(manifest.Field(entry, "time")); manifest.Field(entry, "fieldsV1", "f:data") != nil && at.After(written) {
				written = at
			}
		}
		if written.IsZero() {
			return written
		}
		if written.After(last) {
			last = written
		}
	}
	return last
}

// ReadsSecret reports whether a workload of a pin reads a Secret.
func ReadsSecret(w releases.Workload, secret string) bool {
	return slices.ContainsFunc(wiring.PinnedPlaces(w), func(p wiring.Pinned) bool {
		return slices.ContainsFunc(p.Env, func(v releases.EnvVar) bool { return v.Secret == secret })
	})
}

// timeOf reads a time of the server, zero where there is none.
func timeOf(n *yaml.Node) time.Time {
	if n == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Unread are the workloads that a plan has to restart because of a change of the
// Secret.
func Unread(secret manifest.Object) []string {
	names := strings.Split(manifest.Text(secret.Node, "metadata", "annotations", wiring.RestartAnnotation), ",")
	return slices.DeleteFunc(names, func(name string) bool { return validation.IsDNS1123Subdomain(name) != nil })
}
