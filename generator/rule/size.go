package rule

import (
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// maxEnv is how long NAME=value may be: Linux allows 32 pages for one string, with
// the NUL at its end (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
const maxEnv = 32*4096 - 1

// sizeRules are about what pods can hold.
var sizeRules = []Rule{
	{
		Name: "value-fits-env", Subject: OfSpec,
		Requires: "each value fits into the env vars that read it: NAME=value has at most 131071 bytes",
		Reason:   "Linux starts no program with a longer one, so no pod would start",
		checkSpec: func(p *specPass) {
			if p.Profile.Reach == profiles.InTemplate {
				return
			}
			for _, s := range redis.Compose(resolve.Connections(p.Databases), p.Release, redis.Credentials(p.Spec.Secrets.Credentials.Value)) {
				for _, f := range s.Fields {
					text, known := f.Reveal()
					name := longestName(p.Release, s.Name, f.Key)
					if size := len(name) + len("=") + len(text); known && name != "" && size > maxEnv {
						p.hinted(p.longest(s.Name, f), "shorten the password, or name fewer Sentinels",
							"%s/%s would need %d bytes in the env of a container, which has room for %d", s.Name, f.Key, size, maxEnv)
					}
				}
			}
		},
	},
}

// longestName is the longest name of an env var that reads a key.
func longestName(rel releases.Release, name, key string) string {
	longest := ""
	for _, w := range rel.Workloads {
		for _, c := range w.Containers {
			for _, v := range c.Env {
				if v.Secret == name && v.Key == key && len(v.Name) > len(longest) {
					longest = v.Name
				}
			}
		}
	}
	return longest
}

// longest is the place of what makes a value long.
func (p *specPass) longest(name string, f redis.Field) spec.Place {
	d := p.database(f.Database)
	for _, s := range p.Release.Secrets {
		for _, k := range s.Keys {
			switch {
			case s.Name != name || k.Name != f.Key:
			case k.Field == "sentinelHosts":
				return d.Sentinels.Hosts.Place
			case k.Field == "namespace":
				return d.Namespace.Place
			}
		}
	}
	return d.Password.Place
}
