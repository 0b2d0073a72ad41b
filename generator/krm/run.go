package krm

import (
	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/diag"
	"github.com/threescale-redis/threescale-redis/generator/manifest"
	"github.com/threescale-redis/threescale-redis/generator/secret"
	"github.com/threescale-redis/threescale-redis/generator/spec"
)

// Run answers a ResourceList. The file is the name of the list in positions. The
// issues are those of the run. What is wrong with the spec, or with items that it
// is for, is in the answer too, whose items are then those that came in; a list
// that can't be used has no answer.
func Run(file string, data []byte, lookup secret.Lookup) ([]byte, diag.Issues) {
	l, err := parse(file, data)
	if err != nil {
		return nil, diag.From(err)
	}
	doc, err := l.readSpec()
	if doc != nil {
		if err := l.oneSpec(doc.File.Metadata.Name); err != nil {
			return nil, diag.From(err)
		}
	}
	items, issues := l.items, diag.From(err)
	switch {
	case err == nil:
		items, issues = l.generate(doc, lookup)
	case doc != nil:
		_, more := generator.Check(generator.Input{Document: doc})
		issues = append(issues, diag.From(more)...).Sorted()
	}
	answer, err := l.answer(items, issues)
	if err != nil {
		return nil, diag.From(err)
	}
	return answer, issues
}

func (l *list) generate(doc *spec.Document, lookup secret.Lookup) ([]manifest.Object, diag.Issues) {
	for field, given := range map[string]bool{
		"spec.base":     doc.File.Spec.Base != nil,
		"spec.template": doc.File.Spec.Template != nil,
	} {
		if given {
			return l.items, diag.Issues{{Pos: doc.KeyPosition(field), Path: field, Message: "must not be given: the items are the installation"}}
		}
	}
	r, err := generator.Generate(generator.Input{Document: doc, Items: append([]manifest.Object{}, l.items...), Lookup: lookup})
	if err != nil {
		return l.items, diag.From(err)
	}
	return r.Objects, r.Issues
}
