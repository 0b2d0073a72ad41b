package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// TestProgress: one line on a terminal that is gone at the end, nothing elsewhere, and
// nothing of a run that is short.
func TestProgress(t *testing.T) {
	for name, c := range map[string]struct {
		report   report
		terminal bool
		want     string
	}{
		"terminal": {report{}, true, "1 of 3 specs\r\x1b[K2 of 3 specs\r\x1b[K"},
		"file":     {report{}, false, ""},
		"quiet":    {report{quiet: true}, true, ""},
		"short":    {report{patience: time.Hour}, true, ""},
	} {
		var out bytes.Buffer
		c.report.out = &out
		show := c.report.progress(&Env{Terminal: c.terminal, Now: time.Now()}, "specs")
		for done := 1; done <= 3; done++ {
			show(done, 3)
		}
		if got := out.String(); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestColor: the word of the severity alone is colored, also where the message has it.
func TestColor(t *testing.T) {
	issue := diag.Issue{Severity: diag.Warning, Pos: diag.Position{File: "f", Line: 1, Column: 2}, Message: "warning: warning: x"}
	for colored, want := range map[bool]string{
		true:  "f:1:2: \x1b[1;35mwarning: \x1b[0mwarning: warning: x\n",
		false: "f:1:2: warning: warning: warning: x\n",
	} {
		var out bytes.Buffer
		(&report{out: &out, colored: colored}).issue(issue)
		if out.String() != want {
			t.Errorf("colored %t: %q", colored, out.String())
		}
	}
}

// TestColored: who asks for colors, or against them.
func TestColored(t *testing.T) {
	for _, c := range []struct {
		when     string
		terminal bool
		vars     map[string]string
		want     bool
	}{
		{"auto", true, nil, true},
		{"auto", false, nil, false},
		{"auto", true, map[string]string{"NO_COLOR": "1"}, false},
		{"auto", true, map[string]string{"NO_COLOR": ""}, true},
		{"auto", true, map[string]string{"TERM": "dumb"}, false},
		{"always", false, map[string]string{"NO_COLOR": "1"}, true},
		{"never", true, nil, false},
	} {
		env := &Env{Terminal: c.terminal, LookupEnv: func(name string) (string, bool) { v, ok := c.vars[name]; return v, ok }}
		if got := env.colored(c.when); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
