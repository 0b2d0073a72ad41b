package clients

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// End is where some programs end up with the values of a database.
type End struct {
	Programs []string
	// Where are the lines that say it to people.
	Where []string
}

// Ends are those of one database, each once. They say all that the values do: where
// these hold a secret, a mask stands in its place, which all programs read as it stands.
func Ends(masked Values, rel releases.Release, database string) []End {
	var all []End
	var owner Reading
	for _, r := range Readings(masked, rel) {
		if r.Database != database {
			continue
		}
		if owner.Database == "" {
			owner = r
		}
		where := whereOf(owner, r)
		if last := len(all) - 1; last >= 0 && slices.Equal(all[last].Where, where) {
			all[last].Programs = append(all[last].Programs, string(r.Client))
			continue
		}
		all = append(all, End{[]string{string(r.Client)}, where})
	}
	return all
}

// whereOf says where a program ends up.
func whereOf(owner, r Reading) []string {
	if !r.Works() {
		return []string{"does not get as far as connecting"}
	}
	c := r.Beside(owner)
	server := "master group " + c.MasterGroup
	if c.MasterGroup == "" {
		server = redis.Address{Host: c.Host, Port: c.Port}.String()
	}
	parts := []string{server, fmt.Sprintf("database %d", c.DB)}
	if c.Namespace != "" && r.Client != Operator {
		parts = append(parts, "namespace "+c.Namespace)
	}
	if c.TLS.On {
		parts = append(parts, "TLS")
	}
	parts = append(parts, login(c.Username, c.Password))
	lines := []string{strings.Join(parts, ", ")}
	if c.MasterGroup == "" {
		return lines
	}
	lines = append(lines, "found through Sentinels, "+login(c.Sentinels.Username, c.Sentinels.Password))
	for _, h := range c.Sentinels.Hosts {
		lines = append(lines, "  "+h.String())
	}
	return lines
}

func login(username string, password secret.Value) string {
	switch {
	case username != "":
		return "user " + username
	case password.IsSet():
		return "with a password"
	default:
		return "no password"
	}
}
