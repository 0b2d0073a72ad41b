package graph

import (
	"fmt"
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
	for _, s := range g.Sources {
		switch {
		case len(s.Ends) > 1:
			facts = append(facts, Fact{"programs disagree on " + s.Database, true})
		case s.Ends[0].To == nil:
			facts = append(facts, Fact{s.Database + " leads nowhere", true})
		case len(s.Problems) > 0:
			facts = append(facts, Fact{"the values of " + s.Database + " have problems", true})
		}
	}
	for _, p := range g.Pods {
		for _, r := range p.Reads {
			if len(r.Lacks) > 0 {
				facts = append(facts, Fact{fmt.Sprintf("%s lack env vars for %s", and(p.names()), g.Sources[r.Source].Database), true})
			}
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
