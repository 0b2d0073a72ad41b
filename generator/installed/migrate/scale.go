package migrate

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// downSteps take the consumers down, and then the portals.
func (p *planner) downSteps(s side) ([]Step, error) {
	return collect(
		func() ([]Step, error) {
			return p.scaleStep(s, Step{
				Title:     "Consumers down",
				Why:       "Whoever takes jobs must not run while both sides are written to. What waits in the queues is copied. A worker ends the job that it has, which may take a minute.",
				Meanwhile: "calls are answered. Their usage is counted later: until then limits let more through. Background jobs and mails wait.",
			}, "consumers-down", func(w releases.Workload) bool { return p.down(s)(w) && !p.portal(w) && !p.answers(w) })
		},
		func() ([]Step, error) {
			return p.scaleStep(s, Step{
				Title:     "Portals down",
				Why:       portalsDown(s),
				Meanwhile: "the admin portal, the developer portal and the account management API are closed. apicast-staging, which loads its configuration with each call, fails. Calls through apicast-production are answered; new pods of it do not start.",
			}, "portals-down", func(w releases.Workload) bool { return p.down(s)(w) && p.portal(w) })
		},
		func() ([]Step, error) {
			return p.scaleStep(s, Step{
				Title:     "Listeners down",
				Why:       "Nobody may write while the data is copied.",
				Meanwhile: "**3scale is down**: from here on calls are refused, or let through as the gateway is told to.",
			}, "listeners-down", func(w releases.Workload) bool { return p.down(s)(w) && p.answers(w) })
		},
	)
}

// answers reports whether a workload neither takes jobs nor is a portal.
func (p *planner) answers(w releases.Workload) bool {
	rel := p.report.Release
	return !slices.Contains(slices.Concat(rel.Consumers, rel.Requeues, rel.Portals), w.Name)
}

func portalsDown(s side) string {
	if s.offline {
		return "Nobody may change anything while the data is copied."
	}
	return "What is created and deleted in a portal reaches Redis through backend-listener. While old and new listeners run side by side, a deleted key could survive."
}

// scaled are the workloads of the export that a step scales.
func (p *planner) scaled(which func(releases.Workload) bool) []manifest.Object {
	var objects []manifest.Object
	for _, w := range p.report.Release.Workloads {
		if o, there := p.report.Export.Workload(w.Kind, w.Name); there && which(w) {
			objects = append(objects, o)
		}
	}
	return objects
}

// scaleStep takes workloads down and waits until their pods are gone.
func (p *planner) scaleStep(s side, step Step, name string, which func(releases.Workload) bool) ([]Step, error) {
	objects := p.scaled(which)
	if len(objects) == 0 {
		return nil, nil
	}
	step.Fails = "take the way back before the step Secrets: nothing has happened."
	if s.back() {
		step.Fails = "go on with the step Up: nothing has happened."
	}
	if p.report.Release.Operated() {
		patch := manifest.Mapping()
		for _, o := range objects {
			manifest.Set(patch, number(0), p.podsField(o, "replicas")...)
			if p.autoscaled(o) {
				manifest.Set(patch, boolean(false), p.podsField(o, "hpa")...)
			}
		}
		if err := p.patchManager(s, name, patch, &step.Commands); err != nil {
			return nil, err
		}
	} else {
		step.Commands = []string{p.scaleCommand(objects, 0)}
	}
	for _, o := range objects {
		step.Commands = append(step.Commands, p.plan.oc("wait", "pod", "-l", selector(o), "--for=delete", "--timeout=300s"))
		step.Down = append(step.Down, o.Name())
	}
	step.Why += " `oc wait` complains if no pod is left: that is fine."
	step.Done = "`" + p.plan.oc("get", "pods", "-l", selector(objects[0])) + "` prints no pod, and so on for each."
	return []Step{step}, nil
}

// selector is the label by which a workload finds its pods.
func selector(o manifest.Object) string {
	labels := manifest.Field(o.Node, "spec", "selector")
	if match := manifest.Field(labels, "matchLabels"); match != nil {
		labels = match
	}
	var parts []string
	for key, value := range manifest.Fields(labels) {
		parts = append(parts, key.Value+"="+value.Value)
	}
	return strings.Join(parts, ",")
}

// scaleCommand gives workloads a number of pods.
func (p *planner) scaleCommand(objects []manifest.Object, n int) string {
	words := []string{"scale"}
	for _, o := range objects {
		words = append(words, resource(o))
	}
	return p.plan.oc(append(words, "--replicas="+strconv.Itoa(n))...)
}

// replicas is how many pods a workload has in the export.
func replicas(o manifest.Object) int {
	n, err := strconv.Atoi(manifest.Text(o.Node, "spec", "replicas"))
	if err != nil {
		return 1 // the server's default
	}
	return n
}

// upCommands give workloads as many pods as the export has, and wait for them.
func (p *planner) upCommands(s side, objects []manifest.Object) ([]string, error) {
	var commands []string
	last, name := manifest.Mapping(), "up"
	if s.offline {
		name = "up-all"
	}
	if p.report.Release.Operated() {
		patch := manifest.Mapping()
		for _, o := range objects {
			p.restore(o, patch, last)
		}
		if err := p.patchManager(s, name, patch, &commands); err != nil {
			return nil, err
		}
		// The operator takes its time, and a workload without pods has nothing to roll out.
		for _, o := range objects {
			commands = append(commands, p.plan.oc("wait", resource(o), "--for=jsonpath={.spec.replicas}="+strconv.Itoa(replicas(o)), "--timeout=300s"))
		}
	} else {
		byNumber := map[int][]manifest.Object{}
		for _, o := range objects {
			byNumber[replicas(o)] = append(byNumber[replicas(o)], o)
		}
		for _, n := range slices.Sorted(maps.Keys(byNumber)) {
			commands = append(commands, p.scaleCommand(byNumber[n], n))
		}
	}
	for _, o := range objects {
		commands = append(commands, p.plan.oc("rollout", "status", resource(o)))
	}
	if len(last.Content) > 0 {
		if err := p.patchManager(s, name+"-default", last, &commands); err != nil {
			return nil, err
		}
	}
	return commands, nil
}

// restore sets the number of pods of a workload in a patch of the APIManager. Where none
// was given, it goes in a last patch: taken away at once, it would leave no pod.
func (p *planner) restore(o manifest.Object, patch, last *yaml.Node) {
	manager := p.report.Export.APIManager.Node
	at := p.podsField(o, "replicas")
	if given := manifest.Field(manager, at...); given != nil {
		manifest.Set(patch, given, at...)
	} else {
		manifest.Set(patch, number(replicas(o)), at...)
		manifest.Set(last, manifest.Null(), at...)
	}
	if p.autoscaled(o) {
		manifest.Set(last, boolean(true), p.podsField(o, "hpa")...)
	}
}

// podsField is a field of the APIManager about the pods of a workload.
func (p *planner) podsField(o manifest.Object, field string) []string {
	return append(strings.Split(p.report.Release.APIManager.Pods[o.Name()], "."), field)
}

// autoscaled reports whether the APIManager asks for an HPA, which writes replicas as
// the operator does.
func (p *planner) autoscaled(o manifest.Object) bool {
	return slices.Contains(p.report.Release.APIManager.Autoscaled, o.Name()) &&
		manifest.Text(p.report.Export.APIManager.Node, p.podsField(o, "hpa")...) == "true"
}

// patchManager adds the command that patches the APIManager, and its file.
func (p *planner) patchManager(s side, name string, patch *yaml.Node, commands *[]string) error {
	file := s.dir + "patches/" + name + ".merge.yaml"
	*commands = append(*commands, p.patchCommand(*p.report.Export.APIManager, "merge", file))
	return p.file(file, patch, false)
}

func number(n int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(n)}
}

// autoscalers names what else writes replicas.
func (p *planner) autoscalers() {
	if !p.report.Release.Operated() {
		p.plan.Remarks = append(p.plan.Remarks, "A HorizontalPodAutoscaler does nothing for a workload that is scaled to 0, and takes over again when it is up: `"+p.plan.oc("get", "hpa")+"` lists them.")
		return
	}
	for _, w := range p.report.Release.Workloads {
		if o, there := p.report.Export.Workload(w.Kind, w.Name); there && p.autoscaled(o) {
			p.plan.Remarks = append(p.plan.Remarks, "HorizontalPodAutoscaler of "+w.Name+": the operator deletes it where the plan sets hpa to false, and makes it again after the step Up.")
		}
	}
}
