package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// TestREADME names the commands, formats and profiles that the README leaves out, and
// wants it to say which releases are supported.
func TestREADME(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	code := strings.Join(regexp.MustCompile("(?s)```.*?```|`[^`\n]+`").FindAllString(readme, -1), "\n")
	has := func(text, word string) bool {
		return regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(word) + `($|[^\w-])`).MatchString(text)
	}
	for _, command := range grammar(t).Model.Children {
		if !command.Hidden && !has(code, command.Name) {
			t.Errorf("the README does not mention the command %s", command.Name)
		}
	}
	for _, f := range format.All() {
		if !has(code, f.Name) {
			t.Errorf("the README does not mention the format %s", f.Name)
		}
	}
	for _, name := range profiles.Names() {
		if !has(code, name) {
			t.Errorf("the README does not mention the profile %s", name)
		}
	}
	lines := releases.Lines()
	if !strings.Contains(readme, "3scale "+lines[0]+" to "+lines[len(lines)-1]) {
		t.Errorf("the README does not say that 3scale %s to %s is supported", lines[0], lines[len(lines)-1])
	}
}
