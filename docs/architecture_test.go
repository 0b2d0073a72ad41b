// Package docs_test checks that the pages of this directory are true.
package docs_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const page = "architecture.md"

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	Module     struct{ Path string }
	Imports    []string
}

// name returns the path of a package below the module; ok is false for a package
// of another module.
func (p goPackage) name(importPath string) (name string, ok bool) {
	return strings.CutPrefix(importPath, p.Module.Path+"/")
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	// go test prints an old result until something changes that the test itself has
	// opened: this opens every folder that go list reads.
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != ".." {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Module,Imports", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		switch err := d.Decode(&p); {
		case err == io.EOF:
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var columns = regexp.MustCompile(`\s{2,}`)

// layers returns the line of each package in the picture, counted from the top.
func layers(t *testing.T) map[string]int {
	t.Helper()
	_, picture, _ := strings.Cut(read(t, page), "```text\n")
	picture, _, ok := strings.Cut(picture, "```\n")
	if !ok {
		t.Fatalf("%s has no picture", page)
	}
	layer := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(picture), "\n") {
		for _, name := range columns.Split(line, -1)[1:] {
			if _, ok := layer[name]; ok {
				t.Errorf("%s appears twice in the picture", name)
			}
			layer[name] = i
		}
	}
	return layer
}

func TestPicture(t *testing.T) {
	layer := layers(t)
	missing := map[string]bool{}
	for name := range layer {
		missing[name] = true
	}
	for _, p := range packages(t) {
		name, _ := p.name(p.ImportPath)
		own, ok := layer[name]
		if !ok {
			t.Errorf("the picture lacks package %s", name)
			continue
		}
		delete(missing, name)
		for _, imported := range p.Imports {
			if below, ok := p.name(imported); ok && layer[below] <= own {
				t.Errorf("%s imports %s, which is not below it in the picture", name, below)
			}
		}
	}
	for name := range missing {
		t.Errorf("the picture has %s, which is not a package", name)
	}
}

// step matches a row of the ways of values: a number, a file and what is in it.
var step = regexp.MustCompile("(?m)^\\| (\\d+) \\| \\[(.+?)\\]\\((.+?)\\) \\| `(.+?)` \\|")

func TestSteps(t *testing.T) {
	text := read(t, page)
	rows := step.FindAllStringSubmatch(text, -1)
	if numbered := regexp.MustCompile(`(?m)^\| \d+ \|`).FindAllString(text, -1); len(numbered) != len(rows) || len(rows) == 0 {
		t.Fatalf("%d of %d numbered rows name a file and a function", len(rows), len(numbered))
	}
	for _, row := range rows {
		file, link, what := row[2], row[3], row[4]
		if link != "../"+file {
			t.Errorf("step %s shows %s and links to %s", row[1], file, link)
		}
		if path.Ext(file) != ".go" {
			if !strings.Contains(read(t, link), what) {
				t.Errorf("%s has no %s", file, what)
			}
		} else if !slices.Contains(functions(t, link), what) {
			t.Errorf("%s has no function %s", file, what)
		}
	}
}

// functions returns the functions of a Go file, methods as Type.Method.
func functions(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			name = receiver(f.Recv.List[0].Type) + "." + name
		}
		names = append(names, name)
	}
	return names
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	default:
		return ""
	}
}
