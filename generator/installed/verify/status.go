package verify

import (
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// rollout is how far the last rollout of a workload is.
type rollout string

// A rollout whose status is not in the export counts as finished.
const (
	finished   rollout = "finished"
	failed     rollout = "failed"
	unobserved rollout = "not begun"
	running    rollout = "running"
)

// rolloutOf reads the status that the server keeps; an object without a generation
// has been on no server. A DeploymentConfig and a
// Deployment use the same words (openshift/api apps/v1, kubernetes apps/v1).
func rolloutOf(o manifest.Object) rollout {
	status := manifest.Field(o.Node, "status")
	switch {
	case status == nil || manifest.Field(o.Node, "metadata", "generation") == nil:
		return finished
	case failedCondition(o) != nil:
		return failed
	case number(status, "observedGeneration") < number(o.Node, "metadata", "generation"):
		return unobserved
	case number(status, "updatedReplicas") < replicas(o):
		return running
	default:
		return finished
	}
}

// conditionReason is what the API allows as one (apimachinery, Condition).
var conditionReason = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$`)

// failedCondition is the condition that says that the last rollout was given up.
func failedCondition(o manifest.Object) *yaml.Node {
	for _, c := range manifest.Items(manifest.Field(o.Node, "status", "conditions")) {
		if manifest.Text(c, "type") == "Progressing" && manifest.Text(c, "status") == "False" {
			return c
		}
	}
	return nil
}

// reason is that of a condition, which the API has as a word.
func reason(condition *yaml.Node) string {
	if text := manifest.Text(condition, "reason"); conditionReason.MatchString(text) {
		return text
	}
	return "no reason given"
}

func number(n *yaml.Node, path ...string) int {
	i, err := strconv.Atoi(manifest.Text(n, path...))
	if err != nil {
		return 0
	}
	return i
}

func replicas(o manifest.Object) int { return number(o.Node, "spec", "replicas") }

// status reports what the server says about a workload: a failed rollout is an
// error, since its pods run with what was there before.
func (r *Report) status(o manifest.Object) {
	if paused := manifest.Field(o.Node, "spec", "paused"); paused != nil && paused.Value == "true" {
		r.remark(o, paused, o.String(), "is paused: a change of its environment does not restart its pods")
	}
	status := manifest.Field(o.Node, "status")
	switch available := number(status, "availableReplicas"); rolloutOf(o) {
	case failed:
		c := failedCondition(o)
		issue := o.Issue(c, o.String(), "its last rollout failed (%s): its pods are those of an earlier one", reason(c))
		issue.Hint = "`oc describe` of it and `oc logs` of its pods say why"
		r.Obstacles = append(r.Obstacles, issue)
	case unobserved:
		r.remark(o, status, o.String(), "the server has not acted on its last change yet")
	case running:
		r.remark(o, status, o.String(), "its last rollout is not finished: %d of %d pods are new", number(status, "updatedReplicas"), replicas(o))
	case finished:
		if status != nil && number(status, "observedGeneration") > 0 && available < replicas(o) {
			r.remark(o, status, o.String(), "%d of %d pods are available", available, replicas(o))
		}
	}
}

// The spots where a template or an operator writes the release line: the tag of an
// image stream (amp-backend:2.9), that of an image (3scale-amp2/backend-rhel7:
// 3scale2.9), and AMP_RELEASE.
var (
	streamTag = regexp.MustCompile(`^amp-[\w-]+:([0-9]+\.[0-9]+)$`)
	imageTag  = regexp.MustCompile(`:3scale([0-9]+\.[0-9]+)`)
	literal   = regexp.MustCompile(`^([0-9]+\.[0-9]+)`)
)

// line remarks a workload that runs another release line than the one that it is
// compared with. Most exports show digests of images, which say nothing.
func (r *Report) line(o manifest.Object) {
	seen := func(at *yaml.Node, what, text string, pattern *regexp.Regexp) bool {
		m := pattern.FindStringSubmatch(text)
		if m == nil || m[1] == r.Release.Line {
			return false
		}
		r.remark(o, at, o.String(), "%s is of 3scale %s, not of %s", what, m[1], r.Release)
		return true
	}
	for _, p := range wiring.Places(o) {
		release := wiring.Named(p.Env(), "AMP_RELEASE")
		if seen(p.Node, "the image of "+p.Container, manifest.Text(p.Node, "image"), imageTag) ||
			release != nil && seen(release, "AMP_RELEASE in "+p.Container, manifest.Text(release, "value"), literal) {
			return
		}
	}
	for _, n := range manifest.Items(manifest.Field(o.Node, "spec", "triggers")) {
		from := manifest.Field(n, "imageChangeParams", "from")
		if from != nil && seen(from, "the image of its trigger", manifest.Text(from, "name"), streamTag) {
			return
		}
	}
}
