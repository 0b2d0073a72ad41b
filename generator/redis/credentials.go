package redis

import (
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Credentials says where user names and passwords stand.
type Credentials string

// The places of credentials, in releases that have keys for them. Wherever they work
// puts them into the URL if every program reads them there, else into keys: workloads
// that the operator of 2.15 made do not read the keys, and all programs of 2.16 read
// the URL.
const (
	WhereverTheyWork Credentials = ""
	InURLs           Credentials = "url"
	InKeys           Credentials = "keys"
)

// In is the place in a release, for a database: without keys for them, the URL.
func (c Credentials) In(rel releases.Release, database string) Credentials {
	if !rel.HasField(database, "password") {
		return InURLs
	}
	return c
}

// InKeys reports whether user name and password of the server stand in keys.
func (c Connection) InKeys(where Credentials) bool {
	return where.keys(c.Username, c.Password, UserinfoWorks)
}

// InKeys reports whether user name and password of the Sentinels stand in keys.
func (s Sentinels) InKeys(where Credentials) bool {
	return where.keys(s.Username, s.Password, SentinelPasswordWorks)
}

// keys decides for one user name and password. A password that nobody knows yet could
// be any.
func (c Credentials) keys(username string, password secret.Value, works func(string) bool) bool {
	if c != WhereverTheyWork {
		return c == InKeys
	}
	return !UsernameWorks(username) || !password.Final() || !works(password.Reveal())
}
