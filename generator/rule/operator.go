package rule

import (
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// operatorRules are about what a spec says to the operator.
var operatorRules = []Rule{
	{
		Name: "apimanager-unsupported", Subject: OfSpec, applies: func(rel releases.Release) bool { return !rel.Operated() },
		Requires: "spec.apiManager is given for releases from 2.13 on only",
		Reason:   "no operator runs an installation that was made from a template",
		checkSpec: func(p *specPass) {
			if m := p.Spec.APIManager; m.Said {
				p.found(m.Place, "3scale %s has no APIManager: its pods come from a template", p.Release)
			}
		},
	},
	{
		Name: "async-unsupported", Subject: OfSpec,
		applies: func(rel releases.Release) bool {
			return rel.Operated() && rel.APIManager.DisableAsync == ""
		},
		Requires: "spec.apiManager.async is given for releases from 2.15 on only",
		Reason:   "the operator has no switch for it",
		checkSpec: func(p *specPass) {
			if a := p.Spec.APIManager.Value.Async; a.Said {
				p.found(a.Place, "3scale %s has no async mode to switch", p.Release)
			}
		},
	},
	{
		Name: "credentials-unsupported", Subject: OfSpec, applies: func(rel releases.Release) bool { return !hasCredentialKeys(rel) },
		Requires: "spec.secrets.credentials is url, or left out",
		Reason:   "the Secrets have no keys for user names and passwords before 2.16",
		checkSpec: func(p *specPass) {
			if c := p.Spec.Secrets.Credentials; c.Value == string(redis.InKeys) {
				p.found(c.Place, "3scale %s has no keys for user names and passwords: leave it out", p.Release)
			}
		},
	},
	{
		Name: "internal-not-brought", Subject: OfSpec, applies: func(rel releases.Release) bool { return len(rel.InternalRedis) == 0 },
		Requires: "the profile is not internal",
		Reason:   "from 2.16 on the operator brings no Redis of its own",
		checkSpec: func(p *specPass) {
			if p.Profile.Reach == profiles.InTemplate {
				p.hinted(p.Spec.Profile.Place, "move to an external Redis of version 7 or later while still on 2.15",
					"3scale %s brings no Redis of its own: profile internal ends with 2.15", p.Release)
			}
		},
	},
}
