package generator_test

import (
	"testing"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// TestCheck_tokens: a token stands for each password that a spec has in plain
// text, and not for the parameters of a template, which are domains and the like.
func TestCheck_tokens(t *testing.T) {
	doc := spec.Parse([]spec.Layer{{Name: "spec.yaml", Data: []byte(`apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: test}
spec:
  release: "2.7"
  profile: sentinel
  redis: {masterGroup: g, password: plain, sentinels: {hosts: [a, b, c], password: {fromEnv: A}}}
  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}, messageBus: {db: 3, password: plain}}
  template: {file: amp.yml, parameters: {DOMAIN: plain, PASSWORD: {fromEnv: A}}}
`)}}, nil)
	token := func(secret.Value) (string, error) { return "token", nil }
	c, err := generator.Check(doc, generator.Secrets{Lookup: token, Tokens: true})
	if err != nil {
		t.Fatal(err)
	}
	parameters := c.Spec.Template.Value.Parameters
	for name, got := range map[string]secret.Value{
		"password":          c.Spec.Redis.Password.Value,
		"sentinel password": c.Spec.Redis.Sentinels.Password.Value,
		"own password":      c.Spec.Databases.MessageBus.Value.Password.Value,
		"parameter":         parameters["PASSWORD"].Value,
	} {
		if got.Reveal() != "token" {
			t.Errorf("%s: no token", name)
		}
	}
	if got := parameters["DOMAIN"].Value.Reveal(); got != "plain" {
		t.Errorf("the domain became %q", got)
	}
	if doc.Spec.Redis.Password.Value.Reveal() != "plain" || doc.Spec.Template.Value.Parameters["PASSWORD"].Value.Known() {
		t.Error("the document is changed")
	}
}
