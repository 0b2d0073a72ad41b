package watch

import (
	"encoding/json"
	"math"
	"time"
)

// MarshalJSON writes times in RFC 3339, and lengths in seconds.
func (r Report) MarshalJSON() ([]byte, error) {
	databases := make([]jsonDatabase, 0, len(r.Databases))
	for _, d := range r.Databases {
		databases = append(databases, d.json())
	}
	events := make([]jsonEvent, 0, len(r.Events))
	for _, e := range r.Events {
		events = append(events, jsonEvent(e))
	}
	return json.Marshal(struct {
		Begin           time.Time      `json:"begin"`
		End             time.Time      `json:"end"`
		Seconds         float64        `json:"seconds"`
		IntervalSeconds float64        `json:"intervalSeconds"`
		Databases       []jsonDatabase `json:"databases"`
		Events          []jsonEvent    `json:"events"`
		MoreEvents      int            `json:"moreEvents"`
	}{r.Begin, r.End, seconds(r.End.Sub(r.Begin)), seconds(r.Interval), databases, events, r.MoreEvents})
}

type jsonDatabase struct {
	Database  string       `json:"database"`
	Programs  []string     `json:"programs,omitempty"`
	Worked    bool         `json:"worked"`
	Errors    int          `json:"errors"`
	Reads     jsonMeasure  `json:"reads"`
	Writes    *jsonMeasure `json:"writes,omitempty"`
	Lost      *int         `json:"lostWrites,omitempty"`
	Unchecked *bool        `json:"lastWritesUnchecked,omitempty"`
	Moves     []jsonMove   `json:"moves"`
}

type jsonMeasure struct {
	Worked             int          `json:"worked"`
	Failed             int          `json:"failed"`
	UnavailableSeconds float64      `json:"unavailableSeconds"`
	LongestGapSeconds  float64      `json:"longestGapSeconds"`
	OutageCount        int          `json:"outageCount"`
	Outages            []jsonOutage `json:"outages"`
	MeanLatencySeconds float64      `json:"meanLatencySeconds"`
	MaxLatencySeconds  float64      `json:"maxLatencySeconds"`
}

type jsonOutage struct {
	Begin   time.Time `json:"begin"`
	End     time.Time `json:"end"`
	Seconds float64   `json:"seconds"`
	Open    bool      `json:"open"`
}

type jsonMove struct {
	Time time.Time `json:"time"`
	From string    `json:"from"`
	To   string    `json:"to"`
}

type jsonEvent struct {
	Time     time.Time `json:"time"`
	Database string    `json:"database"`
	Kind     Kind      `json:"kind"`
	Text     string    `json:"text"`
}

func (d Database) json() jsonDatabase {
	j := jsonDatabase{Database: d.Name, Programs: d.Programs, Worked: d.Worked(), Errors: d.Errors, Reads: d.Reads.json(), Moves: []jsonMove{}}
	if !d.ReadOnly {
		writes := d.Writes.json()
		j.Writes, j.Lost, j.Unchecked = &writes, &d.Lost, &d.Unchecked
	}
	for _, m := range d.Moves {
		j.Moves = append(j.Moves, jsonMove(m))
	}
	return j
}

func (m Measure) json() jsonMeasure {
	all := m.Latencies.total()
	j := jsonMeasure{
		m.Worked, m.Failed, seconds(m.Unavailable), seconds(m.Longest), m.Count, []jsonOutage{}, seconds(all.Mean()), seconds(all.Max),
	}
	for _, o := range m.Outages {
		j.Outages = append(j.Outages, jsonOutage{o.Begin, o.End, seconds(o.Length()), o.Open})
	}
	return j
}

// seconds are rounded to microseconds: no clock is better over a network.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e6 }
