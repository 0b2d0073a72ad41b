package krm

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// severities are the words of a ResourceList for ours.
var severities = map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Note: "info"}

// results returns the issues in the form of a ResourceList. It has no field for a
// line, so that line, column and rule are tags.
func results(issues diag.Issues) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, i := range issues {
		message := i.Message
		if i.Hint != "" {
			message += "\nhint: " + i.Hint
		}
		result := manifest.Mapping("message", manifest.Scalar(message), "severity", manifest.Scalar(severities[i.Severity]))
		if i.Path != "" {
			manifest.Set(result, manifest.Scalar(i.Path), "field", "path")
		}
		if i.Pos.File != "" {
			manifest.Set(result, manifest.Scalar(i.Pos.File), "file", "path")
		}
		if i.Pos.Line > 0 {
			manifest.Set(result, manifest.Scalar(strconv.Itoa(i.Pos.Line)), "tags", "line")
			manifest.Set(result, manifest.Scalar(strconv.Itoa(i.Pos.Column)), "tags", "column")
		}
		if i.Rule != "" {
			manifest.Set(result, manifest.Scalar(i.Rule), "tags", "rule")
		}
		list.Content = append(list.Content, result)
	}
	return list
}
