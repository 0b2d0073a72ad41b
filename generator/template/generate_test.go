package template

import (
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func TestGenerate(t *testing.T) {
	for from, want := range map[string]string{
		"[a-z0-9]{8}":             `^[a-z0-9]{8}$`,
		"[a-f0-9]{128}":           `^[a-f0-9]{128}$`,
		"test[0-9]{1}x":           `^test[0-9]x$`,
		"0x[A-F0-9]{4}-[a-c]{2}":  `^0x[A-F0-9]{4}-[a-c]{2}$`,
		`[\w]{255}`:               `^[a-zA-Z0-9_]{255}$`,
		`[\d]{9}[\a]{9}`:          `^[0-9]{9}[a-zA-Z0-9]{9}$`,
		`[\A]{40}`:                "^[~!@#$%^&*()\\-_+={}\\[\\]\\\\|<,>.?/\"';:`]{40}$",
		"[xy]{50}":                `^[xy]{50}$`,
		"[a-Z]{50}":               `^[a-zA-Z]{50}$`,
		"[a-ca-cb]{3}[z]{2}":      `^[abc]{3}zz$`,
		"[0-1]{8} and [not this]": `^[01]{8} and \[not this\]$`,
	} {
		got, err := Generate(from, stream(2))
		if err != nil || !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s gives %q, %v", from, got, err)
		}
	}
}

func TestGenerate_mistakes(t *testing.T) {
	for from, want := range map[string]string{
		"":                           "must be an expression such as [a-zA-Z0-9]{8}",
		"constant":                   "must be an expression such as [a-zA-Z0-9]{8}",
		"[a-z]":                      "must be an expression such as [a-zA-Z0-9]{8}",
		"[z-a]{8}":                   "a range must go from a lower to a higher letter or digit",
		"[A-z]{8}":                   "a range must go from a lower to a higher letter or digit",
		`[\x]{8}`:                    `a \ must be followed by w, d, a or A`,
		`[a\]{8}`:                    `a \ must be followed by w, d, a or A`,
		"[-a]{8}":                    "a - must stand between two letters or digits",
		"[a-]{8}":                    "a - must stand between two letters or digits",
		"[a]{0}":                     "the length must be 1 to 255",
		"[a]{256}":                   "the length must be 1 to 255",
		"[a]{999999999999999999999}": "the length must be 1 to 255",
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
		value, err := Generate("[a-zA-Z0-9]{248}", random)
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

func FuzzGenerate(f *testing.F) {
	f.Add("[a-z0-9]{8}")
	f.Add(`x[\w\d\A-]{3}[a-]{2}`)
	f.Fuzz(func(t *testing.T, from string) {
		value, err := Generate(from, stream(5))
		if err == nil && strings.Contains(from, "{8}") && len(value) == 0 {
			t.Errorf("%q gives nothing", from)
		}
	})
}
