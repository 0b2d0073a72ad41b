package rule

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// valueRules are about values that were read back. Most report a fault that the
// reader met when it did what apisonator and porta do with the value.
var valueRules = []Rule{
	fault(clients.KeyMissing, "the Secrets have every key of the release", "a pod that refers to a missing key does not start"),
	fault(clients.StorageURLBlank, "REDIS_STORAGE_URL is not blank", "apisonator stops, while porta silently reads and writes the system Redis"),
	fault(clients.URLBlank, "a URL is not blank", "the program stops at start"),
	fault(clients.URLSyntax, "a URL parses, without white space in or around it", "the program stops at start"),
	fault(clients.URLReserved, "a password in a URL has @ / ? # percent-encoded", "porta stops, and apisonator silently connects to a host named redis"),
	fault(clients.URLScheme, "a URL begins with redis://, or with rediss:// for TLS", "porta stops at start, though apisonator works"),
	fault(clients.URLHost, "a URL has a host", "the program stops at start"),
	fault(clients.URLPort, "the port of a URL is 1 to 65535", "the program can't connect"),
	fault(clients.URLDatabase, "the path of a URL is / and the index of a database", "any other path selects another database, or none"),
	warning(clients.URLQuery, "a URL has no ?", "what stands behind it is ignored, a db= too"),
	fault(clients.URLTLS, "a URL does not begin with rediss:// where the release can't speak TLS", "the hiredis driver raises NotImplementedError").
		in(func(rel releases.Release) bool { return !speaksTLS(rel) }),
	fault(clients.URLUsername, "a URL has no user name but default", "porta ignores it and logs in as the default user, and so do the other programs up to 2.14").
		in(func(rel releases.Release) bool { return !sendsUsernames(rel) }),
	fault(clients.URLUsernameEncoded, "a user name in a URL is not percent-encoded", "apisonator and porta do not decode it").
		in(func(rel releases.Release) bool { return rel.Clients.Apisonator.Usernames }),
	fault(clients.UsernameAlone, "a user name in a key has a password", "without one no program logs in as that user").in(hasCredentialKeys),
	fault(clients.CredentialsTwice, "user name and password stand in the URL or in keys, not in both", "the programs differ in which they take").in(hasCredentialKeys),
	fault(clients.URLUserinfo, "a password in a URL has a colon in front", "without one most programs take it for a user name, and send no password"),
	fault(clients.URLPasswordEmpty, "a URL without a password has no :@", "the program sends an empty password, which servers refuse"),
	fault(clients.URLPasswordPlus, "a + in the password of a URL stands as %2B", "apisonator and porta turn it into a blank"),
	fault(clients.SentinelsNone, "a list of Sentinels has an entry", "the program stops: no Sentinels available"),
	fault(clients.SentinelSyntax, "each Sentinel is redis://[:password@]host:port, without white space", "porta stops, or a program asks another host"),
	fault(clients.SentinelPort, "each Sentinel has a port", "apisonator and porta take 26379 for it, and the operator's check 6379").
		in(func(rel releases.Release) bool { return rel.Clients.Operator != nil }),
	fault(clients.SentinelCredentials, "credentials for Sentinels stand beside a list of Sentinels", "apisonator and porta do not start with them otherwise").in(hasCredentialKeys),
	warning(clients.SentinelPath, "nothing follows the address of a Sentinel", "it is ignored"),
	warning(clients.SentinelUserinfo, "a password of a Sentinel has a colon in front", "without one it is taken for a user name, and no password is sent"),
	fault(clients.SentinelPasswordEmpty, "a Sentinel without a password has no :@", "porta sends an empty password, which the Sentinel refuses"),
	fault(clients.SentinelPasswordEncoded, "a password of a Sentinel is not percent-encoded", "apisonator and porta do not decode it"),
	warning(clients.SentinelPasswords, "all Sentinels of a database have one password", "a wrong password at the first Sentinel is fatal even where the second one is right"),
	fault(clients.Role, "the role is master, or empty; from 2.16 on it is empty without Sentinels", "any other but slave stops the program, and so does one without Sentinels from 2.16 on"),
	fault(clients.YAMLBreaks, `a value that porta reads has no " and no \`, "it stands in a YAML file, whose parsing it breaks"),
	fault(clients.Disagreement, "all programs read the same from the keys of a database", "they would use different databases, or one can't log in"),
	{
		Name: "message-bus-sentinels", Subject: OfValue, applies: releases.Release.ReadsMessageBus,
		Requires: "a master group in MESSAGE_BUS_URL has its MESSAGE_BUS_SENTINEL_HOSTS",
		Reason:   "nothing is inherited beside a URL: porta resolves the name of the group by DNS",
		checkValue: func(p *valuePass) {
			system, bus := p.Databases[redis.System], p.Databases[redis.MessageBus]
			if system.MasterGroup != "" && bus.Host == system.MasterGroup {
				p.found(p.keys(redis.MessageBus)["sentinelHosts"], "is empty, while MESSAGE_BUS_URL names the master group of the system database")
			}
		},
	},
	{
		// The templates of 2.11.1 and 2.11.2 still refer to the keys.
		Name: "message-bus-keys-inert", Subject: OfValue, Level: diag.Warning, applies: func(rel releases.Release) bool { return !rel.HasDatabase(redis.MessageBus) },
		Requires: "the MESSAGE_BUS keys stand in Secrets of releases up to 2.11 only",
		Reason:   "porta has no message bus from 2.11.1 on, and no pod refers to them from 2.12 on",
		checkValue: func(p *valuePass) {
			for _, key := range slices.Sorted(maps.Keys(p.Values["system-redis"])) {
				if strings.HasPrefix(key, "MESSAGE_BUS_") && p.Values["system-redis"][key] != "" {
					p.found(p.at("system-redis", key), "has no effect: 3scale %s has no message bus", p.Release)
				}
			}
		},
	},
	{
		Name: "golden-token-value", Subject: OfValue,
		Requires: "no password is a token of a golden file",
		Reason:   "golden files are not for a cluster",
		checkValue: func(p *valuePass) {
			for _, name := range redis.Names {
				c := p.Databases[name]
				for field, v := range map[string]secret.Value{
					"password": c.Password, "sentinelPassword": c.Sentinels.Password,
					"ca": c.TLS.CA, "certificate": c.TLS.Certificate, "key": c.TLS.Key,
				} {
					if GoldenToken.MatchString(v.Reveal()) {
						p.found(p.holder(name, field), "holds a token of a golden file, which is not for a cluster")
					}
				}
			}
		},
	},
}

// fault is a rule that reports a kind of fault as an error.
func fault(kind clients.Kind, requires, reason string) Rule {
	return Rule{
		Name: string(kind), Subject: OfValue, Requires: requires, Reason: reason,
		checkValue: func(p *valuePass) { p.faults(func(f clients.Problem) bool { return f.Kind == kind }) },
	}
}

// faults reports those that match.
func (p *valuePass) faults(match func(clients.Problem) bool) {
	for _, f := range p.problems {
		if match(f) {
			p.found(p.at(f.Secret, f.Key), "%s", f.Message)
		}
	}
}

// in is the rule for some releases only.
func (r Rule) in(applies func(releases.Release) bool) Rule {
	r.applies = applies
	return r
}

// warning is fault for what a program survives.
func warning(kind clients.Kind, requires, reason string) Rule {
	r := fault(kind, requires, reason)
	r.Level = diag.Warning
	return r
}

// ValueInput are the values of an installation's Secrets, which rules judge.
type ValueInput struct {
	Values  clients.Values
	Release releases.Release
	// Profile is that of the spec; the zero Profile where there is none.
	Profile profiles.Profile
	// Allow is that of the spec.
	Allow []spec.Allow
	// Now is when certificates must be valid; the zero Time where nobody asks.
	Now time.Time
	// Place is where a key of a Secret stands; nil where only its path,
	// secret/KEY, is known.
	Place func(secret, key string) spec.Place
}

// at is the place of a key.
func (in ValueInput) at(name, key string) spec.Place {
	if in.Place == nil {
		return spec.Place{Path: name + "/" + key}
	}
	return in.Place(name, key)
}

// keys are the places of the keys of a database, by the fields of the pin. A key for
// credentials counts only if it exists: else they stand in the URL.
func (in ValueInput) keys(database string) map[string]spec.Place {
	found := map[string]spec.Place{}
	for _, s := range in.Release.Secrets {
		for _, k := range s.Keys {
			_, exists := in.Values[s.Name][k.Name]
			if k.Database == database && (exists || !k.HoldsCredentials()) {
				found[k.Field] = in.at(s.Name, k.Name)
			}
		}
	}
	return found
}

// holder is the place of the key that holds a secret of a database.
func (in ValueInput) holder(database, field string) spec.Place {
	keys := in.keys(database)
	for _, f := range []string{field, map[string]string{"password": "url", "sentinelPassword": "sentinelHosts"}[field]} {
		if at, ok := keys[f]; ok {
			return at
		}
	}
	return spec.Place{}
}

// valuePass is one rule at work on values.
type valuePass struct {
	ValueInput
	Databases redis.Databases
	problems  []clients.Problem
	rule      Rule
	issues    diag.Issues
}

// found reports that the rule is broken at a key.
func (p *valuePass) found(at spec.Place, format string, args ...any) {
	p.issues = append(p.issues, p.rule.broken(at, format, args...))
}

// CheckValues judges values by the rules of their release: those of values, and
// those of the spec that hold for any connection. What is allowed comes as a
// warning; whether the allowances are right, CheckSpec says.
func CheckValues(in ValueInput) diag.Issues {
	databases, problems := clients.Read(in.Values, in.Release)
	var issues diag.Issues
	for _, r := range All() {
		if !r.Holds(in.Release) {
			continue
		}
		switch {
		case r.checkValue != nil:
			p := valuePass{ValueInput: in, Databases: databases, problems: problems, rule: r}
			r.checkValue(&p)
			issues = append(issues, p.issues...)
		case r.Subject == OfBoth:
			p := specPass{Input: new(readBack(in, databases)), rule: r}
			r.checkSpec(&p)
			issues = append(issues, p.issues...)
		}
	}
	return accept(issues, in.Allow)
}

// readBack puts connections that were read from values into the form of a spec.
func readBack(in ValueInput, connections redis.Databases) Input {
	input := Input{Profile: in.Profile, Release: in.Release, Now: in.Now}
	for _, name := range redis.Names {
		if c, ok := connections[name]; ok {
			input.Databases = append(input.Databases, resolve.ReadBack(name, c, in.keys(name)))
		}
	}
	return input
}
