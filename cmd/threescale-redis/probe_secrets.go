package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// ofSecrets is what the programs make of Secrets that exist.
func (c *probeCmd) ofSecrets(env *Env, report *report) (asked, error) {
	var release releases.Release
	if c.Release != "" {
		var err error
		if release, err = releases.Find(c.Release); err != nil {
			return asked{}, usageError{named("release "+c.Release, err)}
		}
	}
	if len(c.Secrets) == 1 && isMounted(c.Secrets[0]) {
		if release.Pin == nil {
			return asked{}, usagef("mounted Secrets do not say which release reads them: name it with --release")
		}
		values, err := mounted(env, c.Secrets[0])
		if err != nil {
			return asked{}, err
		}
		return readAs(release, values, verify.NewDisplay(release, values)), nil
	}
	e, err := readWith(env, report, c.Secrets, func(files []export.File) (*export.Export, error) { return export.ReadSecrets(files, "") })
	if err != nil {
		return asked{}, err
	}
	if release.Pin == nil || e.APIManager != nil {
		if release, err = releaseOf(e, release); err != nil {
			return asked{}, err
		}
	}
	compared := verify.Compare(e, release, nil)
	ownEnv(report, compared)
	return readAs(release, e.Values, compared.Display), nil
}

// ownEnv says which workloads do not read the Secrets that are probed.
func ownEnv(report *report, r *verify.Report) {
	var names []string
	for _, database := range redis.Used(r.Release) {
		for _, now := range r.Now(database) {
			names = append(names, now.Workloads...)
		}
	}
	if names = unique(names); len(names) > 0 {
		report.say("not probed: what %s read from elsewhere than the Secrets; verify says more", strings.Join(names, ", "))
	}
}

// readAs is what a release makes of the values. What could be a password in the wrong
// place is not asked of a name server.
func readAs(rel releases.Release, values clients.Values, show verify.Display) asked {
	a := asked{release: rel}
	a.targets, a.results = probe.Targets(rel, values, nil, show.ShowsAddress)
	return a
}

// isMounted reports whether a path is a directory with Secrets as pods mount them: a
// directory for each, with a file for each key.
func isMounted(path string) bool {
	entries, err := os.ReadDir(path)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(path, e.Name())); err == nil && info.IsDir() && wiring.IsSecret(e.Name()) {
			return true
		}
	}
	return false
}

// mounted reads the Secrets below a directory.
func mounted(env *Env, dir string) (clients.Values, error) {
	values := clients.Values{}
	var issues diag.Issues
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, diag.Issues{fileIssue(dir, err)}
	}
	for _, s := range entries {
		if !wiring.IsSecret(s.Name()) {
			continue
		}
		values[s.Name()] = map[string]string{}
		keys, err := os.ReadDir(filepath.Join(dir, s.Name()))
		if err != nil {
			issues = append(issues, fileIssue(filepath.Join(dir, s.Name()), err))
		}
		for _, key := range keys {
			if strings.HasPrefix(key.Name(), "..") {
				continue // the kubelet's own, which the names of the keys lead to
			}
			file := filepath.Join(dir, s.Name(), key.Name())
			data, err := env.Inputs.File(input.Secret, file)
			if err != nil {
				issues = append(issues, fileIssue(file, err))
			}
			values[s.Name()][key.Name()] = string(data)
		}
	}
	return values, issues.Err()
}
