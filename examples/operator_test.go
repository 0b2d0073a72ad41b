package examples

import (
	"slices"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The recipe brings the Secrets of the Component, and tells the APIManager where Redis
// is; the programs of users print the same.
func TestOperator(t *testing.T) { builds(t, "operator", checkOperator) }

func checkOperator(t *testing.T, built []byte) {
	t.Helper()
	objects, err := manifest.Read("built", built)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := releases.Find("2.16.3")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.String())
		if !wiring.IsAPIManager(o) {
			continue
		}
		switches := wiring.ReadSwitches(o, rel)
		for _, field := range rel.APIManager.External {
			if !switches.External[field] {
				t.Errorf("%s is not true", field)
			}
		}
		for database := range rel.APIManager.TLS {
			if !switches.TLS[database] {
				t.Errorf("TLS of %s is off", database)
			}
		}
		if manifest.Text(o.Node, "spec", "externalComponents", "zync", "database") != "true" || manifest.Text(o.Node, "spec", "system", "appSpec", "replicas") != "2" {
			t.Errorf("the user's own fields are gone:\n%s", built)
		}
	}
	slices.Sort(names)
	if want := []string{"APIManager/apimanager", "ExternalSecret/backend-redis", "ExternalSecret/system-redis"}; !slices.Equal(names, want) {
		t.Errorf("the objects are %v", names)
	}
}
