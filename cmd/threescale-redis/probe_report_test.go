package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// seen are results of each status, with a server that answers for a terminal and for
// a document.
func seen() []probe.Result {
	system, both := []string{"system"}, []string{"apisonator", "porta"}
	return []probe.Result{
		{Check: "reachable", Databases: []string{"backendStorage"}, Programs: both, Server: "r:6379", Status: probe.OK},
		{Check: "reachable", Databases: system, Programs: []string{"porta"}, Server: "s:6379", Status: probe.Failed, Saw: "connection refused", Do: "open the port"},
		{Check: "role", Databases: []string{"backendStorage"}, Programs: both, Server: "r:6379", Status: probe.Skipped, Saw: "\x1b[31m]]>\n<a & b>"},
		{Check: "collision", Databases: []string{"backendStorage", "system"}, Status: probe.Warning, Saw: "one server", Do: "take two"},
	}
}

func printed(t *testing.T, format string, quiet bool) string {
	t.Helper()
	rel, err := releases.Find("2.12")
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if err := printProbe(&Env{Stdout: &out, Stderr: &errs}, &report{out: &errs, quiet: quiet}, format, rel, seen()); err != nil || errs.Len() > 0 {
		t.Fatalf("%v %s", err, errs.String())
	}
	return out.String()
}

func TestPrintProbe_text(t *testing.T) {
	want := `backendStorage
  for apisonator, porta
  ok      reachable         r:6379
  skipped role              r:6379 \x1b[31m]]>\n<a & b>

system
  for porta
  failed  reachable         s:6379 connection refused
                            open the port

backendStorage, system
  warning collision         one server
                            take two

1 ok, 1 warning, 1 failed, 1 skipped
`
	if diff := cmp.Diff(want, printed(t, "text", false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if quiet := printed(t, "text", true); strings.Contains(quiet, "ok      ") || strings.Count(quiet, "\n") != 14 {
		t.Errorf("quiet:\n%s", quiet)
	}
}

func TestPrintProbe_json(t *testing.T) {
	var got struct {
		Release string
		Results []map[string]any
		Summary map[string]int
	}
	if err := json.Unmarshal([]byte(printed(t, "json", false)), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"check": "reachable", "databases": []any{"backendStorage"}, "programs": []any{"apisonator", "porta"}, "server": "r:6379", "status": "ok"},
		{"check": "reachable", "databases": []any{"system"}, "programs": []any{"porta"}, "server": "s:6379", "status": "failed", "saw": "connection refused", "do": "open the port"},
		{"check": "role", "databases": []any{"backendStorage"}, "programs": []any{"apisonator", "porta"}, "server": "r:6379", "status": "skipped", "saw": `\x1b[31m]]>\n<a & b>`},
		{"check": "collision", "databases": []any{"backendStorage", "system"}, "status": "warning", "saw": "one server", "do": "take two"},
	}
	if diff := cmp.Diff(want, got.Results); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"ok": 1, "warning": 1, "failed": 1, "skipped": 1}, got.Summary); diff != "" || got.Release != "2.12" {
		t.Errorf("release %s, summary (-want +got):\n%s", got.Release, diff)
	}
}

// TestPrintProbe_junit reads the report as others do.
func TestPrintProbe_junit(t *testing.T) {
	text := printed(t, "junit", false)
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
	var got junitSuites
	if err := xml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 4 || got.Failures != 1 || got.Skipped != 1 || len(got.Suites) != 3 {
		t.Fatalf("%+v", got)
	}
	refused, role, collision := got.Suites[1].Cases[0], got.Suites[0].Cases[1], got.Suites[2].Cases[0]
	if refused.Name != "reachable s:6379" || refused.Failure == nil || refused.Failure.Message != "connection refused" || refused.Failure.Text != "open the port" {
		t.Errorf("%+v", refused)
	}
	if role.Skipped == nil || role.Skipped.Message != `\x1b[31m]]>\n<a & b>` {
		t.Errorf("%+v", role)
	}
	if collision.Failure != nil || collision.Output != "warning: one server\ntake two" {
		t.Errorf("%+v", collision)
	}
}
