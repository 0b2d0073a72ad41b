package format

import (
	"bytes"
	"encoding/json"

	"sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// jsonDocument returns the objects as JSON, with a comma between them.
func jsonDocument(r Result) ([]byte, error) {
	var b bytes.Buffer
	for i, o := range r.Objects {
		text, err := manifest.Encode(o.Node)
		if err != nil {
			return nil, err
		}
		data, err := yaml.YAMLToJSON(text)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(data)
	}
	return b.Bytes(), nil
}

// joinJSON makes one v1 List of all objects.
func joinJSON(documents []Document) []byte {
	var items [][]byte
	for _, d := range documents {
		if len(d.Data) > 0 {
			items = append(items, d.Data)
		}
	}
	list := []byte(`{"apiVersion":"v1","kind":"List","items":[` + string(bytes.Join(items, []byte(","))) + `]}`)
	var b bytes.Buffer
	if err := json.Indent(&b, list, "", "  "); err != nil {
		panic(err) // YAMLToJSON gives JSON
	}
	b.WriteByte('\n')
	return b.Bytes()
}
