package krm_test

import (
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/cmd/threescale-redis/krm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

const config = `functionConfig:
  apiVersion: threescale-redis.io/v1alpha1
  kind: ThreescaleRedis
  metadata: {name: prod}
  spec:
    release: "2.7"
    profile: self-managed
    redis: {host: redis.example.com, password: {fromEnv: REDIS_PASSWORD}}
    databases:
      backendStorage: {db: 0}
      backendQueues: {db: 1}
      system: {db: 2, namespace: system}
      messageBus: {db: 3, namespace: bus}
`

const canary = "canary-51c0"

func lookup(v secret.Value) (string, error) {
	if v.Name() != "REDIS_PASSWORD" {
		return "", errors.New("is not set")
	}
	return canary, nil
}

// resourceList makes a list with items in flow style.
func resourceList(version string, items ...string) string {
	return "apiVersion: config.kubernetes.io/" + version + "\nkind: ResourceList\nitems: [" + strings.Join(items, ", ") + "]\n" + config
}

const (
	configMap = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {internal.config.kubernetes.io/index: "1"}}, data: {b: 010}}`
	// other is a DeploymentConfig of somebody else.
	other = `{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, metadata: {name: other}}`
)

func read(t *testing.T, answer []byte) *yaml.Node {
	t.Helper()
	docs, err := manifest.ReadDocuments("answer", answer)
	if err != nil || len(docs) != 1 {
		t.Fatalf("the answer is %d documents: %v\n%s", len(docs), err, answer)
	}
	return docs[0]
}

// TestRun_secrets: the apiVersion stays, the items come first and as they were,
// and a second run changes nothing.
func TestRun_secrets(t *testing.T) {
	for _, version := range []string{"v1", "v1alpha1"} {
		answer, issues := krm.Run("list", []byte(resourceList(version, configMap)), spec.Parser{}, lookup)
		if issues.Failed() {
			t.Fatal(issues)
		}
		doc := read(t, answer)
		if got := manifest.Text(doc, "apiVersion"); got != "config.kubernetes.io/"+version {
			t.Errorf("the answer is of %s", got)
		}
		var names []string
		for _, n := range manifest.Items(manifest.Field(doc, "items")) {
			names = append(names, manifest.Object{Node: n}.String())
		}
		if got := strings.Join(names, " "); got != "ConfigMap/a Secret/backend-redis Secret/system-redis" {
			t.Errorf("the items are %s", got)
		}
		if text := strings.TrimPrefix(configMap, "{"); !strings.Contains(string(answer), text) {
			t.Errorf("the item is not as it was:\n%s", answer)
		}
		again, issues := krm.Run("list", answer, spec.Parser{}, lookup)
		if issues.Failed() || string(again) != string(answer) {
			t.Errorf("a second run gives:\n%s\n%v", again, issues)
		}
	}
}

// TestRun_unusable: a list that can't be used has no answer.
func TestRun_unusable(t *testing.T) {
	second := `{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {name: other}}`
	tests := map[string]struct{ list, want string }{
		"empty":           {"", "list: error: must be a ResourceList of config.kubernetes.io/v1 or config.kubernetes.io/v1alpha1, not empty"},
		"no YAML":         {"a: b: " + canary, "list:1:1: error: is not YAML"},
		"scalar":          {canary, "list:1:1: error: must be a ResourceList"},
		"other kind":      {strings.Replace(resourceList("v1"), "ResourceList", canary, 1), "list:1:1: error: must be a ResourceList"},
		"other version":   {resourceList("v2"), "list:1:1: error: must be a ResourceList"},
		"two lists":       {resourceList("v1") + "---\n" + resourceList("v1"), "must be one ResourceList"},
		"items no list":   {strings.Replace(resourceList("v1"), "[]", canary, 1), "list:3:8: error: items: must be a list"},
		"scalar item":     {resourceList("v1", canary), "list:3:9: error: items: must be Kubernetes objects"},
		"no kind":         {resourceList("v1", "{a: "+canary+"}"), "list:3:9: error: items: kind: is required"},
		"list in list":    {resourceList("v1", "{kind: List, items: []}"), "a List inside a List is not supported"},
		"key twice":       {resourceList("v1", "{apiVersion: v1, kind: A, metadata: {name: a}, kind: "+canary+"}"), "list:3:56: error: kind: is given twice: first at list:3:26"},
		"second spec":     {resourceList("v1", second), "list:3:9: error: ThreescaleRedis/other: is a second spec"},
		"growing aliases": {"a: &a [" + strings.Repeat("x,", 99) + "]\nb: &b [" + strings.Repeat("*a,", 99) + "]\nc: &c [" + strings.Repeat("*b,", 99) + "]\nd: *c\n", "aliases expand to more"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			answer, issues := krm.Run("list", []byte(tt.list), spec.Parser{}, lookup)
			if answer != nil {
				t.Errorf("there is an answer:\n%s", answer)
			}
			if text := issues.Error(); !issues.Failed() || !strings.Contains(text, tt.want) || strings.Contains(text, canary) {
				t.Errorf("the issues are %s", text)
			}
		})
	}
}

// TestRun_results: what is wrong is in the answer, beside the items as they were.
// As a generator, Kustomize puts the functionConfig among the items too.
func TestRun_ownSpec(t *testing.T) {
	own := `{apiVersion: threescale-redis.io/v1alpha1, kind: ThreescaleRedis, metadata: {name: prod}}`
	answer, issues := krm.Run("list", []byte(resourceList("v1", own)), spec.Parser{}, lookup)
	if issues.Failed() {
		t.Fatal(issues)
	}
	if items := manifest.Items(manifest.Field(read(t, answer), "items")); len(items) != 3 {
		t.Errorf("there are %d items:\n%s", len(items), answer)
	}
}

func TestRun_results(t *testing.T) {
	without := func(text string) string { return strings.Replace(resourceList("v1", configMap), text, "", 1) }
	tests := map[string]struct{ list, issue, result string }{
		"no spec": {
			strings.TrimSuffix(resourceList("v1", configMap), config),
			"list:1:1: error: functionConfig: is required",
			"field:\n    path: functionConfig\n  file:\n    path: list\n  tags:\n    line: \"1\"\n    column: \"1\"\n",
		},
		"missing field": {
			without("    profile: self-managed\n"),
			"<functionConfig>:4:1: error: spec.profile: is required",
			"severity: error\n  field:\n    path: spec.profile\n  file:\n    path: <functionConfig>\n  tags:\n    line: \"4\"\n    column: \"1\"\n",
		},
		"warning": {
			strings.Replace(resourceList("v1", configMap), "{db: 3, namespace: bus}", "{db: 2, namespace: system}", 1),
			"",
			"severity: warning\n  field:\n    path: spec.databases.messageBus",
		},
		"base": {
			strings.NewReplacer("    release:", "    base: {manifests: [a]}\n    release:", "self-managed", "self").Replace(resourceList("v1", configMap)),
			"<functionConfig>:5:9: error: spec.base: must not be given: the items are the installation\n" +
				"<functionConfig>:7:12: error: spec.profile: must be a profile",
			"path: spec.base\n",
		},
		"no workloads": {
			resourceList("v1", configMap, other),
			"DeploymentConfig/system-app: is required",
			"path: DeploymentConfig/system-app\n",
		},
		"twice": {
			resourceList("v1", configMap, "{apiVersion: v1, kind: Secret, metadata: {name: system-redis, namespace: a}}", "{apiVersion: v1, kind: Secret, metadata: {name: system-redis, namespace: b}}"),
			"Secret/system-redis: is there twice: first at list:3:",
			"path: Secret/system-redis\n",
		},
		"secret": {
			strings.Replace(resourceList("v1", configMap), "REDIS_PASSWORD", "NONE", 1),
			"<functionConfig>:7:46: error: spec.redis.password: is not set",
			"- message: is not set\n  severity: error\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			answer, issues := krm.Run("list", []byte(tt.list), spec.Parser{}, lookup)
			if !strings.Contains(issues.Error(), tt.issue) || issues.Failed() != (tt.issue != "") {
				t.Errorf("the issues are:\n%s", issues)
			}
			if !strings.Contains(string(answer), tt.result) || !strings.Contains(string(answer), strings.TrimPrefix(configMap, "{")) {
				t.Errorf("the answer is:\n%s", answer)
			}
			if strings.Contains(issues.Error(), canary) || issues.Failed() && strings.Contains(string(answer), canary) {
				t.Errorf("the secret is shown: %s\n%s", issues, answer)
			}
		})
	}
}

// FuzzRun wants an answer that is a ResourceList, or an error.
func FuzzRun(f *testing.F) {
	for _, seed := range []string{
		resourceList("v1", configMap), resourceList("v1alpha1", other), resourceList("v1", "{kind: List, items: []}"),
		"kind: ResourceList\napiVersion: config.kubernetes.io/v1\nitems:\n- &a {kind: A}\n- *a\nfunctionConfig: *a\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answer, issues := krm.Run("list", []byte(text), spec.Parser{}, lookup)
		if answer == nil {
			if !issues.Failed() {
				t.Fatal("neither an answer nor an error")
			}
			return
		}
		docs, err := manifest.ReadDocuments("answer", answer)
		if err != nil || len(docs) != 1 || manifest.Text(docs[0], "kind") != "ResourceList" {
			t.Fatalf("the answer is no ResourceList: %v\n%s", err, answer)
		}
	})
}
