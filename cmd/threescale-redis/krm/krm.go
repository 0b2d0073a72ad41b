// Package krm is the function that Kustomize and kpt call: it takes a
// ResourceList, whose functionConfig is the spec, and answers with one.
//
//	items without a DeploymentConfig -> the items and the Secrets
//	items with DeploymentConfigs     -> the items, patched; Secrets that are there replaced
//
// Where an operator makes the pods, the APIManager is patched in place of the
// DeploymentConfigs.
//
// It has no clock: the same list makes the same answer on any day, so that nothing is
// said of certificates that have expired.
//
// It works on YAML nodes of its own, not on the framework of kyaml, whose errors
// quote their input and which rewrites internal annotations.
package krm

import (
	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Run answers a ResourceList. The file is the name of the list in positions. The
// issues are those of the run. What is wrong with the spec, or with items that it
// is for, is in the answer too, whose items are then those that came in; a list
// that can't be used has no answer. The parser reads the layers that the spec names.
func Run(file string, data []byte, parser spec.Parser, lookup secret.Lookup) ([]byte, diag.Issues) {
	l, err := parse(file, data)
	if err != nil {
		return nil, diag.From(err)
	}
	if err := l.oneSpec(); err != nil {
		return nil, diag.From(err)
	}
	items, issues := l.generate(parser, lookup)
	answer, err := l.answer(items, issues)
	if err != nil {
		return nil, diag.From(err)
	}
	return answer, issues
}

// generate returns the new items, or those that came in beside an error.
func (l *list) generate(parser spec.Parser, lookup secret.Lookup) ([]manifest.Object, diag.Issues) {
	if l.config == nil {
		return l.items, diag.Issues{{Pos: manifest.Position(l.file, l.root), Path: "functionConfig", Message: "is required: it is the spec"}}
	}
	doc := parser.ParseNode(ConfigName, l.config)
	doc.Issues = append(doc.Issues, generator.Unnamed(doc, "the items are the installation")...)
	r, err := generator.Generate(doc, generator.Secrets{Lookup: lookup}, generator.Items(l.items))
	if err != nil {
		return l.items, diag.From(err)
	}
	return r.Objects, r.Issues
}
