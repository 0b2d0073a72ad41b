package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadParameters(t *testing.T) {
	tests := map[string]struct {
		text string
		want parameters
	}{
		"none":     {"", parameters{files: defaultFiles()}},
		"null":     {"null", parameters{files: defaultFiles()}},
		"empty":    {"[]", parameters{files: defaultFiles()}},
		"files":    {`[{"name": "files", "array": ["a", "b"]}]`, parameters{files: []string{"a", "b"}}},
		"no field": {`[{"name": "set", "map": {}}]`, parameters{files: defaultFiles()}},
		// A parent before what is below it, the tenth item after the second.
		"order": {
			`[{"name": "set", "map": {"a.b[10]": "x", "a.b[2]": "y=z", "a": "null"}}]`,
			parameters{files: defaultFiles(), sets: []string{"a=null", "a.b[2]=y=z", "a.b[10]=x"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readParameters(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(parameters{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzReadParameters: no message quotes a value, and there is always a file.
func FuzzReadParameters(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "{}", `[{"name": "files", "array": ["a"]}]`, `[{"name": "set", "map": {"a": "b"}}]`,
		`[{"name": "files", "string": "a"}, {"name": "files", "array": null}]`, `[{"name": "set", "map": {"a": 1}}]`, `[null]`,
	} {
		f.Add(seed, "canary-77ab")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		p, err := readParameters(text)
		if err == nil && (len(p.files) == 0 || slices.Contains(p.files, "")) {
			t.Fatalf("no file: %q", p.files)
		}
		if len(value) < 8 {
			return
		}
		list := []map[string]any{
			{"name": "files", "string": value}, {"name": "set", "array": []string{value}}, {"name": "x " + value, "map": map[string]string{value: value}},
		}
		data, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readParameters(string(data)); err == nil || strings.Contains(err.Error(), value) && !strings.Contains(message, value) {
			t.Errorf("the error is %v", err)
		}
	})
}

// message is what the errors of such a list say, whatever the values are.
const message = `parameter files: error: must be an array of paths
parameter set: error: must be a map from path to value
parameter ?: error: there is no such parameter: files, set`
