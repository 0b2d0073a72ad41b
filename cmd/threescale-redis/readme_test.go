package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/probe"
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

// TestREADME_picture wants the picture of the README to be what graph prints.
// UPDATE_GOLDEN=1 puts it there.
func TestREADME_picture(t *testing.T) {
	var out, errs bytes.Buffer
	env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, LookupEnv: func(string) (string, bool) { return "", false }}
	if code := run(env, []string{"graph", "-f", "../../examples/environments/prod/threescale-redis.yaml"}); code != 0 {
		t.Fatalf("graph exits with %d:\n%s", code, errs.String())
	}
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```mermaid\n.*?```")
	want := "```mermaid\n" + out.String() + "```"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		updated := block.ReplaceAllLiteral(data, []byte(want))
		if err := os.WriteFile("../../README.md", updated, 0o644); err != nil {
			t.Fatal(err)
		}
		data = updated
	}
	if diff := cmp.Diff([]string{want}, block.FindAllString(string(data), -1)); diff != "" {
		t.Errorf("(-want +README):\n%s", diff)
	}
}

// TestDocuments wants each command of this program in the pages to be one that it takes.
// The test of docs runs those that stand in blocks.
func TestDocuments(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../examples/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(append(pages, more...), "../../README.md", "../../CONTRIBUTING.md", "../../SECURITY.md", "../../examples/README.md")
	code := regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	command := regexp.MustCompile(`(?m)(?:^|[|] *|[;] *|\$ |` + "`" + `)(?:[A-Z_]+=\S+ )*threescale-redis ([a-z]+(?:\\\n|[^|>;#` + "`" + `\n&])*)`)
	found := 0
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range code.FindAllString(string(data), -1) {
			for _, m := range command.FindAllStringSubmatch(text, -1) {
				args := strings.Fields(strings.ReplaceAll(m[1], "\\\n", " "))
				if names(grammar(t).Model.Node, args) {
					continue
				}
				found++
				if _, err := grammar(t).Parse(args); err != nil {
					t.Errorf("%s: threescale-redis %s: %v", page, strings.Join(args, " "), err)
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("the pages have only %d commands", found)
	}
}

// names reports whether words are the name of a command, and nothing to run.
func names(n *kong.Node, words []string) bool {
	if len(words) == 0 {
		return true
	}
	for _, child := range n.Children {
		if child.Name == words[0] {
			return names(child, words[1:])
		}
	}
	return false
}

// TestProbeDocument wants docs/probe.md to say what each check is.
func TestProbeDocument(t *testing.T) {
	data, err := os.ReadFile("../../docs/probe.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range probe.Checks {
		if row := "\n| `" + c.Name + "` | " + c.About + " |\n"; !strings.Contains(string(data), row) {
			t.Errorf("docs/probe.md lacks the row %s", row)
		}
	}
}
