// Package kustomize holds what users copy to run an installation with Kustomize.
package kustomize

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	builtin "github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// The recipe brings the Secrets of the Component and no other, and its token to
// the pods; the programs of users print the same.
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
