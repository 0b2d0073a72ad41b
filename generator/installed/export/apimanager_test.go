package export

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// operated is what an operator runs, as little as an export can have.
const operated = "kind: Deployment\nmetadata: {name: backend-cron, namespace: one}\n---\n" + backend

func apiManager(name, version string) string {
	return "---\napiVersion: apps.3scale.net/v1alpha1\nkind: APIManager\n" +
		"metadata: {name: " + name + ", namespace: one, annotations: {apps.3scale.net/apimanager-threescale-version: " + version + "}}\nspec: {}\n"
}

// Every export of an operator has its APIManager, its release and the workloads of
// the release, also those of the operator's own Redis.
func TestRead_operated(t *testing.T) {
	for name, want := range map[string]struct {
		release   string
		workloads int
		ignored   string
	}{
		"2.13.2-external":             {"2.13", 6, ""},
		"2.13.2-internal":             {"2.13", 8, "1 ConfigMap, 2 ImageStream, 2 PersistentVolumeClaim, 2 Service"},
		"2.13.2-sentinel":             {"2.13", 6, ""},
		"2.14.1-internal":             {"2.14", 8, "1 ConfigMap, 1 DeploymentConfig, 2 ImageStream, 2 PersistentVolumeClaim, 2 Service"},
		"2.14.1-sentinel":             {"2.14", 6, "1 DeploymentConfig"},
		"2.15.1-external":             {"2.15.1", 8, "1 Deployment"},
		"2.15.1-internal":             {"2.15.1", 10, "1 ConfigMap, 1 Deployment, 2 PersistentVolumeClaim, 2 Service"},
		"2.15.1-internal-to-external": {"2.15.1", 10, "1 ConfigMap, 1 Deployment, 2 PersistentVolumeClaim, 2 Service"},
		"2.16.3-acl":                  {"2.16.3", 8, "1 Deployment, 1 Secret"},
		"2.16.3-tls":                  {"2.16.3", 8, "1 Deployment, 1 Secret"},
		"2.16.3-upgraded-from-2.15.1": {"2.16.3", 8, "1 Deployment, 1 Secret"},
	} {
		e, err := Read([]File{{Name: name, Data: testinput.Export(t, "operator/"+name+".yaml")}}, "threescale")
		if err != nil {
			t.Fatal(err)
		}
		rel, err := e.Running()
		if err != nil {
			t.Fatal(err)
		}
		if e.APIManager.Name() != "apimanager" || rel.String() != want.release || len(e.Workloads) != want.workloads || len(e.Secrets) != 2 || e.Ignored != want.ignored {
			t.Errorf("%s: %s runs %s, %d workloads, %d Secrets, ignored %q", name, e.APIManager, rel, len(e.Workloads), len(e.Secrets), e.Ignored)
		}
	}
}

func TestRead_apiManagers(t *testing.T) {
	const bad = "\"x; touch PWNED #\\n\\e[31m\""
	for name, c := range map[string]struct{ data, want string }{
		"two":             {apiManager("a", "2.16.3") + apiManager("b", "2.16.3"), "export.yaml:13:1: error: APIManager/b: must be the only APIManager, but APIManager/a is at export.yaml:8:1"},
		"one twice":       {apiManager("a", "2.16.3") + apiManager("a", "2.16.3"), "export.yaml:13:1: error: APIManager/a: must be the only APIManager, but APIManager/a is at export.yaml:8:1"},
		"hostile name":    {apiManager(bad, "2.16.3"), "metadata.name: must be lower-case letters"},
		"cut off":         {strings.Replace(apiManager("a", "2.16.3"), "{name", "{uid: 0-1, name", 1), "APIManager/a: has no status: the export is cut off"},
		"other namespace": {strings.Replace(apiManager("a", "2.16.3"), "one", "two", 1), "has objects of several namespaces: one, two"},
	} {
		_, err := Read(one(operated+c.data), "")
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	// A Job alone is no installation.
	if _, err := Read(one(backend+reading("Job", "system-app-pre", "")), ""); err == nil || !strings.Contains(err.Error(), "must have the DeploymentConfigs or the Deployments") {
		t.Errorf("says %v", err)
	}
}

// The release that is named is compared with that of the operator, whose patch
// release is taken.
func TestExport_Release(t *testing.T) {
	const missing = "export.yaml: error: must have the APIManager: an operator runs 3scale 2.16\n  hint: add apimanager to the command: `oc get apimanager,dc,deployment,job,secret -o yaml`"
	for name, c := range map[string]struct{ data, named, release, want string }{
		"line":                     {apiManager("a", "2.16.3"), "2.16", "2.16.3", ""},
		"same tag":                 {apiManager("a", "2.16.3"), "2.16.3", "2.16.3", ""},
		"line of the operator":     {apiManager("a", "'2.13'"), "2.13", "2.13", ""},
		"tag, the operator a line": {apiManager("a", "'2.13'"), "2.13.2", "2.13.2", ""},
		"tag that no pin has":      {apiManager("a", "2.16.99"), "2.16", "2.16", ""},
		"other tag":                {apiManager("a", "2.16.3"), "2.16.4", "2.16.3", "export.yaml:10:98: warning: APIManager/a: its operator runs 3scale 2.16.3, not 2.16.4: the comparison is with 2.16.3"},
		"other line":               {apiManager("a", "2.16.3"), "2.15", "2.15", "export.yaml:10:98: error: APIManager/a: its operator runs 3scale 2.16.3, not 2.15\n  hint: say release: \"2.16\", or compare with another export"},
		"line of a template":       {apiManager("a", "2.16.3"), "2.12", "2.12", "export.yaml:10:98: error: APIManager/a: its operator runs 3scale 2.16.3, not 2.12\n  hint: say release: \"2.16\", or compare with another export"},
		"no version":               {apiManager("a", "''"), "2.16", "2.16", ""},
		"hostile version":          {apiManager("a", "\"2.12\\n\\e[31m\""), "2.16", "2.16", ""},
		"none":                     {"", "2.16", "2.16", missing},
		"none, a template":         {"", "2.12", "2.12", ""},
	} {
		e, err := Read(one(operated+c.data), "")
		if err != nil {
			t.Fatal(err)
		}
		named, err := releases.Find(c.named)
		if err != nil {
			t.Fatal(err)
		}
		rel, issues := e.Release(named)
		got := ""
		if len(issues) > 0 {
			got = issues.Error()
		}
		if rel.String() != c.release || got != c.want {
			t.Errorf("%s: %s, says\n%s\nwant\n%s", name, rel, got, c.want)
		}
	}
}

func TestExport_Running(t *testing.T) {
	for name, c := range map[string]struct{ data, release, want string }{
		"tag":             {apiManager("a", "2.16.3"), "2.16.3", ""},
		"line":            {apiManager("a", "'2.13'"), "2.13", ""},
		"unknown tag":     {apiManager("a", "2.16.99"), "2.16", ""},
		"unknown line":    {apiManager("a", "2.99.1"), "", "export.yaml:10:98: error: APIManager/a: runs 3scale 2.99.1, which is not known\n  hint: the release lines are 2.6, "},
		"hostile version": {apiManager("a", "\"2.12\\n\\e[31m\""), "", "must have the annotation apps.3scale.net/apimanager-threescale-version"},
		"no APIManager":   {"", "", "export.yaml: error: has no APIManager that says which release runs"},
	} {
		e, err := Read(one(operated+c.data), "")
		if err != nil {
			t.Fatal(err)
		}
		rel, err := e.Running()
		switch {
		case c.want == "" && err == nil && rel.String() == c.release:
		case c.want != "" && err != nil && strings.Contains(err.Error(), c.want):
		default:
			t.Errorf("%s: %v, %v", name, rel.Pin, err)
		}
	}
}
