package spec

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestREADME names the keys of the spec that its section of the README leaves out.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## The spec\n")
	section, _, _ = strings.Cut(section, "\n## ")
	words := map[string]bool{}
	for _, code := range regexp.MustCompile("`[^`]+`").FindAllString(section, -1) {
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(code, -1) {
			words[word] = true
		}
	}
	var check func(*shape, path)
	check = func(s *shape, p path) {
		for _, f := range s.fields {
			at := p.field(f.name)
			if !words[f.name] {
				t.Errorf("the README does not mention %s", at)
			}
			check(f, at)
		}
		if s.elem != nil {
			check(s.elem, p)
		}
	}
	check(sourceShape(), "")
}
