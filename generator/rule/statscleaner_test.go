package rule_test

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// lookup finds a password, or the PEM text that the name of a file says.
func lookup(v secret.Value) (string, error) {
	for name, text := range map[string]string{"ca.pem": pems.ca, "client.pem": pems.certificate, "client-key.pem": pems.key} {
		if strings.HasSuffix(v.Name(), name) {
			return text, nil
		}
	}
	return "p", nil
}

// What init prints has backendStorage in database 0, where its statistics are
// cleaned, for every profile and release.
func TestInitSpec_storage(t *testing.T) {
	for _, name := range profiles.Names() {
		profile, err := profiles.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range releases.Lines() {
			rel := releases.Release{Pin: releases.Load(line)}
			if profile.Reach == profiles.InTemplate && len(rel.InternalRedis) == 0 {
				continue // which is refused
			}
			data := profile.InitSpec(profiles.InitFor(rel))
			doc := spec.Parse([]spec.Layer{{Name: spec.FileName, Data: data}}, nil)
			r, err := generator.Check(doc, generator.Secrets{Lookup: lookup, Now: now})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, line, err)
			}
			if d := r.Databases[0]; d.Name != redis.BackendStorage || d.DB.Value != 0 {
				t.Errorf("%s, %s: %s has database %d", name, line, d.Name, d.DB.Value)
			}
		}
	}
}
