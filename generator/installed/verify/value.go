package verify

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Value is one key that does not hold what the spec says.
type Value struct {
	Secret, Key, Database string
	// Missing says that the Secret has no such key.
	Missing bool
	// Now and Then are for people, without passwords.
	Now, Then string
	// field is what the value says, optional that pods start without the key.
	field    string
	optional bool
}

// String returns secret/KEY.
func (v Value) String() string { return v.Secret + "/" + v.Key }

// What says how the value changes, without a password.
func (v Value) What() string {
	switch {
	case v.Missing:
		return "is missing, must be " + quoted(v.Then)
	case v.Now == v.Then && v.field != "url" && v.field != "sentinelHosts":
		return "differs: " + secret.Mask + " (changed)"
	case v.Now == v.Then:
		return "only a password differs: " + secret.Mask + " (changed)"
	default:
		return "is " + quoted(v.Now) + ", must be " + quoted(v.Then)
	}
}

func quoted(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}

func (v Value) issue(e *export.Export) diag.Issue {
	return diag.Issue{Pos: e.Position(v.Secret, v.Key), Path: "Secret/" + v.String(), Message: v.What()}
}

// want makes the values that the spec wants.
func (r *Report) want() {
	r.Wanted, r.unknown = clients.Values{}, map[string]bool{}
	if r.Want == nil {
		return
	}
	for _, s := range r.Want.Secrets {
		r.Wanted[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			text, known := f.Reveal()
			if !known || !final(f) {
				text = f.Mask()
				r.unknown[f.Database] = true
				r.Remarks = append(r.Remarks, diag.Issue{
					Severity: diag.Note, Pos: r.Export.Position(s.Name, f.Key), Path: "Secret/" + s.Name + "/" + f.Key,
					Message: "the " + noun(f) + " is not compared: it is behind " + behind(f.Passwords()[0]),
				})
			}
			r.Wanted[s.Name][f.Key] = text
		}
	}
}

// noun says what is behind a reference.
func noun(f redis.Field) string {
	if f.Parts[0].Form == redis.PEM {
		return "PEM text"
	}
	return "password"
}

// values compares the Secrets with what the spec composes. What the programs of
// the release read the same is the same, however it is written.
func (r *Report) values() {
	same := r.sameDatabases(r.Wanted, r.unknown)
	for _, s := range r.Release.Secrets {
		for _, k := range s.Keys {
			now, there := r.Export.Values[s.Name][k.Name]
			then, wanted := r.Wanted[s.Name][k.Name]
			if now == then && (there || !wanted) || same[k.Database] && (there || k.Optional) {
				continue
			}
			r.Values = append(r.Values, Value{
				Secret: s.Name, Key: k.Name, Database: k.Database, Missing: !there,
				Now: r.Display.Value(k.Field, now), Then: r.then(s.Name, k.Name), field: k.Field, optional: k.Optional,
			})
		}
	}
}

// then is the value that the spec wants for a key, without passwords; empty where it
// wants none.
func (r *Report) then(name, key string) string {
	for _, s := range r.Want.Secrets {
		for _, f := range s.Fields {
			if s.Name == name && f.Key == key {
				return strings.TrimSuffix(f.Mask(), "\n")
			}
		}
	}
	return ""
}

// behind names a reference for people.
func behind(v secret.Value) string {
	if v.Kind() == secret.Placeholder {
		return "a placeholder"
	}
	return v.String()
}

// final reports whether all passwords of a value are what the client gets.
func final(f redis.Field) bool {
	return !slices.ContainsFunc(f.Passwords(), func(v secret.Value) bool { return !v.Final() })
}

// sameDatabases tells the databases whose values lead the programs to the same
// Redis as the wanted ones.
func (r *Report) sameDatabases(wanted clients.Values, unknown map[string]bool) map[string]bool {
	same := map[string]bool{}
	now, then := clients.Readings(r.Export.Values, r.Release), clients.Readings(wanted, r.Release)
	for i := range now {
		name := now[i].Database
		_, seen := same[name]
		same[name] = (!seen || same[name]) && sameReading(now[i], then[i], unknown[name]) && r.placedAsSaid(name, wanted)
	}
	// A message bus that inherits from the system database moves with it.
	if bus := redis.MessageBus; same[bus] && r.inherits(now) {
		same[bus] = same[redis.System] && !r.lacksKey(bus)
	}
	return same
}

// placedAsSaid reports whether user names and passwords of a database stand where the
// spec says, in URLs or in keys. A spec that says neither leaves them where they are.
func (r *Report) placedAsSaid(database string, wanted clients.Values) bool {
	if r.Want == nil || r.Want.Spec.Secrets.Credentials.Value == "" {
		return true
	}
	for _, s := range r.Release.Secrets {
		for _, k := range s.Keys {
			if k.Database == database && k.HoldsCredentials() && (r.Export.Values[s.Name][k.Name] != "") != (wanted[s.Name][k.Name] != "") {
				return false
			}
		}
	}
	return true
}

func (r *Report) inherits(now []clients.Reading) bool {
	return slices.ContainsFunc(now, func(n clients.Reading) bool {
		return n.Database == redis.MessageBus && (n.URL.Missing || n.URL.Value == "")
	})
}

// lacksKey reports whether a key of the database is missing.
func (r *Report) lacksKey(database string) bool {
	for _, s := range r.Release.Secrets {
		for _, k := range s.Keys {
			if _, ok := r.Export.Values[s.Name][k.Name]; k.Database == database && !ok {
				return true
			}
		}
	}
	return false
}

// sameReading reports whether a program ends up at the same place. A password
// that is not known is taken for the right one, if there is one.
func sameReading(a, b clients.Reading, unknown bool) bool {
	if !a.Works() || !b.Works() || len(a.Sentinels) != len(b.Sentinels) {
		return false
	}
	samePassword := func(x, y secret.Value) bool { return x == y || unknown && x.IsSet() && y.IsSet() }
	for i := range a.Sentinels {
		if a.Sentinels[i].Address != b.Sentinels[i].Address || !samePassword(a.Sentinels[i].Password, b.Sentinels[i].Password) {
			return false
		}
	}
	x, y := a.Connection(), b.Connection()
	return x.Endpoint() == y.Endpoint() && x.DB == y.DB && x.Username == y.Username && x.Sentinels.Username == y.Sentinels.Username &&
		x.TLS.On == y.TLS.On && samePassword(x.TLS.CA, y.TLS.CA) && samePassword(x.TLS.Certificate, y.TLS.Certificate) && samePassword(x.TLS.Key, y.TLS.Key) &&
		x.Namespace == y.Namespace && x.Sentinels.Role == y.Sentinels.Role && samePassword(x.Password, y.Password)
}
