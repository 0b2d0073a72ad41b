package krm

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// ConfigName is the file in positions of the spec, whose lines count from the
// start of the functionConfig.
const ConfigName = "<functionConfig>"

const kind = "ResourceList"

// versions are the apiVersions of a ResourceList: that of Kustomize and that of
// kpt's older functions.
var versions = []string{"config.kubernetes.io/v1", "config.kubernetes.io/v1alpha1"}

// list is a ResourceList.
type list struct {
	file string
	root *yaml.Node
	// config is the functionConfig, with positions of its own; nil if not given.
	config *yaml.Node
	items  []manifest.Object
}

// parse reads a ResourceList. The issues are of the list, not of the spec in it.
func parse(file string, data []byte) (*list, error) {
	reader := manifest.NewReader(manifest.MaxValues)
	docs, err := reader.ReadDocuments(file, data)
	if err != nil {
		return nil, err
	}
	required := "must be a " + kind + " of " + strings.Join(versions, " or ")
	switch {
	case len(docs) == 0:
		return nil, diag.Issues{{Pos: diag.Position{File: file}, Message: required + ", not empty"}}
	case len(docs) > 1:
		return nil, diag.Issues{{Pos: manifest.Position(file, docs[1]), Message: "must be one " + kind + ": a second document begins here"}}
	}
	root, err := reader.Expanded(docs[0])
	if err != nil {
		return nil, diag.Issues{{Pos: manifest.Position(file, docs[0]), Message: err.Error()}}
	}
	if manifest.Text(root, "kind") != kind || !slices.Contains(versions, manifest.Text(root, "apiVersion")) {
		return nil, diag.Issues{{Pos: manifest.Position(file, root), Message: required}}
	}
	l := &list{file: file, root: root}
	if config := manifest.Field(root, "functionConfig"); config != nil {
		l.config = relocated(config)
	}
	return l, l.readItems()
}

// readItems wants of each item what a server wants of an object.
func (l *list) readItems() error {
	items := manifest.Field(l.root, "items")
	if items == nil || items.Tag == "!!null" {
		return nil
	}
	var issues diag.Issues
	report := func(at *yaml.Node, path, message string) {
		issues = append(issues, diag.Issue{Pos: manifest.Position(l.file, at), Path: path, Message: message})
	}
	if items.Kind != yaml.SequenceNode {
		report(items, "items", "must be a list")
	}
	for _, n := range manifest.Items(items) {
		if len(issues) >= manifest.MaxIssues {
			break
		}
		o := manifest.Object{Node: n, File: l.file}
		l.items = append(l.items, o)
		switch {
		case n.Kind != yaml.MappingNode:
			report(n, "items", "must be Kubernetes objects, mappings with apiVersion and kind")
		case strings.HasSuffix(o.Kind(), "List") && manifest.Field(n, "items") != nil:
			report(n, "items", "a List inside a List is not supported")
		default:
			issues = append(issues, manifest.Repeated(l.file, n)...)
			issues = append(issues, manifest.Check(o)...)
		}
	}
	return issues.Err()
}

// relocated returns the node with lines and columns as if its document began with it.
func relocated(n *yaml.Node) *yaml.Node {
	moved := manifest.Clone(n)
	indent := n.Column - 1
	if n.Style&yaml.FlowStyle != 0 {
		indent = 0
	}
	var move func(*yaml.Node)
	move = func(m *yaml.Node) {
		m.Line, m.Column = m.Line-n.Line+1, max(m.Column-indent, 1)
		for _, child := range m.Content {
			move(child)
		}
	}
	move(moved)
	return moved
}

// oneSpec refuses a second spec among the items. As a generator, Kustomize puts
// the functionConfig there too, and a generator's stays there for a transformer.
func (l *list) oneSpec() error {
	var issues diag.Issues
	name := manifest.Text(l.config, "metadata", "name")
	for _, o := range l.items {
		if o.Kind() == spec.Kind && o.Name() != name {
			issues = append(issues, o.Issue(o.Node, spec.Kind+"/"+o.Name(), "is a second spec: the functionConfig is the one"))
		}
	}
	return issues.Err()
}

// answer returns the list with these items and with the issues as its results.
func (l *list) answer(items []manifest.Object, issues diag.Issues) ([]byte, error) {
	nodes := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, o := range items {
		nodes.Content = append(nodes.Content, o.Node)
	}
	answer := *l.root
	answer.Content = slices.Clone(l.root.Content)
	manifest.Set(&answer, nodes, "items")
	manifest.Remove(&answer, "results")
	if len(issues) > 0 {
		manifest.Set(&answer, results(issues), "results")
	}
	return manifest.Encode(&answer)
}
