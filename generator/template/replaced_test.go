package template

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

const twoSecrets = `apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: t}
parameters:
- {name: URL, required: true}
- {name: MADE, generate: expression, from: "[a-z]{8}"}
- {name: HOST, required: true}
- {name: UNUSED}
objects:
- {apiVersion: v1, kind: Secret, metadata: {name: backend-redis}, stringData: {a: "${URL}", b: "${MADE}", c: "${HOST}"}}
- {apiVersion: v1, kind: Secret, metadata: {name: other}, stringData: {c: "x${HOST}"}}
`

func TestReplacing(t *testing.T) {
	parsed, err := Parse("t.yaml", []byte(twoSecrets))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		template     *Template
		missed, free []string
	}{
		"as it is":          {parsed, []string{"URL", "MADE", "HOST"}, nil},
		"without one":       {parsed.Replacing(Replaced{"backend-redis": nil}), []string{"HOST"}, []string{"URL", "MADE"}},
		"without a foreign": {parsed.Replacing(Replaced{"system-redis": nil}), []string{"URL", "MADE", "HOST"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.template.Process(nil)
			if err == nil {
				t.Fatal("no parameter is missed")
			}
			for _, p := range c.missed {
				if !strings.Contains(err.Error(), p) {
					t.Errorf("%s is not missed: %v", p, err)
				}
			}
			for _, p := range c.free {
				if strings.Contains(err.Error(), p) {
					t.Errorf("%s is missed, though nothing refers to it: %v", p, err)
				}
			}
		})
	}
}

// A value that only a replaced Secret would have is refused, and the file to fill
// in does not ask for it.
func TestReplacing_withoutEffect(t *testing.T) {
	parsed, err := Parse("t.yaml", []byte(twoSecrets))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]secret.Value{"URL": secret.FromText("canary"), "MADE": {}, "HOST": secret.FromText("h"), "UNUSED": secret.FromText("x")}
	replacing := parsed.Replacing(Replaced{"backend-redis": {"a": "spec.a", "c": "spec.c"}})
	_, err = replacing.Process(values)
	const want = `t.yaml: error: parameters.MADE: has no effect: only the Secret backend-redis has it, whose values are those of the spec
t.yaml: error: parameters.URL: has no effect: only the Secret backend-redis has it, whose values are those of the spec
  hint: leave it out, and say it in the spec: spec.a`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if _, err := parsed.Process(values); err != nil {
		t.Errorf("as it is: %v", err)
	}
	made, err := replacing.Generated(stream(7))
	if err != nil || len(made) != 0 {
		t.Errorf("made %v, %v", made, err)
	}
	if got, want := string(replacing.ParamFile(made)), "# Required.\nHOST=\n\n#UNUSED=\n"; got != want {
		t.Errorf("the file is\n%s", got)
	}
}
