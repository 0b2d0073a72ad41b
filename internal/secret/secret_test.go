package secret_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

const canary = "c4n4ry"

// Nothing that prints, at any depth of a value, prints the text.
func TestValue_neverPrinted(t *testing.T) {
	values := map[string]secret.Value{
		"***":                       secret.FromText(canary),
		"{fromEnv: NAME}":           secret.FromEnv("NAME").With(canary),
		"{fromFile: some/file.txt}": secret.FromFile("some/file.txt").With(canary),
		"{remoteRef: {key: key, property: property}}": secret.FromRemote("key", "property").With(canary),
	}
	for want, v := range values {
		if got := v.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if v.Reveal() != canary {
			t.Errorf("%s: the text is gone", want)
		}
		nested := struct {
			Password secret.Value
			Pointer  *secret.Value
			List     []secret.Value
			Map      map[string]secret.Value
		}{v, &v, []secret.Value{v}, map[string]secret.Value{"a": v}}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%20v", "%!"} {
			for _, any := range []any{v, &v, nested, &nested} {
				check(t, verb, fmt.Sprintf(verb, any))
			}
		}
		inJSON, err := json.Marshal(nested)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "json", string(inJSON))
		inYAML, err := yaml.Marshal(nested)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "yaml", string(inYAML))
		check(t, "error", fmt.Errorf("it is %w, %v", fmt.Errorf("%+v", v), nested).Error())
	}
}

func check(t *testing.T, how, printed string) {
	t.Helper()
	if strings.Contains(printed, canary) || strings.Contains(strings.ToLower(printed), fmt.Sprintf("%x", canary)) {
		t.Errorf("%s prints the text: %s", how, printed)
	}
}

func TestValue(t *testing.T) {
	for name, tt := range map[string]struct {
		v                 secret.Value
		set, known, final bool
		text              string
	}{
		"none":              {secret.Value{}, false, true, true, ""},
		"an empty text":     {secret.FromText(""), false, true, true, ""},
		"a text":            {secret.FromText("a"), true, true, true, "a"},
		"a reference":       {secret.FromEnv("A"), true, false, false, ""},
		"a known reference": {secret.FromEnv("A").With("a"), true, true, true, "a"},
		"a placeholder":     {secret.FromPlaceholder("<a>"), true, true, false, "<a>"},
		"a remote key":      {secret.FromRemote("a", "b"), true, false, false, ""},
	} {
		if got := tt.v; got.IsSet() != tt.set || got.Known() != tt.known || got.Final() != tt.final || got.Reveal() != tt.text {
			t.Errorf("%s: set %t, known %t, final %t, text %q", name, got.IsSet(), got.Known(), got.Final(), got.Reveal())
		}
	}
	if a := secret.FromEnv("A"); a != secret.FromEnv("A") || a == secret.FromFile("A") {
		t.Error("values must compare with ==")
	}
}

func TestMaskURLs(t *testing.T) {
	for value, want := range map[string]string{
		"":                                 "",
		"master":                           "master",
		"redis://host:6379/0":              "redis://host:6379/0",
		"redis://:pw@host:6379/0":          "redis://:***@host:6379/0",
		"redis://user:pw@host/0":           "redis://:***@host/0",
		"rediss://:pw@host/0":              "rediss://:***@host/0",
		"redis://:p@ss@host/0":             "redis://:***@host/0",
		"redis://:p,w@host/0":              "redis://:***@host/0",
		"redis://:a://b@host":              "redis://:***@host",
		":pw@host:26379":                   ":***@host:26379",
		"pw://x@host":                      ":***@host",
		"redis://:a@h:1,redis://:b@i:2":    "redis://:***@h:1,redis://:***@i:2",
		"redis://:a,b@h:1,redis://:@c@i:2": "redis://:***@h:1,redis://:***@i:2",
		"redis://h:1,redis://:b@i:2":       "redis://h:1,redis://:***@i:2",
		"redis://:a,redis://b@h:1":         "redis://***,redis://:***@h:1",
		"redis://:pw":                      "redis://***",
		"redis://h:pw/0":                   "redis://***",
		"h:1,i:2":                          "h:1,i:2",
	} {
		if got := secret.MaskURLs(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}

// A password between any two parts of a list of URLs is in no masked value.
func FuzzMaskURLs(f *testing.F) {
	for _, password := range []string{"a", "p@ss", "p,w", "a://b", "redis://:x@y", ",redis://x"} {
		f.Add(password)
	}
	f.Fuzz(func(t *testing.T, password string) {
		secretPart := canary + password + canary
		for _, value := range []string{"redis://:" + secretPart + "@h:1", "redis://:" + secretPart + "@h:1,redis://:" + secretPart + "@i:2"} {
			if masked := secret.MaskURLs(value); strings.Contains(masked, canary) {
				t.Errorf("%q: %q", value, masked)
			}
		}
	})
}

func TestUnreserved(t *testing.T) {
	for c := range 256 {
		want := strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", rune(c)) && c < 128
		if got := secret.Unreserved(byte(c)); got != want {
			t.Errorf("%q: got %t", rune(c), got)
		}
	}
}

// Every token is recognized and needs no encoding, and no likely password is taken
// for one.
func TestToken(t *testing.T) {
	for want, v := range map[string]secret.Value{
		"golden-token.plain":                 secret.FromText(canary),
		"golden-token.fromEnv.NAME":          secret.FromEnv("NAME"),
		"golden-token.fromFile.pass_word_.x": secret.FromFile("some/dir/pass word\xff.x"),
	} {
		got := secret.Token(v)
		if got != want || !secret.TokenForm.MatchString(got) {
			t.Errorf("got %s, want %s", got, want)
		}
		for i := range len(got) {
			if !secret.Unreserved(got[i]) {
				t.Errorf("%s: %q needs encoding", got, got[i])
			}
		}
	}
	for _, password := range []string{"", "plain.x", "plain.password", "fromEnv.REDIS_PASSWORD", "fromFile.x", "remoteRef.x", "golden-token", "my-golden-token.plain"} {
		if secret.TokenForm.MatchString(password) {
			t.Errorf("%q is taken for a token", password)
		}
	}
}
