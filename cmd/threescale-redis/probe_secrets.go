package main

import (
	"os"
	"path/filepath"
	"slices"
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
	mounts, exports := c.sources()
	values, err := mounted(env, mounts)
	if err != nil {
		return asked{}, err
	}
	if len(exports) == 0 {
		if release.Pin == nil {
			return asked{}, usagef("mounted Secrets do not say which release reads them: name it with --release")
		}
		return readAs(release, values, verify.NewDisplay(release, values)), nil
	}
	e, err := readWith(env, report, exports, func(files []export.File) (*export.Export, error) { return export.ReadSecrets(files, "") })
	if err != nil {
		return asked{}, err
	}
	for _, m := range mounts {
		if e.Values[m.secret] != nil {
			return asked{}, diag.Issues{twice(m)}
		}
		e.Values[m.secret] = values[m.secret]
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

// A mount is a Secret as pods mount it: a directory with a file for each key.
type mount struct{ secret, dir string }

// sources are the mounted Secrets among what is probed, and all else, which is exports.
func (c *probeCmd) sources() (mounts []mount, exports []string) {
	for _, path := range c.Secrets {
		if found := mountsOf(path); len(found) > 0 {
			mounts = append(mounts, found...)
		} else {
			exports = append(exports, path)
		}
	}
	return mounts, exports
}

// mountsOf are the mounted Secrets that a path is of: a directory that holds some, or
// that is one by its name.
func mountsOf(path string) []mount {
	if path == stdin {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil
	}
	var mounts []mount
	own := true
	for _, e := range entries {
		dir := filepath.Join(path, e.Name())
		if info, err := os.Stat(dir); err == nil && info.IsDir() && wiring.IsSecret(e.Name()) {
			mounts = append(mounts, mount{e.Name(), dir})
		}
		own = own && !slices.Contains(exportFiles, strings.ToLower(filepath.Ext(e.Name())))
	}
	if absolute, err := filepath.Abs(path); len(mounts) == 0 && own && err == nil && wiring.IsSecret(filepath.Base(absolute)) {
		return []mount{{filepath.Base(absolute), path}}
	}
	return mounts
}

// mounted reads mounted Secrets.
func mounted(env *Env, mounts []mount) (clients.Values, error) {
	values := clients.Values{}
	var issues diag.Issues
	for _, m := range mounts {
		if values[m.secret] != nil {
			issues = append(issues, twice(m))
			continue
		}
		values[m.secret] = map[string]string{}
		keys, err := os.ReadDir(m.dir)
		if err != nil {
			issues = append(issues, fileIssue(m.dir, err))
		}
		for _, key := range keys {
			if strings.HasPrefix(key.Name(), "..") {
				continue // the kubelet's own, which the names of the keys lead to
			}
			file := filepath.Join(m.dir, key.Name())
			data, err := env.Inputs.File(input.Secret, file)
			if err != nil {
				issues = append(issues, fileIssue(file, err))
			}
			values[m.secret][key.Name()] = string(data)
		}
	}
	return values, issues.Err()
}

func twice(m mount) diag.Issue {
	return diag.Issue{Pos: diag.Position{File: m.dir}, Message: "is a second Secret/" + m.secret, Hint: "leave one out"}
}
