package spec

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

const sentinelHead = "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: a}\nspec:\n  release: \"2.7\"\n  profile: sentinel\n"

// A password without a value is an error where it deletes nothing; "" means none.
func TestParse_emptySecret(t *testing.T) {
	const empty = sentinelHead + "  redis:\n    password:\n    sentinels: {password: ~}\n"
	const want = "f:8:14: error: spec.redis.password: must not be empty: write \"\" for none\n" +
		"f:9:27: error: spec.redis.sentinels.password: must not be empty: write \"\" for none"
	err := Parse([]Layer{{Name: "f", Data: []byte(empty)}}, nil).Issues.Err()
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(empty), &n); err != nil {
		t.Fatal(err)
	}
	if err := (Parser{}).ParseNode("f", n.Content[0]).Issues.Err(); err == nil || err.Error() != want {
		t.Errorf("in another document, got:\n%v\nwant:\n%s", err, want)
	}
	for name, layers := range map[string][]Layer{
		"none":    {{Name: "f", Data: []byte(sentinelHead + "  redis: {password: \"\"}\n")}},
		"deleted": {{Name: "f", Data: []byte(sentinelHead + "  redis: {password: p}\n")}, {Name: "g", Data: []byte("spec: {redis: {password: null}}\n")}},
		"absent":  {{Name: "f", Data: []byte(sentinelHead)}, {Name: "g", Data: []byte("spec: {redis: {password: null}}\n")}},
	} {
		if err := Parse(layers, nil).Issues.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
