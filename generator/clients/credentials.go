package clients

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// readCredentials takes user name and password from their keys. The programs
// disagree on what wins where the URL has some too: with redis-client each key
// does, with the others the URL does.
func (r *Reading) readCredentials(p program) {
	user, password := p.given(r.Username), p.given(r.Password)
	if r.To == nil || user == "" && password == "" {
		return
	}
	if r.To.Username != "" || r.To.Password.IsSet() {
		r.add(p.either(r.Password, r.Username), []Fault{p.fault(CredentialsTwice, Misleads, "finds credentials in the URL and in keys of their own, and other programs choose the other ones")})
	}
	keysWin := p.does.Parser == releases.RedisClient
	// async-redis takes the empty user name of redis://:password@host for one.
	taken := r.To.Password.IsSet() && p.does.Parser == releases.AsyncRedis
	if user != "" && (keysWin || r.To.Username == "" && !taken) {
		r.To.Username = user
	}
	if password != "" && (keysWin || !r.To.Password.IsSet()) {
		r.To.Password = secret.FromText(password)
	}
	if !r.To.Password.IsSet() {
		r.add(r.Username, []Fault{p.fault(UsernameAlone, Misleads, "finds a user name without a password, and does not log in as that user")})
	}
}

// readSentinelCredentials does the same for the Sentinels, where the list wins for
// all programs.
func (r *Reading) readSentinelCredentials(p program) {
	user, password := p.given(r.SentinelUsername), p.given(r.SentinelPassword)
	if user == "" && password == "" {
		return
	}
	if len(r.Sentinels) == 0 {
		if p.does.Parser == releases.RedisClient {
			r.add(p.either(r.SentinelPassword, r.SentinelUsername), []Fault{p.fault(SentinelCredentials, Stops, "does not start with credentials for Sentinels where there are none")})
		}
		return
	}
	if r.Sentinels[0].Username != "" || r.Sentinels[0].Password.IsSet() {
		r.add(p.either(r.SentinelPassword, r.SentinelUsername), []Fault{p.fault(CredentialsTwice, Ignores, "finds credentials for the Sentinels in their list and in keys of their own, and takes those of the list")})
	}
	for i := range r.Sentinels {
		s := &r.Sentinels[i]
		if s.Username == "" {
			s.Username = user
		}
		if !s.Password.IsSet() {
			s.Password = secret.FromText(password)
		}
	}
	if !r.Sentinels[0].Password.IsSet() {
		r.add(r.SentinelUsername, []Fault{p.fault(UsernameAlone, Misleads, "finds a user name for the Sentinels without a password, and does not log in as that user")})
	}
}

// either returns the first key that is given, or the second.
func (p program) either(first, second Raw) Raw {
	if p.given(first) != "" {
		return first
	}
	return second
}

// given returns the value of a key of credentials, which the Ruby programs drop
// where it is blank. porta has it as JSON in its YAML, so nothing breaks it.
func (p program) given(key Raw) string {
	if p.name != Operator && strings.TrimSpace(key.Value) == "" {
		return ""
	}
	return key.Value
}
