package rule

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// endpointRules are about the way to a server.
var endpointRules = []Rule{
	{
		Name: "endpoint-required", Subject: OfSpec,
		Requires: "every database has a host, or with the profile sentinel a masterGroup",
		Reason:   "a value without a host stops apisonator and porta at start",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				switch {
				case d.Host.Value != "" || d.MasterGroup.Value != "":
				case p.Profile.Reach == profiles.Sentinel:
					p.found(d.MasterGroup.Place, "is required: give it here or in spec.redis")
				default:
					p.found(d.Host.Place, "is required: give it here or in spec.redis")
				}
			}
		},
	},
	{
		Name: "endpoint-ambiguous", Subject: OfSpec,
		Requires: "a connection says host or masterGroup, not both",
		Reason:   "the host part of the URL is either a server or the name of a group",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if d.Host.Value != "" && d.MasterGroup.Value != "" {
					p.found(d.Host.Place, "host and masterGroup exclude each other: a group is looked up at the Sentinels")
				}
			}
		},
	},
	{
		Name: "endpoint-of-profile", Subject: OfSpec,
		Requires: "master groups and Sentinels come with the profile sentinel only",
		Reason:   "without Sentinels the clients take the name of a group for a host name",
		checkSpec: func(p *specPass) {
			if p.Profile.Reach != profiles.Endpoint {
				return
			}
			for _, d := range p.Databases {
				places := d.Sentinels.Said()
				if d.MasterGroup.Said {
					places = append(places, d.MasterGroup.Place)
				}
				for _, at := range places {
					p.found(at, "profile %s has no Sentinels: use profile sentinel, or host and port", p.Profile.Name)
				}
			}
		},
	},
	{
		Name: "endpoint-needs-own-password", Subject: OfSpec,
		Requires: "a database with a host of its own beside a shared password or masterGroup has a password of its own",
		Reason:   "a shared password must not reach another server by accident",
		checkSpec: func(p *specPass) {
			r := p.Spec.Redis
			shared := r.MasterGroup.Said || r.Password.Value.IsSet()
			for _, d := range p.external() {
				if shared && d.Own.Host.Said && !d.Own.Password.Said {
					p.found(d.Own.Password.Place, `is required beside a host of its own; "" for none`)
				}
			}
		},
	},
	{
		Name: "port-with-master-group", Subject: OfSpec,
		Requires: "no port stands beside a masterGroup",
		Reason:   "the clients ignore the port of a group: the Sentinels know it",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if d.MasterGroup.Value != "" && d.Port.Said && d.Host.Value == "" {
					p.found(d.Port.Place, "has no meaning beside a masterGroup: the Sentinels know the port")
				}
			}
		},
	},
	{
		Name: "host-syntax", Subject: OfSpec,
		Requires: "a host is a host name or an IPv4 address: letters, digits and . - _",
		Reason:   "the clients cut a URL at other characters, or do not parse it",
		checkSpec: func(p *specPass) {
			p.eachHost(func(at spec.Place, host string, _ bool) {
				switch {
				case isIPv6(host):
				case strings.Contains(host, "://"):
					p.found(at, "must be a host name without a scheme")
				case hostWithPort.MatchString(host):
					name, port, _ := strings.Cut(host, ":")
					p.hinted(at, "write host and port apart: {host: "+name+", port: "+port+"}", "must be a host name or an IPv4 address, without a port")
				case host == "" || strings.IndexFunc(host, func(r rune) bool { return !isNameRune(r) }) >= 0:
					p.found(at, "must be a host name or an IPv4 address: letters, digits and . - _")
				}
			})
		},
	},
	{
		Name: "host-ipv6", Subject: OfBoth,
		Requires: "a host is no IPv6 address; that of a server may be one from 2.16 on, with async mode off",
		Reason:   "the clients keep the brackets in the host name, which does not resolve",
		checkSpec: func(p *specPass) {
			p.eachHost(func(at spec.Place, host string, sentinel bool) {
				if isIPv6(host) && (sentinel || !p.dropsBrackets() || strings.Contains(host, "%")) {
					p.found(at, "an IPv6 address does not work in 3scale %s: use a host name", p.Release)
				}
			})
		},
	},
	{
		Name: "password-whitespace", Subject: OfBoth, Level: diag.Warning,
		Requires: "a password neither begins nor ends with white space",
		Reason:   "it is most likely a line end that came along from a file or a variable",
		checkSpec: func(p *specPass) {
			p.eachPassword(func(at spec.Place, v secret.Value) {
				if v.Final() && strings.TrimSpace(v.Reveal()) != v.Reveal() {
					p.found(at, "begins or ends with white space")
				}
			})
		},
	},
}

// external returns the databases outside of the template's own pods.
func (p *specPass) external() []resolve.Database {
	if p.Profile.Reach == profiles.InTemplate {
		return nil
	}
	return p.Databases
}

// dropsBrackets reports whether every program takes an IPv6 address in a URL for what
// it is.
func (p *specPass) dropsBrackets() bool {
	c := p.Release.Clients
	return c.Async == nil && c.Apisonator.Parser == releases.RedisClient && c.Porta.Parser == releases.RedisClient
}

// eachHost visits the hosts of servers and of Sentinels.
func (p *specPass) eachHost(visit func(at spec.Place, host string, sentinel bool)) {
	for _, d := range p.external() {
		if d.Host.Said {
			visit(d.Host.Place, d.Host.Value, false)
		}
		for _, a := range d.Addresses {
			visit(a.Place, a.Value.Host, true)
		}
	}
}

// eachPassword visits the passwords.
func (p *specPass) eachPassword(visit func(at spec.Place, v secret.Value)) {
	for _, d := range p.external() {
		visitSet(visit, d.Password, d.Sentinels.Password)
	}
}

// eachSecret visits the passwords and the PEM texts.
func (p *specPass) eachSecret(visit func(at spec.Place, v secret.Value)) {
	p.eachPassword(visit)
	for _, d := range p.external() {
		visitSet(visit, d.TLS.Value.CA, d.TLS.Value.Certificate, d.TLS.Value.Key)
	}
}

func visitSet(visit func(at spec.Place, v secret.Value), fields ...spec.Field[secret.Value]) {
	for _, f := range fields {
		if f.Value.IsSet() {
			visit(f.Place, f.Value)
		}
	}
}

// hostWithPort matches a host that has its port behind it.
var hostWithPort = regexp.MustCompile(`^[A-Za-z0-9._-]+:[0-9]{1,5}$`)

func isIPv6(host string) bool {
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Is6()
}

// isNameRune is the intersection of what Ruby's URI takes as a host and what
// resolves: underscores do in both clients.
func isNameRune(r rune) bool {
	return r < 0x80 && r != '~' && secret.Unreserved(byte(r))
}

// collide reports whether the keys of two databases mix.
func collide(a, b resolve.Database) bool {
	return redis.Named{Database: a.Name, Connection: a.Plain()}.Collides(redis.Named{Database: b.Name, Connection: b.Plain()})
}
