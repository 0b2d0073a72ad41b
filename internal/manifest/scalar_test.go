package manifest

import (
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"
)

// scalars are texts that some YAML parser reads as something else when they
// stand without quotes, or that block styles damage.
var scalars = []string{
	"", " ", "a", "yes", "No", "ON", "off", "y", "N", "true", "null", "~", "Null", "1", "-1", "1.5", "1e3", "0x10", "0o17", "0777", "1_000",
	"1:20", "190:20:30.15", "2001-01-01", ".inf", "<<", "=", "- a", "a: b", "a #b", "#a", "{a", "[a", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a",
	"a\nb", "a\n", "\n", "\na", " a\nb", "a \nb", "\ta\n", "a\n\n", "a\r\nb", "\u2028", "ä", "\x00", "---", "...", "? a", ": a", "a:",
}

func FuzzScalar(f *testing.F) {
	for _, text := range scalars {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // not text
		}
		data, err := Encode(Mapping("key", Scalar(text)))
		if err != nil {
			t.Fatal(err)
		}
		var v3 map[string]any
		if err := yaml.Unmarshal(data, &v3); err != nil || v3["key"] != text {
			t.Errorf("%q is written as %q, YAML 1.2 reads %#v, %v", text, data, v3["key"], err)
		}
		var v2 map[string]any
		if err := sigsyaml.Unmarshal(data, &v2); err != nil || v2["key"] != text {
			t.Errorf("%q is written as %q, YAML 1.1 reads %#v, %v", text, data, v2["key"], err)
		}
	})
}
