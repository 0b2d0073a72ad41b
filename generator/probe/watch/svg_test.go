package watch

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// golden compares with a file, which UPDATE_GOLDEN writes.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: %s", file, diff)
	}
}

// made is a report of a minute: system fails over, backendStorage pauses its writes,
// backendQueues never answers, and messageBus is only read.
func made() Report {
	const second = 1000
	r := Report{Begin: at(0), End: at(60 * second), Interval: Interval}
	measure := func(phase int, outages ...Outage) Measure {
		m := newMeter(at(0), Interval, Blocked)
		m.Latencies = Series{Begin: at(0), Width: firstWidth}
		for ms := 0; ms < 60*second; ms += 50 {
			s := sample{at(ms), at(ms), true}
			for _, o := range outages {
				s.ok = s.ok && (s.begin.Before(o.Begin) || !s.begin.Before(o.End))
			}
			wave := (ms + 3000*phase) % 24000
			s.end = s.begin.Add(200*time.Microsecond + time.Duration(min(wave, 24000-wave))*200*time.Nanosecond)
			if ms%7000 == 0 {
				s.end = s.begin.Add(30 * time.Millisecond)
			}
			if m.add(s); s.ok {
				m.Latencies.add(s.end, s.end.Sub(s.begin))
			}
		}
		m.finish(r.End)
		return m.Measure
	}
	r.Databases = []Database{
		{
			Name: "system", Reads: measure(0, Outage{at(20 * second), at(24 * second), false}), Errors: 164, Lost: 3,
			Writes: measure(2, Outage{at(20 * second), at(24 * second), false}),
			Moves:  []Move{{at(24 * second), "10.0.0.1:6379", "10.0.0.2:6379"}, {at(58 * second), "10.0.0.2:6379", "10.0.0.2:6379"}},
		},
		{
			Name: "backendStorage", Programs: []string{"apisonator", "porta"}, Reads: measure(4), Unchecked: true, Errors: 30,
			Writes: measure(5, Outage{at(5 * second), at(6 * second), false}, Outage{at(6500), at(7 * second), false}, Outage{at(59 * second), at(61 * second), false}),
		},
		{Name: "backendQueues", Reads: measure(0, Outage{at(0), at(70 * second), false}), Writes: measure(0, Outage{at(0), at(70 * second), false}), Errors: 1200},
		{Name: "messageBus", ReadOnly: true, Reads: measure(1), Moves: []Move{{at(40 * second), "<b>&:1", "<script>alert(1)</script>:1"}}},
	}
	r.Events = []Event{{at(24 * second), "system", Moved, "master moved from 10.0.0.1:6379 to 10.0.0.2:6379"}}
	return r
}

func TestSVG(t *testing.T) {
	svg := made().SVG()
	golden(t, "made.svg", svg)
	wellFormed(t, svg)
	for _, empty := range []Report{{}, {Databases: []Database{{Name: "system"}}}} {
		wellFormed(t, empty.SVG())
	}
}

// wellFormed fails unless a picture is XML, holds no script and leads to nowhere.
func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if element.Name.Local == "script" {
			t.Error("a script")
		}
		for _, a := range element.Attr {
			if a.Name.Local == "href" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
				t.Errorf("%s has %s=%q", element.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

// A watch of any length has a picture of a few kilobytes, with times that can be read.
func TestSVG_long(t *testing.T) {
	for _, length := range []time.Duration{time.Millisecond, time.Second, time.Minute, time.Hour, 25 * time.Hour, 90 * 24 * time.Hour} {
		r := Report{Begin: at(0), End: at(0).Add(length), Databases: []Database{{Name: "system"}}}
		m := newMeter(r.Begin, Interval, Blocked)
		m.Latencies = Series{Begin: r.Begin, Width: firstWidth}
		for i := range 2000 {
			now := r.Begin.Add(length / 2000 * time.Duration(i))
			m.add(sample{now, now, i%3 > 0})
			m.Latencies.add(now, time.Duration(i)*time.Millisecond)
		}
		r.Databases[0].Reads, r.Databases[0].Writes = m.Measure, m.Measure
		svg := r.SVG()
		wellFormed(t, svg)
		times := bytes.Count(svg, []byte(`text-anchor="middle"`))
		if len(svg) > 300_000 || times > maxTimes+1 {
			t.Errorf("%v: %d bytes, %d times", length, len(svg), times)
		}
	}
}

func TestJSON(t *testing.T) {
	data, err := json.MarshalIndent(made(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "made.json", append(data, '\n'))
}

func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		maxGap time.Duration
		want   []string
	}{
		{0, []string{"backendQueues was unavailable for the whole 60.000 s"}},
		{10 * time.Second, []string{
			"system lost 3 of 1120 acknowledged writes",
			"backendStorage may have lost acknowledged writes: the last ones could not be read back",
			"backendQueues was unavailable for the whole 60.000 s",
		}},
		{2 * time.Second, []string{
			"system was unavailable for 4.001 s at a time, more than 2s",
			"system lost 3 of 1120 acknowledged writes",
			"backendStorage may have lost acknowledged writes: the last ones could not be read back",
			"backendQueues was unavailable for the whole 60.000 s",
		}},
	} {
		if diff := cmp.Diff(tt.want, made().Problems(tt.maxGap)); diff != "" {
			t.Errorf("%v: %s", tt.maxGap, diff)
		}
	}
	writes := made()
	writes.Databases = writes.Databases[:1]
	writes.Databases[0].Writes = Measure{Failed: 1}
	if got := fmt.Sprint(writes.Problems(0)); got != "[system was unavailable for writes for the whole 60.000 s]" {
		t.Error(got)
	}
}
