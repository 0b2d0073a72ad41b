package manifest

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

func countNodes(n *yaml.Node) int {
	total := 1
	for _, child := range n.Content {
		total += countNodes(child)
	}
	return total
}

// TestCountValues: for real texts the estimate is close.
func TestCountValues(t *testing.T) {
	text := testinput.Export(t, "installed-2.6.0.GA.yaml")
	docs, err := ReadDocuments("in.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	nodes := countNodes(docs[0])
	if got := CountValues(text); got < nodes || got > nodes*11/10 {
		t.Errorf("%d values are counted, and there are %d", got, nodes)
	}
}

// FuzzCountValues: no text holds more than twice the values that are counted.
func FuzzCountValues(f *testing.F) {
	for _, seed := range []string{
		"a: {b: [c, 'd', {e: f}], \"g\":1}\n", "[a: , b: , c: ]", "- - - a\n- ? b\n  : c\n", "---\n---\na\n...\n--- b\n",
		"[,]", "{a, b, c}", "? ?", "{\n\"a\": [\n1,\n2\n]\n}", "a:\n-\n-\n", "[a:,b:]", "[[],[],{}]", "- ? - ? - ?", "[? a, ? b]", "['a':b,'c':d]", "[{a}:b]", "[ ?a, ?f]", "[:a,:b]", "[&a ?b, *a :c]", "[a, ::b]", "a:\u0085b:\u0085", "-\u2028-\u2029", "a:\rb:\r", "\xff\xfea\x00:\x00\n\x00", "\xfe\xff\x00-\x00 \x00-\x00 \x00a", "{a, b, c, d}", "[{a}:{b}, {c}:{d}]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dec := yaml.NewDecoder(bytes.NewReader(text))
		nodes := 0
		for {
			var doc yaml.Node
			if dec.Decode(&doc) != nil {
				break
			}
			nodes += countNodes(&doc) - 1 // the document itself
		}
		if limit := CountValues(text) * 2; nodes > limit {
			t.Errorf("%d values, and at most %d were expected", nodes, limit)
		}
	})
}

// TestReader_utf16: what PowerShell writes is read, and counts as what it says.
func TestReader_utf16(t *testing.T) {
	text := "a: [" + strings.Repeat("b, ", 40) + "\U0001F600, \u00e4]\n"
	for name, order := range map[string]binary.AppendByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		in := []byte(name)
		for _, unit := range utf16.Encode([]rune(text)) {
			in = order.AppendUint16(in, unit)
		}
		docs, err := NewReader(100).ReadDocuments("in.yaml", in)
		if err != nil || len(docs) != 1 {
			t.Fatalf("%d documents: %v", len(docs), err)
		}
		if items := Items(Field(docs[0], "a")); len(items) != 42 || items[40].Value != "\U0001F600" || items[41].Value != "\u00e4" {
			t.Errorf("%d items", len(items))
		}
		if _, err := NewReader(40).ReadDocuments("in.yaml", in); err == nil {
			t.Error("the limit does not hold")
		}
	}
}

func TestReader_values(t *testing.T) {
	r := NewReader(100)
	small := []byte("[" + strings.Repeat("a,", 50) + "]")
	if _, err := r.ReadDocuments("small.yaml", small); err != nil {
		t.Fatal(err)
	}
	_, err := r.ReadDocuments("again.yaml", small)
	if want := "again.yaml: error: must hold at most 100 values"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReader_depth(t *testing.T) {
	nested := func(levels int) []byte {
		return []byte(strings.Repeat("[", levels) + strings.Repeat("]", levels))
	}
	if _, err := ReadDocuments("in.yaml", nested(maxDepth)); err != nil {
		t.Error(err)
	}
	_, err := ReadDocuments("in.yaml", nested(maxDepth+1))
	if want := "in.yaml:1:201: error: is nested in more than 200 levels"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRepeated(t *testing.T) {
	many := strings.Repeat("x", 30)
	wide := "{"
	for i := range many {
		wide += many[:i+1] + ": 1, "
	}
	for name, tt := range map[string]struct{ text, want string }{
		"none":       {"a: {b: 1}\nc: [{b: 1}, {b: 1}]\n", ""},
		"top":        {"kind: A\na: 1\nkind: B\na: 2\n", "in.yaml:3:1: error: kind: is given twice: first at in.yaml:1:1\n  hint: put a line \"---\" between two objects, and between two exports"},
		"below":      {"kind: A\nspec:\n- env: {a: 1, b: 2, a: 3}\n", "in.yaml:3:21: error: spec.env.a: is given twice: first at in.yaml:3:9"},
		"wide":       {wide + "x: 2}", "in.yaml:1:617: error: x: is given twice: first at in.yaml:1:2"},
		"other type": {"1: a\n'1': b\n", "in.yaml:2:1: error: 1: is given twice: first at in.yaml:1:1"},
		"a value":    {"{hunter 2: a, hunter 2: b}", "in.yaml:1:15: error: ?: is given twice: first at in.yaml:1:2"},
	} {
		docs, err := ReadDocuments("in.yaml", []byte(tt.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := Repeated("in.yaml", docs[0]).Error(); got != tt.want {
			t.Errorf("%s: got %s\nwant %s", name, got, tt.want)
		}
	}
}
