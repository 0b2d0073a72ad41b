package examples

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// The recipe brings the Secrets of the Component and no other, and its token to
// the pods; the programs of users print the same.
func TestKustomize(t *testing.T) { builds(t, "kustomize", checkKustomize) }

func checkKustomize(t *testing.T, built []byte) {
	t.Helper()
	objects, err := manifest.Read("built", built)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.String())
		token := manifest.Text(o.Node, "spec", "template", "metadata", "annotations", wiring.TokenAnnotation)
		if o.Kind() == "DeploymentConfig" && (token == "" || !strings.Contains(manifest.Text(o.Node, "metadata", "labels", "app"), "3scale")) {
			t.Errorf("%s has the token %q", o, token)
		}
	}
	slices.Sort(names)
	want := []string{
		"DeploymentConfig/backend-cron", "DeploymentConfig/backend-listener", "DeploymentConfig/backend-worker",
		"DeploymentConfig/system-app", "DeploymentConfig/system-sidekiq", "DeploymentConfig/system-sphinx",
		"ExternalSecret/backend-redis", "ExternalSecret/system-redis",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the objects are %v", names)
	}
	if !bytes.Contains(built, []byte("MESSAGE_BUS_REDIS_SENTINEL_HOSTS")) || !bytes.Contains(built, []byte("RACK_ENV")) {
		t.Error("env vars are missing")
	}
}
