package main

import (
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// schemaCmd prints the JSON Schema of the spec.
type schemaCmd struct{}

// Help implements kong.HelpProvider.
func (*schemaCmd) Help() string {
	return `Example:
  threescale-redis schema > threescale-redis.schema.json`
}

// Run prints the schema.
func (*schemaCmd) Run(env *Env) error {
	_, err := env.Stdout.Write(spec.Schema(releases.Names(), profiles.Names()))
	return err
}
