package manifest_test

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// TestCheck_encodable: what YAML has and JSON has not reaches no server. Nothing of
// it is quoted: it may be a secret.
func TestCheck_encodable(t *testing.T) {
	for text, want := range map[string]string{
		"? [sesame]\n: x":             `file:4:3: error: ConfigMap/a: a key: must be a string`,
		"data: {? {sesame: b} : x}":   `file:4:10: error: ConfigMap/a: a key: must be a string`,
		"x: [{y: .nan}]":              `file:4:9: error: ConfigMap/a: a value: must be a number that JSON has`,
		"x: -.inf":                    `file:4:4: error: ConfigMap/a: a value: must be a number that JSON has`,
		"x: [1.5, 1e3, '.nan', null]": "",
		"5: x":                        "",
	} {
		objects, err := manifest.Read("file", []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"+text+"\n"))
		if err != nil || len(objects) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		got := strings.TrimSpace(manifest.Check(objects[0]).Error())
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
}
