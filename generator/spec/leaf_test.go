package spec

import (
	"slices"
	"strings"
	"testing"
)

// TestLeaves: each path is one that --set takes, with a value of its own kind.
func TestLeaves(t *testing.T) {
	leaves := Leaves()
	seen := map[string]Leaf{}
	for _, l := range leaves {
		if l.Path == "" || l.Doc == "" || seen[l.Path].Path != "" {
			t.Errorf("%+v", l)
		}
		seen[l.Path] = l
		for _, i := range Parse(nil, []string{l.Path + "=1"}).Issues {
			if i.Path == l.Path && (i.Message == "unknown key" || strings.HasPrefix(i.Message, "must be a mapping")) {
				t.Errorf("%s: %s", l.Path, i.Message)
			}
		}
	}
	for path, enum := range map[string][]string{
		"spec.redis.masterGroup":          nil,
		"spec.redis.password.fromEnv":     nil,
		"spec.databases.messageBus.db":    nil,
		"spec.redis.sentinels.hosts":      nil,
		"spec.secrets.delivery":           {"Secret", "ExternalSecret", "None"},
		"spec.secrets.store.name":         nil,
		"metadata.name":                   nil,
		"spec.redis.tls.ca.remoteRef.key": nil,
	} {
		if got, ok := seen[path]; !ok || !slices.Equal(got.Enum, enum) {
			t.Errorf("%s: %+v", path, got)
		}
	}
	for _, path := range []string{"metadata.labels", "spec.allow", "spec.redis", "spec.redis.password"} {
		if _, ok := seen[path]; ok {
			t.Errorf("%s is no leaf", path)
		}
	}
}
