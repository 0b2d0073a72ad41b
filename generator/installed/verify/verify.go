// Package verify compares what runs with what a release reads and a spec says.
// It finds the differences, place by place and key by key; a migration makes
// patches of them, and Issues says them to people. Nothing that it says holds a
// password.
package verify

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Report is what a comparison found.
type Report struct {
	Export  *export.Export
	Release releases.Release
	// Want is the spec; nil where only the release and the rules are asked.
	Want *generator.Checked
	// Clock is when certificates must be valid; the zero Time where nobody asks.
	Clock time.Time
	// Switches are what the APIManager says, where an operator runs the pods.
	Switches wiring.Switches
	// Places have env vars that differ, or that appear twice.
	Places []Place
	// Values are the keys that differ, Metadata the labels and annotations.
	Values   []Value
	Metadata []Metadata
	// Wanted are the values of the spec, with *** for passwords that are not known.
	Wanted clients.Values
	// unknown are the databases of which a secret is not known.
	unknown map[string]bool
	// Display shows values to people.
	Display Display
	// StaleKeys are keys of the Secrets that only older releases read.
	StaleKeys []Key
	// Restarts are the workloads whose pods have not read the values in the Secrets,
	// or of which nobody can tell.
	Restarts []Restart
	// Obstacles are what no patch can fix: what is not there, or has
	// another name.
	Obstacles diag.Issues
	// Switched are the differences of the APIManager, and of the Secrets from it: a plan
	// sets its switches once the Secrets are right, and nobody may before.
	Switched diag.Issues
	// Unsettled are the env vars and volumes that the operator has still to write, and
	// Pending the switches that they are of.
	Unsettled diag.Issues
	Pending   map[string]bool
	// Remarks are worth knowing, and no difference.
	Remarks diag.Issues
	// pinned are the places of the release that the export has.
	pinned []pinnedPlace
	// compared are the env entries that a release knows.
	compared map[*yaml.Node]bool
	// unlike says that the export is of another release: nothing else is compared.
	unlike bool
	// manager is the APIManager.
	manager manifest.Object
	// withoutKeys are the workloads that read no keys for credentials, and need none.
	withoutKeys []string
}

// Compare compares an export with a release, and with a spec unless it is nil. Of an
// export of another release it says that alone.
func Compare(e *export.Export, rel releases.Release, want *generator.Checked) *Report {
	rel, issues := e.Release(rel)
	r := &Report{Export: e, Release: rel, Want: want, Obstacles: issues, compared: map[*yaml.Node]bool{}, Pending: map[string]bool{}}
	if r.unlike = issues.Failed(); r.unlike {
		return r
	}
	if rel.Operated() {
		r.manager = *e.APIManager
		r.Switches = wiring.ReadSwitches(r.manager, rel)
		if r.Switches.DisableAsync == "true" {
			r.Release = rel.WithoutAsync()
		}
	}
	r.want()
	for _, w := range rel.Workloads {
		if w.Transient {
			r.job(w)
		} else {
			r.workload(w)
		}
	}
	if rel.Operated() {
		r.operated()
	}
	r.Display = NewDisplay(r.Release, append(r.ownValues(), r.Export.Values, r.Wanted)...)
	r.strangers()
	r.staleKeys()
	if want == nil {
		return r
	}
	r.values()
	r.metadata()
	r.restarts()
	if want.Profile.Reach == profiles.InTemplate {
		r.internalRedis()
	}
	return r
}

// Knows reports whether an env entry is one that a release has.
func (r *Report) Knows(entry *yaml.Node) bool { return r.compared[entry] }

// Issues are the differences, and what the rules say of the values that run.
func (r *Report) Issues() diag.Issues {
	if r.unlike {
		return r.Obstacles
	}
	issues := slices.Concat(r.Obstacles, r.Switched, r.Unsettled, r.Remarks)
	for _, p := range r.Places {
		issues = append(issues, p.issues()...)
	}
	for _, v := range r.Values {
		if !v.Missing || v.optional { // the rule key-missing says the others
			issues = append(issues, v.issue(r.Export))
		}
	}
	for _, m := range r.Metadata {
		issues = append(issues, m.issue(r.Export))
	}
	return append(issues, r.rules()...).Sorted()
}

// rules judges the values that run.
func (r *Report) rules() diag.Issues {
	in := rule.ValueInput{Values: r.Export.Values, Release: r.Release, Now: r.Clock, Place: func(secret, key string) spec.Place {
		return spec.Place{Path: "Secret/" + secret + "/" + key, Pos: r.Export.Position(secret, key)}
	}}
	if r.Want != nil {
		in.Profile, in.Allow = r.Want.Profile, r.Want.Spec.Allow
	}
	return rule.CheckValues(in)
}

// Metadata is a label or an annotation that the spec gives a Secret and that is
// not there.
type Metadata struct {
	Secret, Field, Key, Value string
}

func (m Metadata) issue(e *export.Export) diag.Issue {
	return diag.Issue{
		Severity: diag.Note, Pos: e.Position(m.Secret, ""), Path: "Secret/" + m.Secret,
		Message: "metadata." + m.Field + " must have " + m.Key + ", as the spec says",
	}
}

// metadata compares the labels and annotations that the spec itself says.
func (r *Report) metadata() {
	s := r.Want.Spec.Secrets
	if s.DeliveredAs() != spec.DeliverSecret {
		return
	}
	for _, o := range r.Export.Secrets {
		for field, wanted := range map[string]map[string]string{"labels": s.Labels, "annotations": s.Annotations} {
			for key, value := range wanted {
				if n := manifest.Field(o.Node, "metadata", field, key); n == nil || n.Value != value {
					r.Metadata = append(r.Metadata, Metadata{o.Name(), field, key, value})
				}
			}
		}
	}
	slices.SortFunc(r.Metadata, func(a, b Metadata) int {
		return strings.Compare(a.Secret+a.Field+a.Key, b.Secret+b.Field+b.Key)
	})
}
