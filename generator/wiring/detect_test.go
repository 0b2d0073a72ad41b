package wiring

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// A change of an installation, and what it says about the release.
func TestDetect_changes(t *testing.T) {
	const stranger = "kind: Deployment\nmetadata: {name: own}\nspec: {template: {spec: {containers: [{name: x, env: [{name: X, valueFrom: {secretKeyRef: {name: system-redis, key: URL}}}]}]}}}\n"
	var fits Match
	for _, line := range releases.Lines() {
		if len(Diff(releases.Load(line).Wiring, releases.Load("2.6").Wiring)) == 0 {
			fits.Fits = append(fits.Fits, line)
		}
	}
	listener := func(o []manifest.Object) *yaml.Node {
		p, _ := findPlace(named(t, o, "DeploymentConfig", "backend-listener"), Containers, "backend-listener")
		return manifest.Field(p.Node, "env")
	}
	for name, c := range map[string]struct {
		change func([]manifest.Object) []manifest.Object
		want   Match
	}{
		"as it is": {func(o []manifest.Object) []manifest.Object { return o }, fits},
		"a reader that no release has": {func(o []manifest.Object) []manifest.Object {
			return append(o, read(t, stranger)...)
		}, fits},
		"other labels": {func(o []manifest.Object) []manifest.Object {
			manifest.Set(named(t, o, "Secret", "system-redis").Node, manifest.Scalar("x"), "metadata", "labels", "own")
			return o
		}, fits},
		"an env var is gone": {func(o []manifest.Object) []manifest.Object {
			env := listener(o)
			env.Content = env.Content[1:]
			return o
		}, Match{Nearest: "2.6", Differences: []Difference{{
			Kind: Missing, Subject: OfEnvVar, In: "backend-listener/backend-listener", Name: "CONFIG_REDIS_PROXY", Pinned: "backend-redis/REDIS_STORAGE_URL",
		}}}},
		"a key is gone too": {func(o []manifest.Object) []manifest.Object {
			env := listener(o)
			env.Content = env.Content[1:]
			manifest.Remove(manifest.Field(named(t, o, "Secret", "system-redis").Node, "data"), "URL")
			return o
		}, Match{Nearest: "2.6", Differences: []Difference{
			{Kind: Missing, Subject: OfKey, In: "system-redis", Name: "URL"},
			{Kind: Missing, Subject: OfEnvVar, In: "backend-listener/backend-listener", Name: "CONFIG_REDIS_PROXY", Pinned: "backend-redis/REDIS_STORAGE_URL"},
		}}},
	} {
		got := Detect(c.change(read(t, string(testinput.Export(t, "installed-2.6.0.GA.yaml")))))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
