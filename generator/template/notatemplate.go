package template

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

const helmChart = "not a template of a Helm chart"

// helmAction is the beginning of an action of a Helm chart's template; a
// parameter of an OpenShift Template has a $ in front: ${{NAME}}.
var helmAction = regexp.MustCompile(`(^|[^$])\{\{`)

// helmLine returns the line of the first action of a Helm chart's template, or 0.
func helmLine(data []byte) int {
	at := helmAction.FindIndex(data)
	if at == nil {
		return 0
	}
	return 1 + bytes.Count(data[:at[1]], []byte("\n"))
}

// otherKind says what a file is that people take for a Template.
func otherKind(doc manifest.Object) string {
	switch {
	case strings.HasPrefix(doc.APIVersion(), "kustomize.config.k8s.io/"),
		doc.Kind() == "" && manifest.Field(doc.Node, "resources") != nil:
		return "not a kustomization, which belongs to spec.base"
	case doc.Kind() == "List":
		return "not a List, such as `oc process` and `oc get` print and spec.base takes"
	case doc.Kind() == "ThreescaleRedis":
		return "not a spec of threescale-redis"
	default:
		return "a mapping with kind Template"
	}
}

func notATemplate(pos diag.Position, what string) diag.Issues {
	return diag.Issues{{Pos: pos, Message: "must be an OpenShift Template, " + what}}
}
