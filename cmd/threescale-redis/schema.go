package main

import (
	"github.com/threescale-redis/threescale-redis/generator/explain"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// schemaCmd prints the JSON Schema of the spec.
type schemaCmd struct{}

// Help implements kong.HelpProvider.
func (*schemaCmd) Help() string {
	return `Editors complete and check a spec with it. "init -o FILE" writes it beside the spec.

Example:
  threescale-redis schema > threescale-redis.schema.json`
}

// Run prints the schema.
func (*schemaCmd) Run(env *Env) error {
	_, err := env.Stdout.Write(schema())
	return err
}

// schema is the JSON Schema with all that is built in.
func schema() []byte {
	f := spec.Facts{Releases: releases.Names(), Profiles: profiles.Names()}
	for _, r := range rule.All() {
		if r.CanBeAllowed() {
			f.Rules = append(f.Rules, r.Name)
		}
	}
	all := allReleases()
	f.Holds = func(path string) string {
		topics, err := explain.Topics(path, all)
		if err != nil || len(topics[0].Spans) == 0 {
			return ""
		}
		var lines []string
		for _, s := range topics[0].Spans {
			lines = append(lines, s.Releases...)
		}
		if len(lines) == len(all) {
			return ""
		}
		return span(lines)
	}
	return spec.Schema(f)
}
