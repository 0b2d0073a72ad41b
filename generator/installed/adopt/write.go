package adopt

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
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
	// passwords are the values behind the references of the spec.
	passwords map[string]string
	text      strings.Builder
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
		return c.Endpoint() != first.Endpoint() || c.Password != first.Password ||
			c.Sentinels.Password != first.Sentinels.Password || c.Sentinels.Role != first.Sentinels.Role
	})
}

// connection says how a database is reached. The names of its passwords begin
// with the prefix.
func (w *writer) connection(indent, prefix, name string) {
	c := w.connections[name]
	if c.MasterGroup == "" {
		w.say("%shost: %s", indent, scalar(c.Host))
		w.say("%sport: %d", indent, c.Port)
		w.password(indent, prefix+"REDIS_PASSWORD", c.Password, name, "url")
		return
	}
	w.say("%smasterGroup: %s", indent, scalar(c.MasterGroup))
	w.password(indent, prefix+"REDIS_PASSWORD", c.Password, name, "url")
	w.say("%ssentinels:", indent)
	w.say("%s  hosts:", indent)
	for _, h := range c.Sentinels.Hosts {
		w.say("%s  - %s", indent, scalar(h.String()))
	}
	w.password(indent+"  ", prefix+"SENTINEL_PASSWORD", c.Sentinels.Password, name, "sentinelHosts")
	if c.Sentinels.Role != "" && c.Sentinels.Role != "master" {
		w.say("%s  role: %s", indent, scalar(c.Sentinels.Role))
	}
}

func (w *writer) password(indent, variable string, v secret.Value, database, field string) {
	if v.IsSet() {
		w.passwords[variable] = v.Reveal()
		w.say("%spassword: {fromEnv: %s}   # in %s", indent, variable, w.key(database, field))
	}
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
