package migrate

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// rollsByItself reports whether a change of the pod template starts a rollout. That
// of a Deployment always does.
func rollsByItself(o manifest.Object) bool {
	triggers := manifest.Field(o.Node, "spec", "triggers")
	if o.Kind() != export.DeploymentConfig || triggers == nil {
		return true // the server's default
	}
	return slices.ContainsFunc(manifest.Items(triggers), func(n *yaml.Node) bool { return manifest.Text(n, "type") == "ConfigChange" })
}

// defaultPatience is the server's (openshift/library-go appsutil,
// DefaultRollingTimeoutSeconds and DefaultRecreateTimeoutSeconds; Kubernetes,
// progressDeadlineSeconds of a Deployment).
const defaultPatience = 600

// patience is how many seconds without progress make the server give up a
// rollout.
func patience(o manifest.Object) int {
	path := []string{"spec", "progressDeadlineSeconds"}
	if o.Kind() == export.DeploymentConfig {
		path = append(wiring.StrategyPath(o), "timeoutSeconds")
	}
	n, err := strconv.Atoi(manifest.Text(o.Node, path...))
	if err != nil {
		return defaultPatience
	}
	return n
}

// annotations are the annotations that a direction sets on the pod template of a
// workload, nil where all are as they should be. Later an apply of the spec finds
// them there, and restarts nothing.
func (p *planner) annotations(s side, w releases.Workload) *yaml.Node {
	o, there := p.report.Export.Workload(w.Kind, w.Name)
	if !there || p.report.Release.Operated() {
		return nil // the operator's pods carry none of ours
	}
	live := manifest.Field(wiring.PodTemplate(o), "metadata", "annotations")
	set := manifest.Mapping()
	wanted := p.report.Want.Annotations()[w.Name]
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		before := manifest.Field(live, name)
		switch {
		case before != nil && before.Value == wanted[name]:
		case !s.back():
			manifest.Set(set, manifest.Scalar(wanted[name]), name)
		case before == nil:
			manifest.Set(set, manifest.Null(), name)
		default:
			manifest.Set(set, manifest.Scalar(before.Value), name)
		}
	}
	if len(set.Content) == 0 {
		return nil
	}
	return set
}

// markedRestarts are the workloads that read a Secret and that the plan restarts
// without a new annotation: only the Secret can say that they are still to come.
func (p *planner) markedRestarts(secret string) []string {
	var names []string
	for _, w := range p.report.Release.Workloads {
		_, there := p.report.Export.Workload(w.Kind, w.Name)
		if there && !w.Transient && p.restarts(w) && p.annotations(side{}, w) == nil && verify.ReadsSecret(w, secret) {
			names = append(names, w.Name)
		}
	}
	return names
}

// doneStep takes the marks off the Secrets, and notes on those of an operator's pods,
// which carry no annotation of ours, what these have read.
func (p *planner) doneStep(s side) []Step {
	step := Step{
		Title: "All have been restarted",
		Why:   "Annotations of the Secrets say which pods are still to be restarted, and what the pods have read, for a new plan. This restarts nothing.",
		Done:  "the annotation " + wiring.RestartAnnotation + " is gone.",
	}
	noted := p.noted()
	for _, name := range s.marked {
		o, _ := p.report.Export.Secret(name)
		before := strings.Join(verify.Unread(o), ",")
		if s.back() && before != "" {
			step.Commands = append(step.Commands, p.plan.oc("annotate", "secret", name, "--overwrite", wiring.RestartAnnotation+"="+before))
		} else {
			step.Commands = append(step.Commands, p.plan.oc("annotate", "secret", name, wiring.RestartAnnotation+"-"))
		}
	}
	for _, name := range noted {
		note := wiring.DigestAnnotation + "-"
		before := ""
		if o, there := p.report.Export.Secret(name); there {
			before = manifest.Text(o.Node, "metadata", "annotations", wiring.DigestAnnotation)
		} else if s.back() {
			continue
		}
		switch {
		case !s.back():
			note = wiring.DigestAnnotation + "=" + p.report.Want.SecretDigest(name)
		case before != "":
			note = wiring.DigestAnnotation + "=" + before
		}
		step.Commands = append(step.Commands, p.plan.oc("annotate", "secret", name, "--overwrite", note))
	}
	if len(step.Commands) == 0 {
		return nil
	}
	if len(noted) > 0 && !s.back() {
		last := noted[len(noted)-1]
		step.Done = p.annotationShows("secret", last, "metadata", wiring.DigestAnnotation, p.report.Want.SecretDigest(last))
	}
	return []Step{step}
}

// noted are the Secrets that note what the pods have read.
func (p *planner) noted() []string {
	restarts := slices.ContainsFunc(p.report.Release.Workloads, func(w releases.Workload) bool { return !w.Transient && p.restarts(w) })
	if !p.report.Release.Operated() || p.delivery() != spec.DeliverSecret || !restarts {
		return nil
	}
	var names []string
	for _, s := range p.report.Release.Secrets {
		names = append(names, s.Name)
	}
	return names
}

// annotationDone says how to see that a workload was restarted.
func (p *planner) annotationDone(w releases.Workload, annotations *yaml.Node) string {
	if annotations == nil {
		return ""
	}
	value := annotations.Content[1].Value
	if annotations.Content[1].Tag == "!!null" {
		value = ""
	}
	return p.annotationShows("dc", w.Name, "spec.template.metadata", annotations.Content[0].Value, value)
}

// annotationShows says which command prints an annotation, and what it prints.
func (p *planner) annotationShows(resource, name, metadata, annotation, value string) string {
	path := metadata + ".annotations." + strings.ReplaceAll(annotation, ".", `\.`)
	text := "`" + p.plan.oc("get", resource, name, "-o", "jsonpath={."+path+"}") + "` prints "
	if value == "" {
		return text + "nothing."
	}
	return text + "`" + value + "`."
}

// rollout replaces the pods of a workload, with changes of its env or without, and
// waits for the new ones. A new annotation shows that it was done. Where the server
// rolls by itself, the annotation comes with the change that rolls; else it comes
// when all is done, since it would be there before the rollout.
func (p *planner) rollout(s side, o manifest.Object, changes []wiring.Change, annotations *yaml.Node) ([]string, error) {
	var commands []string
	patch := func(name string, n *yaml.Node) error {
		file := s.dir + "patches/" + o.Name() + "." + name + ".yaml"
		commands = append(commands, p.patchCommand(o, "strategic", file))
		return p.file(file, n, s.back() && len(changes) > 0)
	}
	name := "restart"
	if len(changes) > 0 {
		name = "strategic"
	}
	var err error
	switch byItself := rollsByItself(o); {
	case byItself && (len(changes) > 0 || annotations != nil):
		err = patch(name, wiring.StrategicChange(o.Kind(), changes, annotations))
	case byItself:
		commands = append(commands, p.restartCommand(o))
	default:
		var before *yaml.Node
		if len(changes) > 0 && annotations == nil && !s.back() {
			before, annotations = p.withoutDigest(o)
		}
		if len(changes) > 0 {
			err = patch(name, wiring.StrategicChange(o.Kind(), changes, before))
		}
		commands = append(commands, p.restartCommand(o))
	}
	commands = append(commands, p.plan.oc("rollout", "status", resource(o)))
	if err == nil && !rollsByItself(o) && annotations != nil {
		err = patch("done", wiring.StrategicChange(o.Kind(), nil, annotations))
	}
	return commands, err
}

// withoutDigest are the changes that take the digest away and bring it back.
func (p *planner) withoutDigest(o manifest.Object) (away, back *yaml.Node) {
	digest := manifest.Field(wiring.PodTemplate(o), "metadata", "annotations", wiring.DigestAnnotation)
	if digest == nil {
		return nil, nil
	}
	return manifest.Mapping(wiring.DigestAnnotation, manifest.Null()), manifest.Mapping(wiring.DigestAnnotation, manifest.Scalar(digest.Value))
}
