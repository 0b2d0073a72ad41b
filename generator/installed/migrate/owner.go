package migrate

import (
	"fmt"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// ownerKinds are the kinds that write an object again when somebody changes it.
var ownerKinds = []string{"ExternalSecret", "SealedSecret"}

// tools are the programs that leave their mark on the objects that they apply, and
// bring them back to what they have: a label or an annotation, and its value if
// only one is theirs.
var tools = []struct{ name, field, key, value string }{
	{"Helm", "annotations", "meta.helm.sh/release-name", ""},
	{"Helm", "labels", "app.kubernetes.io/managed-by", "Helm"},
	{"Argo CD", "annotations", "argocd.argoproj.io/tracking-id", ""},
	{"Argo CD", "labels", "argocd.argoproj.io/instance", ""},
	{"Sealed Secrets", "annotations", "sealedsecrets.bitnami.com/managed", "true"},
}

// ownerOf names what writes an object, and its kind; "" where nothing says so.
func ownerOf(o manifest.Object) (owner, kind string) {
	for _, ref := range manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")) {
		if kind := manifest.Text(ref, "kind"); slices.Contains(ownerKinds, kind) {
			return kind + "/" + manifest.Text(ref, "name"), kind
		}
	}
	for _, t := range tools {
		n := manifest.Field(o.Node, "metadata", t.field, t.key)
		if n != nil && (t.value == "" || n.Value == t.value) {
			return t.name, t.name
		}
	}
	return "", ""
}

// owned names the objects that the plan changes and that something else writes: it
// takes the change back, sooner or later.
func (p *planner) owned() {
	for _, o := range p.report.Export.Secrets {
		owner, kind := ownerOf(o)
		if !p.changesSecret(o.Name()) {
			continue
		}
		switch p.delivery() {
		case spec.DeliverSecret:
			if owner != "" {
				p.plan.InTheWay = append(p.plan.InTheWay, fmt.Sprintf("%s: is written by %s, which takes back what the plan changes: change it there, and say `delivery: None` in the spec, or take it away there first", o, owner))
			}
		case spec.DeliverExternalSecret:
			if manifest.Text(o.Node, "immutable") == "true" {
				p.plan.InTheWay = append(p.plan.InTheWay, fmt.Sprintf("%s: is immutable, so no ExternalSecret can write it: delete it, and apply the ExternalSecret without a pause", o))
			}
			if owner != "" && (kind != "ExternalSecret" || owner != "ExternalSecret/"+o.Name()) {
				p.plan.InTheWay = append(p.plan.InTheWay, fmt.Sprintf("%s: is written by %s, and would be by the ExternalSecret of the plan as well: take it away there first", o, owner))
			}
		default:
			if owner != "" {
				p.plan.Remarks = append(p.plan.Remarks, o.String()+": is written by "+owner+": change it there")
			}
		}
	}
	if o := p.report.Export.APIManager; o != nil && (len(p.switches.names) > 0 || p.data != nil) {
		if owner, _ := ownerOf(*o); owner != "" {
			p.plan.InTheWay = append(p.plan.InTheWay, fmt.Sprintf("%s: is applied by %s, which takes back what the plan changes: change it there as well, or stop it from doing so while the steps run", o, owner))
		}
	}
	for _, o := range p.report.Export.Workloads {
		patched := slices.ContainsFunc(p.places, func(place verify.Place) bool { return place.Object.String() == o.String() })
		if owner, _ := ownerOf(o); owner != "" && patched {
			p.plan.InTheWay = append(p.plan.InTheWay, fmt.Sprintf("%s: is applied by %s, which takes back what the plan changes: change its env there as well, or stop it from doing so while the steps run", o, owner))
		}
	}
}

// changesSecret reports whether the plan changes the values or the keys of a Secret.
func (p *planner) changesSecret(name string) bool {
	return slices.ContainsFunc(p.report.Values, func(v verify.Value) bool { return v.Secret == name }) ||
		slices.ContainsFunc(p.report.StaleKeys, func(k verify.Key) bool { return k.Secret == name })
}
