package clients

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Read gives the connections that the programs of a release end up with, and
// what is wrong with the values. A database is absent where the program that it
// belongs to stops before it connects.
func Read(values Values, rel releases.Release) (redis.Databases, []Problem) {
	dbs := redis.Databases{}
	problems := missing(values, rel)
	readings := Readings(values, rel)
	for i, r := range readings {
		problems = append(problems, r.Problems...)
		if len(r.Sentinels) > 0 && !r.SamePassword() {
			problems = append(problems, Problem{
				Fault:  r.Client.fault(SentinelPasswords, Ignores, "sends each Sentinel a password of its own, and they differ"),
				Secret: r.SentinelHosts.Secret, Key: r.SentinelHosts.Key, Database: r.Database, Client: r.Client,
			})
		}
		if i > 0 && readings[i-1].Database == r.Database {
			problems = append(problems, disagreement(readings[i-1], r)...)
		} else if r.Works() {
			dbs[r.Database] = r.Connection()
		}
	}
	slices.SortStableFunc(problems, compareProblems)
	return dbs, problems
}

// missing are the keys of the release that the Secrets lack.
func missing(values Values, rel releases.Release) []Problem {
	var problems []Problem
	for _, s := range rel.Secrets {
		for _, k := range s.Keys {
			if _, ok := values[s.Name][k.Name]; !ok {
				problems = append(problems, Problem{
					Fault:  Fault{Kind: KeyMissing, Effect: Stops, Message: "the key is missing: a pod that refers to it does not start"},
					Secret: s.Name, Key: k.Name, Database: k.Database,
				})
			}
		}
	}
	return problems
}

// disagreement says what two programs read differently. A program that stops
// has said so itself.
func disagreement(a, b Reading) []Problem {
	if !a.Works() || !b.Works() {
		return nil
	}
	x, y := a.Connection(), b.Connection()
	var differ []string
	for _, part := range []struct {
		name string
		same bool
	}{
		{"host", x.Host == y.Host && x.Port == y.Port},
		{"database", x.DB == y.DB},
		{"master group", x.MasterGroup == y.MasterGroup},
		{"password", x.Password == y.Password},
		{"Sentinels", slices.Equal(a.Sentinels, b.Sentinels)},
		{"role", x.Sentinels.Role == y.Sentinels.Role},
	} {
		if !part.same {
			differ = append(differ, part.name)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return []Problem{{
		Fault:  Fault{Kind: Disagreement, Effect: Misleads, Message: string(a.Client) + " and " + string(b.Client) + " end up with a different " + strings.Join(differ, ", ")},
		Secret: a.URL.Secret, Key: a.URL.Key, Database: a.Database,
	}}
}
