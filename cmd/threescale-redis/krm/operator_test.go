package krm_test

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/cmd/threescale-redis/krm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

const (
	apiManager = `{apiVersion: apps.3scale.net/v1alpha1, kind: APIManager, metadata: {name: a, annotations: {internal.config.kubernetes.io/index: "1"}}, spec: {wildcardDomain: x.example.com}}`
	// operators is a workload that the operator makes, and oldSecret one of the Secrets.
	operators = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: system-app}, spec: {template: {spec: {containers: [{name: system-master}]}}}}`
	oldSecret = `{apiVersion: v1, kind: Secret, metadata: {name: system-redis}, stringData: {URL: old}}`
)

// operatedList is a list for 3scale 2.16.
func operatedList(items ...string) string {
	list := strings.Replace(resourceList("v1", items...), `"2.7"`, `"2.16"`, 1)
	list = strings.Replace(list, "      messageBus: {db: 3, namespace: bus}\n", "", 1)
	return strings.Replace(list, ", namespace: system", "", 1)
}

// TestRun_operated: the APIManager is patched and the Secrets are replaced in place;
// what the operator made comes back as it was, and a second run changes nothing.
func TestRun_operated(t *testing.T) {
	const patched = `{apiVersion: apps.3scale.net/v1alpha1, kind: APIManager, metadata: {name: a, annotations: {internal.config.kubernetes.io/index: "1"}}, ` +
		`spec: {wildcardDomain: x.example.com, externalComponents: {backend: {redis: true}, system: {redis: true}}, ` +
		`backend: {queuesRedisTLSEnabled: false, backendRedisTLSEnabled: false}, system: {systemRedisTLSEnabled: false}}}`
	for name, tt := range map[string]struct {
		items []string
		want  string
	}{
		"transformer":         {[]string{oldSecret, configMap, apiManager, operators}, "Secret/system-redis ConfigMap/a APIManager/a Deployment/system-app"},
		"without the Secrets": {[]string{apiManager}, "APIManager/a"},
		// What the operator made is no matter of the spec, in how many namespaces it may be.
		"two of the operator": {
			[]string{apiManager, operators, strings.Replace(operators, "name: system-app", "name: system-app, namespace: other", 1)},
			"APIManager/a Deployment/system-app Deployment/system-app",
		},
		"generator":            {nil, "Secret/backend-redis Secret/system-redis"},
		"without an APIManger": {[]string{operators}, "Deployment/system-app Secret/backend-redis Secret/system-redis"},
	} {
		answer, issues := krm.Run("list", []byte(operatedList(tt.items...)), spec.Parser{}, lookup)
		if issues.Failed() {
			t.Errorf("%s: %v", name, issues)
			continue
		}
		var got []string
		for _, n := range manifest.Items(manifest.Field(read(t, answer), "items")) {
			o := manifest.Object{Node: n}
			got = append(got, o.String())
			text, err := manifest.Encode(n)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[string]string{"APIManager/a": patched, "Deployment/system-app": operators}[o.String()]; want != "" && o.Namespace() == "" && string(text) != want+"\n" {
				t.Errorf("%s: %s is\n%swant\n%s", name, o, text, want)
			}
			if o.Name() == "system-redis" && (manifest.Field(n, "stringData") != nil || manifest.Text(n, "data", "URL") == "") {
				t.Errorf("%s: the Secret is\n%s", name, text)
			}
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: the items are %s, want %s", name, text, tt.want)
		}
		again, issues := krm.Run("list", answer, spec.Parser{}, lookup)
		if issues.Failed() || string(again) != string(answer) {
			t.Errorf("%s: a second run gives\n%s\n%v", name, again, issues)
		}
	}
}

// TestRun_operatedMistakes: what contradicts the spec is said at its place.
func TestRun_operatedMistakes(t *testing.T) {
	second := strings.Replace(apiManager, "name: a", "name: b", 1)
	for name, tt := range map[string]struct{ list, want string }{
		"two":         {operatedList(apiManager, second), "list:3:"},
		"named other": {strings.Replace(operatedList(apiManager), "    redis:", "    apiManager: {name: prod}\n    redis:", 1), "APIManager/a: is not the APIManager that spec.apiManager.name says: prod"},
		"other line": {
			operatedList(strings.Replace(apiManager, `index: "1"`, `index: "1", apps.3scale.net/apimanager-threescale-version: "2.13"`, 1)),
			"APIManager/a: metadata.annotations: says that the operator has installed 3scale 2.13, and spec.release is 2.16",
		},
		"of no operator": {resourceList("v1", apiManager, other), "DeploymentConfig/system-app: is required"},
	} {
		answer, issues := krm.Run("list", []byte(tt.list), spec.Parser{}, lookup)
		if !issues.Failed() || !strings.Contains(issues.Error(), tt.want) || strings.Contains(issues.Error(), canary) {
			t.Errorf("%s: the issues are %v", name, issues)
		}
		if strings.Contains(string(answer), "externalComponents") {
			t.Errorf("%s: an item is changed:\n%s", name, answer)
		}
	}
}
