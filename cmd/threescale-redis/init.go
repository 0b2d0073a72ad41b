package main

import (
	"github.com/threescale-redis/threescale-redis/generator/diag"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// initCmd prints a spec to start from.
type initCmd struct {
	Profile string `arg:"" help:"sentinel, redis-enterprise, elasticache, self-managed or internal." predictor:"profile"`
	Release string `placeholder:"RELEASE" help:"3scale release line or template tag; the newest if not given." predictor:"release"`
}

// Help implements kong.HelpProvider.
func (c *initCmd) Help() string {
	return `The spec renders as it is once the secrets that it refers to are set.

Examples:
  threescale-redis init sentinel --release 2.7 > threescale-redis.yaml
  export REDIS_PASSWORD=... SENTINEL_PASSWORD=...
  threescale-redis render`
}

// Run prints the spec.
func (c *initCmd) Run(env *Env) error {
	profile, err := profiles.Find(c.Profile)
	issues := named("profile "+c.Profile, err)
	if c.Release == "" {
		c.Release = releases.Lines()[len(releases.Lines())-1]
	}
	release, err := releases.Find(c.Release)
	issues = append(issues, named("release "+c.Release, err)...)
	if issues.Failed() {
		return usageError{issues}
	}
	_, err = env.Stdout.Write(profile.InitSpec(profiles.InitData{
		Release: release.String(), MessageBus: release.ReadsMessageBus(),
	}))
	return err
}

// named puts the argument that an error is about in front of it.
func named(argument string, err error) diag.Issues {
	issues := diag.From(err)
	for i := range issues {
		issues[i].Path = argument
	}
	return issues
}
