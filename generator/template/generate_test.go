package template

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestGenerate(t *testing.T) {
	for from, want := range map[string]string{
		"[a-z0-9]{8}":             `^[a-y0-8]{8}$`,
		"[a-f0-9]{128}":           `^[a-e0-8]{128}$`,
		"test[0-9]{1}x":           `^test[0-8]x$`,
		"0x[A-F0-9]{4}-[a-c]{2}":  `^0x[A-E0-8]{4}-[ab]{2}$`,
		`[\w]{255}`:               `^[a-zA-Z0-9_]{255}$`,
		`[\d]{9}[\a]{9}`:          `^[0-9]{9}[a-zA-Z0-9]{9}$`,
		`[\d\A]{40}`:              "^[0-9~!@#$%^&*()\\-_+={}\\[\\]\\\\|<,>.?/\"';:`]{40}$",
		"[a-Z]{50}":               `^[a-zA-Y]{50}$`,
		"[a-ca-c]{3}[x-z]{2}":     `^[ab]{3}[xy]{2}$`,
		"[0-2]{8} and [not this]": `^[01]{8} and \[not this\]$`,
	} {
		got, err := Generate(from, stream(2))
		if err != nil || !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s gives %q, %v", from, got, err)
		}
	}
}

func TestGenerate_mistakes(t *testing.T) {
	const (
		constant = "from must be an expression such as [a-zA-Z0-9]{8}: OpenShift would take it as the value itself"
		set      = `%s must be ranges such as a-z0-9, or \w, \d, \a or \A: OpenShift reads anything else otherwise`
		one      = "a range must have three characters or more: OpenShift leaves out the last one"
	)
	for from, want := range map[string]string{
		"":                             constant,
		"constant":                     constant,
		"[a-z]":                        constant,
		"[a-z_]{8}":                    constant,
		"[z-a]{8}":                     "the range z-a must go from a lower to a higher letter or digit",
		"[A-z]{8}":                     "the range A-z must go from a lower to a higher letter or digit",
		"[a-a]{8}":                     one,
		"[0-1]{8}":                     one,
		"[abc]{4}":                     fmt.Sprintf(set, "[abc]"),
		`[a-z\d]{4}`:                   fmt.Sprintf(set, `[a-z\d]`),
		`[\da-z]{4}`:                   fmt.Sprintf(set, `[\da-z]`),
		`[\x]{8}`:                      fmt.Sprintf(set, `[\x]`),
		`[a\]{8}`:                      fmt.Sprintf(set, `[a\]`),
		"[-a]{8}":                      fmt.Sprintf(set, "[-a]"),
		"[a-]{8}":                      fmt.Sprintf(set, "[a-]"),
		"[a-z]{0}":                     "the length must be 1 to 255",
		"[a-z]{256}":                   "the length must be 1 to 255",
		"[a-z]{999999999999999999999}": "the length must be 1 to 255",
	} {
		got, err := Generate(from, stream(3))
		if err == nil || err.Error() != want || got != "" {
			t.Errorf("%s gives %q, %v", from, got, err)
		}
	}
	if _, err := Generate("[a-z]{8}", iotest.ErrReader(iotest.ErrTimeout)); err == nil {
		t.Error("a reader that fails gives a value")
	}
}

// Every character is as likely as any other: with 62 of them, a byte modulo 62
// would favour the first 8 by a quarter.
func TestGenerate_uniform(t *testing.T) {
	const rounds = 1000
	random := stream(4)
	counts := map[rune]int{}
	for range rounds {
		value, err := Generate(`[\a]{248}`, random)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range value {
			counts[c]++
		}
	}
	const mean = rounds * 248 / 62
	for _, c := range letters + digits {
		if n := counts[c]; n < mean*92/100 || n > mean*108/100 {
			t.Errorf("%c: %d times, the mean is %d", c, n, mean)
		}
	}
}

// FuzzGenerate: what is made is what OpenShift could have made, out of the same
// characters.
func FuzzGenerate(f *testing.F) {
	for _, from := range []string{"[a-z0-9]{8}", `x[\w\d\A]{3}[a-]{2}`, "[abc]{4}", `[\da-z]{4}`, "[a-z]{2}[0-9_]{3}"} {
		f.Add(from)
	}
	f.Fuzz(func(t *testing.T, from string) {
		value, err := Generate(from, stream(5))
		if err != nil || !utf8.ValidString(from) {
			return
		}
		want, err := asOpenShift(from)
		if err != nil || !want.MatchString(value) {
			t.Errorf("%q gives %q, OpenShift %v, %v", from, value, want, err)
		}
	})
}

// asOpenShift tells what OpenShift makes of an expression, as its own source
// does: a pattern with the characters that it picks from.
func asOpenShift(from string) (*regexp.Regexp, error) {
	var (
		generators = regexp.MustCompile(`\[([a-zA-Z0-9\-\\]+)\](\{([0-9]+)\})`)
		wellFormed = regexp.MustCompile(`\[(\\w|\\d|\\a|\\A)|([a-zA-Z0-9]\-[a-zA-Z0-9])+\]`)
		part       = regexp.MustCompile(`([\\]?[a-zA-Z0-9]\-?[a-zA-Z0-9]?)`)
		all        = letters + digits + symbols
	)
	var pattern strings.Builder
	rest := 0
	for _, at := range generators.FindAllStringIndex(from, -1) {
		set, length, _ := strings.Cut(from[at[0]:at[1]], "{")
		if !wellFormed.MatchString(set) {
			return nil, fmt.Errorf("malformed: %s", set)
		}
		var chars string
		for _, p := range part.FindAllString(set, -1) {
			switch first, last := p[:1], p[len(p)-1:]; first + last {
			case `\w`:
				chars += letters + digits + "_"
			case `\d`:
				chars += digits
			case `\a`:
				chars += letters + digits
			case `\A`:
				chars += symbols
			default:
				from, to := strings.Index(all, first), strings.LastIndex(all, last)
				if from > to {
					return nil, fmt.Errorf("range: %s", p)
				}
				chars += all[from:to]
			}
		}
		fmt.Fprintf(&pattern, "%s[%s]{%s", regexp.QuoteMeta(from[rest:at[0]]), escapedSet(chars), strings.TrimLeft(length, "0"))
		rest = at[1]
	}
	return regexp.Compile(`(?s)^` + pattern.String() + regexp.QuoteMeta(from[rest:]) + `$`)
}

// escapedSet writes each character so that it stands for itself between brackets.
func escapedSet(chars string) string {
	var b strings.Builder
	for _, c := range chars {
		fmt.Fprintf(&b, `\x{%x}`, c)
	}
	return b.String()
}

// All expressions that are not understood are reported, each at its place.
func TestGenerated_mistakes(t *testing.T) {
	tmpl, err := Parse("t.yml", []byte(head+`parameters:
- {name: GIVEN, generate: expression, from: plain, value: x}
- name: SET
  generate: expression
  from: "[abc]{4}"
- {name: FINE, generate: expression, from: "[a-z]{4}"}
- {name: CONSTANT, generate: expression, from: plain}
- {name: NOTHING, generate: expression}
objects: []
`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = tmpl.Generated(stream(6))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"t.yml:7:9: error: parameters.SET: [abc] must", "t.yml:9:48: error: parameters.CONSTANT: from must", "t.yml:10:3: error: parameters.NOTHING: from must"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in\n%v", want, err)
		}
	}
	if strings.Count(err.Error(), "error:") != 3 {
		t.Errorf("got %v", err)
	}
}
