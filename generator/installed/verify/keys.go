package verify

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Key is a key of a Secret.
type Key struct{ Secret, Name string }

// String returns secret/KEY.
func (k Key) String() string { return k.Secret + "/" + k.Name }

// staleKeys finds keys that older releases read and this one does not. Keys that
// no release knows are somebody's own.
func (r *Report) staleKeys() {
	for _, line := range releases.Lines() {
		if line == r.Release.Line {
			break
		}
		for _, s := range releases.Load(line).Secrets {
			for _, k := range s.Keys {
				key := Key{s.Name, k.Name}
				value, there := r.Export.Values[s.Name][k.Name]
				if !there || r.has(key) || slices.Contains(r.StaleKeys, key) {
					continue
				}
				r.StaleKeys = append(r.StaleKeys, key)
				// The rule message-bus-keys-inert says the others.
				if value == "" || k.Database != redis.MessageBus {
					r.Remarks = append(r.Remarks, diag.Issue{
						Severity: diag.Note, Pos: r.Export.Position(s.Name, k.Name), Path: "Secret/" + key.String(),
						Message: "has no reader in 3scale " + r.Release.String(),
					})
				}
			}
		}
	}
}

// has reports whether the release has the key.
func (r *Report) has(key Key) bool {
	for _, s := range r.Release.Secrets {
		if s.Name == key.Secret && slices.ContainsFunc(s.Keys, func(k releases.Key) bool { return k.Name == key.Name }) {
			return true
		}
	}
	return false
}
