package adopt

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// writer writes one spec.
type writer struct {
	export  *export.Export
	release releases.Release
	// names are the databases that the release has.
	names       []string
	connections map[string]redis.Connection
	// switches are what the APIManager says, where there is one.
	switches wiring.Switches
	// secrets are the texts behind the references of the spec, by their names.
	secrets map[string]string
	text    strings.Builder
}

func (w *writer) say(format string, args ...any) { fmt.Fprintf(&w.text, format+"\n", args...) }

func (w *writer) write(profile profiles.Profile) []byte {
	w.say("# What ran when it was exported; a password is where its comment says.")
	w.say("apiVersion: %s\nkind: %s\nmetadata:", spec.APIVersion, spec.Kind)
	if w.export.Namespace != "" {
		w.say("  name: %s\n  namespace: %[1]s", scalar(w.export.Namespace))
	} else {
		w.say("  name: example")
	}
	w.say("spec:\n  release: %q\n  profile: %s", w.release.String(), profile.Name)
	w.operator()
	switch {
	case profile.Reach == profiles.InTemplate:
		w.namespaces()
	case w.shared():
		w.say("  redis:")
		w.connection("    ", "", w.names[0])
		w.say("  databases:")
		for _, name := range w.names {
			w.say("    %s:", name)
			w.own(name)
		}
	default:
		w.say("  databases:")
		for _, name := range w.names {
			w.say("    %s:", name)
			w.connection("      ", prefix(name), name)
			w.own(name)
		}
	}
	return []byte(w.text.String())
}

// operator says what the APIManager is called and whether it turns async mode off,
// and where credentials stand in a release that has keys for them.
func (w *writer) operator() {
	var own []string
	if m := w.export.APIManager; w.release.Operated() && m.Name() != (spec.Spec{}).APIManagerName() {
		own = append(own, "name: "+scalar(m.Name()))
	}
	if w.switches.DisableAsync == "true" {
		own = append(own, "async: false")
	}
	if len(own) > 0 {
		w.say("  apiManager: {%s}", strings.Join(own, ", "))
	}
	if where := w.credentials(); where != redis.WhereverTheyWork {
		w.say("  secrets: {credentials: %s}", where)
	}
}

// credentials is where user names and passwords stand.
func (w *writer) credentials() redis.Credentials {
	if !w.any(func(c redis.Connection) bool {
		return c.Username != "" || c.Password.IsSet() || c.Sentinels.Username != "" || c.Sentinels.Password.IsSet()
	}) {
		return redis.WhereverTheyWork
	}
	where := redis.WhereverTheyWork
	for _, s := range w.release.Secrets {
		for _, k := range s.Keys {
			switch {
			case !k.HoldsCredentials():
			case strings.TrimSpace(w.export.Values[s.Name][k.Name]) != "":
				return redis.InKeys
			default:
				where = redis.InURLs
			}
		}
	}
	return where
}

// namespaces are all that a spec says of the template's own Redis.
func (w *writer) namespaces() {
	said := false
	for _, name := range w.names {
		if namespace := w.connections[name].Namespace; namespace != "" {
			if !said {
				w.say("  databases:")
			}
			said = true
			w.say("    %s:\n      namespace: %s", name, scalar(namespace))
		}
	}
}

// shared reports whether all databases are in one Redis.
func (w *writer) shared() bool {
	first := w.connections[w.names[0]]
	return !w.any(func(c redis.Connection) bool {
		return c.Endpoint() != first.Endpoint() || c.Username != first.Username || c.Password != first.Password || c.TLS != first.TLS ||
			c.Sentinels.Username != first.Sentinels.Username || c.Sentinels.Password != first.Sentinels.Password || c.Sentinels.Role != first.Sentinels.Role
	})
}

// connection says how a database is reached. The names of its secrets begin with
// the prefix.
func (w *writer) connection(indent, prefix, name string) {
	c := w.connections[name]
	if c.MasterGroup == "" {
		w.say("%shost: %s", indent, scalar(c.Host))
		w.say("%sport: %d", indent, c.Port)
	} else {
		w.say("%smasterGroup: %s", indent, scalar(c.MasterGroup))
	}
	w.username(indent, c.Username)
	w.password(indent, prefix+"REDIS_PASSWORD", c.Password, name, "url", "password")
	w.tls(indent, prefix, name)
	if c.MasterGroup == "" {
		return
	}
	w.say("%ssentinels:", indent)
	w.say("%s  hosts:", indent)
	for _, h := range c.Sentinels.Hosts {
		w.say("%s  - %s", indent, scalar(h.String()))
	}
	w.username(indent+"  ", c.Sentinels.Username)
	w.password(indent+"  ", prefix+"SENTINEL_PASSWORD", c.Sentinels.Password, name, "sentinelHosts", "sentinelPassword")
	if c.Sentinels.Role != "" && c.Sentinels.Role != "master" {
		w.say("%s  role: %s", indent, scalar(c.Sentinels.Role))
	}
}

func (w *writer) username(indent, name string) {
	if name != "" {
		w.say("%susername: %s", indent, scalar(name))
	}
}

// tls says the PEM texts as files: an environment variable seldom has many lines.
func (w *writer) tls(indent, prefix, name string) {
	tls := w.connections[name].TLS
	if !tls.On {
		return
	}
	said := false
	for _, text := range []struct {
		field string
		value secret.Value
	}{{"ca", tls.CA}, {"certificate", tls.Certificate}, {"key", tls.Key}} {
		if !text.value.IsSet() {
			continue
		}
		if !said {
			w.say("%stls:", indent)
		}
		said = true
		file := strings.ToLower(strings.ReplaceAll(prefix, "_", "-")) + "redis-" + text.field + ".pem"
		w.secrets[file] = text.value.Reveal()
		w.say("%s  %s: {fromFile: %s}   # in %s", indent, text.field, file, w.key(name, text.field))
	}
	if !said {
		w.say("%stls: {}", indent)
	}
}

// password says a password as a reference. It stands in the first field, a URL, or
// in a key of its own.
func (w *writer) password(indent, variable string, v secret.Value, database, field, own string) {
	if !v.IsSet() {
		return
	}
	if w.value(database, own) != "" {
		field = own
	}
	w.secrets[variable] = v.Reveal()
	w.say("%spassword: {fromEnv: %s}   # in %s", indent, variable, w.key(database, field))
}

// value is what stands in the key of a field of a database.
func (w *writer) value(database, field string) string {
	name, key, _ := strings.Cut(w.key(database, field), "/")
	return strings.TrimSpace(w.export.Values[name][key])
}

// key returns secret/KEY of a field of a database.
func (w *writer) key(database, field string) string {
	for _, s := range w.release.Secrets {
		for _, k := range s.Keys {
			if k.Database == database && k.Field == field {
				return s.Name + "/" + k.Name
			}
		}
	}
	return ""
}

// own says what each database has for itself.
func (w *writer) own(name string) {
	c := w.connections[name]
	w.say("      db: %d", c.DB)
	if c.Namespace != "" {
		w.say("      namespace: %s", scalar(c.Namespace))
	}
}

var upper = regexp.MustCompile(`([a-z])([A-Z])`)

// prefix returns BACKEND_STORAGE_ for backendStorage.
func prefix(name string) string {
	return strings.ToUpper(upper.ReplaceAllString(name, "${1}_$2")) + "_"
}

// scalar returns a text as it stands in YAML.
func scalar(text string) string {
	n := manifest.Scalar(text)
	data, err := manifest.Encode(n)
	if err != nil {
		panic(err) // a scalar always encodes
	}
	return strings.TrimSuffix(string(data), "\n")
}
