package manifest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// layouts are documents whose parts the layout writes itself or leaves to the
// encoder.
var layouts = []string{
	"a: {}\nb: []\nc:\nd: ~\ne: null\nf: ''\ng: \"\"\nh: 1\ni: '1'\nj: 1.5\nk: true\nl: \"true\"\nm: 2001-01-01\n",
	"a:\n- b:\n  - c\n  d: e\n- - f\n  - - g\n- {}\n- []\n-\n- h: {}\n",
	"a: |\n  b\n\n   c\nd: |-\n  e\nf: |+\n  g\n\nh: \"\\n\"\ni: |2\n   j\nk: >\n  l\n  m\nn: \"o \\np\"\nq: \"\\tr\\n\"\ns: \"t\\n\\tu\"\n",
	"- a: |\n    b\n- |-\n  c\n  d\n", "a:\n- |\n  b\n- - |\n    c\n",
	"a: &b {c: d}\ne: *b\n", "# head\na: b # line\n# foot\n", "a: !!str 1\nb: !own c\n? d\n: e\n? [f]\n: g\n", "{a: {b: [c, d]}}", "{}", "[a]", "a",
	"a: ä\nb: \"\\u2028\"\nc: it's\nd: 'it''s'\ne: 'a: b'\nf: 'a #b'\ng: a#b\nh: a:b\ni: 'a:'\nj: '- a'\nk: -a\nl: ?a\nm: '? a'\nn: '---'\no: '...'\n",
	"? |-\n  a\n: b\n", "1: a\ntrue: b\n'': c\n~: d\n\"e\\nf\": g\n'h: i': j\n",
}

func FuzzEncode(f *testing.F) {
	for _, text := range layouts {
		f.Add([]byte(text))
	}
	for _, text := range scalars {
		data, err := yaml.Marshal(map[string]any{"a": text, text: []string{text}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := ReadDocuments("in.yaml", data)
		if err != nil {
			return // not YAML
		}
		for _, doc := range docs {
			compareEncoders(t, doc)
			setStyles(doc)
			compareEncoders(t, doc)
		}
	})
}

// setStyles drops the styles that texts were read in, as code does that makes
// nodes of its own.
func setStyles(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		setStyles(child)
	}
}

// compareEncoders holds the layout against the encoder of yaml.v3.
func compareEncoders(t *testing.T, n *yaml.Node) (laidOut bool) {
	t.Helper()
	got, ok := layOut(n)
	if !ok {
		return false
	}
	want, err := encode(n)
	if err != nil {
		t.Fatalf("laid out as %q, and the encoder says: %v", got, err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the encoder writes (-), the layout (+):\n%s", diff)
	}
	return true
}

func TestEncode_asTheEncoder(t *testing.T) {
	for name, path := range testinput.Templates(t) {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Clean(path))
			if err != nil {
				t.Fatal(err)
			}
			docs, err := ReadDocuments(name, data)
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range Items(Field(docs[0], "objects")) {
				if o := (Object{object, name}); !compareEncoders(t, object) {
					t.Errorf("%s is left to the encoder", o)
				}
			}
		})
	}
}
