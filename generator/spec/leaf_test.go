package spec

import (
	"slices"
	"strings"
	"testing"
)

// TestLeaves: each path is one that --set takes, with a value of its own kind.
func TestLeaves(t *testing.T) {
	leaves := Leaves()
	seen := map[string]Node{}
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

// TestTree: each field that the file can have is found by its path, and says what it is.
func TestTree(t *testing.T) {
	all := Tree().All()
	if len(all) < 200 {
		t.Fatalf("%d nodes", len(all))
	}
	for _, n := range all[1:] {
		if found, ok := Tree().Find(n.Path); !ok || found.Path != n.Path || n.Doc == "" || !strings.HasSuffix("."+n.Path, "."+n.Name) {
			t.Errorf("%+v", n)
		}
	}
	for path, fields := range map[string][]string{
		"spec.redis.tls":                {"ca", "certificate", "key"},
		"spec.redis.password":           {"fromEnv", "fromFile", "placeholder", "remoteRef"},
		"spec.redis.password.remoteRef": {"key", "property"},
		"spec.allow":                    {"rule", "reason"},
		"metadata.labels":               nil,
	} {
		n, ok := Tree().Find(path)
		var got []string
		for _, f := range n.Fields {
			got = append(got, f.Name)
		}
		if !ok || !slices.Equal(got, fields) {
			t.Errorf("%s has %v", path, got)
		}
	}
	if _, ok := Tree().Find("spec.redis.pasword"); ok {
		t.Error("a misspelt path is found")
	}
}
