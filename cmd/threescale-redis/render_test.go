package main

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Specs are rendered at the same time; nobody must notice.
func TestGenerate_order(t *testing.T) {
	const text = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: test}
spec: {release: "2.7", profile: %s}
`
	var specs []namedSpec
	var wantResults, wantIssues []string
	for i := range 60 {
		name, profile := fmt.Sprintf("%02d.yaml", i), "internal"
		if i%3 == 0 {
			profile = "unknown"
			wantIssues = append(wantIssues, name)
		} else {
			wantResults = append(wantResults, name)
		}
		layer := spec.Layer{Name: name, Data: fmt.Appendf(nil, text, profile)}
		specs = append(specs, namedSpec{name: name, layers: []spec.Layer{layer}})
	}
	var results, issues []string
	err := generate(specs, generator.Secrets{Lookup: (&Env{LookupEnv: os.LookupEnv}).lookup}, generator.Named{}, func(r format.Result) error {
		results = append(results, r.Name)
		return nil
	})
	for _, i := range diag.From(err) {
		issues = append(issues, i.Pos.File)
	}
	if diff := cmp.Diff(wantResults, results); diff != "" {
		t.Errorf("results in another order:\n%s", diff)
	}
	if diff := cmp.Diff(wantIssues, slices.Compact(issues)); diff != "" {
		t.Errorf("issues in another order:\n%s", diff)
	}
}
