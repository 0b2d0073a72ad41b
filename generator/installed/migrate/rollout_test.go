package migrate

import "testing"

// The server gives a rollout ten minutes, or what the strategy in force says.
func TestPatience(t *testing.T) {
	for spec, want := range map[string]int{
		"{}": 600,
		"{strategy: {type: Rolling, rollingParams: {intervalSeconds: 1}}}":                                       600,
		"{strategy: {rollingParams: {timeoutSeconds: 1200}}}":                                                    1200,
		"{strategy: {type: Recreate}}":                                                                           600,
		"{strategy: {type: Recreate, recreateParams: {timeoutSeconds: 90}}}":                                     90,
		"{strategy: {type: Recreate, recreateParams: {timeoutSeconds: 90}, rollingParams: {timeoutSeconds: 1}}}": 90,
		"{strategy: {type: Rolling, recreateParams: {timeoutSeconds: 90}}}":                                      600,
	} {
		o := read(t, "export.yaml", []byte("kind: DeploymentConfig\nmetadata: {name: app}\nspec: "+spec+"\n"))[0]
		if got := patience(o); got != want {
			t.Errorf("%s: %d seconds, want %d", spec, got, want)
		}
	}
}
