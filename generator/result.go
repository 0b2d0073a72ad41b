package generator

import "github.com/threescale-redis/threescale-redis/internal/secret"

// RealSecrets reports whether the objects hold the text of a secret: one that
// stands in the spec, or that was looked up.
func (r *Result) RealSecrets() bool {
	if len(r.Values.Secrets) == 0 {
		return false
	}
	for _, s := range r.Secrets {
		for _, f := range s.Fields {
			for _, v := range f.Passwords() {
				if v.Kind() != secret.Placeholder {
					return true
				}
			}
		}
	}
	return false
}
