package spec

import (
	"reflect"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// reference is the mapping that a secret value may be instead of a string.
// Exactly one key is set.
type reference struct {
	FromEnv     Field[string]    `yaml:"fromEnv" format:"env" doc:"Name of the environment variable that holds the value."`
	FromFile    Field[string]    `yaml:"fromFile" format:"path" doc:"File that holds the value, relative to this file; one trailing newline is dropped."`
	Placeholder Field[string]    `yaml:"placeholder" format:"filled" doc:"Text that another program, such as argocd-vault-plugin, replaces after rendering."`
	RemoteRef   Field[remoteRef] `yaml:"remoteRef" doc:"Value in an External Secrets store."`
}

// remoteRef is a value in an External Secrets store.
type remoteRef struct {
	Key      string `yaml:"key" required:"true" doc:"Key in the store."`
	Property string `yaml:"property" doc:"Property of the key."`
}

// value returns the secret value that the reference stands for.
func (r reference) value() secret.Value {
	switch {
	case r.FromEnv.Said:
		return secret.FromEnv(r.FromEnv.Value)
	case r.FromFile.Said:
		return secret.FromFile(r.FromFile.Value)
	case r.Placeholder.Said:
		return secret.FromPlaceholder(r.Placeholder.Value)
	default:
		return secret.FromRemote(r.RemoteRef.Value.Key, r.RemoteRef.Value.Property)
	}
}

// secret returns a secret value, and reports a mapping that has not exactly one
// of the keys unless one of them is faulty.
func (f *filler) secret(s *shape, p path, v *value) secret.Value {
	if text, ok := v.scalar.(string); ok {
		return secret.FromText(text)
	}
	given := 0
	for _, m := range v.members {
		switch {
		case m.faulty:
			return secret.Value{}
		case m.given():
			given++
		}
	}
	if given != 1 {
		f.report(v.pos, p, "must have exactly one of "+strings.Join(s.keys(), ", "))
		return secret.Value{}
	}
	var r reference
	before := len(f.issues)
	f.object(s, p, v, v.key, reflect.ValueOf(&r).Elem())
	if len(f.issues) > before {
		return secret.Value{}
	}
	return r.value()
}
