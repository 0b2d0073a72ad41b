// Package template processes OpenShift Templates, such as those that install
// 3scale, the way `oc process --local` does: parameters go in, objects come
// out. What oc does was read off its source (openshift/library-go,
// pkg/template/templateprocessing). Unlike oc it never invents a value:
// rendering twice yields the same bytes.
//
// It refuses to know what the objects mean, but for the Redis that a template
// brings itself, which SettleInternalRedis takes out.
package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Template is an OpenShift Template.
type Template struct {
	// File is the name that issues carry.
	File string
	// Digest is the SHA-256 of the file, in hex, with the line ends that it was
	// published with: Git for Windows writes others, which mean the same.
	Digest string
	// Parameters are in the order of the file.
	Parameters []Parameter

	parameters *yaml.Node
	objects    []*yaml.Node
	labels     *yaml.Node
	// replaced are the Secrets whose values come from elsewhere, secrets those of
	// them that the Template has, as they were.
	replaced Replaced
	secrets  []manifest.Object
}

// Parameter is a parameter of a Template.
type Parameter struct {
	Name        string
	Description string
	// Value is the default; empty where there is none.
	Value    string
	Required bool
	// Generate names what makes a value where there is no default: "expression".
	Generate string
	// From is what the value is made from: "[a-z0-9]{8}".
	From string
}

// generated reports whether oc makes up a value where none is given.
func (p Parameter) generated() bool { return p.Generate != "" && p.Value == "" }

// Release is the 3scale release that the file itself says it is of: the default
// of its parameter AMP_RELEASE. It may differ from the tag that the file was
// published under.
func (t *Template) Release() string {
	for _, p := range t.Parameters {
		if p.Name == "AMP_RELEASE" {
			return p.Value
		}
	}
	return ""
}

// Parse reads a Template from YAML or JSON. All mistakes are reported in one
// run.
func Parse(file string, data []byte) (*Template, error) {
	doc, err := document(file, data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	p := parser{file: file, t: &Template{File: file, Digest: hex.EncodeToString(sum[:])}}
	if doc.Style&yaml.FlowStyle != 0 {
		unquote(doc)
	}
	p.checkNodes(doc)
	if p.issues.Failed() {
		return nil, p.issues
	}
	p.parameters(manifest.Field(doc, "parameters"))
	p.labels(manifest.Field(doc, "labels"))
	p.objects(doc)
	return p.t, p.issues.Err()
}

type parser struct {
	file   string
	t      *Template
	issues diag.Issues
	// aliases says that the first alias was reported.
	aliases bool
}

func (p *parser) issue(at *yaml.Node, path, format string, args ...any) {
	p.issues = append(p.issues, diag.Issue{Pos: manifest.Position(p.file, at), Path: path, Message: fmt.Sprintf(format, args...)})
}

// checkNodes refuses what would not come out as it went in. Aliases could be
// expanded, but a few lines of them unfold into gigabytes, and no template of
// 3scale has one.
func (p *parser) checkNodes(n *yaml.Node) {
	if n.Kind == yaml.AliasNode && !p.aliases {
		p.issue(n, "", "must not use YAML aliases")
		p.aliases = true
	}
	if n.Kind == yaml.MappingNode {
		if key := duplicate(n); key != nil {
			p.issue(key, "", "this key is there twice")
		}
	}
	for _, child := range n.Content {
		p.checkNodes(child)
	}
}

// duplicate returns the first key that appears twice in a mapping, or nil.
func duplicate(n *yaml.Node) *yaml.Node {
	const few = 32 // up to here comparing all pairs is faster than a set
	if len(n.Content) > few {
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			if seen[n.Content[i].Value] {
				return n.Content[i]
			}
			seen[n.Content[i].Value] = true
		}
		return nil
	}
	for i := 2; i < len(n.Content); i += 2 {
		for j := 0; j < i; j += 2 {
			if n.Content[i].Value == n.Content[j].Value {
				return n.Content[i]
			}
		}
	}
	return nil
}

// unquote takes the style of JSON off a node, so that it is written as YAML.
func unquote(n *yaml.Node) {
	switch {
	case n.Kind != yaml.ScalarNode:
		n.Style = 0
	case n.Tag == "!!str":
		n.Style = manifest.Scalar(n.Value).Style
	}
	for _, child := range n.Content {
		unquote(child)
	}
}

// parameterName is what oc accepts as a parameter's name.
var parameterName = regexp.MustCompile(`^[a-zA-Z0-9_]+$`)

func (p *parser) parameters(list *yaml.Node) {
	p.t.parameters = list
	if list != nil && list.Kind != yaml.SequenceNode && list.Tag != "!!null" {
		p.issue(list, "parameters", "must be a list")
	}
	seen := map[string]bool{}
	for i, item := range manifest.Items(list) {
		path := fmt.Sprintf("parameters[%d]", i)
		if item.Kind != yaml.MappingNode {
			p.issue(item, path, "must be a mapping")
			continue
		}
		param := Parameter{
			Name:        p.text(item, path, "name"),
			Description: p.text(item, path, "description"),
			Value:       p.text(item, path, "value"),
			Generate:    p.text(item, path, "generate"),
			From:        p.text(item, path, "from"),
			Required:    p.flag(item, path, "required"),
		}
		name := manifest.Field(item, "name")
		switch {
		case param.Name == "":
			p.issue(item, path+".name", "is required")
		case !parameterName.MatchString(param.Name):
			p.issue(name, path+".name", "must be letters, digits and _")
		case seen[param.Name]:
			p.issue(name, path+".name", "there is another parameter %s", param.Name)
		case param.generated() && param.Generate != "expression":
			p.issue(manifest.Field(item, "generate"), path+".generate", "must be expression")
		}
		seen[param.Name] = true
		p.t.Parameters = append(p.t.Parameters, param)
	}
}

// text is a field that must be a string if it is there.
func (p *parser) text(n *yaml.Node, path, key string) string {
	field := manifest.Field(n, key)
	switch {
	case field == nil || field.Tag == "!!null":
		return ""
	case field.Tag != "!!str":
		p.issue(field, path+"."+key, "must be a string; quote it")
	}
	return field.Value
}

// flag is a field that must be a boolean if it is there.
func (p *parser) flag(n *yaml.Node, path, key string) bool {
	field := manifest.Field(n, key)
	if field == nil || field.Tag == "!!null" {
		return false
	}
	var set bool
	if field.Tag != "!!bool" || field.Decode(&set) != nil {
		p.issue(field, path+"."+key, "must be true or false")
	}
	return set
}

func (p *parser) labels(labels *yaml.Node) {
	p.t.labels = labels
	if labels == nil || labels.Tag == "!!null" {
		p.t.labels = nil
		return
	}
	if labels.Kind != yaml.MappingNode {
		p.issue(labels, "labels", "must be a mapping")
		return
	}
	for i := 0; i+1 < len(labels.Content); i += 2 {
		p.text(labels, "labels", labels.Content[i].Value)
	}
}

func (p *parser) objects(doc *yaml.Node) {
	list := manifest.Field(doc, "objects")
	switch {
	case list == nil:
		p.issue(doc, "objects", "is required")
	case list.Kind != yaml.SequenceNode:
		p.issue(list, "objects", "must be a list")
	}
	for i, n := range manifest.Items(list) {
		path := fmt.Sprintf("objects[%d]", i)
		o := manifest.Object{Node: n, File: p.file}
		switch {
		case n.Kind != yaml.MappingNode:
			p.issue(n, path, "must be a mapping with apiVersion and kind")
		case o.Kind() == "":
			p.issue(n, path+".kind", "is required")
		case o.APIVersion() == "":
			p.issue(n, path+".apiVersion", "is required")
		case manifest.Field(n, "items") != nil && o.Kind() == "List":
			p.issue(n, path, "a List inside a Template is not supported")
		}
	}
	p.t.objects = manifest.Items(list)
}

// maxValues is how many values a template may hold: those that 3scale was
// published with have less than 10,000.
const maxValues = 100_000

// document returns the one document of a file, which says that it is a Template.
func document(file string, data []byte) (*yaml.Node, error) {
	docs, err := manifest.NewReader(maxValues).ReadDocuments(file, data)
	if err != nil {
		if line := helmLine(data); line > 0 && !bytes.Contains(data, []byte("kind: Template")) {
			return nil, notATemplate(diag.Position{File: file, Line: line, Column: 1}, helmChart)
		}
		return nil, err
	}
	switch {
	case len(docs) == 0:
		return nil, notATemplate(diag.Position{File: file}, "not an empty file")
	case docs[0].Kind != yaml.MappingNode:
		return nil, notATemplate(manifest.Position(file, docs[0]), "a mapping with apiVersion and kind")
	}
	doc := manifest.Object{Node: docs[0], File: file}
	versions := []string{"template.openshift.io/v1", "v1"}
	switch {
	case doc.Kind() == "Template" && len(docs) > 1:
		return nil, notATemplate(manifest.Position(file, docs[1]), "the only document of its file")
	case doc.Kind() == "Template" && slices.Contains(versions, doc.APIVersion()):
		return doc.Node, nil
	case doc.Kind() == "Template":
		return nil, diag.Issues{doc.Issue(manifest.Field(doc.Node, "apiVersion"), "apiVersion", "must be template.openshift.io/v1")}
	case helmLine(data) > 0:
		return nil, notATemplate(diag.Position{File: file, Line: helmLine(data), Column: 1}, helmChart)
	default:
		return nil, notATemplate(manifest.Position(file, doc.Node), otherKind(doc))
	}
}
