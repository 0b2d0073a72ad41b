// Package manifest reads and writes Kubernetes objects as YAML nodes, so that
// what nobody changes comes out as it went in: order, types and spelling of
// every scalar included.
package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Object is one Kubernetes object: a mapping node and the file it came from.
type Object struct {
	*yaml.Node
	File string
}

// APIVersion returns the object's apiVersion.
func (o Object) APIVersion() string { return Text(o.Node, "apiVersion") }

// Kind returns the object's kind.
func (o Object) Kind() string { return Text(o.Node, "kind") }

// Name returns metadata.name.
func (o Object) Name() string { return Text(o.Node, "metadata", "name") }

// Namespace returns metadata.namespace.
func (o Object) Namespace() string { return Text(o.Node, "metadata", "namespace") }

// String returns Kind/Name.
func (o Object) String() string { return o.Kind() + "/" + o.Name() }

// Issue is an error at a node of the object.
func (o Object) Issue(at *yaml.Node, path, format string, args ...any) diag.Issue {
	return diag.Issue{Pos: Position(o.File, at), Path: path, Message: fmt.Sprintf(format, args...)}
}

// Position is where a node stands in its file.
func Position(file string, n *yaml.Node) diag.Position {
	if n == nil {
		return diag.Position{File: file}
	}
	return diag.Position{File: file, Line: n.Line, Column: n.Column}
}

// ReadDocuments reads a YAML or JSON stream, alone in its run.
func ReadDocuments(file string, data []byte) ([]*yaml.Node, error) {
	return NewReader(MaxValues).ReadDocuments(file, data)
}

// ReadDocuments reads a YAML or JSON stream into its documents. Syntax errors
// carry their line; they never quote the input, which may hold secrets.
func (r *Reader) ReadDocuments(file string, data []byte) ([]*yaml.Node, error) {
	data = utf8Text(data)
	if err := r.spend(file, data); err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var docs []*yaml.Node
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, diag.Issues{syntaxError(file, data, err)}
		case doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 && doc.Content[0].Tag != "!!null":
			if err := checkDepth(file, doc.Content[0], 1); err != nil {
				return nil, err
			}
			docs = append(docs, doc.Content[0])
		}
	}
}

// Read reads Kubernetes objects from a YAML or JSON stream, alone in its run.
func Read(file string, data []byte) ([]Object, error) {
	return NewReader(MaxValues).Read(file, data)
}

// Read reads Kubernetes objects from a YAML or JSON stream; the items of a List
// count as objects of their own, aliases are replaced by what they stand for. A
// key that is given twice is an error: programs differ in which one they take.
// All mistakes are reported in one run.
func (r *Reader) Read(file string, data []byte) ([]Object, error) {
	docs, err := r.ReadDocuments(file, data)
	if err != nil {
		return nil, err
	}
	var objects []Object
	var issues diag.Issues
	for _, doc := range docs {
		if len(issues) >= MaxIssues {
			break
		}
		plain, err := r.Expanded(doc)
		if err != nil {
			issues = append(issues, Object{doc, file}.Issue(doc, "", "%s", err))
			continue
		}
		objects, issues = flatten(objects, append(issues, Repeated(file, plain)...), Object{plain, file}, 0)
	}
	return objects, issues.Err()
}

func flatten(objects []Object, issues diag.Issues, o Object, depth int) ([]Object, diag.Issues) {
	switch {
	case o.Node.Kind != yaml.MappingNode:
		return objects, append(issues, o.Issue(o.Node, "", "must be a Kubernetes object, a mapping with apiVersion and kind"))
	case o.Kind() == "" && Field(o.Node, "items") != nil:
		return objects, append(issues, o.Issue(o.Node, "kind", "is required: a List without it is cut off, since its items come first"))
	case o.Kind() == "":
		return objects, append(issues, o.Issue(o.Node, "kind", "is required"))
	case !strings.HasSuffix(o.Kind(), "List") || Field(o.Node, "items") == nil:
		if o.Name() == "" {
			issues = append(issues, o.Issue(o.Node, "metadata.name", "is required"))
		}
		return append(objects, o), issues
	case depth > 0:
		return objects, append(issues, o.Issue(o.Node, "items", "a List inside a List is not supported"))
	}
	items := Field(o.Node, "items")
	if items.Kind != yaml.SequenceNode {
		return objects, append(issues, o.Issue(items, "items", "must be a list"))
	}
	for _, item := range items.Content {
		if len(issues) >= MaxIssues {
			break
		}
		objects, issues = flatten(objects, issues, Object{item, o.File}, depth+1)
	}
	return objects, issues
}

// Write returns the objects as a YAML stream.
func Write(objects []Object) ([]byte, error) {
	documents := make([][]byte, len(objects))
	for i, o := range objects {
		var err error
		if documents[i], err = Encode(o.Node); err != nil {
			return nil, err
		}
	}
	return bytes.Join(documents, []byte("---\n")), nil
}

// Encode returns a node as YAML, laid out as kubectl does.
func Encode(n any) ([]byte, error) {
	if node, ok := n.(*yaml.Node); ok {
		if data, ok := layOut(node); ok {
			return data, nil
		}
	}
	return encode(n)
}

func encode(n any) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(n); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
