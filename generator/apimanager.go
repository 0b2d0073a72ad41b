package generator

import (
	"fmt"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
)

// apiManager finds the APIManager of an installation: the one that the spec names,
// or the only one. It returns its index.
func (c *Checked) apiManager(objects []manifest.Object) (int, diag.Issues) {
	name := c.Spec.APIManager.Value.Name
	var all, named []int
	for i, o := range objects {
		if !wiring.IsAPIManager(o) {
			continue
		}
		all = append(all, i)
		if !name.Said || o.Name() == name.Value {
			named = append(named, i)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], c.judge(objects[named[0]])
	case len(named) > 1:
		first, second := objects[named[0]], objects[named[1]]
		issue := second.Issue(second.Node, second.String(), "is a second APIManager, after %s at %s: a spec is for one installation", first.Name(), manifest.Position(first.File, first.Node))
		if !name.Said {
			issue.Hint = "spec.apiManager.name says which one is meant"
		}
		return 0, diag.Issues{issue}
	case len(all) > 0:
		o := objects[all[0]]
		issue := o.Issue(manifest.Field(o.Node, "metadata", "name"), o.String(), "is not the APIManager that spec.apiManager.name says: %s", name.Value)
		issue.Hint = diag.DidYouMean(o.Name(), []string{name.Value})
		return 0, diag.Issues{issue}
	default:
		issue := diag.Issue{
			Path: wiring.APIManagerKind + "/" + c.Spec.APIManagerName(), Message: "is required: it says to the operator where Redis is",
		}
		if c.Spec.Base.Said {
			issue.Hint = "without the APIManager, leave spec.base out: the Secrets alone, and -o patches for the APIManager"
		}
		return 0, diag.Issues{issue}
	}
}

// judge reports what in an APIManager contradicts the spec.
func (c *Checked) judge(o manifest.Object) diag.Issues {
	var issues diag.Issues
	if line := wiring.LineOf(o); line != "" && line != c.Release.Line {
		issue := o.Issue(manifest.Field(o.Node, "metadata", "annotations", wiring.VersionAnnotation), o.String()+": metadata.annotations",
			"says that the operator has installed 3scale %s, and spec.release is %s", line, c.Release)
		issue.Hint = "set spec.release, or take the annotation out: the operator writes it"
		issues = append(issues, issue)
	}
	if wiring.HighAvailability(o) && c.Profile.Reach == profiles.InTemplate {
		issue := o.Issue(manifest.Field(o.Node, "spec", "highAvailability"), o.String()+": spec.highAvailability",
			"makes all databases external, and the Redis of the profile %s is not", c.Profile.Name)
		issue.Hint = "write spec.externalComponents in its place, with each database that stays external"
		issues = append(issues, issue)
	}
	return issues
}

// setSwitches makes the APIManager of an installation say where Redis is.
func (c *Checked) setSwitches(objects []manifest.Object) ([]manifest.Object, error) {
	i, issues := c.apiManager(objects)
	if issues.Failed() {
		return nil, issues
	}
	set := slices.Clone(objects)
	set[i] = c.Switches().Apply(objects[i], c.Release)
	return set, nil
}

// APIManagerPatch is what makes the APIManager say where Redis is: that of the base,
// or where there is none, any that has the name.
func (p *Patched) APIManagerPatch() wiring.APIManagerPatch {
	patch := wiring.APIManagerPatch{Name: p.Spec.APIManagerName(), Namespace: p.Metadata.Namespace.Value, Patch: p.Switches().Patch(p.Release)}
	i, issues := p.apiManager(p.Base)
	if issues.Failed() {
		return patch
	}
	o := p.Base[i]
	patch.Name, patch.Patch = o.Name(), p.Switches().PatchOf(o, p.Release)
	patch.HighAvailability = manifest.Field(o.Node, "spec", "highAvailability") != nil
	if o.Namespace() != "" {
		patch.Namespace = o.Namespace()
	}
	if len(patch.Patch.Content) == 0 {
		patch.Patch = nil
	}
	return patch
}

// OperatorRolls says which change of an installation makes the operator roll pods,
// and what rolls them otherwise.
func (c *Checked) OperatorRolls() string {
	text := "the operator makes the pods; a changed Secret rolls none of them, and externalComponents neither"
	switch {
	case len(c.Release.APIManager.TLS) > 0:
		text += ", only a changed switch of TLS or async mode does"
	case c.Release.APIManager.DisableAsync != "":
		text += ", only a changed switch of async mode does"
	}
	return text + ": run " + c.restarts()
}

// restarts are the commands that restart all pods that read the Secrets.
func (c *Checked) restarts() string {
	oc := []string{"oc"}
	if namespace := c.Metadata.Namespace.Value; namespace != "" {
		oc = append(oc, "-n", namespace)
	}
	var deployments, configs []string
	for _, w := range c.Release.Workloads {
		switch {
		case w.Transient:
		case w.Kind == "Deployment":
			deployments = append(deployments, "deployment/"+w.Name)
		default:
			configs = append(configs, w.Name)
		}
	}
	if len(deployments) > 0 {
		return "`" + shellescape.QuoteCommand(slices.Concat(oc, []string{"rollout", "restart"}, deployments)) + "`"
	}
	return fmt.Sprintf("`%s rollout latest dc/NAME` for each of %s", shellescape.QuoteCommand(oc), strings.Join(configs, ", "))
}

// tokenOfOperated warns of a rollout token where an operator makes the pods.
func (c *Checked) tokenOfOperated() diag.Issues {
	token := c.Spec.Rollout.Token
	if token.Value == "" || !c.Release.Operated() {
		return nil
	}
	issue := token.Issue("has no effect: an operator makes the pods, and they get no annotation")
	issue.Severity = diag.Warning
	issue.Hint = "to restart them, run " + c.restarts()
	return diag.Issues{issue}
}
