package graph

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// hostile are texts that break out of a label, an element or a line somewhere.
var hostile = []string{
	`"`, "`x`", "\"`md`\"", "<script>alert(1)</script>", `<img src=x onerror=alert(1)>`, "]]>", "&lt;", "#quot;", "#35;", ";", "end", "**b**", "1. x", "- x",
	"]) --> y", "x:::wrong", "style x:#f00;", "classDef y:#0;", "direction TB", "subgraph direction LR", `%%{init: {"securityLevel": "loose"}}%%`, "%% x",
	"a\nb", "a\r\nb", "\x00", "\x1b[31m", "\u202eabc", "\xff\xfe", "日本語", "a|b", `click pods0 "x"`, "javascript:alert(1)", "}", "--", "{{x}}", "\\", "'",
}

// graphOf returns a Graph with a text in the place of each name.
func graphOf(text string) *Graph {
	to := Target{}
	return &Graph{
		Title: text, Subtitle: text,
		Pods: []Pods{{Program: text, Workloads: []Workload{{text, text, text}}, Reads: []Read{{Source: 0, Lacks: []string{text}}, {Source: 0}}}},
		Sources: []Source{{
			Database: redis.System, Secret: text, Keys: []string{text}, Details: []string{text}, Problems: []string{text},
			Ends: []End{{Programs: []string{text}, To: &to}, {Programs: []string{text}, Why: text}},
		}},
		Servers: []Server{{Address: text, Sentinels: []string{text}, Databases: []Database{{Uses: []Use{
			{Database: redis.System, Namespace: text, Collides: true}, {Database: redis.MessageBus, Namespace: text, Collides: true},
		}}}}},
	}
}

// shape are the lines of a chart with x in place of what is between quotes, and of what
// the two lines for accessibility say.
func shape(chart string) string {
	chart = regexp.MustCompile(`(acc\w+: ).*`).ReplaceAllString(chart, "${1}x")
	return regexp.MustCompile(`"[^"\n]*"`).ReplaceAllString(chart, `"x"`)
}

var entity = regexp.MustCompile(`#([0-9]+);`)

// readLabel is what a browser shows of a label.
func readLabel(text string) string {
	return html.UnescapeString(entity.ReplaceAllString(text, "&#$1;"))
}

func FuzzMermaid(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown := label(text)
		if got := readLabel(shown); got != diag.Printable(text) {
			t.Errorf("%q is shown as %q", text, got)
		}
		rest := entity.ReplaceAllString(shown, " ")
		if bad := regexp.MustCompile(`[^A-Za-z0-9 .\-_:/,()]|style|classDef|direction`).FindString(rest); bad != "" {
			t.Errorf("%q has %q as it stands", text, bad)
		}
		chart := string(graphOf(text).Mermaid())
		// Long texts have more lines, in the same quotes.
		if got, want := shape(chart), shape(string(graphOf("x").Mermaid())); got != want {
			t.Errorf("%q changes the chart:\n%s\nwant:\n%s", text, got, want)
		}
	})
}

// texts returns what the elements with text of an SVG say, and fails where it is not XML.
func texts(t *testing.T, svg []byte) (elements map[string]int, said []string) {
	t.Helper()
	elements = map[string]int{}
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	for inside := ""; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, said
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local
			elements[inside]++
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") {
					t.Errorf("%s has the attribute %s", inside, a.Name.Local)
				}
			}
		case xml.EndElement:
			inside = ""
		case xml.CharData:
			if inside == "text" || inside == "title" || inside == "desc" {
				said = append(said, string(token))
			}
		}
	}
}

func FuzzSVG(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		elements, said := texts(t, graphOf(text).SVG())
		for _, name := range slices.Sorted(maps.Keys(elements)) {
			if !slices.Contains([]string{"svg", "title", "desc", "style", "rect", "text", "path", "g"}, name) {
				t.Errorf("%q makes the element %s", text, name)
			}
		}
		if want := diag.Printable(text) + ": " + diag.Printable(text); said[0] != want {
			t.Errorf("the title is %q, want %q", said[0], want)
		}
	})
}

// A picture needs nothing from elsewhere.
func TestSVG_selfContained(t *testing.T) {
	for name, picture := range pictures() {
		svg := string(picture(t).SVG())
		for _, bad := range []string{"<script", "<image", "<foreignObject", "href", "@import", "@font-face", "url(", "<!"} {
			if strings.Contains(svg, bad) {
				t.Errorf("%s has %s", name, bad)
			}
		}
		if n := strings.Count(svg, "http"); n != 1 { // the namespace
			t.Errorf("%s names %d addresses", name, n)
		}
		for _, want := range []string{`role="img" aria-labelledby="tsr-title tsr-desc"`, `<title id="tsr-title">`, `<desc id="tsr-desc">`, "prefers-color-scheme:dark", `viewBox="0 0 1200 `} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s has no %s", name, want)
			}
		}
	}
}

// Cards are beside and below each other; lines begin and end at the sides of cards,
// each at a place of its own; texts are inside of their cards.
func TestLay(t *testing.T) {
	all := pictures()
	all["long"] = func(testing.TB) *Graph { return graphOf(strings.Repeat("a-long-name.", 40)) }
	for name, picture := range all {
		l := lay(picture(t), 100)
		for _, column := range [][]*card{l.pods, l.sources, l.boxes} {
			below := 100
			for _, c := range column {
				if c.y < below || c.y+c.height() > 100+l.height {
					t.Errorf("%s: a card is at %d to %d, after %d of %d", name, c.y, c.y+c.height(), below, l.height)
				}
				below = c.y + c.height() + cardGap
				c.inside(t, name)
			}
		}
		ends := map[string]bool{}
		for _, line := range l.lines() {
			for _, at := range []string{fmt.Sprint("from ", line.x1, " ", line.y1), fmt.Sprint("to ", line.x2, " ", line.y2)} {
				if ends[at] && !strings.HasPrefix(at, fmt.Sprint("to ", redisX)) {
					t.Errorf("%s: two lines are %s", name, at)
				}
				ends[at] = true
			}
			if line.x2-line.x1 < 40 {
				t.Errorf("%s: no room for the line %v", name, line)
			}
		}
	}
}

func (c *card) inside(t *testing.T, name string) {
	t.Helper()
	bottom := c.y + padding
	for _, r := range c.rows {
		if r.top != bottom {
			t.Errorf("%s: the row %q is at %d, want %d", name, r.lines, r.top, bottom)
		}
		bottom += r.height()
		for _, text := range r.lines {
			if n := len([]rune(text)); float64(n)*cellWidth > float64(c.w-2*padding) {
				t.Errorf("%s: %q does not fit", name, text)
			}
		}
	}
	if bottom != c.y+c.height()-padding {
		t.Errorf("%s: the rows end at %d of %d", name, bottom, c.y+c.height())
	}
}

// What was shortened is there as a whole, for those who point at it.
func TestSVG_shortened(t *testing.T) {
	host := strings.Repeat("a-long-name.", 40) + "example.com:6379"
	g := graphOf("x")
	g.Servers[0].Address = host
	_, said := texts(t, g.SVG())
	if !slices.Contains(said, host) || !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "…") && strings.HasSuffix(s, "example.com:6379") }) {
		t.Errorf("got %q", said)
	}
}

func FuzzWrap(f *testing.F) {
	for _, text := range append(hostile, strings.Repeat("a", 200), "sentinel-0.redis.example.com:26379", strings.Repeat("日本", 40), "a  b   c", "    ") {
		f.Add(text, 10, 3)
	}
	f.Fuzz(func(t *testing.T, text string, width, most int) {
		if width < 4 || width > 200 || most < 1 || most > 10 {
			return // no card is so
		}
		text = diag.Printable(text)
		lines := wrap(text, width)
		if got := strings.Join(lines, ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("wrap makes %q of %q", lines, text)
		}
		shortened := short(text, width, most)
		if len(shortened) > most {
			t.Errorf("short makes %d lines", len(shortened))
		}
		for _, line := range append(lines, shortened...) {
			if n := fitting([]rune(line), width); n < len([]rune(line)) {
				t.Errorf("%q is wider than %d", line, width)
			}
		}
	})
}

func TestShort(t *testing.T) {
	const host = "sentinel-0.redis.some-namespace.svc.cluster.local:26379"
	for _, test := range []struct {
		text         string
		width, lines int
		want         []string
	}{
		{"redis:6379", 20, 3, []string{"redis:6379"}},
		{host, 30, 3, []string{"sentinel-0.redis.some-", "namespace.svc.cluster.local:", "26379"}},
		{host, 30, 2, []string{"sentinel-0.redis.some-", "…pace.svc.cluster.local:26379"}},
		{"one two three", 8, 3, []string{"one two", "three"}},
		{"aaaaaaaaaa", 4, 3, []string{"aaaa", "aaaa", "aa"}},
		{"日本語日本語", 8, 2, []string{"日本語日", "本語"}},
	} {
		if got := short(test.text, test.width, test.lines); !slices.Equal(got, test.want) {
			t.Errorf("short(%q, %d, %d) is %q, want %q", test.text, test.width, test.lines, got, test.want)
		}
	}
}
