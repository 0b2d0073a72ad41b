package verify

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// operated compares what the operator reads and what it writes: the APIManager, the
// env vars that it sets itself, and its own Redis.
func (r *Report) operated() {
	r.managerName()
	r.external()
	r.required()
	r.switchesOfTLS()
	r.asyncSwitch()
	r.settings()
	r.conditions()
	r.leftOver()
	r.upgraded()
}

// managerName compares the name: patches for another one change nothing.
func (r *Report) managerName() {
	if r.Want == nil {
		return
	}
	if name := r.Want.Spec.APIManagerName(); name != r.manager.Name() {
		issue := r.manager.Issue(manifest.Field(r.manager.Node, "metadata", "name"), r.manager.String(), "must be named %s, as the spec says", name)
		issue.Hint = "say apiManager: {name: " + r.manager.Name() + "} in the spec"
		r.Obstacles = append(r.Obstacles, issue)
	}
}

// external compares who runs Redis. Without a spec the Secrets say it.
func (r *Report) external() {
	for _, field := range r.Release.APIManager.External {
		is, owner := r.Switches.External[field], secretOf(r.Release, field)
		must, because := r.leadsOut(owner), "Secret/"+owner+" leads to another Redis"
		if r.Want != nil {
			must, because = r.Want.Profile.Reach != profiles.InTemplate, "the profile of the spec is "+r.Want.Profile.Name
		}
		switch {
		case must && !is && len(r.Release.InternalRedis) == 0:
			r.switchIssue(field, "must be true: %s, and the operator of 3scale %s brings no Redis", because, r.Release)
		case must && !is:
			r.switchIssue(field, "must be true: %s, while the operator goes on running its own", because)
		case !must && is && r.Want != nil:
			r.switchIssue(field, "must be false: %s", because)
		}
	}
}

// required reports what else the operator needs before it does anything: no step of a
// plan sets it.
func (r *Report) required() {
	for _, field := range r.Switches.Missing {
		r.Obstacles = append(r.Obstacles, r.managerIssue(field, "must be true: the operator of 3scale %s brings no database, and does nothing before", r.Release))
	}
}

// switchIssue reports a switch of the APIManager.
func (r *Report) switchIssue(field, format string, args ...any) {
	r.Switched = append(r.Switched, r.managerIssue(field, format, args...))
}

func (r *Report) managerIssue(field, format string, args ...any) diag.Issue {
	return r.manager.Issue(at(r.manager.Node, field), r.manager.String()+"."+field, format, args...)
}

// at is the field of a dotted path, or what there is of it.
func at(n *yaml.Node, field string) *yaml.Node {
	for _, name := range strings.Split(field, ".") {
		below := manifest.Field(n, name)
		if below == nil {
			break
		}
		n = below
	}
	return n
}

// secretOf is the Secret of the component that a field is about:
// spec.externalComponents.backend.redis is about backend-redis.
func secretOf(rel releases.Release, field string) string {
	i := slices.IndexFunc(rel.Secrets, func(s releases.Secret) bool {
		return strings.Contains(field, "."+strings.TrimSuffix(s.Name, "-redis")+".")
	})
	return rel.Secrets[i].Name
}

// leadsOut reports whether a URL of a Secret leads to a Redis that the operator does
// not run.
func (r *Report) leadsOut(owner string) bool {
	for _, s := range r.Release.Secrets {
		for _, k := range s.Keys {
			if s.Name != owner || k.Field != "url" {
				continue
			}
			if reading := r.reading(r.Export.Values, k.Database, ""); reading.To != nil && !r.leadsIn(reading.Connection()) {
				return true
			}
		}
	}
	return false
}

// leadsIn reports whether a connection leads to a Redis that an operator brings, also
// that of an earlier release: it stays after an upgrade.
func (r *Report) leadsIn(c redis.Connection) bool {
	host, ns := strings.ToLower(c.Host), r.Export.Namespace
	return slices.ContainsFunc(r.Release.Secrets, func(s releases.Secret) bool { // a Service has the name of its Secret
		return slices.Contains([]string{s.Name, s.Name + "." + ns, s.Name + "." + ns + ".svc", s.Name + "." + ns + ".svc.cluster.local"}, host)
	})
}

// switchesOfTLS compares the switches of TLS with the spec, and with the URLs: the
// operator refuses redis:// with a switch on, and rediss:// with it off.
func (r *Report) switchesOfTLS() {
	for _, database := range slices.Sorted(maps.Keys(r.Release.APIManager.TLS)) {
		field, on := r.Release.APIManager.TLS[database], r.Switches.TLS[database]
		if r.Want != nil && r.Want.Switches().TLS[database] != on {
			r.switchIssue(field, "must be %t: the spec says so of %s", !on, database)
		}
		reading := r.reading(r.Export.Values, database, "")
		switch encrypted := strings.HasPrefix(reading.URL.Value, "rediss://"); {
		case strings.TrimSpace(reading.URL.Value) == "":
		case encrypted && !on:
			r.secretIssue(reading.URL.Secret, reading.URL.Key, "begins with rediss://, while "+field+" of the APIManager is off: the operator refuses it")
		case !encrypted && on:
			r.secretIssue(reading.URL.Secret, reading.URL.Key, "must begin with rediss://: "+field+" of the APIManager is on")
		}
		if on {
			r.filesOfTLS(database, field)
		}
	}
	r.storageWithSystem()
}

// filesOfTLS reports keys that must exist where a switch is on, be they empty.
func (r *Report) filesOfTLS(database, field string) {
	for _, s := range r.Release.Secrets {
		for _, k := range s.Keys {
			if _, there := r.Export.Values[s.Name][k.Name]; k.Database == database && k.IsPEM() && !there {
				r.secretIssue(s.Name, k.Name, "the key is missing: "+field+" of the APIManager is on, and the operator refuses to go on without it, be it empty")
			}
		}
	}
}

func (r *Report) secretIssue(name, key, message string) {
	r.Switched = append(r.Switched, diag.Issue{Pos: r.Export.Position(name, key), Path: "Secret/" + name + "/" + key, Message: message})
}

// storageWithSystem reports TLS for one of the two databases that porta uses, where
// one switch steers both of its connections.
func (r *Report) storageWithSystem() {
	storage, system := r.Switches.TLS[redis.BackendStorage], r.Switches.TLS[redis.System]
	if storage == system || !r.Release.StorageTLSWithSystem() {
		return
	}
	wrong, right := r.Release.APIManager.TLS[redis.BackendStorage], r.Release.APIManager.TLS[redis.System]
	if storage {
		wrong, right = right, wrong
	}
	issue := r.managerIssue(wrong, "must be true, as %s is: in 3scale %s the switch of the system database turns on porta's TLS to the storage, and the other one that of the backend", right, r.Release)
	if r.Release.Tag == nil { // a patch release that no pin has may have mended it
		issue.Severity = diag.Warning
	}
	r.Switched = append(r.Switched, issue)
}

// asyncSwitch compares async mode, if the spec says it.
func (r *Report) asyncSwitch() {
	annotation := r.Release.APIManager.DisableAsync
	if annotation == "" || r.Want == nil {
		return
	}
	must := r.Want.Switches().DisableAsync
	is := r.Switches.DisableAsync
	if must == "" || must == "true" == (is == "true") {
		return
	}
	node := manifest.Field(r.manager.Node, "metadata", "annotations")
	if n := manifest.Field(node, annotation); n != nil {
		node = n
	}
	if node == nil {
		node = r.manager.Node
	}
	r.Switched = append(r.Switched, r.manager.Issue(node, r.manager.String(), "must have the annotation %s: %q: the spec says apiManager.async", annotation, must))
}

// conditions says what the operator says of itself, but never in its words: it
// repeats URLs with their passwords (operator 0.13, highavailability_options_provider.go).
func (r *Report) conditions() {
	for _, c := range manifest.Items(manifest.Field(r.manager.Node, "status", "conditions")) {
		kind := manifest.Text(c, "type")
		if manifest.Text(c, "status") != "False" || kind != "Available" && kind != "Preflights" {
			continue
		}
		issue := r.manager.Issue(c, r.manager.String(), "its condition %s is False", kind)
		issue.Severity = diag.Note
		if manifest.Text(c, "reason")+manifest.Text(c, "message") != "" {
			issue.Severity = diag.Warning
			issue.Message += " (" + reason(c) + ")"
			issue.Hint = "`oc describe` of it has the message, which can hold a password: it is not repeated here"
		}
		r.Remarks = append(r.Remarks, issue)
	}
}
