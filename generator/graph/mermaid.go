package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Mermaid returns the Graph as a Mermaid flowchart, which GitHub and GitLab render.
func (g *Graph) Mermaid() []byte {
	m := mermaid{g: g}
	m.b.WriteString(wide + "\n")
	m.line("flowchart LR")
	m.line("  accTitle: %s", label(g.Title+": "+g.Subtitle))
	m.line("  accDescr: %s", label(g.Describe()))
	for i, p := range g.Pods {
		m.pods(i, p)
	}
	for i, s := range g.Sources {
		m.source(i, s)
	}
	for i, s := range g.Servers {
		m.server(i, s)
	}
	for i, p := range g.Pods {
		for _, r := range p.Reads {
			m.read(i, r)
		}
	}
	for i, s := range g.Sources {
		for j, e := range s.Ends {
			m.end(i, j, e, len(s.Ends) > 1)
		}
		for j, text := range s.Problems {
			m.line(`  keys%d -.- problem%d_%d["%s"]`, i, i, j, wrapped(text))
			m.wrong = append(m.wrong, fmt.Sprintf("problem%d_%d", i, j))
		}
	}
	if len(m.wrong) > 0 {
		m.line("  classDef wrong stroke:#d1242f,stroke-width:3px")
		m.line("  class %s wrong", strings.Join(m.wrong, ","))
	}
	return []byte(m.b.String())
}

// wide lets the address of a host stand on one line.
const wide = `%%{init: {"flowchart": {"wrappingWidth": 420}}}%%`

// mermaid writes the lines of one flowchart. Identifiers are of its own making: no
// text of an input is one.
type mermaid struct {
	g *Graph
	b strings.Builder
	// wrong are the nodes where something is wrong.
	wrong []string
}

func (m *mermaid) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *mermaid) pods(i int, p Pods) {
	lines := []string{"<b>" + label(p.Program) + "</b>"}
	for _, w := range p.Workloads {
		text := w.Name
		if w.Note != "" {
			text += " (" + w.Note + ")"
		}
		lines = append(lines, label(text))
	}
	m.line(`  pods%d["%s"]`, i, strings.Join(lines, "<br>"))
}

func (m *mermaid) source(i int, s Source) {
	lines := []string{"<b>" + label(s.Database) + "</b>"}
	if s.Secret != "" {
		lines = append(lines, label("Secret "+s.Secret))
	}
	for _, text := range append(s.Keys[:len(s.Keys):len(s.Keys)], s.Details...) {
		lines = append(lines, label(text))
	}
	m.line(`  keys%d["%s"]`, i, strings.Join(lines, "<br>"))
}

func (m *mermaid) server(i int, s Server) {
	title := label(s.Address)
	if s.IsGroup() {
		title = "master group " + title
		var lines []string
		for _, address := range s.Sentinels {
			lines = append(lines, label(address))
		}
		m.line(`  sentinels%d("<b>Sentinels</b><br>%s")`, i, strings.Join(lines, "<br>"))
	}
	if n := len(s.Logical()); n > 1 {
		title += fmt.Sprintf(", shared by %d", n)
	}
	m.line(`  subgraph redis%d["%s"]`, i, title)
	for j, d := range s.Databases {
		lines := []string{fmt.Sprintf("<b>database %d</b>", d.Index)}
		for _, u := range d.Uses {
			lines = append(lines, label(u.text()))
		}
		id := fmt.Sprintf("redis%d_db%d", i, j)
		if len(d.Colliding()) > 0 {
			lines = append(lines, "<b>collision</b>")
			m.wrong = append(m.wrong, id)
		}
		m.line(`    %s[("%s")]`, id, strings.Join(lines, "<br>"))
	}
	m.line("  end")
	if s.IsGroup() {
		for j := range s.Databases {
			m.line("  sentinels%d --> redis%d_db%d", i, i, j)
		}
	}
}

// text names the use of a database.
func (u Use) text() string {
	if u.Namespace == "" {
		return u.Database
	}
	return u.Database + ", namespace " + u.Namespace
}

func (m *mermaid) read(pods int, r Read) {
	if len(r.Lacks) == 0 {
		m.line("  pods%d --> keys%d", pods, r.Source)
		return
	}
	m.line(`  pods%d -. "lack %s" .-> keys%d`, pods, wrapped(strings.Join(r.Lacks, ", ")), r.Source)
}

// end draws where programs end up. It names them where others end up elsewhere.
func (m *mermaid) end(source, n int, e End, disagree bool) {
	if e.To == nil {
		id := fmt.Sprintf("nowhere%d_%d", source, n)
		m.line(`  keys%d --x %s["%s"]`, source, id, wrapped(e.Why))
		m.wrong = append(m.wrong, id)
		return
	}
	arrow := "-->"
	if disagree {
		arrow = `-->|"` + label(and(e.Programs)) + `"|`
	}
	to := fmt.Sprintf("redis%d_db%d", e.To.Server, e.To.Database)
	if m.g.Servers[e.To.Server].IsGroup() {
		to = fmt.Sprintf("sentinels%d", e.To.Server)
	}
	m.line("  keys%d %s %s", source, arrow, to)
}

// plain are the characters besides letters and digits that a label has as they stand.
const plain = " .-_:/,()"

// statements breaks the words of Mermaid's statements.
var statements = strings.NewReplacer("style", "#115;tyle", "classDef", "#99;lassDef", "direction", "#100;irection")

// label escapes a text for a quoted string of Mermaid, which can hold HTML, Markdown,
// entities and quotes. All that could be one of these becomes an entity. Mermaid 11
// also looks for the words of some of its statements inside of quotes: it drops a ; of
// an entity behind style and classDef, and takes a line with a direction for one that
// sets it. The first letter of such a word becomes an entity too.
func label(text string) string {
	var b strings.Builder
	for _, r := range diag.Printable(text) {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(plain, r):
			b.WriteRune(r)
		default:
			b.WriteString("#" + strconv.Itoa(int(r)) + ";")
		}
	}
	return statements.Replace(b.String())
}

// labelWidth is about how many characters of a sentence stand on one line.
const labelWidth = 40

// wrapped is a label of several lines.
func wrapped(text string) string {
	var lines []string
	for _, line := range wrap(text, labelWidth) {
		lines = append(lines, label(line))
	}
	return strings.Join(lines, "<br>")
}
