package golden

import (
	"encoding/base64"
	"maps"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// unified is the difference of two files for people: data of Secrets decoded,
// secrets masked. A value that differs in its secret alone is said to have
// changed. Of an object that should not be in the file only the name is shown, and
// no comment: both may hold anything.
func unified(path string, have, want []byte) string {
	haveDocs, haveErr := documents(path, have)
	wantDocs, wantErr := documents(path, want)
	if haveErr != nil || wantErr != nil {
		return path + ": is not YAML\n"
	}
	rendered := &masker{raw: map[string]string{}, known: map[string]bool{}}
	for _, doc := range wantDocs {
		rendered.know(doc)
	}
	old := &masker{raw: map[string]string{}, known: rendered.known}
	before := old.documents(haveDocs, nil)
	after := rendered.documents(wantDocs, old.raw)
	if before == after {
		return path + ": differs in comments or layout only\n"
	}
	return udiff.Unified(path, path+" (rendered)", before, after)
}

// documents are those of a file, without aliases and comments.
func documents(path string, data []byte) ([]*yaml.Node, error) {
	reader := manifest.NewReader(manifest.MaxValues)
	docs, err := reader.ReadDocuments(path, data)
	if err != nil {
		return nil, err
	}
	for i, doc := range docs {
		expanded, err := reader.Expanded(doc)
		if err != nil {
			return nil, err
		}
		docs[i] = manifest.Clone(expanded)
		uncomment(docs[i])
	}
	return docs, nil
}

func uncomment(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		uncomment(c)
	}
}

// masker writes documents with masked secrets and keeps the raw values, so that
// a second one can tell which secrets differ.
type masker struct {
	raw map[string]string
	// known are the objects that the spec renders to, and the keys of its Secrets.
	known map[string]bool
}

// know adds an object and its values to those that are shown.
func (m *masker) know(doc *yaml.Node) {
	o := manifest.Object{Node: doc}
	m.known[id(o, "", "")] = true
	for field, values := range fieldsOf(o) {
		for i := 0; i+1 < len(values.Content); i += 2 {
			m.known[id(o, field, values.Content[i].Value)] = true
		}
	}
}

// annotations can repeat the values of a Secret, as "oc apply" does in one of them.
const annotations = "annotations"

// fieldsOf are the mappings of a Secret in which values can stand.
func fieldsOf(o manifest.Object) map[string]*yaml.Node {
	fields := map[string]*yaml.Node{
		"data":       manifest.Field(o.Node, "data"),
		"stringData": manifest.Field(o.Node, "stringData"),
		annotations:  manifest.Field(o.Node, "metadata", annotations),
	}
	maps.DeleteFunc(fields, func(_ string, n *yaml.Node) bool { return n == nil || n.Kind != yaml.MappingNode })
	return fields
}

func id(o manifest.Object, field, key string) string {
	if field == "stringData" {
		field = "data"
	}
	return strings.Join([]string{o.Kind(), o.Namespace(), o.Name(), field, key}, "/")
}

func (m *masker) documents(docs []*yaml.Node, before map[string]string) string {
	var b strings.Builder
	for i, doc := range docs {
		if i > 0 {
			b.WriteString("---\n")
		}
		if doc.Kind == yaml.MappingNode {
			doc = m.object(manifest.Object{Node: doc}, before)
		} else {
			doc = manifest.Scalar(secret.Mask) // no golden file has one, so it can be anything
		}
		data, err := manifest.Encode(doc)
		if err != nil {
			return ""
		}
		b.Write(data)
	}
	return b.String()
}

// object masks the values of a Secret, and all but the name of an object that is
// not known.
func (m *masker) object(o manifest.Object, before map[string]string) *yaml.Node {
	if !m.known[id(o, "", "")] {
		return manifest.Mapping("kind", manifest.Scalar(o.Kind()), "metadata", manifest.Mapping("name", manifest.Scalar(o.Name())))
	}
	if o.Kind() != "Secret" {
		return o.Node
	}
	for field, values := range fieldsOf(o) {
		for i := 0; i+1 < len(values.Content); i += 2 {
			shown := m.value(id(o, field, values.Content[i].Value), field, values.Content[i+1].Value, before)
			values.Content[i+1] = manifest.Scalar(shown)
		}
	}
	return o.Node
}

// value is what is shown of a value of a Secret.
func (m *masker) value(id, field, text string, before map[string]string) string {
	if !m.known[id] {
		return secret.Mask
	}
	if decoded, err := base64.StdEncoding.DecodeString(text); field == "data" && err == nil {
		text = string(decoded)
	}
	m.raw[id] = text
	shown := secret.MaskURLs(text)
	if old, ok := before[id]; ok && old != text && secret.MaskURLs(old) == shown {
		shown += " (changed)"
	}
	return shown
}
