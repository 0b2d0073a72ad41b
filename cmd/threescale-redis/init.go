package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/installed/adopt"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// initCmd prints a spec to start from.
type initCmd struct {
	Profile string   `arg:"" optional:"" help:"${profiles}." predictor:"profile"`
	Release string   `placeholder:"RELEASE" help:"3scale release line, template tag or patch release; the newest if not given." predictor:"release"`
	From    []string `sep:"none" placeholder:"EXPORT" help:"Write the spec of what runs: what \"oc get dc,secret -o yaml\" prints, or \"oc get apimanager,dc,deployment,job,secret -o yaml\", a file, a directory or \"-\"." predictor:"file"`
	Output  fileFlag `short:"o" placeholder:"FILE" help:"Write the spec to this new file, and the JSON Schema for editors beside it." predictor:"file"`
}

// Help implements kong.HelpProvider.
func (c *initCmd) Help() string {
	return `The spec renders as it is once the secrets that it refers to are set.

Examples:
  threescale-redis init sentinel --release 2.7 -o threescale-redis.yaml
  export REDIS_PASSWORD=... SENTINEL_PASSWORD=...
  threescale-redis render

  oc get dc,secret -o yaml | threescale-redis init --from - --release 2.7
  oc get apimanager,dc,deployment,job,secret -o yaml > export.yaml
  threescale-redis init --from export.yaml`
}

// Run prints the spec.
func (c *initCmd) Run(env *Env, report *report) error {
	switch {
	case len(c.From) > 0 && c.Profile != "":
		return usagef("with --from the profile is what runs: leave out %s", c.Profile)
	case len(c.From) > 0:
		return c.from(env, report)
	case c.Profile == "":
		return usagef("expected a profile: %s", strings.Join(profiles.Names(), ", "))
	}
	profile, err := profiles.Find(c.Profile)
	issues := named("profile "+c.Profile, err)
	if c.Release == "" {
		c.Release = newest(profile)
	}
	release, err := releases.Find(c.Release)
	issues = append(issues, named("release "+c.Release, err)...)
	if issues.Failed() {
		return usageError{issues}
	}
	if profile.Reach == profiles.InTemplate && len(release.InternalRedis) == 0 {
		return usageError{diag.Issues{{
			Path: "profile " + c.Profile, Message: fmt.Sprintf("3scale %s brings no Redis of its own", release),
			Hint: "--release " + newest(profile) + " is the last that does; move to an external Redis before the upgrade",
		}}}
	}
	return c.write(env, profile.InitSpec(profiles.InitFor(release)))
}

// write prints the spec, or writes it with its schema. A spec that is there stays.
func (c *initCmd) write(env *Env, text []byte) error {
	if c.Output == "" {
		_, err := env.Stdout.Write(text)
		return err
	}
	path := string(c.Output)
	if _, err := os.Lstat(path); err == nil {
		return diag.Issues{{Pos: diag.Position{File: path}, Message: "is there already, and is never overwritten", Hint: "name another file"}}
	}
	beside := filepath.Join(filepath.Dir(path), spec.SchemaFile)
	old, err := env.Inputs.File(input.Spec, beside)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return diag.Issues{fileIssue(beside, err)}
	case !bytes.Contains(old, []byte(spec.SchemaID)):
		return diag.Issues{{Pos: diag.Position{File: beside}, Message: "is in the way and was not made by " + program, Hint: "move it, or write the spec elsewhere"}}
	}
	if err := os.WriteFile(beside, schema(), fileMode); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// newest is the newest release line that a profile can be for.
func newest(profile profiles.Profile) string {
	lines := releases.Lines()
	if profile.Reach == profiles.InTemplate {
		lines = slices.DeleteFunc(lines, func(line string) bool { return len(releases.Load(line).InternalRedis) == 0 })
	}
	return lines[len(lines)-1]
}

// from prints the spec of what runs.
func (c *initCmd) from(env *Env, report *report) error {
	e, err := readExport(env, report, c.From, "")
	if err != nil {
		return err
	}
	release, match, err := c.release(e)
	if err != nil {
		return err
	}
	text, err := adopt.Spec(e, release)
	if err != nil {
		return err
	}
	if len(match.Fits) > 1 {
		report.say("%s: the newest is written, say --release if another one runs", match)
	}
	return c.write(env, text)
}

// release is what runs: what the command line says, or the APIManager, or else the
// wiring.
func (c *initCmd) release(e *export.Export) (releases.Release, wiring.Match, error) {
	if c.Release != "" {
		release, err := releases.Find(c.Release)
		if err != nil {
			err = usageError{named("release "+c.Release, err)}
		}
		return release, wiring.Match{}, err
	}
	if e.Version() != "" {
		release, err := e.Running()
		return release, wiring.Match{}, err
	}
	match := wiring.Detect(slices.Concat(e.Workloads, e.Secrets))
	release, err := match.Release()
	return release, match, err
}

// named puts the argument that an error is about in front of it.
func named(argument string, err error) diag.Issues {
	issues := diag.From(err)
	for i := range issues {
		issues[i].Path = argument
	}
	return issues
}
