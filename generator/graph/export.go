package graph

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// FromExport returns the Graph of what runs: the export of a Report that was compared
// with its release. A value that could be a password in the wrong place is hidden.
func FromExport(r *verify.Report) *Graph {
	b := &builder{release: r.Release, show: display{
		address:   r.Display.ShowsAddress,
		namespace: func(text string) string { return r.Display.Value("namespace", text) },
	}}
	b.Title = r.Export.Name
	b.Subtitle = "3scale " + r.Release.String()
	if r.Export.Namespace != "" {
		b.Subtitle += ", namespace " + r.Export.Namespace
	}
	readings := clients.Readings(r.Export.Values, r.Release)
	for _, name := range redis.Used(r.Release) {
		for _, now := range r.Now(name) {
			if len(now.Workloads) == 0 {
				b.source(b.running(r, name), of(readings, name), now.Readers)
				b.details(r.Display, of(readings, name)[0])
			} else {
				b.ownEnv(r, name, now)
			}
		}
	}
	for _, w := range r.Release.Workloads {
		if _, ok := r.Export.Workload(w.Kind, w.Name); ok {
			b.pods(b.programOf(w), Workload{w.Kind, w.Name, b.noteOf(w)}, func(database string) []string { return lacks(r, w, database) })
		}
	}
	b.strangers(r)
	b.operator()
	b.collide()
	return &b.Graph
}

// running is the Source of a database in the Secrets, with the keys that they lack.
func (b *builder) running(r *verify.Report, database string) Source {
	s := keysOf(b.release, database, r.Export.Values)
	var missing []string
	for _, of := range b.release.Secrets {
		for _, k := range of.Keys {
			if _, there := r.Export.Values[of.Name][k.Name]; k.Database == database && !there && !k.Optional {
				missing = append(missing, k.Name)
			}
		}
	}
	s.Keys = slices.DeleteFunc(s.Keys, func(key string) bool { return slices.Contains(missing, key) })
	if len(missing) > 0 {
		s.Problems = append(s.Problems, "keys are missing: "+strings.Join(missing, ", "))
	}
	return s
}

// ownEnv adds the Source of workloads whose env vars do not read the Secrets.
func (b *builder) ownEnv(r *verify.Report, database string, now verify.Now) {
	s := Source{Database: database, Details: []string{"env vars of " + strings.Join(now.Workloads, ", ")}}
	if now.Reading != nil {
		b.source(s, []clients.Reading{*now.Reading}, now.Readers)
		b.details(r.Display, *now.Reading)
		return
	}
	s.Ends = []End{{Why: "not in the export: " + now.Source}}
	b.source(s, nil, now.Readers)
}

// details adds to the last Source what its connection is.
func (b *builder) details(show verify.Display, r clients.Reading) {
	if r.To == nil {
		return
	}
	c := r.Connection()
	s := &b.Sources[len(b.Sources)-1]
	set := func(noun string, isSet bool) string {
		if !isSet {
			return "no " + noun
		}
		return noun + " set"
	}
	s.Details = append(s.Details, details(c, show.Value("username", c.Username),
		set("password", c.Password.IsSet()), set("Sentinel password", c.Sentinels.Password.IsSet()))...)
}

// lacks are the env vars for a database that the release has in a workload, and the
// export does not.
func lacks(r *verify.Report, w releases.Workload, database string) []string {
	var names []string
	for _, p := range r.Places {
		if p.Object.Kind() != w.Kind || p.Object.Name() != w.Name {
			continue
		}
		for _, d := range p.Differences {
			missing := d.Kind == verify.Missing || d.Kind == verify.NotRead
			if missing && r.Release.Key(d.Var.Secret, d.Var.Key).Database == database && !slices.Contains(names, d.Var.Name) {
				names = append(names, d.Var.Name)
			}
		}
	}
	return names
}

// strangers adds the workloads that read the Secrets and are not of the release.
func (b *builder) strangers(r *verify.Report) {
	for _, o := range r.Export.Workloads {
		if slices.ContainsFunc(r.Release.Workloads, func(w releases.Workload) bool { return w.Kind == o.Kind() && w.Name == o.Name() }) {
			continue
		}
		p := Pods{Program: "not part of 3scale", Workloads: []Workload{{Kind: o.Kind(), Name: o.Name(), Note: o.Kind()}}}
		for i, s := range b.Sources {
			if slices.ContainsFunc(wiring.Readers(o), func(reader wiring.Reader) bool {
				return slices.ContainsFunc(s.Keys, func(key string) bool { return reader.Takes(s.Secret, key) })
			}) {
				p.Reads = append(p.Reads, Read{Source: i})
			}
		}
		b.add(p)
	}
}
