package template

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// read1 reads one parameter file.
func read1(data []byte) (map[string]secret.Value, error) {
	var p Params
	err := p.Read("p.env", data)
	return p.Values, err
}

func TestParams(t *testing.T) {
	got, err := read1([]byte("# comment\r\n\n  \t# another\nPLAIN=a b=c\nSPACES =  x  \nEMPTY=\nNONE=# comment\n" +
		"QUOTED=\" a#b \\\"q\\\" \\\\ \\n\"\nSINGLE='it\\'s \"x\"' # comment\nCOMMENT=example.com # domain\nCRLF=x\r\nBACK=a\\nb\nAPOS=it's\nPAD==\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"PLAIN": "a b=c", "SPACES": "x", "EMPTY": "", "NONE": "", "QUOTED": " a#b \"q\" \\ \n", "SINGLE": `it's "x"`,
		"COMMENT": "example.com", "CRLF": "x", "BACK": `a\nb`, "APOS": "it's", "PAD": "=",
	}
	if diff := cmp.Diff(want, texts(got)); diff != "" {
		t.Error(diff)
	}
}

func TestParams_mistakes(t *testing.T) {
	const canary = "c4n4ry"
	for data, want := range map[string]string{
		canary:                          "p.env:1:1: error: must be NAME=VALUE, with letters, digits and _ in the name",
		canary + ": x\nA=b":             "p.env:1:1: error: must be NAME=VALUE, with letters, digits and _ in the name",
		"kind: " + canary + "\nb: c\n":  "p.env:1:1: error: must be NAME=VALUE, with letters, digits and _ in the name",
		"export A=" + canary:            "p.env:1:1: error: must be NAME=VALUE, with letters, digits and _ in the name",
		"\nA=a#" + canary:               "p.env:2:1: error: A: a value with a # must be quoted, or it ends there",
		"A=it's # " + canary:            "p.env:1:1: error: A: a value with a # must be quoted, or it ends there",
		"A=\"" + canary:                 "p.env:1:1: error: A: a quoted value must end with its quote; put a backslash before a quote inside",
		"A=\"x\"" + canary + "\"":       "p.env:1:1: error: A: a quoted value must end with its quote; put a backslash before a quote inside",
		"A=" + canary + "\n\nA=x":       "p.env:3:1: error: A: is there already, on line 1",
		"A=" + canary + "\xff":          "p.env: error: must be UTF-8 text with lines NAME=VALUE",
		"=" + canary + "\nB='" + canary: "p.env:1:1: error: must be NAME=VALUE, with letters, digits and _ in the name\np.env:2:1: error: B: a quoted value must end with its quote; put a backslash before a quote inside",
	} {
		_, err := read1([]byte(data))
		if err == nil || err.Error() != want {
			t.Errorf("%q: got  %v\nwant %s", data, err, want)
		}
	}
}

// A parameter that two files have is refused, with both places.
func TestParams_files(t *testing.T) {
	var p Params
	if err := p.Read("a.env", []byte("A=a\nB=b\n")); err != nil {
		t.Fatal(err)
	}
	err := p.Read("b.env", []byte("# later\nC=c\nB=x\nA=x\n"))
	const want = "b.env:3:1: error: B: is there already, at a.env:2:1\nb.env:4:1: error: A: is there already, at a.env:1:1"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(map[string]string{"A": "a", "B": "b", "C": "c"}, texts(p.Values)); diff != "" {
		t.Error(diff)
	}
}

// A value that ParamFile writes is the value that Params.Read reads.
func FuzzParamFile(f *testing.F) {
	for _, value := range []string{"", "a", "a b", " a", "#", "a#b", `"`, `'`, `\`, `\n`, "a\nb", "a\r\n", "=", "ä", "\t", "$x"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		tmpl := &Template{Parameters: []Parameter{{Name: "A", Description: value, Generate: "expression"}}}
		data := tmpl.ParamFile(map[string]string{"A": value})
		got, err := read1(data)
		switch {
		case err != nil && strings.ToValidUTF8(value, "") == value:
			t.Errorf("%q: %v in\n%s", value, err, data)
		case err == nil && got["A"] != secret.FromText(value):
			t.Errorf("%q comes back as %q from\n%s", value, got["A"].Reveal(), data)
		}
	})
}

func TestParamFile(t *testing.T) {
	tmpl, err := Parse("t.yml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for want, generated := range map[string]map[string]string{
		"#A=a\n\n# Required.\nDOMAIN=\n\n# Required: [a-z]{8}\nPASSWORD=\n\n# Required: [a-z]{8}\n#TOKEN=\n\n#MADE=default\n": nil,
		"#A=a\n\n# Required.\nDOMAIN=\n\nPASSWORD=\"a b\"\n\n# Required: [a-z]{8}\n#TOKEN=\n\n#MADE=default\n":                {"PASSWORD": "a b"},
	} {
		if diff := cmp.Diff(want, string(tmpl.ParamFile(generated))); diff != "" {
			t.Error(diff)
		}
	}
}

// The way of a user: make the file, fill in what is required, process.
func TestParamFile_templates(t *testing.T) {
	for name, path := range testinput.SampleTemplates(t) {
		tmpl, _ := open(t, path)
		made := map[string]string{}
		for _, p := range tmpl.Parameters {
			if !p.generated() {
				continue
			}
			value, err := Generate(p.From, stream(1))
			if err != nil {
				t.Fatalf("%s: %s: %v", name, p.Name, err)
			}
			if !regexp.MustCompile(`^` + p.From + `$`).MatchString(value) {
				t.Errorf("%s: %s: %q is not %s", name, p.Name, value, p.From)
			}
			made[p.Name] = value
		}
		data := tmpl.ParamFile(made)
		for _, p := range tmpl.Parameters {
			if p.Required && p.Value == "" && p.Generate == "" {
				data = []byte(strings.Replace(string(data), "\n"+p.Name+"=\n", "\n"+p.Name+"=x\n", 1))
			}
		}
		values, err := read1(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := tmpl.Process(values); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// stream returns bytes that are the same in every run.
func stream(seed uint64) io.Reader {
	return rand.NewChaCha8(sha256.Sum256([]byte{byte(seed)}))
}
