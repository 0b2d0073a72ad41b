package diag_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

func TestIssue_String(t *testing.T) {
	at := diag.Position{File: "f.yaml", Line: 3, Column: 5}
	for want, issue := range map[string]diag.Issue{
		"error: must be a string":                   {Message: "must be a string"},
		"f.yaml: error: is empty":                   {Pos: diag.Position{File: "f.yaml"}, Message: "is empty"},
		"f.yaml:3:5: warning: spec.a: is inert":     {Severity: diag.Warning, Pos: at, Path: "spec.a", Message: "is inert"},
		"f.yaml:3:5: note: is not checked [a-rule]": {Severity: diag.Note, Pos: at, Rule: "a-rule", Message: "is not checked"},
		"f.yaml:3:5: error: no\n  hint: yes":        {Pos: at, Message: "no", Hint: "yes"},
	} {
		if got := issue.String(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestIssues_Sorted(t *testing.T) {
	at := func(file string, line, column int, path string) diag.Issue {
		return diag.Issue{Pos: diag.Position{File: file, Line: line, Column: column}, Path: path}
	}
	given := diag.Issues{at("b", 1, 1, ""), at("a", 10, 1, ""), at("a", 9, 2, "y"), at("a", 9, 2, "x"), at("a", 9, 1, "z"), at("a", 10, 1, "")}
	want := diag.Issues{at("a", 9, 1, "z"), at("a", 9, 2, "x"), at("a", 9, 2, "y"), at("a", 10, 1, ""), at("b", 1, 1, "")}
	before := fmt.Sprint(given)
	if diff := cmp.Diff(want, given.Sorted()); diff != "" {
		t.Error(diff)
	}
	if fmt.Sprint(given) != before {
		t.Error("the issues themselves changed")
	}
}

// Issues of one place stay in the order in which they were found.
func TestIssues_Sorted_stable(t *testing.T) {
	given := diag.Issues{{Message: "2"}, {Message: "1"}, {Message: "3"}}
	if diff := cmp.Diff(given, given.Sorted()); diff != "" {
		t.Error(diff)
	}
}

func TestIssues_Err(t *testing.T) {
	warning, failure := diag.Issue{Severity: diag.Warning, Message: "w"}, diag.Issue{Message: "e"}
	for _, is := range []diag.Issues{nil, {}, {warning}, {{Severity: diag.Note}}} {
		if err := is.Err(); err != nil {
			t.Errorf("%v: got the error %v", is, err)
		}
	}
	err := diag.Issues{warning, failure}.Err()
	if err == nil || err.Error() != "warning: w\nerror: e" {
		t.Errorf("got %v", err)
	}
}

func TestFrom(t *testing.T) {
	is := diag.Issues{{Message: "a"}, {Message: "b"}}
	for _, tt := range []struct {
		err  error
		want diag.Issues
	}{
		{nil, nil},
		{is, is},
		{fmt.Errorf("around: %w", is), is},
		{errors.New("plain"), diag.Issues{{Message: "plain"}}},
	} {
		if diff := cmp.Diff(tt.want, diag.From(tt.err)); diff != "" {
			t.Errorf("%v: %s", tt.err, diff)
		}
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"masterGroup", "password", "port", "host", "hosts", "db"}
	for word, want := range map[string]string{
		"masterGruop": "masterGroup", // neighbours swapped
		"mastergroup": "masterGroup",
		"pasword":     "password",
		"passwrd":     "password",
		"prot":        "port",
		"host":        "host",
		"hostss":      "hosts",
		"bd":          "db",
		"elephant":    "",
		"x":           "",
		"":            "",
	} {
		if got := diag.Nearest(word, keys); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := diag.Nearest("host", nil); got != "" {
		t.Errorf("without candidates: got %q", got)
	}
}

func TestDidYouMean(t *testing.T) {
	if got, want := diag.DidYouMean("sentinal", []string{"sentinel"}), `did you mean "sentinel"?`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := diag.DidYouMean("elasticache", []string{"sentinel"}); got != "" {
		t.Errorf("got %q", got)
	}
}

// What a terminal or a reader of lines would act on is escaped, in every text. A
// message can list things on indented lines.
func TestIssue_printable(t *testing.T) {
	const bad = "a\x1b[31m\nerror: b\u009bc\u2028d\u202ee\u00e9 \x7f"
	const good = `a\x1b[31m\nerror: b\u009bc\u2028d\u202eeé \x7f`
	i := diag.Issue{Pos: diag.Position{File: bad}, Path: bad, Message: bad + "\n  " + bad, Hint: bad}
	if got, want := i.String(), good+": error: "+good+": "+good+"\n  "+good+"\n  hint: "+good; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
