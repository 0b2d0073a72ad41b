package generator

import (
	"fmt"
	"slices"
	"strings"

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
func (r *Result) checkOwnRedis(objects []manifest.Object, mode string) error {
	if r.Profile.Reach == profiles.InTemplate {
		missing := template.Missing(objects, r.Release.InternalRedis)
		if len(missing) == 0 {
			return nil
		}
		return diag.Issues{{
			Pos: r.doc.Position("spec.profile"), Path: "spec.profile",
			Message: fmt.Sprintf("internal needs a template with a Redis of its own: %s has no %s", r.Spec.Spec.Template.File, strings.Join(missing, " and no ")),
			Hint:    "use amp.yml, or the profile of the Redis that the installation shall use",
		}}
	}
	var issues diag.Issues
	check := func(path, host string) {
		if text := r.ownService(objects, host, mode); text != "" {
			issues = append(issues, diag.Issue{
				Pos: r.doc.Position(path), Path: path, Message: text,
				Hint: "name a Redis outside of the template, or use profile internal",
			})
		}
	}
	for _, d := range r.Databases {
		check(d.Path("host"), d.Host)
		for i, s := range d.Sentinels.Hosts {
			check(fmt.Sprintf("%s[%d]", d.Path("sentinels.hosts"), i), s.Host)
		}
	}
	return issues.Sorted().Err()
}

// ownService says what is wrong with a host that leads to a Service of the
// template, or "". One that is kept is fine.
func (r *Result) ownService(objects []manifest.Object, host, mode string) string {
	name, in := template.Service(objects, host)
	object := "Service/" + name
	file, ns := r.Spec.Spec.Template.File, r.Spec.Metadata.Namespace
	own := slices.Contains(r.Release.InternalRedis, object)
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
