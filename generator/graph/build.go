package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// builder puts a Graph together.
type builder struct {
	Graph
	release releases.Release
	show    display
	readers [][]string
}

// display is how names of a server are shown to people.
type display struct {
	address   func(clients.Reading) bool
	namespace func(string) string
}

// hidden stands for an address that could be something else, such as a password.
const hidden = "*** (no address to be shown)"

// source adds a Source whose values make these readings, the owner of the data first.
// The readers are Kind/name.
func (b *builder) source(s Source, readings []clients.Reading, readers []string) {
	for i, r := range readings {
		s.addEnd(b.end(readings[0], r))
		for _, p := range r.Problems {
			if p.Effect == clients.Misleads {
				s.addProblem(p.Key + ": " + p.Message)
			}
		}
		if i > 0 {
			for _, p := range clients.DisagreementOf(readings[0], r) {
				s.addProblem(p.Message)
			}
		}
	}
	if len(readings) > 0 && readings[0].System != nil {
		s.Details = append(s.Details, "takes from system what is not said here")
	}
	b.Sources = append(b.Sources, s)
	b.readers = append(b.readers, readers)
}

// addEnd adds where one program ends up: beside others that end up there.
func (s *Source) addEnd(e End) {
	for i, other := range s.Ends {
		if other.To != nil && e.To != nil && *other.To == *e.To {
			s.Ends[i].Programs = append(other.Programs, e.Programs...)
			return
		}
	}
	s.Ends = append(s.Ends, e)
}

func (s *Source) addProblem(text string) {
	if !slices.Contains(s.Problems, text) {
		s.Problems = append(s.Problems, text)
	}
}

// end is where a program ends up.
func (b *builder) end(owner, r clients.Reading) End {
	e := End{Programs: []string{string(r.Client)}}
	if !r.Works() {
		e.Why = why(r)
		return e
	}
	c := r.Beside(owner)
	c.Host = strings.TrimSuffix(strings.TrimPrefix(c.Host, "["), "]") // of an IPv6 address
	e.To = b.target(r, c)
	return e
}

// why says in words what keeps a program from connecting.
func why(r clients.Reading) string {
	for _, p := range r.Problems {
		if p.Effect == clients.Stops {
			return p.Key + ": " + p.Message
		}
	}
	if r.URL.Missing {
		return r.URL.Key + " is missing"
	}
	return "the system database, which it would take, is not reached"
}

// target finds the place of a connection in the Graph, or makes one.
func (b *builder) target(r clients.Reading, c redis.Connection) *Target {
	var t Target
	if t.Server = slices.IndexFunc(b.Servers, func(s Server) bool { return s.endpoint == c.Endpoint() }); t.Server < 0 {
		t.Server = len(b.Servers)
		b.Servers = append(b.Servers, b.server(r, c))
	}
	s := &b.Servers[t.Server]
	if t.Database = slices.IndexFunc(s.Databases, func(d Database) bool { return d.Index == c.DB }); t.Database < 0 {
		t.Database = len(s.Databases)
		s.Databases = append(s.Databases, Database{Index: c.DB})
	}
	d := &s.Databases[t.Database]
	if t.Use = slices.IndexFunc(d.Uses, func(u Use) bool {
		return u.Database == r.Database && u.connection.Namespace == c.Namespace
	}); t.Use < 0 {
		t.Use = len(d.Uses)
		d.Uses = append(d.Uses, Use{Database: r.Database, Namespace: b.show.namespace(c.Namespace), connection: c})
	}
	return &t
}

func (b *builder) server(r clients.Reading, c redis.Connection) Server {
	s := Server{endpoint: c.Endpoint()}
	switch {
	case !b.show.address(r):
		s.Address = hidden
	case c.MasterGroup == "":
		s.Address = redis.Address{Host: c.Host, Port: c.Port}.String()
	default:
		s.Address = c.MasterGroup
		for _, h := range c.Sentinels.Hosts {
			s.Sentinels = append(s.Sentinels, h.String())
		}
	}
	return s
}

// pods adds a workload: to those of its program that read the same, if there are some.
func (b *builder) pods(program string, w Workload, lacks func(database string) []string) {
	var reads []Read
	for i, readers := range b.readers {
		if slices.Contains(readers, w.Kind+"/"+w.Name) {
			reads = append(reads, Read{i, lacks(b.Sources[i].Database)})
		}
	}
	b.add(Pods{program, []Workload{w}, reads})
}

func (b *builder) add(p Pods) {
	if len(p.Reads) == 0 {
		return
	}
	for i, other := range b.Pods {
		if other.Program == p.Program && slices.EqualFunc(other.Reads, p.Reads, sameRead) {
			b.Pods[i].Workloads = append(other.Workloads, p.Workloads...)
			return
		}
	}
	b.Pods = append(b.Pods, p)
}

func sameRead(a, b Read) bool { return a.Source == b.Source && slices.Equal(a.Lacks, b.Lacks) }

// operator adds the operator, where it connects to Redis itself.
func (b *builder) operator() {
	p := Pods{Program: string(clients.Operator), Workloads: []Workload{{Name: "3scale operator"}}}
	for i, s := range b.Sources {
		if slices.ContainsFunc(s.Ends, func(e End) bool { return slices.Contains(e.Programs, string(clients.Operator)) }) {
			p.Reads = append(p.Reads, Read{Source: i})
		}
	}
	b.add(p)
}

// programOf is the program that a workload of the release runs: porta reads no queues.
func (b *builder) programOf(w releases.Workload) string {
	if slices.ContainsFunc(b.env(w), func(v releases.EnvVar) bool {
		return b.release.Key(v.Secret, v.Key).Database == redis.BackendQueues
	}) {
		return string(clients.Apisonator)
	}
	return string(clients.Porta)
}

// noteOf says what is special about a workload of the release.
func (b *builder) noteOf(w releases.Workload) string {
	var notes []string
	if w.Transient {
		notes = append(notes, w.Kind)
	}
	for _, s := range b.release.Settings {
		async := s.Switch == releases.SwitchAsync && b.release.Clients.Async != nil
		if async && slices.ContainsFunc(s.Places, func(place string) bool { return strings.HasPrefix(place, w.Name+"/") }) {
			notes = append(notes, "async mode")
		}
	}
	return strings.Join(notes, ", ")
}

// details says of a connection what is not a place.
func details(c redis.Connection, username, password, sentinelPassword string) []string {
	var all []string
	if username != "" {
		all = append(all, "user name "+username)
	}
	all = append(all, password)
	if c.TLS.On {
		tls := "TLS"
		if c.TLS.CA.IsSet() {
			tls += ", with a CA"
		}
		if c.TLS.Certificate.IsSet() {
			tls += ", with a client certificate"
		}
		all = append(all, tls)
	}
	if c.MasterGroup != "" {
		all = append(all, sentinelPassword)
		if role := c.Sentinels.Role; role != "" && role != "master" {
			all = append(all, fmt.Sprintf("asks the Sentinels for a %s", role))
		}
	}
	return all
}
