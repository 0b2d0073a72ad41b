package docs_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/spec"
)

// TestSpecs wants the specs in the pages, and the parts of specs, to be right.
func TestSpecs(t *testing.T) {
	specs := 0
	for _, page := range markdown(t) {
		for _, b := range blocks(t, page) {
			text := strings.Join(b.lines, "\n")
			if b.language != "yaml" || !strings.Contains("\n"+text, "\nspec:") {
				continue
			}
			specs++
			// The files that they name as layers stand on the same page.
			parser := spec.Parser{Read: func(name string) ([]byte, error) {
				for _, other := range blocks(t, page) {
					if other.language == "yaml" && strings.HasSuffix(other.lines[0], path.Base(name)) {
						return []byte(strings.Join(other.lines, "\n")), nil
					}
				}
				return nil, errors.New("is not on the page")
			}}
			doc := parser.Parse([]spec.Layer{{Name: "base", Data: []byte(selfManaged)}, {Name: "page", Data: []byte(text)}}, nil)
			if doc.Issues.Failed() {
				t.Errorf("%s: %v\n%s", page, doc.Issues, text)
			}
		}
	}
	if specs < 10 {
		t.Errorf("there are only %d specs", specs)
	}
}
