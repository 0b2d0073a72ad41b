package watch

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"time"
)

// SVGMark begins each picture.
const SVGMark = "<!-- made by threescale-redis probe -->\n"

// The measures of the picture, in pixels.
const (
	pictureWidth = 1200
	plotLeft     = 80
	plotRight    = 1180
	headHeight   = 70
	panelHeight  = 236
	plotTop      = 48
	plotHeight   = 112
	stripHeight  = 14
	stripGap     = 5
	letterWidth  = 7 // of the small text
)

const style = `<style>
  svg { --paper: #ffffff; --ink: #1f2328; --soft: #57606a; --grid: #d0d7de; --read: #0969da; --write: #953800; --up: #b4dfc0; --down: #cf222e; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --soft: #9da7b3; --grid: #30363d; --read: #58a6ff; --write: #f0a35e; --up: #1f5130; --down: #ff7b72; }
  }
  text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: var(--soft); }
  .title { font-size: 18px; font-weight: 600; fill: var(--ink); }
  .name { font-size: 15px; font-weight: 600; fill: var(--ink); }
  .sum, .gap { fill: var(--ink); }
  .grid { stroke: var(--grid); }
  .read, .write { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
  .read { stroke: var(--read); } .write { stroke: var(--write); }
  .peak { opacity: 0.55; stroke-width: 1; }
  .up { fill: var(--up); } .down { fill: var(--down); }
  .move { stroke: var(--ink); stroke-dasharray: 4 3; }
</style>
`

// SVG draws the latencies and the outages of each database over time. The picture is
// complete in itself, has no script, and follows the colors of its reader.
func (r Report) SVG() []byte {
	height := headHeight + panelHeight*len(r.Databases)
	p := picture{Report: r}
	p.add(SVGMark+`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %d" role="img" aria-label="Latency and outages of Redis databases">`+"\n", pictureWidth, height, height)
	p.add("%s", style)
	p.add(`<rect width="100%%" height="100%%" style="fill: var(--paper)"/>` + "\n")
	p.text("title", plotLeft, 30, "start", "Redis databases of 3scale: latency and outages")
	p.text("", plotLeft, 52, "start", fmt.Sprintf("%s to %s, %d reads and writes a second", r.Begin.Format("2006-01-02 15:04:05"), r.End.Format("15:04:05 MST"), time.Second/max(r.Interval, time.Nanosecond)))
	p.legend()
	for i, d := range r.Databases {
		p.panel(headHeight+panelHeight*i, d)
	}
	p.add("</svg>\n")
	return p.Bytes()
}

// picture is an SVG that is being written.
type picture struct {
	bytes.Buffer
	Report
}

func (p *picture) add(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *picture) text(class string, x, y float64, anchor, text string) {
	p.add(`<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">`, class, x, y, anchor)
	_ = xml.EscapeText(p, []byte(text)) // a buffer has no errors
	p.add("</text>\n")
}

func (p *picture) rect(class string, x, y, width, height float64) {
	p.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`+"\n", class, x, y, width, height)
}

func (p *picture) line(class string, x1, y1, x2, y2 float64) {
	p.add(`<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", class, x1, y1, x2, y2)
}

// legend says what is what, at the right of the head.
func (p *picture) legend() {
	x := 690.0
	for _, entry := range []struct{ class, text string }{
		{"read", "read, mean"}, {"read peak", "longest"}, {"write", "write, mean"}, {"write peak", "longest"}, {"down", "unavailable"},
	} {
		if entry.class == "down" {
			p.rect("down", x, 41, 20, 12)
		} else {
			p.line(entry.class, x, 48, x+20, 48)
		}
		p.text("", x+26, 52, "start", entry.text)
		x += 26 + float64(letterWidth*len(entry.text)) + 6
	}
}

// panel draws one database.
func (p *picture) panel(top int, d Database) {
	y := float64(top)
	p.text("name", plotLeft, y+20, "start", d.Name)
	p.text("sum", plotRight, y+20, "end", d.summary())
	scale := newScale(d)
	p.scale(y+plotTop, scale)
	p.times(y)
	p.series(y+plotTop, scale, "read", d.Reads.Latencies)
	strip := y + plotTop + plotHeight + 2*stripGap
	p.strip(strip, "reads", d.Reads)
	if !d.ReadOnly {
		p.series(y+plotTop, scale, "write", d.Writes.Latencies)
		p.strip(strip+stripHeight+stripGap, "writes", d.Writes)
	}
	p.moves(y, d.Moves)
}

// summary is the line of numbers beside the name.
func (d Database) summary() string {
	parts := []string{"no reads for " + Duration(d.Reads.Unavailable)}
	if !d.ReadOnly {
		parts = append(parts, "no writes for "+Duration(d.Writes.Unavailable))
	}
	parts = append(parts, "longest gap "+Duration(d.Longest()), errorCount(d.Errors))
	if !d.ReadOnly {
		parts = append(parts, fmt.Sprintf("%s of %d acknowledged writes lost", d.LostText(), d.Writes.Worked))
	}
	return strings.Join(parts, "  ·  ")
}

// x is where a time is.
func (p *picture) x(t time.Time) float64 {
	part := float64(t.Sub(p.Begin)) / float64(max(p.End.Sub(p.Begin), 1))
	return plotLeft + min(max(part, 0), 1)*(plotRight-plotLeft)
}

// scale is a logarithmic scale of latencies, from 10 to the power of low, in
// milliseconds, to 10 to the power of high.
type scale struct{ low, high int }

// newScale has room for all latencies of a database, and 2 decades at least.
func newScale(d Database) scale {
	longest := max(d.Reads.Latencies.total().Max, d.Writes.Latencies.total().Max)
	return scale{-1, max(1, int(math.Ceil(math.Log10(milliseconds(longest)))))}
}

func milliseconds(d time.Duration) float64 { return max(d.Seconds()*1000, 1e-6) }

// up is how far above the bottom of the plot a latency is.
func (s scale) up(d time.Duration) float64 {
	part := (math.Log10(milliseconds(d)) - float64(s.low)) / float64(s.high-s.low)
	return min(max(part, 0), 1) * plotHeight
}

func (p *picture) scale(top float64, s scale) {
	for power := s.low; power <= s.high; power++ {
		d := time.Duration(math.Pow10(power+6)) * time.Nanosecond
		y := top + plotHeight - s.up(d)
		label := fmt.Sprintf("%g ms", milliseconds(d))
		if power >= 3 {
			label = fmt.Sprintf("%g s", d.Seconds())
		}
		p.line("grid", plotLeft, y, plotRight, y)
		p.text("", plotLeft-8, y+4, "end", label)
	}
}

// steps are what times on an axis may be apart.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// maxTimes is how many times there is room for.
const maxTimes = 12

func (p *picture) times(top float64) {
	step := 24 * time.Hour
	for _, s := range steps {
		if p.End.Sub(p.Begin)/s < maxTimes {
			step = s
			break
		}
	}
	step = max(step, (p.End.Sub(p.Begin) / maxTimes).Truncate(24*time.Hour))
	_, zone := p.Begin.Zone()
	offset := time.Duration(zone) * time.Second // Truncate counts from midnight UTC
	for t := p.Begin.Add(offset).Truncate(step).Add(-offset); !t.After(p.End); t = t.Add(step) {
		if t.Before(p.Begin) {
			continue
		}
		p.line("grid", p.x(t), top+plotTop, p.x(t), top+plotTop+plotHeight)
		p.text("", p.x(t), top+panelHeight-20, "middle", t.Format("15:04:05"))
	}
}

// series draws the mean and the longest latencies. A bucket without one is a gap.
func (p *picture) series(top float64, s scale, class string, latencies Series) {
	mean := func(b Bucket) time.Duration { return b.Mean() }
	longest := func(b Bucket) time.Duration { return b.Max }
	for _, of := range []struct {
		class string
		value func(Bucket) time.Duration
	}{{class + " peak", longest}, {class, mean}} {
		var path strings.Builder
		command := "M"
		for i, b := range latencies.Buckets {
			if b.Count == 0 {
				command = "M"
				continue
			}
			at := latencies.Begin.Add(latencies.Width*time.Duration(i) + latencies.Width/2)
			x, y := p.x(at), top+plotHeight-s.up(of.value(b))
			fmt.Fprintf(&path, "%s%.1f %.1f", command, x, y)
			if command == "M" {
				fmt.Fprintf(&path, "L%.1f %.1f", x, y) // alone it is a dot
			}
			command = "L"
		}
		p.add(`<path class="%s" d="%s"/>`+"\n", of.class, path.String())
	}
}

// strip shows when operations worked, and how long each outage was where there is room.
func (p *picture) strip(top float64, name string, m Measure) {
	p.text("", plotLeft-8, top+stripHeight-3, "end", name)
	p.rect("up", plotLeft, top, plotRight-plotLeft, stripHeight)
	free := float64(plotLeft)
	for i, o := range m.Outages {
		x := p.x(o.Begin)
		end := max(p.x(o.End), x+2)
		p.rect("down", x, top, end-x, stripHeight)
		label := Duration(o.Length())
		width := float64(letterWidth * len(label))
		next := float64(plotRight)
		if i+1 < len(m.Outages) {
			next = p.x(m.Outages[i+1].Begin)
		}
		switch {
		case end+5+width < next:
			p.text("gap", end+5, top+stripHeight-3, "start", label)
			free = end + 5 + width
		case x-5-width > free:
			p.text("gap", x-5, top+stripHeight-3, "end", label)
			free = end
		default:
			free = end
		}
	}
}

// moves draws a line where another server answers.
func (p *picture) moves(top float64, moves []Move) {
	free := float64(plotLeft)
	for _, m := range moves {
		x := p.x(m.Time)
		p.line("move", x, top+plotTop-6, x, top+plotTop+plotHeight+2*stripGap+2*stripHeight+stripGap)
		label := "master " + m.To
		if m.From == m.To {
			label = "another server at " + m.To
		}
		width := float64(letterWidth * len(label))
		switch {
		case x < free:
		case x+width < plotRight:
			p.text("", x, top+plotTop-10, "start", label)
			free = x + width + letterWidth
		default:
			p.text("", x, top+plotTop-10, "end", label)
			free = plotRight
		}
	}
}
