package rule

import (
	"fmt"
	"slices"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// environmentRules are about env vars of apisonator's containers that no
// template sets and that undo what the Secrets say (openshift/3scale_backend.conf).
var environmentRules = []Rule{
	{
		Name: "async-mode", Subject: OfValue, Level: diag.Warning, applies: func(rel releases.Release) bool { return rel.Clients.Apisonator.AsyncMode },
		Requires: "CONFIG_REDIS_ASYNC is off",
		Reason:   "apisonator then ignores passwords, database indexes and Sentinels",
		trap:     &trap{name: "CONFIG_REDIS_ASYNC", off: []string{"", "0", "false"}},
	},
	{
		Name: "sentinel-hosts-fallback", Subject: OfValue, Level: diag.Warning,
		Requires: "SENTINEL_HOSTS is not set",
		Reason:   "apisonator takes it for the queues where CONFIG_QUEUES_SENTINEL_HOSTS is blank",
		trap:     &trap{name: "SENTINEL_HOSTS", off: []string{""}},
	},
}

// trap is an env var that a rule warns of, but for the values that do nothing.
type trap struct {
	name string
	off  []string
}

// CheckEnv judges an env var of a container of apisonator. The value is empty,
// and literal false, where it comes from somewhere else.
func CheckEnv(rel releases.Release, name, value string, literal bool) diag.Issues {
	var issues diag.Issues
	for _, r := range environmentRules {
		if r.Holds(rel) && r.trap.name == name && !(literal && slices.Contains(r.trap.off, value)) {
			issues = append(issues, diag.Issue{
				Severity: r.Level, Rule: r.Name, Message: fmt.Sprintf("env var %s is set: %s", name, r.Reason),
			})
		}
	}
	return issues
}
