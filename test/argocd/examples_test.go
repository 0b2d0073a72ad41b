package argocd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/cmpserver/plugin"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"sigs.k8s.io/yaml"
)

// examples is the folder that users copy.
const examples = "../../examples/argocd"

// readExample reads a file into its Argo CD type; an unknown field is an error.
func readExample(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestExamples(t *testing.T) {
	config, err := plugin.ReadPluginConfig(examples)
	if err != nil {
		t.Fatal(err)
	}
	if config.Spec.Version != "" {
		t.Error("plugin.yaml has a version")
	}
	var one v1alpha1.Application
	readExample(t, "application.yaml", &one)
	var set v1alpha1.ApplicationSet
	readExample(t, "applicationset.yaml", &set)
	s := startServer(t, examples, "THREESCALE_REDIS_ALLOWED_ENV=REDIS_PASSWORD,SENTINEL_PASSWORD", "REDIS_PASSWORD=r", "SENTINEL_PASSWORD=s")
	paths := map[string][]string{
		"application.yaml":    {one.Spec.Source.Path},
		"applicationset.yaml": {"environments/dev", "environments/staging", "environments/prod", "environments/external-secrets", "environments/vault-plugin"},
	}
	rolls := map[string]int{"application.yaml": 6}
	for name, source := range map[string]*v1alpha1.ApplicationSource{
		"application.yaml":    one.Spec.Source,
		"applicationset.yaml": set.Spec.Template.Spec.Source,
	} {
		if source == nil || source.Plugin == nil || source.Plugin.Name != config.Metadata.Name {
			t.Errorf("%s does not name the plugin %s", name, config.Metadata.Name)
			continue
		}
		for _, path := range paths[name] {
			a := app{repo: filepath.Dir(examples), path: path, plugin: *source.Plugin}
			if !s.matches(t, a) {
				t.Errorf("%s: %s does not match", name, a.path)
			}
			manifests, err := s.generate(t.Context(), t, a)
			if err != nil {
				t.Errorf("%s: %s: %v", name, a.path, err)
			}
			if rolled := strings.Count(manifests, "rollout-token"); rolled != rolls[name] {
				t.Errorf("%s: %s rolls %d workloads, want %d", name, a.path, rolled, rolls[name])
			}
		}
	}
}
