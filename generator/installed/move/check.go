package move

import (
	"bytes"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"al.essio.dev/pkg/shellescape"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

//go:embed check.sh.tmpl
var checkText string

var checkTemplate = template.Must(template.New("check").Funcs(template.FuncMap{"sh": shellescape.Quote}).Parse(checkText))

// script is what a check script is made of.
type script struct {
	Back, Live bool
	// Workload, Here and There name the servers to people.
	Workload, Here, There string
	// Port, Username and Password are of the server in the pod.
	Port               int
	Username, Password string
	// Empty is the key by which the script knows that the target was empty.
	Empty, State, Marker, Probe string
	// Endpoints are the new servers.
	Endpoints []endpoint
	Pairs     []scriptPair
}

// endpoint is a new server, or the master of a group of Sentinels.
type endpoint struct {
	Host, Port         string
	Username, Password string
	TLS                bool
	CA                 string
	Group              string
	Sentinels          []redis.Address
	SentinelUsername   string
	SentinelPassword   string
}

// scriptPair is a database with its numbers here, in the pod, and there, at an endpoint.
type scriptPair struct {
	Names                 string
	Here, Endpoint, There int
	// Queues says that jobs wait in it.
	Queues bool
}

// newScript collects what the script of a server is about; without pairs there is none.
func newScript(o Options, server Server, routes []route) script {
	s := script{
		Back: o.Back, Live: o.Mode == Live, Workload: server.Workload, Port: port(server.Address.Port, redis.DefaultPort),
		Empty: statePrefix + "empty-" + id(o.Back, routes), State: statePrefix + "replicas", Marker: marker, Probe: probeKey,
	}
	var there []string
	for _, r := range routes {
		if r.server != server {
			continue
		}
		s.Username, s.Password = r.old.Username, r.old.Password.Reveal()
		for _, p := range r.pairs {
			s.Pairs = append(s.Pairs, scriptPair{
				Names: strings.Join(p.names, "+"), Here: p.old, Endpoint: len(s.Endpoints), There: p.new,
				Queues: slices.ContainsFunc(p.names, func(name string) bool { return name != redis.BackendStorage }),
			})
		}
		s.Endpoints = append(s.Endpoints, newEndpoint(r.new))
		there = append(there, where(r.new, r.newDBs()))
	}
	s.Here, s.There = server.Address.String(), strings.Join(there, "; ")
	return s
}

func newEndpoint(c redis.Connection) endpoint {
	e := endpoint{
		Host: c.Host, Port: strconv.Itoa(port(c.Port, redis.DefaultPort)), Username: c.Username, Password: c.Password.Reveal(),
		TLS: c.TLS.On, CA: c.TLS.CA.Reveal(),
		Group: c.MasterGroup, SentinelUsername: c.Sentinels.Username, SentinelPassword: c.Sentinels.Password.Reveal(),
	}
	if c.MasterGroup != "" {
		e.Port = ""
	}
	for _, h := range c.Sentinels.Hosts {
		e.Sentinels = append(e.Sentinels, redis.Address{Host: h.Host, Port: port(h.Port, redis.DefaultSentinelPort)})
	}
	return e
}

// Sentinel reports whether a master is asked for.
func (s script) Sentinel() bool {
	return slices.ContainsFunc(s.Endpoints, func(e endpoint) bool { return e.Group != "" })
}

// text renders the script.
func (s script) text() string {
	s.Workload, s.Here, s.There = diag.Printable(s.Workload), diag.Printable(s.Here), diag.Printable(s.There)
	var b bytes.Buffer
	if err := checkTemplate.Execute(&b, s); err != nil {
		panic(err) // the template and a buffer alone
	}
	return b.String()
}
