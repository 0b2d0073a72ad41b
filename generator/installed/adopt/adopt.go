// Package adopt writes a spec from what runs. Passwords become references to
// environment variables, PEM texts references to files. What a spec cannot say is refused, since a spec that
// says less would change what runs: before it is handed out, the spec is
// rendered and compared with the export.
package adopt

import (
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// selfManaged is the profile of hosts that no other profile knows.
const selfManaged = "self-managed"

// Spec writes the spec of an export whose release is known.
func Spec(e *export.Export, rel releases.Release) ([]byte, error) {
	rel, issues := e.Release(rel)
	if issues.Failed() {
		return nil, issues
	}
	if rel.Operated() && wiring.ReadSwitches(*e.APIManager, rel).DisableAsync == "true" {
		rel = rel.WithoutAsync()
	}
	if issues := unspeakable(e, rel); issues.Failed() {
		return nil, issues
	}
	w := writer{export: e, release: rel, connections: map[string]redis.Connection{}, secrets: map[string]string{}}
	if rel.Operated() {
		w.switches = wiring.ReadSwitches(*e.APIManager, rel)
	}
	for _, r := range clients.Readings(e.Values, rel) {
		if _, seen := w.connections[r.Database]; !seen {
			w.connections[r.Database] = r.Connection()
			w.names = append(w.names, r.Database)
		}
	}
	profile, err := w.profile()
	if err != nil {
		return nil, err
	}
	text := w.write(profile)
	return text, w.roundTrip(text)
}

// unspeakable are the values that a program does not take as they stand, or that
// hold more than a spec can say.
func unspeakable(e *export.Export, rel releases.Release) diag.Issues {
	_, problems := clients.Read(e.Values, rel)
	var issues diag.Issues
	for _, p := range problems {
		if p.Kind == clients.KeyMissing && !isURL(rel, p) {
			continue // counts as empty
		}
		issues = append(issues, diag.Issue{
			Pos: e.Position(p.Secret, p.Key), Path: "Secret/" + p.Secret + "/" + p.Key, Rule: string(p.Kind),
			Message: "a spec cannot say this: " + p.Message,
		})
	}
	return append(issues, hidden(e, rel)...)
}

// hidden are the values that a spec would show, though they do not look like what
// their keys are for.
func hidden(e *export.Export, rel releases.Release) diag.Issues {
	var issues diag.Issues
	hides := func(name, key string) {
		issues = append(issues, diag.Issue{
			Pos: e.Position(name, key), Path: "Secret/" + name + "/" + key,
			Message: "a spec would show this value, which does not look like what the key is for and could be a password: write the spec by hand",
		})
	}
	show := verify.NewDisplay(rel, e.Values)
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if shown(k.Field) && !show.Shows(k.Field, e.Values[s.Name][k.Name]) {
				hides(s.Name, k.Name)
			}
		}
	}
	for _, r := range clients.Readings(e.Values, rel) {
		if c := r.Connection(); !show.Shows("username", c.Username) && r.Username.Value == "" {
			hides(r.URL.Secret, r.URL.Key)
		} else if !show.Shows("sentinelUsername", c.Sentinels.Username) && r.SentinelUsername.Value == "" {
			hides(r.SentinelHosts.Secret, r.SentinelHosts.Key)
		}
	}
	return issues.Sorted()
}

// shown reports whether a spec has the value of a field in it: a role is one of two
// words, and secrets become references.
func shown(field string) bool {
	return !slices.Contains([]string{"sentinelRole", "password", "sentinelPassword", "ca", "certificate", "key"}, field)
}

// isURL reports whether a problem is about a URL that a program cannot do
// without.
func isURL(rel releases.Release, p clients.Problem) bool {
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if s.Name == p.Secret && k.Name == p.Key {
				return k.Field == "url" && k.Database != redis.MessageBus
			}
		}
	}
	return false
}

// profile recognises the kind of Redis.
func (w *writer) profile() (profiles.Profile, error) {
	name := selfManaged
	switch {
	case w.isInternal():
		name = w.named(func(p profiles.Profile) bool { return p.Reach == profiles.InTemplate })
	case w.any(func(c redis.Connection) bool { return c.MasterGroup != "" }):
		name = w.named(func(p profiles.Profile) bool { return p.Reach == profiles.Sentinel })
	default:
		if found := w.named(w.knowsHosts); found != "" {
			name = found
		}
	}
	return profiles.Find(name)
}

// isInternal reports whether the values are those of the Redis that the release
// brings, but for the namespaces, and an operator runs it.
func (w *writer) isInternal() bool {
	for _, external := range w.switches.External {
		if external {
			return false
		}
	}
	values, own := w.export.Values, false
	for _, s := range w.release.Secrets {
		for _, k := range s.Keys {
			if k.Field != "namespace" && values[s.Name][k.Name] != k.Internal {
				return false
			}
			own = own || k.Internal != ""
		}
	}
	return own
}

// named returns the first profile that matches, or "".
func (w *writer) named(match func(profiles.Profile) bool) string {
	for _, name := range profiles.Names() {
		if p, err := profiles.Find(name); err == nil && match(p) {
			return name
		}
	}
	return ""
}

func (w *writer) any(match func(redis.Connection) bool) bool {
	return slices.ContainsFunc(w.names, func(name string) bool { return match(w.connections[name]) })
}

// knowsHosts reports whether all hosts are of the kind that the profile is for.
func (w *writer) knowsHosts(p profiles.Profile) bool {
	if len(p.Hosts) == 0 {
		return false
	}
	return !w.any(func(c redis.Connection) bool {
		return !slices.ContainsFunc(p.Hosts, func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(c.Host) })
	})
}

// position is where the export has what a field of the spec says: its key, or the
// file where no key has that field.
func (w *writer) position(field string) diag.Position {
	words := strings.Split(field, ".")
	for _, s := range w.release.Secrets {
		for _, k := range s.Keys {
			if k.Field == words[len(words)-1] && (slices.Contains(words, k.Database) || !slices.Contains(words, "databases")) {
				return w.export.Position(s.Name, k.Name)
			}
		}
	}
	return diag.Position{File: w.export.Name}
}

// roundTrip fails unless the spec renders to what runs.
func (w *writer) roundTrip(text []byte) error {
	doc := spec.Parse([]spec.Layer{{Name: spec.FileName, Data: text}}, nil)
	r, err := generator.Check(doc, generator.Secrets{
		Lookup: func(v secret.Value) (string, error) { return w.secrets[v.Name()], nil },
	})
	if err != nil {
		var issues diag.Issues
		for _, i := range diag.From(err) {
			if i.Severity == diag.Error {
				i.Pos, i.Message = w.position(i.Path), "a spec cannot say what runs: "+i.Message
				issues = append(issues, i)
			}
		}
		return issues
	}
	report := verify.Compare(w.export, w.release, r)
	var issues diag.Issues
	for _, v := range report.Values {
		if !v.Missing {
			issues = append(issues, diag.Issue{
				Pos: w.export.Position(v.Secret, v.Key), Path: "Secret/" + v.String(), Message: "a spec cannot say this: as a spec it " + v.What(),
			})
		}
	}
	return issues.Err()
}
