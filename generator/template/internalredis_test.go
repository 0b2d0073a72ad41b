package template

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

var claims = []string{"backend-redis-storage", "system-redis-storage"}

// The list in the pin is all that a template has of a Redis of its own, and
// what is left does not refer to it. The two Secrets are not part of it.
func TestSettleInternalRedis_templates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		tmpl, _ := open(t, path)
		own := releases.Load(tmpl.Release()).InternalRedis
		process := func() []manifest.Object {
			objects, err := tmpl.Process(fill(tmpl))
			if err != nil {
				t.Fatal(err)
			}
			return objects
		}
		wantOwn, wantClaims := len(own), claims
		if strings.Contains(name, "-ha-") {
			wantOwn, wantClaims = 0, nil
		}
		for mode, want := range map[string]struct {
			fewer  int
			claims []string
		}{
			Keep:        {0, nil},
			LeaveClaims: {max(0, wantOwn-2), nil},
			Remove:      {wantOwn, wantClaims},
		} {
			objects := process()
			left, gone := SettleInternalRedis(objects, own, mode)
			if diff := cmp.Diff(want.claims, gone); diff != "" {
				t.Errorf("%s: %s: %s", name, mode, diff)
			}
			if got := len(process()) - len(left); got != want.fewer {
				t.Errorf("%s: %s takes out %d objects, want %d", name, mode, got, want.fewer)
			}
			out, _ := manifest.Write(left)
			found := references.FindAllString(string(out), -1)
			if wantFound := mode != Remove && wantOwn > 0; wantFound != (found != nil) {
				t.Errorf("%s: %s leaves %q", name, mode, found)
			}
			if mode == Keep {
				continue
			}
			for _, o := range left {
				isClaim := o.Kind() == claimKind && slices.Contains(claims, o.Name())
				if got := manifest.Text(o.Node, "metadata", "annotations", syncOptions); (got == "Prune=false") != isClaim {
					t.Errorf("%s: %s: %s is annotated %q", name, mode, o, got)
				}
			}
		}
	}
}

// references are the ways in which an object can refer to the Redis of the
// template: by image, volume, configuration, selector, host. The values of the
// two Secrets are not looked at, since they come from the spec.
var references = regexp.MustCompile(`(?:name|claimName|deploymentConfig|host): (?:(?:backend|system)-redis(?::latest|-storage)|redis-config)\b.*|deploymentConfig: (?:backend|system)-redis\b.*`)

func TestSettleInternalRedis_keepsSyncOptions(t *testing.T) {
	for given, want := range map[string]string{
		"{}":                                  "Prune=false",
		"{" + syncOptions + ": Replace=true}": "Replace=true,Prune=false",
		"{" + syncOptions + ": Prune=false}":  "Prune=false",
	} {
		docs, err := manifest.ReadDocuments("", []byte("kind: PersistentVolumeClaim\nmetadata: {name: a, annotations: "+given+"}"))
		if err != nil {
			t.Fatal(err)
		}
		left, _ := SettleInternalRedis([]manifest.Object{{Node: docs[0]}}, []string{"PersistentVolumeClaim/a"}, LeaveClaims)
		if got := manifest.Text(left[0].Node, "metadata", "annotations", syncOptions); got != want {
			t.Errorf("%s becomes %q, want %q", given, got, want)
		}
	}
}
