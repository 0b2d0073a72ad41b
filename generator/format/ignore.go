package format

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// ignoreDocument returns the part of an Argo CD Application's spec that leaves
// alone what a cluster rewrites in the objects of an installation, so the spec must
// name one. The APIManager of an operator is known without.
func ignoreDocument(r Result) ([]byte, error) {
	if r.Base == nil && !r.Release.Operated() {
		return nil, diag.Issues{{
			Pos: diag.Position{File: r.Name}, Path: "spec",
			Message: "must name the installation for -o argocd-ignore: its image triggers say what a cluster rewrites",
			Hint:    "give spec.template or spec.base",
		}}
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	add := func(apiVersion, kind, name string, expressions []string) {
		group, _, _ := strings.Cut(apiVersion, "/")
		list.Content = append(list.Content, manifest.Mapping(
			"group", manifest.Scalar(group),
			"kind", manifest.Scalar(kind),
			"name", manifest.Scalar(name),
			"jqPathExpressions", texts(expressions)))
	}
	if r.Release.Operated() {
		p := r.APIManagerPatch()
		add(wiring.APIManagerVersion, wiring.APIManagerKind, p.Name, filledIn(r))
	}
	for _, o := range r.Objects {
		if expressions := rewritten(o); len(expressions) > 0 {
			add(o.APIVersion(), o.Kind(), o.Name(), expressions)
		}
	}
	return manifest.Encode(manifest.Mapping(
		"ignoreDifferences", list,
		"syncPolicy", manifest.Mapping("syncOptions", texts([]string{"RespectIgnoreDifferences=true"}))))
}

// filledIn returns the paths that the operator writes to in the APIManager, but for
// those that the base has itself. The Secrets need none: what the operator adds to
// them, labels and keys that are blank, is rendered.
func filledIn(r Result) []string {
	var expressions []string
	for _, annotation := range []string{wiring.VersionAnnotation, wiring.OperatorAnnotation} {
		expressions = append(expressions, fmt.Sprintf(".metadata.annotations[%q]", annotation))
	}
	for _, field := range r.Release.APIManager.Defaults {
		given := slices.ContainsFunc(r.Base, func(o manifest.Object) bool {
			return wiring.IsAPIManager(o) && manifest.Field(o.Node, strings.Split(field, ".")...) != nil
		})
		if !given {
			expressions = append(expressions, "."+field)
		}
	}
	if slices.ContainsFunc(r.Base, wiring.HighAvailability) {
		// The operator writes the one in place of the other.
		expressions = append(expressions, ".spec.externalComponents", ".spec.highAvailability")
	}
	return append(expressions, ".status")
}

// ownFields warns that what the user's own APIManager says must not be ignored.
func ownFields(r Result) diag.Issues {
	if !r.Release.Operated() || r.Base != nil {
		return nil
	}
	return diag.Issues{{
		Severity: diag.Warning, Pos: diag.Position{File: r.Name},
		Message: "the list has all that the operator fills in: Argo CD would not sync those fields that the APIManager in Git says itself",
		Hint:    "name the installation in spec.base, which leaves them out",
	}}
}

// rewritten returns the paths that the image triggers of an object write to: the
// image of the containers that a trigger names, and the image that triggered last.
func rewritten(o manifest.Object) []string {
	var expressions []string
	spec := manifest.Field(o.Node, "spec", "template", "spec")
	for _, t := range manifest.Items(manifest.Field(o.Node, "spec", "triggers")) {
		if manifest.Text(t, "type") != "ImageChange" {
			continue
		}
		for _, c := range manifest.Items(manifest.Field(t, "imageChangeParams", "containerNames")) {
			for _, field := range []string{"containers", "initContainers"} {
				if manifest.Named(manifest.Field(spec, field), c.Value) != nil {
					expressions = append(expressions, fmt.Sprintf(".spec.template.spec.%s[] | select(.name == %q) | .image", field, c.Value))
				}
			}
		}
		expressions = append(expressions, `.spec.triggers[] | select(.type == "ImageChange") | .imageChangeParams.lastTriggeredImage`)
	}
	slices.Sort(expressions)
	return slices.Compact(expressions)
}

func texts(values []string) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, v := range values {
		list.Content = append(list.Content, manifest.Scalar(v))
	}
	return list
}

func ignoreFiles(r Result) ([]File, error) {
	data, err := ignoreDocument(r)
	return []File{{Name: "ignore-differences.yaml", Data: data}}, err
}
