package golden

import (
	"encoding/base64"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// unified gives the difference of two files for people: data of Secrets
// decoded, secrets masked. A value that differs in its secret alone is said to
// have changed.
func unified(path string, have, want []byte) string {
	haveDocs, haveErr := manifest.ReadDocuments(path, have)
	wantDocs, wantErr := manifest.ReadDocuments(path, want)
	if haveErr != nil || wantErr != nil {
		return path + ": is not YAML\n"
	}
	old, rendered := &masker{}, &masker{}
	before := old.documents(haveDocs, nil)
	after := rendered.documents(wantDocs, old.raw)
	if before == after {
		return path + ": differs in comments or layout only\n"
	}
	return udiff.Unified(path, path+" (rendered)", before, after)
}

// masker writes documents with masked secrets and keeps the raw values, so that
// a second one can tell which secrets differ.
type masker struct{ raw map[string]string }

func (m *masker) documents(docs []*yaml.Node, before map[string]string) string {
	m.raw = map[string]string{}
	var b strings.Builder
	for i, doc := range docs {
		if i > 0 {
			b.WriteString("---\n")
		}
		if doc.Kind == yaml.MappingNode {
			doc = m.object(manifest.Object{Node: doc}, before)
		}
		data, err := manifest.Encode(doc)
		if err != nil {
			return ""
		}
		b.Write(data)
	}
	return b.String()
}

// object masks the values of a Secret; other objects hold none.
func (m *masker) object(o manifest.Object, before map[string]string) *yaml.Node {
	if o.Kind() != "Secret" {
		return o.Node
	}
	masked := manifest.Clone(o.Node)
	for _, field := range []string{"data", "stringData"} {
		values := manifest.Field(masked, field)
		if values == nil || values.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(values.Content); i += 2 {
			id := o.Namespace() + "/" + o.Name() + "/" + values.Content[i].Value
			text := values.Content[i+1].Value
			if decoded, err := base64.StdEncoding.DecodeString(text); field == "data" && err == nil {
				text = string(decoded)
			}
			m.raw[id] = text
			shown := secret.MaskURLs(text)
			if old, ok := before[id]; ok && old != text && secret.MaskURLs(old) == shown {
				shown += " (changed)"
			}
			values.Content[i+1] = manifest.Scalar(shown)
		}
	}
	return masked
}
