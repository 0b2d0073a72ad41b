package clients

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Read returns the connections that the programs of a release end up with, and
// what is wrong with the values. A database is absent where the program that it
// belongs to stops before it connects.
func Read(values Values, rel releases.Release) (redis.Databases, []Problem) {
	dbs := redis.Databases{}
	problems := missing(values, rel)
	readings := Readings(values, rel)
	var owner Reading
	for _, r := range readings {
		problems = append(problems, r.Problems...)
		if r.Database == owner.Database {
			problems = append(problems, DisagreementOf(owner, r)...)
			continue
		}
		owner = r
		if r.Works() {
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
			if _, ok := values[s.Name][k.Name]; !ok && !k.Optional {
				problems = append(problems, Problem{
					Fault:  Fault{Kind: KeyMissing, Effect: Stops, Message: "the key is missing: a pod that refers to it does not start"},
					Secret: s.Name, Key: k.Name, Database: k.Database,
				})
			}
		}
	}
	return problems
}

// DisagreementOf says what a program reads otherwise than the owner of the data. A
// program that stops has said so itself, and so has a check that does not decode the
// password. The operator's check looks at no role and
// no namespace, and at as many Sentinels as it has read.
func DisagreementOf(owner, r Reading) []Problem {
	if !owner.Works() || !r.Works() {
		return nil
	}
	x, y := owner.Connection(), r.Connection()
	sentinels, check := owner.Sentinels, r.Client == Operator
	encoded := check && slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Kind == URLPasswordEncoded })
	if check {
		sentinels = sentinels[:min(len(sentinels), len(r.Sentinels))]
	}
	var differ []string
	for _, part := range []struct {
		name string
		same bool
	}{
		{"host", x.Host == y.Host && x.Port == y.Port},
		{"database", x.DB == y.DB || check},
		{"master group", x.MasterGroup == y.MasterGroup},
		{"user name", x.Username == y.Username},
		{"password", x.Password == y.Password || encoded},
		{"Sentinels", slices.Equal(sentinels, r.Sentinels)},
		{"role", x.Sentinels.Role == y.Sentinels.Role || check},
	} {
		if !part.same {
			differ = append(differ, part.name)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return []Problem{{
		Fault:  Fault{Kind: Disagreement, Effect: Misleads, Message: string(owner.Client) + " and " + string(r.Client) + " end up with a different " + strings.Join(differ, ", ")},
		Secret: owner.URL.Secret, Key: owner.URL.Key, Database: owner.Database,
	}}
}
