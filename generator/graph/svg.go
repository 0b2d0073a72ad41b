package graph

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// style has a color for each logical database, for light and for dark pages.
const style = `
.tsr{--page:#fff;--card:#f6f8fa;--edge:#d0d7de;--text:#1f2328;--dim:#59636e;--bad:#cf222e;
--storage:#0969da;--queues:#1a7f37;--system:#8250df;--bus:#9a6700;--other:#59636e}
@media (prefers-color-scheme:dark){.tsr{--page:#0d1117;--card:#161b22;--edge:#3d444d;--text:#f0f6fc;--dim:#9198a1;--bad:#ff7b72;
--storage:#58a6ff;--queues:#3fb950;--system:#bc8cff;--bus:#d29922;--other:#9198a1}}
.tsr .page{fill:var(--page)}
.tsr .card{fill:var(--card);stroke:var(--edge)}
.tsr text{fill:var(--text);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
.tsr .title{font-size:20px;font-weight:600}
.tsr .column{fill:var(--dim);font-weight:600}
.tsr .head,.tsr .index{font-weight:600}
.tsr .head{font-size:14px}
.tsr .note,.tsr .subtitle{fill:var(--dim)}
.tsr .subtitle,.tsr .fact{font-size:13px}
.tsr .fact.bad{font-weight:600}
.tsr .name,.tsr .server{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.tsr .server{font-weight:600}
.tsr .bad{fill:var(--bad)}
.tsr .rule{stroke:var(--edge)}
.tsr .mix{fill:none;stroke:var(--bad);stroke-width:2}
.tsr .db-backendStorage{--c:var(--storage)}.tsr .db-backendQueues{--c:var(--queues)}
.tsr .db-system{--c:var(--system)}.tsr .db-messageBus{--c:var(--bus)}
.tsr .mark{fill:var(--c)}
.tsr .line{fill:none;stroke:var(--c);stroke-width:1.6}
.tsr .dashed{stroke-dasharray:5 4}
`

// factWidth is about how many characters of a fact stand on one line.
const factWidth = 120

// SVG returns the Graph as a picture that needs nothing else: no font, no script, no
// style sheet. It is 1200 pixels wide, or less on a narrow page.
func (g *Graph) SVG() []byte {
	var s svg
	y := s.heading(g)
	columns := y + 26
	l := lay(g, columns+14)
	s.text("column", podsX, columns, "PODS")
	s.text("column", keysX, columns, "KEYS OF THE SECRETS")
	s.text("column", redisX, columns, "REDIS")
	for _, line := range l.lines() {
		s.line(line)
	}
	for _, c := range l.pods {
		s.card(c)
	}
	for _, c := range l.sources {
		s.card(c)
	}
	for i, c := range l.boxes {
		s.card(c)
		for _, rows := range l.collisions[i] {
			s.mix(c, rows)
		}
	}
	return s.document(g, columns+14+l.height+margin)
}

// svg writes the elements of one picture.
type svg struct{ b strings.Builder }

func (s *svg) printf(format string, args ...any) { fmt.Fprintf(&s.b, format+"\n", args...) }

// document puts the elements into a document.
func (s *svg) document(g *Graph, height int) []byte {
	var doc svg
	doc.printf(`<svg xmlns="http://www.w3.org/2000/svg" class="tsr" role="img" aria-labelledby="tsr-title tsr-desc" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" style="max-width:100%%;height:auto">`,
		pageWidth, height)
	doc.printf(`<title id="tsr-title">%s</title>`, escape(g.Title+": "+g.Subtitle))
	doc.printf(`<desc id="tsr-desc">%s</desc>`, escape(g.Describe()))
	doc.printf(`<style>%s</style>`, style)
	doc.printf(`<rect class="page" width="%d" height="%d"/>`, pageWidth, height)
	doc.b.WriteString(s.b.String())
	doc.printf(`</svg>`)
	return []byte(doc.b.String())
}

// heading writes the title and the facts, and returns where the next text may stand.
func (s *svg) heading(g *Graph) int {
	y := 40
	s.named("title", margin, y, 26, g.Title, 80)
	y += 26 * (len(short(diag.Printable(g.Title), 80, nameLines)) - 1)
	y += 22
	s.text("subtitle", margin, y, g.Subtitle)
	y += 6
	for _, f := range g.Facts() {
		class := "fact"
		if f.Wrong {
			class += " bad"
		}
		for _, line := range wrap(diag.Printable(f.Text), factWidth) {
			y += 20
			s.text(class, margin, y, line)
		}
	}
	return y
}

// named writes a name that may need several lines.
func (s *svg) named(class string, x, y, height int, text string, width int) {
	for i, line := range short(diag.Printable(text), width, nameLines) {
		s.text(class, x, y+i*height, line)
	}
}

func (s *svg) text(class string, x, y int, text string) {
	s.printf(`<text class="%s" x="%d" y="%d">%s</text>`, class, x, y, escape(text))
}

// card writes a box with its rows.
func (s *svg) card(c *card) {
	s.printf(`<rect class="card" x="%d" y="%d" width="%d" height="%d" rx="8"/>`, c.x, c.y, c.w, c.height())
	if c.class != "" {
		s.printf(`<rect class="mark %s" x="%d" y="%d" width="4" height="%d" rx="2"/>`, c.class, c.x, c.y+8, c.height()-16)
	}
	for _, r := range c.rows {
		s.row(c, r)
	}
	if c.rule > 0 {
		y := c.rows[c.rule].top + 5
		s.printf(`<path class="rule" d="M%d %dh%d"/>`, c.x+padding, y, c.w-2*padding)
	}
}

func (s *svg) row(c *card, r row) {
	x := c.x + padding
	if r.full != "" {
		s.printf(`<g><title>%s</title>`, escape(r.full))
		defer s.printf(`</g>`)
	}
	if r.dot != "" {
		s.printf(`<rect class="mark %s" x="%d" y="%d" width="10" height="10" rx="2"/>`, r.dot, x, r.top+r.space+4)
		x += 16
	}
	for i, text := range r.lines {
		s.text(r.class, x, r.top+r.space+i*lineHeight+13, text)
	}
}

// mix frames the rows of a database whose keys mix.
func (s *svg) mix(c *card, rows [2]int) {
	first, last := c.rows[rows[0]], c.rows[rows[1]]
	top := first.top + first.space - 4
	s.printf(`<rect class="mix" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, c.x+5, top, c.w-10, last.top+last.height()+5-top)
}

// line writes a line with its arrow.
func (s *svg) line(l line) {
	end := l.x2 - 7
	bend := (end - l.x1) / 2
	s.printf(`<path class="line %s" d="M%d %dC%d %d %d %d %d %d"/>`, l.class, l.x1, l.y1, l.x1+bend, l.y1, end-bend, l.y2, end, l.y2)
	s.printf(`<path class="mark %s" d="M%d %dl-8 -4v8z"/>`, l.class, l.x2, l.y2)
}

// escape makes a text fit for an element or an attribute.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(diag.Printable(text))) // a strings.Builder takes all
	return b.String()
}
