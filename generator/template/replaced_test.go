package template

import (
	"strings"
	"testing"
)

const twoSecrets = `apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: t}
parameters:
- {name: URL, required: true}
- {name: MADE, generate: expression, from: "[a-z]{8}"}
- {name: HOST, required: true}
objects:
- {apiVersion: v1, kind: Secret, metadata: {name: backend-redis}, stringData: {a: "${URL}", b: "${MADE}", c: "${HOST}"}}
- {apiVersion: v1, kind: Secret, metadata: {name: other}, stringData: {c: "x${HOST}"}}
`

func TestWithoutData(t *testing.T) {
	parsed, err := Parse("t.yaml", []byte(twoSecrets))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		template     *Template
		missed, free []string
	}{
		"as it is":          {parsed, []string{"URL", "MADE", "HOST"}, nil},
		"without one":       {parsed.WithoutData([]string{"backend-redis"}), []string{"HOST"}, []string{"URL", "MADE"}},
		"without a foreign": {parsed.WithoutData([]string{"system-redis"}), []string{"URL", "MADE", "HOST"}, nil},
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
