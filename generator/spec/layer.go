package spec

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// maxLayer is more than any spec needs, and little enough to read whole.
const maxLayer = 1 << 20

const notASpec = "is not a threescale-redis spec: must have apiVersion " + APIVersion + " and kind " + Kind

// readLayer reads one layer with a reader that counts the values of all. The value
// is nil where nothing can be said about the rest of it.
func readLayer(l Layer, documents *manifest.Reader) (*value, diag.Issues) {
	refuse := func(at diag.Position, message string) (*value, diag.Issues) {
		return nil, diag.Issues{{Pos: at, Message: message}}
	}
	whole := diag.Position{File: l.Name}
	switch {
	case len(l.Data) > maxLayer:
		return refuse(whole, "is larger than 1 MiB: not a threescale-redis spec")
	case bytes.HasPrefix(l.Data, []byte("\xff\xfe")), bytes.HasPrefix(l.Data, []byte("\xfe\xff")):
		return refuse(whole, "is UTF-16: must be UTF-8") // as PowerShell writes it
	case bytes.IndexByte(l.Data, 0) >= 0:
		return refuse(whole, "is binary: must be YAML")
	}
	docs, err := documents.ReadDocuments(l.Name, l.Data)
	switch {
	case err != nil:
		return nil, diag.From(err)
	case len(docs) == 0:
		return refuse(whole, "is empty: must be a threescale-redis spec")
	case len(docs) > 1:
		return refuse(manifest.Position(l.Name, docs[1]), "must be one spec per file: a second document begins here")
	}
	return readRoot(l.Name, docs[0])
}

// readRoot reads a document that must be a spec, whole or a layer of one.
func readRoot(name string, node *yaml.Node) (*value, diag.Issues) {
	if node == nil {
		return nil, diag.Issues{{Pos: diag.Position{File: name}, Message: notASpec}}
	}
	node = resolved(node)
	if foreign, at := isForeign(node); foreign {
		issue := diag.Issue{Pos: manifest.Position(name, at), Message: notASpec}
		if at.Value == "Template" {
			issue.Hint = "an OpenShift Template is the argument of `threescale-redis template`, or spec.template.file"
		}
		return nil, diag.Issues{issue}
	}
	r := reader{file: name}
	return r.read(sourceShape(), "", node), r.issues
}

// kinds are those of a spec and of a layer.
var kinds = []string{Kind, LayerKind}

// isForeign reports whether a document is something else altogether, so that it
// gets one message and not one for every key, and the node that shows it.
func isForeign(node *yaml.Node) (bool, *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		return true, node
	}
	apiVersion, kind := manifest.Field(node, "apiVersion"), manifest.Field(node, "kind")
	if apiVersion == nil && kind == nil {
		return !hasOwnKey(node), node
	}
	group, _, _ := strings.Cut(APIVersion, "/")
	ours := strings.HasPrefix(manifest.Text(node, "apiVersion"), group+"/") ||
		diag.Nearest(manifest.Text(node, "kind"), kinds) != ""
	if kind == nil {
		return !ours, apiVersion
	}
	return !ours, kind
}

// hasOwnKey reports whether a mapping has a key of a spec, misspelt or not.
func hasOwnKey(node *yaml.Node) bool {
	keys := sourceShape().keys()
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if slices.Contains(keys, key) || isShown(key) && diag.Nearest(key, keys) != "" {
			return true
		}
	}
	return len(node.Content) == 0
}

// IsLayer reports whether a file says that it is a part of specs and none itself. A
// file that can't be read does not.
func IsLayer(l Layer) bool {
	if len(l.Data) > maxLayer || !bytes.Contains(l.Data, []byte(LayerKind)) {
		return false
	}
	docs, err := manifest.NewReader(maxValues).ReadDocuments(l.Name, l.Data)
	return err == nil && len(docs) == 1 && manifest.Text(docs[0], "kind") == LayerKind
}
