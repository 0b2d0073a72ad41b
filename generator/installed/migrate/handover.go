package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
)

// handsOver reports whether a template's installation goes to an operator: the spec is
// for a release of the operator, and none runs yet.
func (p *planner) handsOver() bool {
	return p.report.Want.Release.Operated() && p.report.Export.APIManager == nil &&
		slices.ContainsFunc(p.report.Export.Workloads, func(o manifest.Object) bool { return o.Kind() == export.DeploymentConfig })
}

// handOver plans what must be before an operator takes over. It prepares the two
// Secrets; the rest is the upgrade's own matter.
func (p *planner) handOver() error {
	p.report.Release = p.report.Want.Release
	if p.elsewhere() {
		return nil
	}
	step := Step{
		Title: "Secrets",
		Why:   "The operator starts only where both Secrets are there with their URLs. It keeps the values, and adds what is missing. Keys that only the template's pods read stay. This rolls nothing.",
		Done:  "a new export shows the values of the files.",
	}
	back := Step{Title: "Secrets", Why: "The Secrets become what they were. This rolls nothing."}
	for _, s := range p.report.Release.Secrets {
		live, there := p.report.Export.Secret(s.Name)
		after, verb := p.delivered(s.Name), "create"
		if there {
			after, verb = plain(live), "replace"
		}
		changes := false
		for _, k := range s.Keys {
			text, wanted := p.texts[s.Name][k.Name]
			now, has := p.report.Export.Values[s.Name][k.Name]
			switch {
			case !wanted || has && now == text:
				continue
			case has:
				p.plan.Keys = append(p.plan.Keys, Key{s.Name + "/" + k.Name, "changes"})
			default:
				p.plan.Keys = append(p.plan.Keys, Key{s.Name + "/" + k.Name, "is missing"})
			}
			changes = true
			if there {
				manifest.Set(after, base64Node(text), "data", k.Name)
			}
		}
		if !changes {
			continue
		}
		if err := p.secretFile("", verb, s.Name, after, &step); err != nil {
			return err
		}
		if !there {
			back.Commands = append(back.Commands, p.plan.oc("delete", "secret", s.Name))
		} else if err := p.secretFile(RollbackDir+"/", "replace", s.Name, plain(live), &back); err != nil {
			return err
		}
	}
	if len(step.Commands) > 0 {
		p.plan.Steps, p.plan.Rollback = []Step{step}, []Step{back}
	}
	for _, s := range p.report.Release.Secrets {
		p.plan.Remarks = append(p.plan.Remarks, "Restore "+s.Name+" for the operator with at least these keys: "+strings.Join(slices.Sorted(maps.Keys(p.texts[s.Name])), ", ")+". `threescale-redis render -f SPEC` prints it.")
	}
	return p.handOverManager()
}

// secretFile adds the file of a Secret, and the command that sends it.
func (p *planner) secretFile(dir, verb, name string, n *yaml.Node, step *Step) error {
	file := dir + "secrets/" + name + ".yaml"
	step.Commands = append(step.Commands, p.plan.oc(verb, "-f", file))
	return p.file(file, n, true)
}

// elsewhere names the databases that would move with the Secrets, while the pods of
// the template still run, and reports whether there are some.
func (p *planner) elsewhere() bool {
	then := clients.Readings(p.texts, p.report.Release)
	for i, now := range clients.Readings(p.report.Export.Values, p.report.Release) {
		text := now.Database + ": moves to another Redis: plan that first, with the release of the template in the spec, and hand over when it runs there"
		if verify.Moves(now, then[i]) && !slices.Contains(p.plan.InTheWay, text) {
			p.plan.InTheWay = append(p.plan.InTheWay, text)
		}
	}
	return len(p.plan.InTheWay) > 0
}

// handOverManager says what the APIManager must say, and what must not be done.
func (p *planner) handOverManager() error {
	const file = "patches/apimanager.merge.yaml"
	if err := p.file(file, p.report.Want.Switches().Patch(p.report.Release), false); err != nil {
		return err
	}
	p.plan.Steps = append(p.plan.Steps, Step{
		Title: "Operator",
		Why: fmt.Sprintf("The supported way is a new installation: back up, install the operator, restore the Secrets, create the APIManager, and move the domain. "+
			"The documentation of 3scale lists system-redis among the Secrets to restore, and leaves out backend-redis: restore both. "+
			"The APIManager must have the fields of %s from the start.", file),
		Done: "`" + p.plan.oc("get", "apimanager", "-o", "yaml") + "` shows these fields, and `threescale-redis verify` finds nothing in a new export.",
	})
	if p.report.Want.Profile.Reach != profiles.InTemplate {
		p.plan.Remarks = append(p.plan.Remarks, "Do not create the APIManager without "+strings.Join(p.report.Release.APIManager.External, " and ")+": the operator would bring a Redis of its own.")
	}
	p.plan.Remarks = append(p.plan.Remarks,
		"Do not create the APIManager before both Secrets hold their URLs: the operator does not go on, and says that a field of a Secret is required.",
		"Do not create it in the namespace of the template unless you mean it: the operator takes the template's objects over by their names and rolls all DeploymentConfigs, which is not supported.",
		"Do not delete keys of the Secrets now: pods of the template that refer to a missing key do not start.",
		"Env vars of Redis that were changed by hand stay as they are: the operator never corrects them. Compare with `threescale-redis verify` when it runs.",
	)
	return nil
}
