package generator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// replaced says for each key of the two Secrets which field of the spec makes it.
func replaced(rel releases.Release) template.Replaced {
	fields := map[string]string{
		"url": ": host, port and db, or masterGroup", "sentinelHosts": ".sentinels.hosts", "sentinelRole": ".sentinels.role", "namespace": ".namespace",
	}
	secrets := template.Replaced{}
	for _, s := range rel.Secrets {
		secrets[s.Name] = map[string]string{}
		for _, k := range s.Keys {
			secrets[s.Name][k.Name] = "spec.databases." + k.Database + fields[k.Field]
		}
	}
	return secrets
}

// checkOwnRedis holds the spec against the Redis that the template brings, which
// the HA templates do not: profile internal needs it, and every other profile
// takes it out.
func checkOwnRedis(c *Checked, objects []manifest.Object, mode string) error {
	if c.Profile.Reach == profiles.InTemplate {
		missing := template.Missing(objects, c.Release.InternalRedis)
		if len(missing) == 0 {
			return nil
		}
		issue := c.Spec.Profile.Issue(fmt.Sprintf("internal needs a template with a Redis of its own: %s has no %s",
			c.Spec.Template.Value.File.Value, strings.Join(missing, " and no ")))
		issue.Hint = "use amp.yml, or the profile of the Redis that the installation shall use"
		return diag.Issues{issue}
	}
	var issues diag.Issues
	check := func(at spec.Place, host string) {
		if text := c.ownService(objects, host, mode); text != "" {
			issue := at.Issue(text)
			issue.Hint = "name a Redis outside of the template, or use profile internal"
			issues = append(issues, issue)
		}
	}
	for _, d := range c.Databases {
		check(d.Host.Place, d.Host.Value)
		for _, s := range d.Addresses {
			check(s.Place, s.Value.Host)
		}
	}
	return issues.Sorted().Err()
}

// ownService says what is wrong with a host that leads to a Service of the
// template, or "". One that is kept is fine.
func (c *Checked) ownService(objects []manifest.Object, host, mode string) string {
	name, in := template.Service(objects, host)
	object := "Service/" + name
	file, ns := c.Spec.Template.Value.File.Value, c.Metadata.Namespace.Value
	own := slices.Contains(c.Release.InternalRedis, object)
	switch {
	case name == "", own && mode == template.Keep, in != "" && ns != "" && in != ns:
		return ""
	case in != "" && ns == "":
		return fmt.Sprintf("is %s of %s if %s is the namespace of this installation: say metadata.namespace", object, file, in)
	case own:
		return fmt.Sprintf("is %s of %s, which is left out: the pods would have no Redis", object, file)
	default:
		return fmt.Sprintf("is %s of %s, which is no Redis", object, file)
	}
}
