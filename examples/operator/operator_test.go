// Package operator holds what users copy to run an installation of the 3scale operator
// with Kustomize.
package operator

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	builtin "github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The recipe brings the Secrets of the Component, and tells the APIManager where Redis
// is; the programs of users print the same.
func TestBuild(t *testing.T) {
	root, err := os.OpenRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	built, issues := builtin.Build(root, ".", io.ReadAll)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	check(t, built)
	for _, program := range []string{"kustomize-v5.5.0", "kustomize-v5.8.2"} {
		t.Run(program, func(t *testing.T) {
			out, err := exec.Command(testinput.Program(t, program), "build", ".").Output()
			if err != nil {
				t.Fatal(err)
			}
			check(t, out)
		})
	}
}

func check(t *testing.T, built []byte) {
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
