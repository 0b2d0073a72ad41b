package rule

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The characters that work, for people.
const (
	rawCharacters           = "letters, digits and ! $ & ' ( ) * , - . : ; = _ ~"
	shellCharacters         = "letters, digits and , - . : = _"
	shellSentinelCharacters = "letters, digits and + - . = _"
	bypass                  = "where the operator runs with PREFLIGHT_CHECKS_BYPASS=true there is no such check: say so in spec.allow"
)

// credentialRules are about user names and passwords, and the places where they stand.
var credentialRules = []Rule{
	{
		Name: "username-unsupported", Subject: OfSpec, applies: func(rel releases.Release) bool { return !rel.Clients.Porta.Usernames },
		Requires: "there is no user name",
		Reason:   "porta ignores it and logs in as the default user, and so do the other programs up to 2.14",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if l.username.Value != "" {
					p.found(l.username.Place, "3scale %s sends no user name: leave it out, and let the password be that of the default user", p.Release)
				}
			}
		},
	},
	{
		Name: "username-needs-password", Subject: OfSpec, applies: sendsUsernames,
		Requires: "a user name has a password",
		Reason:   "without one no program logs in as that user",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if l.username.Value != "" && !l.password.Value.IsSet() {
					p.hinted(l.username.Place, "for a user with nopass, any password does", "needs a password: without one no program logs in as that user")
				}
			}
		},
	},
	{
		Name: "username-charset", Subject: OfSpec, applies: sendsUsernames,
		Requires: "a user name in a URL is made of letters, digits and - . _ ~",
		Reason:   "apisonator and porta do not decode it",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				works := redis.UsernameWorks
				if l.sentinels {
					works = redis.SentinelUsernameWorks
				}
				if !l.inKeys && !works(l.username.Value) {
					p.hinted(l.username.Place, "say spec.secrets.credentials: keys, or leave it out", "must be made of letters, digits and - . _ ~ in a URL: not every program decodes other characters")
				}
			}
		},
	},
	{
		Name: string(clients.URLPasswordEncoded), Subject: OfBoth, applies: func(rel releases.Release) bool { return rel.Clients.Async != nil },
		Requires: "a password in the URL of backendStorage or backendQueues is made of " + rawCharacters,
		Reason:   "apisonator's listener and worker run in async mode, which does not decode it",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if !l.sentinels && !l.inKeys && l.ofBackend {
					p.charset(l.password, redis.UserinfoWorks, p.elsewhere(), "must be made of "+rawCharacters+" in a URL: apisonator in async mode does not decode other characters")
				}
			}
		},
		checkValue: func(p *valuePass) {
			p.faults(func(f clients.Problem) bool {
				return f.Kind == clients.URLPasswordEncoded && f.Client != clients.Operator
			})
		},
	},
	{
		Name: string(clients.URLPasswordShell), Subject: OfBoth, Allowable: true, applies: checksThroughShell,
		Requires: "a password in a URL is made of " + shellCharacters,
		Reason:   "the operator's check puts it on the command line of a shell as it stands; with PREFLIGHT_CHECKS_BYPASS=true the operator does not check",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if !l.sentinels {
					p.charset(l.password, redis.ShellPasswordWorks, bypass, "must be made of "+shellCharacters+": the operator's check puts it on the command line of a shell")
				}
			}
		},
		checkValue: func(p *valuePass) {
			p.faults(func(f clients.Problem) bool {
				return f.Kind == clients.URLPasswordShell || f.Kind == clients.URLPasswordEncoded && f.Client == clients.Operator
			})
		},
	},
	{
		Name: string(clients.SentinelPasswordShell), Subject: OfBoth, Allowable: true, applies: checksThroughShell,
		Requires: "a password of Sentinels is made of " + shellSentinelCharacters,
		Reason:   "the operator's check puts it on the command line of a shell as it stands, and cuts it at a colon; with PREFLIGHT_CHECKS_BYPASS=true the operator does not check",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				// What is unknown sentinel-password-charset says.
				if l.sentinels && l.password.Value.Final() {
					p.charset(l.password, redis.ShellSentinelPasswordWorks, bypass, "must be made of "+shellSentinelCharacters+": the operator's check puts it on the command line of a shell")
				}
			}
		},
		checkValue: func(p *valuePass) {
			p.faults(func(f clients.Problem) bool { return f.Kind == clients.SentinelPasswordShell })
		},
	},
	{
		Name: "credentials-blank", Subject: OfSpec, applies: hasCredentialKeys,
		Requires: "a user name or a password in a key of its own is not blank",
		Reason:   "apisonator and porta drop a blank value, and the operator does not",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if l.inKeys && l.username.Value != "" && strings.TrimSpace(l.username.Value) == "" {
					p.found(l.username.Place, "must not be blank")
				}
				if v := l.password.Value; l.inKeys && v.IsSet() && v.Final() && strings.TrimSpace(v.Reveal()) == "" {
					p.found(l.password.Place, "must not be blank")
				}
			}
		},
	},
	{
		Name: "credentials-line-end", Subject: OfBoth, Allowable: true, applies: hasCredentialKeys,
		Requires: "a user name or a password in a key of its own does not end in a line end",
		Reason:   "every program sends it as it stands, and the server answers WRONGPASS",
		checkSpec: func(p *specPass) {
			for _, l := range p.logins() {
				if l.inKeys && strings.HasSuffix(l.username.Value, "\n") {
					p.found(l.username.Place, "ends in a line end, which is sent with it")
				}
				if v := l.password.Value; l.inKeys && v.Final() && strings.HasSuffix(v.Reveal(), "\n") {
					p.hinted(l.password.Place, "in YAML write |- in place of |; if the line end is part of it, say so in spec.allow", "ends in a line end, which is sent with it")
				}
			}
		},
	},
	{
		Name: "credentials-in-keys", Subject: OfSpec, Level: diag.Note, applies: hasCredentialKeys,
		Requires: "a password works in a URL, or no Deployment was upgraded from 2.15",
		Reason:   "the operator adds the env vars for user names and passwords only to Deployments that it makes anew",
		checkSpec: func(p *specPass) {
			if p.Spec.Secrets.Credentials.Said {
				return
			}
			for _, l := range p.logins() {
				v := l.password.Value
				toFind := !v.Known() && v.Kind() != secret.Remote // it may turn out to work in the URL
				if l.inKeys && v.IsSet() && !toFind {
					p.hinted(l.password.Place, "`threescale-redis verify` with an export finds Deployments that lack them",
						"stands in a key of its own, which Deployments that were upgraded from 2.15 do not read")
				}
			}
		},
	},
}

func sendsUsernames(rel releases.Release) bool { return rel.Clients.Porta.Usernames }

func hasCredentialKeys(rel releases.Release) bool { return rel.HasField(redis.System, "password") }

func checksThroughShell(rel releases.Release) bool {
	return rel.Clients.Operator != nil && rel.Clients.Operator.Parser == releases.RedisCLI
}

// login is a user name and a password: of a server, or of its Sentinels.
type login struct {
	username  spec.Field[string]
	password  spec.Field[secret.Value]
	sentinels bool
	// ofBackend says that apisonator logs in with them.
	ofBackend bool
	// inKeys says that they stand in keys of their own, else in the URL or in the list
	// of Sentinels.
	inKeys bool
}

// logins are those of all databases.
func (p *specPass) logins() []login {
	var all []login
	for _, d := range p.external() {
		where, c := redis.Credentials(p.Spec.Secrets.Credentials.Value).In(p.Release, d.Name), d.Plain()
		backend := d.Name == redis.BackendStorage || d.Name == redis.BackendQueues
		all = append(all, login{username: d.Username, password: d.Password, ofBackend: backend, inKeys: c.InKeys(where)})
		if d.MasterGroup.Value != "" {
			all = append(all, login{username: d.Sentinels.Username, password: d.Sentinels.Password, sentinels: true, ofBackend: backend, inKeys: c.Sentinels.InKeys(where)})
		}
	}
	return all
}

// charset reports a password that does not work, and one that is not known.
func (p *specPass) charset(password spec.Field[secret.Value], works func(string) bool, hint, message string) {
	switch v := password.Value; {
	case !v.IsSet():
	case !v.Final():
		p.unchecked(password)
	case !works(v.Reveal()):
		p.hinted(password.Place, hint, "%s", message)
	}
}

// elsewhere proposes what to do with a password that a URL cannot carry.
func (p *specPass) elsewhere() string {
	if hasCredentialKeys(p.Release) {
		return "say spec.secrets.credentials: keys, or leave it out"
	}
	return "choose another password, or turn async mode off: spec.apiManager.async: false"
}
