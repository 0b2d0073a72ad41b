package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Fact is a sentence about a Graph.
type Fact struct {
	Text string
	// Wrong says that somebody has to do something about it.
	Wrong bool
}

// Facts are what one looks for in the picture: what is shared, what collides, and
// where programs do not end up at the same place.
func (g *Graph) Facts() []Fact {
	var facts []Fact
	for _, s := range g.Servers {
		if names := s.Logical(); len(names) > 1 {
			facts = append(facts, Fact{Text: fmt.Sprintf("%s is shared by %s", s.Address, and(names))})
		}
		for _, d := range s.Databases {
			if names := d.Colliding(); len(names) > 0 {
				facts = append(facts, Fact{fmt.Sprintf("%s collide in database %d of %s", and(names), d.Index, s.Address), true})
			}
		}
	}
	if facts = append(facts, g.wrong()...); len(facts) == 0 {
		return []Fact{{Text: "nothing is shared"}}
	}
	return facts
}

// wrong are the facts about what the pods read, one of a kind.
func (g *Graph) wrong() []Fact {
	var apart, nowhere, odd, lacking []string
	for _, s := range g.Sources {
		switch {
		case len(s.Ends) > 1:
			apart = append(apart, s.Database)
		case s.Ends[0].To == nil:
			nowhere = append(nowhere, s.Database)
		case len(s.Problems) > 0:
			odd = append(odd, s.Database)
		}
	}
	for _, p := range g.Pods {
		if slices.ContainsFunc(p.Reads, func(r Read) bool { return len(r.Lacks) > 0 }) {
			lacking = append(lacking, p.names()...)
		}
	}
	var facts []Fact
	for _, f := range []struct {
		of   []string
		text string
	}{
		{apart, "programs disagree on %s"},
		{nowhere, "nobody reaches %s"},
		{odd, "what is said of %s has faults"},
		{lacking, "env vars of the release are missing in %s"},
	} {
		if len(f.of) > 0 {
			facts = append(facts, Fact{fmt.Sprintf(f.text, and(f.of)), true})
		}
	}
	return facts
}

// Describe tells the whole Graph in sentences, for those who do not see it.
func (g *Graph) Describe() string {
	var sentences []string
	say := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	for _, p := range g.Pods {
		var read []string
		for _, r := range p.Reads {
			read = append(read, g.Sources[r.Source].Database)
		}
		say("the pods of %s (%s) reach %s", and(p.names()), p.Program, and(read))
	}
	for _, s := range g.Sources {
		for _, e := range s.Ends {
			if e.To == nil {
				say("%s, %s: %s", s.Database, s.from(), e.Why)
				continue
			}
			server := g.Servers[e.To.Server]
			say("%s, %s, leads %s to database %d of %s", s.Database, s.from(), and(e.Programs), server.Databases[e.To.Database].Index, server.Address)
		}
		sentences = append(sentences, s.Problems...)
	}
	for _, s := range g.Servers {
		if s.IsGroup() {
			say("the Sentinels of %s are %s", s.Address, and(s.Sentinels))
		}
	}
	for _, f := range g.Facts() {
		sentences = append(sentences, f.Text)
	}
	return strings.Join(sentences, ". ") + "."
}

// from says where the connection is said.
func (s Source) from() string {
	if s.Secret == "" {
		return "from env vars of the pods"
	}
	return "from the Secret " + s.Secret
}

func (p Pods) names() []string {
	var names []string
	for _, w := range p.Workloads {
		names = append(names, w.Name)
	}
	return names
}

// and joins words to a list.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
