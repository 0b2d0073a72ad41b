package spec

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// FuzzParse holds that nothing makes the parser panic, that a position is
// inside the input, and that no canary is shown wherever it stands.
func FuzzParse(f *testing.F) {
	for _, in := range []string{
		base, "", "a", "[", "&a [*a]", "a: *c4n@ry", "<<: {a: b}", "? [c4n@ry]\n: c4n@ry", "spec: \"c4n@ry", "spec:\n\tc4n@ry", "!c4n@ry a",
		"spec: {redis: {password: {c4n@ry}, sentinels: {hosts: [c4n@ry, 1, ~], password: [c4n@ry]}}}",
		"spec: {redis: &c {password: !!binary c4n@ry, port: c4n@ry}, databases: *c, release: 2.10, allow: [c4n@ry]}\n---\nc4n@ry",
		"kind: c4n@ry\napiVersion: c4n@ry\n", "spec: !!int c4n@ry", "%c4n@ry\n---\n", "- c4n@ry\n-\n  c4n@ry: |\n c4n@ry",
		"spec: {template: {file: a, parameters: {c4n@ry: 1}}, secrets: {labels: {c4n@ry: [c4n@ry], c4n@ry: a}}}",
	} {
		f.Add([]byte(in), "spec.redis.c=c4n@ry")
	}
	f.Add([]byte(base), "spec.redis.sentinels.hosts[1]={c4n@ry,c4n@ry}")
	f.Add([]byte(base), `spec.redis.password.remoteRef\.key=c4n@ry`)
	f.Fuzz(func(t *testing.T, data []byte, set string) {
		err := Parse([]Layer{{"a.yaml", data}, {"b.yaml", []byte(base)}}, []string{set}).Issues.Err()
		if err == nil {
			return
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("the canary is shown: %v", err)
		}
		var issues diag.Issues
		if !errors.As(err, &issues) {
			t.Fatalf("the error is %T", err)
		}
		lines := bytes.Split(data, []byte("\n"))
		for _, i := range issues {
			if i.Pos.File != "a.yaml" {
				continue
			}
			// NEL, LS, PS and CR end a line in YAML too.
			more := bytes.Count(data, []byte("\r")) + bytes.Count(data, []byte("\u0085")) +
				bytes.Count(data, []byte("\u2028")) + bytes.Count(data, []byte("\u2029"))
			if i.Pos.Line > len(lines)+more || i.Pos.Column > len(data)+1 {
				t.Errorf("outside of the input: %v", i)
			}
		}
	})
}
