package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped = regexp.MustCompile(`[^\w\- ]`)
)

// TestLinks wants the links between the pages to lead to a file, and to a heading in it.
func TestLinks(t *testing.T) {
	links := 0
	for _, page := range markdown(t) {
		data, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			target := filepath.Join(root, page)
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(target), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", page, m[0], err)
			}
			if m[2] == "" {
				continue
			}
			text, err := os.ReadFile(target)
			if err != nil || !anchors(text)[m[2]] {
				t.Errorf("%s: %s: there is no such heading: %v", page, m[0], err)
			}
		}
	}
	if links < 50 {
		t.Errorf("there are only %d links", links)
	}
}

// anchors are those that GitHub makes of the headings of a page.
func anchors(page []byte) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllSubmatch(page, -1) {
		text := dropped.ReplaceAllString(strings.ToLower(string(m[1])), "")
		found[strings.ReplaceAll(text, " ", "-")] = true
	}
	return found
}
