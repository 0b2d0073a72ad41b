package rule

import (
	"net/netip"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
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
				case d.Host != "" || d.MasterGroup != "":
				case p.Profile.Reach == profiles.Sentinel:
					p.found(d.Path("masterGroup"), "is required: give it here or in spec.redis")
				default:
					p.found(d.Path("host"), "is required: give it here or in spec.redis")
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
				if d.Host != "" && d.MasterGroup != "" {
					p.found(d.Path("host"), "host and masterGroup exclude each other: a group is looked up at the Sentinels")
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
				for _, field := range []string{"masterGroup", "sentinels.hosts", "sentinels.password", "sentinels.role"} {
					if d.Says(field) {
						p.found(d.Path(field), "profile %s has no Sentinels: use profile sentinel, or host and port", p.Profile.Name)
					}
				}
			}
		},
	},
	{
		Name: "endpoint-needs-own-password", Subject: OfSpec,
		Requires: "a database with a host of its own beside a shared password or masterGroup has a password of its own",
		Reason:   "a shared password must not reach another server by accident",
		checkSpec: func(p *specPass) {
			r := p.Spec.Spec.Redis
			shared := r.MasterGroup != nil || r.Password != nil && r.Password.IsSet()
			for _, d := range p.external() {
				if shared && d.Own("host") && !d.Own("password") {
					p.found("spec.databases."+d.Name+".password", `is required beside a host of its own; "" for none`)
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
				if d.MasterGroup != "" && d.Port != 0 && d.Host == "" {
					p.found(d.Path("port"), "has no meaning beside a masterGroup: the Sentinels know the port")
				}
			}
		},
	},
	{
		Name: "host-syntax", Subject: OfSpec,
		Requires: "a host is a host name or an IPv4 address: letters, digits and . - _",
		Reason:   "the clients cut a URL at other characters, or do not parse it",
		checkSpec: func(p *specPass) {
			p.eachHost(func(path, host string) {
				switch {
				case isIPv6(host):
				case strings.Contains(host, "://"):
					p.found(path, "must be a host name without a scheme")
				case hostWithPort.MatchString(host):
					name, port, _ := strings.Cut(host, ":")
					p.hinted(path, "write host and port apart: {host: "+name+", port: "+port+"}", "must be a host name or an IPv4 address, without a port")
				case host == "" || strings.IndexFunc(host, func(r rune) bool { return !isNameRune(r) }) >= 0:
					p.found(path, "must be a host name or an IPv4 address: letters, digits and . - _")
				}
			})
		},
	},
	{
		Name: "host-ipv6", Subject: OfBoth,
		Requires: "a host is no IPv6 address",
		Reason:   "the clients keep the brackets in the host name, which does not resolve",
		checkSpec: func(p *specPass) {
			p.eachHost(func(path, host string) {
				if isIPv6(host) {
					p.found(path, "an IPv6 address does not work in 3scale %s: use a host name", p.Release)
				}
			})
		},
	},
	{
		Name: "username-unsupported", Subject: OfSpec, applies: func(rel releases.Release) bool { return !rel.Clients.Porta.Usernames },
		Requires: "there is no user name",
		Reason:   "the clients ignore it and log in as the default user",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if d.Username != "" {
					p.found(d.Path("username"), "3scale %s sends no user name: leave it out, and let the password be that of the default user", p.Release)
				}
			}
		},
	},
	{
		Name: "tls-unsupported", Subject: OfSpec, applies: func(rel releases.Release) bool { return !rel.Clients.Porta.TLS },
		Requires: "there is no TLS",
		Reason:   "the hiredis driver raises NotImplementedError on rediss://",
		checkSpec: func(p *specPass) {
			for _, d := range p.external() {
				if d.TLS {
					p.found(d.Path("tls"), "3scale %s can't connect with TLS: end it at a proxy beside the pods", p.Release)
				}
			}
		},
	},
	{
		Name: "password-whitespace", Subject: OfBoth, Level: diag.Warning,
		Requires: "a password neither begins nor ends with white space",
		Reason:   "it is most likely a line end that came along from a file or a variable",
		checkSpec: func(p *specPass) {
			p.eachSecret(func(path string, v secret.Value) {
				if v.Final() && strings.TrimSpace(v.Reveal()) != v.Reveal() {
					p.found(path, "begins or ends with white space")
				}
			})
		},
	},
}

// external gives the databases outside of the template's own pods.
func (p *specPass) external() []resolve.Database {
	if p.Profile.Reach == profiles.InTemplate {
		return nil
	}
	return p.Databases
}

// eachHost visits the hosts of servers and of Sentinels.
func (p *specPass) eachHost(visit func(path, host string)) {
	for _, d := range p.external() {
		if d.Says("host") {
			visit(d.Path("host"), d.Host)
		}
		for i, s := range d.Sentinels.Hosts {
			visit(hostPath(d, i), s.Host)
		}
	}
}

// eachSecret visits the passwords.
func (p *specPass) eachSecret(visit func(path string, v secret.Value)) {
	for _, d := range p.external() {
		if d.Password.IsSet() {
			visit(d.Path("password"), d.Password)
		}
		if d.Sentinels.Password.IsSet() {
			visit(d.Path("sentinels.password"), d.Sentinels.Password)
		}
	}
}

func isIPv6(host string) bool {
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Is6()
}

// isNameRune is the intersection of what Ruby's URI takes as a host and what
// resolves: underscores do in both clients.
func isNameRune(r rune) bool {
	return r < 0x80 && r != '~' && secret.Unreserved(byte(r))
}

// sameDatabase reports whether two connections lead to the same database of
// the same server.
func sameDatabase(a, b redis.Connection) bool {
	return a.Endpoint() == b.Endpoint() && a.DB == b.DB
}
