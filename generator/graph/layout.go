package graph

import (
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// The columns of an SVG: pods, keys and servers, with room for lines between them.
const (
	pageWidth = 1200
	margin    = 20
	podsX     = margin
	podsWidth = 300
	keysX     = 380
	keysWidth = 352
	redisX    = 820
	redisW    = pageWidth - margin - redisX
)

// Sizes inside of a card.
const (
	padding    = 12
	lineHeight = 17
	cardGap    = 24
	// cellWidth is that of a character of a row, in fonts that are wide, capitalWidth
	// that of one in a sentence that can have the names of env vars in it.
	cellWidth    = 7.3
	capitalWidth = 8.3
	// nameLines are the lines that a name may have.
	nameLines = 3
)

// row is one text of a card.
type row struct {
	class string
	lines []string
	// full is the text where the lines are not all of it.
	full string
	// dot is the class of the mark in front.
	dot string
	// top is the upper edge, above the space before it.
	top, space int
}

func (r row) height() int { return r.space + len(r.lines)*lineHeight }

// middle is where a line to or from the row is.
func (r row) middle() int { return r.top + r.space + len(r.lines)*lineHeight/2 }

// card is a box with rows.
type card struct {
	// class is that of the mark at the left.
	class   string
	x, y, w int
	rows    []row
	// rule is the row that has a rule above, 0 where none has.
	rule int
}

func (c *card) height() int {
	h := 2 * padding
	for _, r := range c.rows {
		h += r.height()
	}
	return h
}

// width is that of the rows, in characters of a width.
func (c *card) width(cell float64) int { return int(float64(c.w-2*padding) / cell) }

// add adds a row, and returns its index.
func (c *card) add(class, text string, space int) int {
	text = diag.Printable(text)
	r := row{class: class, space: space, lines: short(text, c.width(cellWidth), nameLines)}
	if strings.Join(r.lines, "") != text {
		r.full = text
	}
	c.rows = append(c.rows, r)
	return len(c.rows) - 1
}

// addText adds a row with a sentence, which is shown as a whole.
func (c *card) addText(class, text string, space int) int {
	return c.addLines(class, wrap(diag.Printable(text), c.width(cellWidth)), space)
}

// addWrong adds a row that says what is wrong.
func (c *card) addWrong(text string, space int) int {
	return c.addLines("bad", wrap(diag.Printable(text), c.width(capitalWidth)), space)
}

func (c *card) addLines(class string, lines []string, space int) int {
	c.rows = append(c.rows, row{class: class, space: space, lines: lines})
	return len(c.rows) - 1
}

// place puts the card there.
func (c *card) place(y int) {
	c.y = y
	top := y + padding
	for i := range c.rows {
		c.rows[i].top = top
		top += c.rows[i].height()
	}
}

// port is where the n-th of count lines touches the side of the card.
func (c *card) port(n, count int) int { return c.y + c.height()*(n+1)/(count+1) }

// layout is a Graph with its places.
type layout struct {
	g                    *Graph
	pods, sources, boxes []*card
	// ends are the rows of the Ends of each Source, uses those of the Uses of each
	// Database of each Server.
	ends [][]int
	uses [][][]int
	// collisions are the first and last rows of databases of a server whose keys mix.
	collisions [][][2]int
	height     int
}

// lay makes the cards and puts them into columns from a height on.
func lay(g *Graph, top int) *layout {
	l := &layout{g: g}
	for _, p := range g.Pods {
		l.pods = append(l.pods, podsCard(p))
	}
	for _, s := range g.Sources {
		l.source(s)
	}
	for _, s := range g.Servers {
		l.server(s)
	}
	columns := [][]*card{l.pods, l.sources, l.boxes}
	for _, column := range columns {
		l.height = max(l.height, columnHeight(column))
	}
	for _, column := range columns {
		y := top + (l.height-columnHeight(column))/2
		for _, c := range column {
			c.place(y)
			y += c.height() + cardGap
		}
	}
	return l
}

func columnHeight(column []*card) int {
	h := max(0, len(column)-1) * cardGap
	for _, c := range column {
		h += c.height()
	}
	return h
}

func podsCard(p Pods) *card {
	c := &card{x: podsX, w: podsWidth}
	c.add("head", p.Program, 0)
	for _, w := range p.Workloads {
		c.add("name", w.Name, 3)
		if w.Note != "" {
			c.add("note", w.Note, 0)
		}
	}
	for _, r := range p.Reads {
		if len(r.Lacks) > 0 {
			c.addWrong("lack "+strings.Join(r.Lacks, ", "), 6)
		}
	}
	return c
}

func (l *layout) source(s Source) {
	c := &card{x: keysX, w: keysWidth, class: "db-" + s.Database}
	c.add("head", s.Database, 0)
	if s.Secret != "" {
		c.add("note", "Secret "+s.Secret, 0)
	}
	for i, key := range s.Keys {
		c.add("name", key, space(i, 4))
	}
	for i, text := range s.Details {
		c.add("note", text, space(i, 4))
	}
	for i, text := range s.Problems {
		c.addWrong(text, space(i, 6))
	}
	var ends []int
	c.rule = len(c.rows)
	for i, e := range s.Ends {
		if e.To == nil {
			text := e.Why
			if len(e.Programs) > 0 && !strings.Contains(text, e.Programs[0]) {
				text = and(e.Programs) + ": " + text
			}
			ends = append(ends, c.addWrong(text, space(i, 12)))
		} else {
			ends = append(ends, c.addText("end", "as read by "+and(e.Programs), space(i, 12)))
		}
	}
	l.sources, l.ends = append(l.sources, c), append(l.ends, ends)
}

// space is above the first row of a group, and a little above the others.
func space(i, above int) int {
	if i == 0 {
		return above
	}
	return 1
}

func (l *layout) server(s Server) {
	c := &card{x: redisX, w: redisW}
	c.add("server", s.Address, 0)
	kind := "Redis server"
	if s.IsGroup() {
		kind = "master group"
	}
	if n := len(s.Logical()); n > 1 {
		kind += fmt.Sprintf(", shared by %d databases", n)
	}
	c.add("note", kind, 0)
	if s.IsGroup() {
		c.add("note", "found through the Sentinels", 6)
		for _, address := range s.Sentinels {
			c.add("name", address, 1)
		}
	}
	var uses [][]int
	var collisions [][2]int
	for _, d := range s.Databases {
		first := c.add("index", fmt.Sprintf("database %d", d.Index), 14)
		var rows []int
		for _, u := range d.Uses {
			i := c.add("use", u.text(), 3)
			c.rows[i].dot = "db-" + u.Database
			rows = append(rows, i)
		}
		if names := d.Colliding(); len(names) > 0 {
			last := c.addWrong("collision: the keys of "+and(names)+" mix", 3)
			collisions = append(collisions, [2]int{first, last})
		}
		uses = append(uses, rows)
	}
	l.boxes, l.uses, l.collisions = append(l.boxes, c), append(l.uses, uses), append(l.collisions, collisions)
}

// line is one from a card to another.
type line struct {
	class          string
	x1, y1, x2, y2 int
}

// lines are those of the whole picture. Each has a place of its own where it leaves and
// where it arrives.
func (l *layout) lines() []line {
	var lines []line
	into := make([]int, len(l.sources))
	for _, p := range l.g.Pods {
		for _, r := range p.Reads {
			into[r.Source]++
		}
	}
	arrived := make([]int, len(l.sources))
	for i, p := range l.g.Pods {
		for n, r := range p.Reads {
			to := l.sources[r.Source]
			class := to.class
			if len(r.Lacks) > 0 {
				class += " dashed"
			}
			lines = append(lines, line{class, podsX + podsWidth, l.pods[i].port(n, len(p.Reads)), keysX, to.port(arrived[r.Source], into[r.Source])})
			arrived[r.Source]++
		}
	}
	for i, s := range l.g.Sources {
		for n, e := range s.Ends {
			if e.To != nil {
				use := l.boxes[e.To.Server].rows[l.uses[e.To.Server][e.To.Database][e.To.Use]]
				lines = append(lines, line{l.sources[i].class, keysX + keysWidth, l.sources[i].rows[l.ends[i][n]].middle(), redisX, use.middle()})
			}
		}
	}
	return lines
}
