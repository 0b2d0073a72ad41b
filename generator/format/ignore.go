package format

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// ignoreDocument returns the part of an Argo CD Application's spec that leaves
// alone what image triggers rewrite in a cluster: the image of the containers
// that a trigger names, and the image that triggered last. The triggers are
// those of the installation, so the spec must name one.
func ignoreDocument(r Result) ([]byte, error) {
	if r.Base == nil {
		return nil, diag.Issues{{
			Pos: diag.Position{File: r.Name}, Path: "spec",
			Message: "must name the installation for -o argocd-ignore: its image triggers say what a cluster rewrites",
			Hint:    "give spec.template or spec.base",
		}}
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, o := range r.Objects {
		if expressions := rewritten(o); len(expressions) > 0 {
			group, _, _ := strings.Cut(o.APIVersion(), "/")
			list.Content = append(list.Content, manifest.Mapping(
				"group", manifest.Scalar(group),
				"kind", manifest.Scalar(o.Kind()),
				"name", manifest.Scalar(o.Name()),
				"jqPathExpressions", texts(expressions)))
		}
	}
	return manifest.Encode(manifest.Mapping(
		"ignoreDifferences", list,
		"syncPolicy", manifest.Mapping("syncOptions", texts([]string{"RespectIgnoreDifferences=true"}))))
}

// rewritten returns the paths that the image triggers of an object write to.
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
