package export

import (
	"encoding/base64"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// decode returns the values of a Secret. Its issues never quote one.
func decode(o manifest.Object) (map[string]string, diag.Issues) {
	if n := manifest.Field(o.Node, "stringData"); n != nil {
		return nil, diag.Issues{o.Issue(n, o.String()+".stringData", "stands in what is applied, never in what runs: `%s` prints data", command)}
	}
	data := manifest.Field(o.Node, "data")
	if data == nil || data.Kind != yaml.MappingNode {
		return nil, diag.Issues{o.Issue(o.Node, o.String(), "must have data: `%s` prints it", command)}
	}
	values := make(map[string]string, len(data.Content)/2)
	var issues diag.Issues
	for i := 0; i+1 < len(data.Content); i += 2 {
		key, n := data.Content[i].Value, data.Content[i+1]
		path := o.String() + ".data." + key
		switch text, err := base64.StdEncoding.DecodeString(n.Value); {
		case n.Tag == "!!null":
			values[key] = ""
		case n.Kind != yaml.ScalarNode:
			issues = append(issues, o.Issue(n, path, "must be base64"))
		case err != nil:
			issues = append(issues, o.Issue(n, path, "must be base64, which this is not"))
		default:
			values[key] = string(text)
		}
	}
	return values, issues
}
