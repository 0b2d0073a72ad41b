package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// asChart makes a chart of the manifests of a case.
func asChart(t *testing.T, dir string) {
	t.Helper()
	base, err := os.ReadFile(filepath.Join(dir, "base", "base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "chart/Chart.yaml", []byte("apiVersion: v2\nname: threescale\nversion: 0.1.0\n"))
	write(t, dir, "chart/templates/base.yaml", base)
	write(t, dir, "chart/templates/hook.yaml", []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n"))
}

// TestDoors_chart: a base that is a chart gives what its manifests give, without hooks.
func TestDoors_chart(t *testing.T) {
	for _, line := range releases.Lines() {
		t.Run(line, func(t *testing.T) {
			dir := environment(t, caseOf(t, line)).dir
			asChart(t, dir)
			want := objects(t, threescaleRedis(t, dir, nil, "-q", "render", "--set", "spec.base.manifests={base/base.yaml}"))
			same(t, "chart", want, objects(t, threescaleRedis(t, dir, nil, "-q", "render", "--set", "spec.base.chart=chart")))
		})
	}
}

// TestDoors_realHelm takes a case of each release through the real program: ours as the
// post-renderer of Helm 3, and as the plugin of Helm 4. Helm adds the hook.
func TestDoors_realHelm(t *testing.T) {
	plugin, err := os.ReadFile("../../examples/helm/plugin/plugin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"v3.22.0", "v4.3.1"} {
		for _, line := range releases.Lines() {
			t.Run(version+"/"+line, func(t *testing.T) {
				helm := testinput.Program(t, "helm-"+version)
				dir := environment(t, caseOf(t, line)).dir
				asChart(t, dir)
				want := objects(t, threescaleRedis(t, dir, nil, "-q", "render", "--set", "spec.base.chart=chart"))
				args := []string{"template", "--no-hooks", "3scale", "chart", "--post-renderer", "threescale-redis"}
				if version[1] == '3' {
					args = append(args, "--post-renderer-args", "post-render")
				} else {
					write(t, dir, "plugins/threescale-redis/plugin.yaml", plugin)
					t.Setenv("HELM_PLUGINS", filepath.Join(dir, "plugins"))
				}
				args = append(args, "--post-renderer-args", "-f", "--post-renderer-args", specFile)
				same(t, "post-renderer", want, objects(t, execute(t, dir, helm, args...)))
			})
		}
	}
}
