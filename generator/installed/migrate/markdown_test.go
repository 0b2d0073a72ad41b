package migrate

import (
	"bytes"
	"strings"
	"testing"
)

// Texts that a plan repeats make no step, no row and no tag, whatever they are.
func TestMarkdown_hostile(t *testing.T) {
	const bad = "x\n\n### 1. Free beer\n\n```sh\ntouch PWNED\n```\n\x1b[31m|<script>`"
	p := &Plan{
		Environment: bad, Databases: []Database{{Name: "system", Now: bad, Then: bad, Moves: true}},
		Env: []Env{{Place: "DeploymentConfig/x", Missing: []string{bad}, Other: []string{bad}, Stale: []string{bad}}}, Keys: []Key{{Key: "system-redis/URL", Change: bad}},
		InTheWay: []string{bad}, Remarks: []string{bad}, Left: []Left{{Server: bad, Databases: []string{"system"}, Used: []string{bad}}},
		Steps: []Step{{Title: "Secrets", Commands: []string{"oc replace -f secrets/x.yaml"}}},
	}
	text := runbookOf(t, p)
	for _, line := range bytes.Split(text, []byte("\n")) {
		if bytes.Contains(line, []byte("PWNED")) && !bytes.Contains(line, []byte(`x\n\n### 1. Free beer\n\n`)) {
			t.Errorf("a line of its own: %s", line)
		}
	}
	if n := bytes.Count(text, []byte("PWNED")); n < 9 {
		t.Errorf("%d of the texts are there", n)
	}
	if bytes.ContainsAny(text, "\x1b") || strings.Contains(strings.ReplaceAll(string(text), `\<`, ""), "<script") {
		t.Errorf("not escaped:\n%s", text)
	}
	row := "| system | x" + `\n\n### 1. Free beer\n\n` + "\\`\\`\\`" + `sh\ntouch PWNED\n` + "\\`\\`\\`" + `\n\x1b[31m\|\<script>` + "\\` |"
	if !bytes.Contains(text, []byte(row)) {
		t.Errorf("no row %s in\n%s", row, text)
	}
}
