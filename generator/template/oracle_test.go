package template

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// oracle processes a template a second time, without nodes: on the JSON form,
// as oc's own source does.
func oracle(t *testing.T, data []byte, values map[string]string) []any {
	t.Helper()
	var tmpl map[string]any
	parseJSON(t, data, &tmpl)
	params := map[string]string{}
	for _, p := range list(tmpl["parameters"]) {
		p := p.(map[string]any)
		params[p["name"].(string)], _ = p["value"].(string)
	}
	for name, value := range values {
		params[name] = value
	}
	var objects []any
	for _, o := range list(tmpl["objects"]) {
		o := o.(map[string]any)
		meta, _ := o["metadata"].(map[string]any)
		if ns, ok := meta["namespace"].(string); ok && !oracleExp.MatchString(ns) {
			delete(meta, "namespace")
		}
		visited := visit(o, params).(map[string]any)
		if labels, ok := tmpl["labels"].(map[string]any); ok {
			meta := visited["metadata"].(map[string]any)
			if meta["labels"] == nil {
				meta["labels"] = map[string]any{}
			}
			for k, v := range labels {
				meta["labels"].(map[string]any)[evaluate(k, params)] = evaluate(v.(string), params)
			}
		}
		objects = append(objects, visited)
	}
	return objects
}

type dropped struct{}

func visit(v any, params map[string]string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			if value := visit(value, params); value != (dropped{}) {
				out[visitKey(key, params)] = value
			}
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, visit(item, params))
		}
		return out
	case string:
		if value, known := params[whole(v)]; known {
			return nonString(value)
		}
		return evaluate(v, params)
	default:
		return v
	}
}

// visitKey is a string whatever stands in it; oc panics where it is none.
func visitKey(key string, params map[string]string) string {
	if value, known := params[whole(key)]; known {
		return value
	}
	return evaluate(key, params)
}

// whole returns the NAME of ${{NAME}}, or "".
func whole(text string) string {
	name, begins := strings.CutPrefix(text, "${{")
	name, ends := strings.CutSuffix(name, "}}")
	if !begins || !ends {
		return ""
	}
	return name
}

func nonString(text string) any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	switch {
	case !json.Valid([]byte(text)), dec.Decode(&v) != nil:
		return text
	case v == nil:
		return dropped{}
	case outOfRange(v):
		return text // json.Unmarshal refuses it where oc does not ask for json.Number
	default:
		return v
	}
}

// outOfRange reports whether a number anywhere in v is beyond a float64.
func outOfRange(v any) bool {
	switch v := v.(type) {
	case json.Number:
		_, err := v.Float64()
		return err != nil
	case []any:
		return slices.ContainsFunc(v, outOfRange)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), outOfRange)
	default:
		return false
	}
}

// sameNumbers compares numbers by their value: 10E0 in a parameter is 10 once it
// went through YAML. A whole number that an int64 holds is compared exactly, any
// other as the float64 that oc makes of it.
var sameNumbers = cmp.Comparer(func(a, b json.Number) bool {
	if x, err := a.Int64(); err == nil {
		if y, err := b.Int64(); err == nil {
			return x == y
		}
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
})

var oracleExp = regexp.MustCompile(`\$\{([a-zA-Z0-9_]+?)\}`)

func evaluate(text string, params map[string]string) string {
	out := text
	for _, m := range oracleExp.FindAllStringSubmatch(text, -1) {
		if value, known := params[m[1]]; known {
			out = strings.Replace(out, m[0], value, 1)
		}
	}
	return out
}

func list(v any) []any {
	items, _ := v.([]any)
	return items
}

// read returns the objects as kubectl and oc would read them from our output.
func read(t *testing.T, objects []manifest.Object) []any {
	t.Helper()
	var values []any
	for _, o := range objects {
		data, err := manifest.Encode(o.Node)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		parseJSON(t, data, &v)
		values = append(values, v)
	}
	return values
}

func parseJSON(t *testing.T, data []byte, into any) {
	t.Helper()
	data, err := sigsyaml.YAMLToJSON(data)
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		t.Fatal(err)
	}
}
