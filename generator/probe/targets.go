package probe

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Spec is who connects as a spec means it, where no program of the release does.
const Spec = "the spec"

// Targets returns how the programs of a release connect with the values of the
// Secrets, those with the same connection together, and what stops a program or leads
// it elsewhere. Where meant has a connection that no program has, it is a target too.
// Where show says no, a password could stand in the place of an address: that
// connection is a failed result and no target.
func Targets(rel releases.Release, read clients.Values, meant []redis.Named, show func(clients.Reading) bool) ([]connect.Target, []Result) {
	var targets []connect.Target
	var results []Result
	var owner clients.Reading
	for _, r := range clients.Readings(read, rel) {
		if !slices.Contains(redis.Used(rel), r.Database) {
			continue
		}
		if r.Database != owner.Database {
			owner = r
		}
		results = append(results, problems(owner, r)...)
		switch {
		case !r.Works():
		case show(r):
			targets = add(targets, r.Database, string(r.Client), r.Beside(owner))
		default:
			results = append(results, failed(r, r.URL.Secret+"/"+r.URL.Key, r.URL.Key+" or its Sentinels could have a password in the place of a host: nothing is asked"))
		}
	}
	for _, m := range meant {
		if !slices.ContainsFunc(targets, func(t connect.Target) bool { return t.Database == m.Database && same(t.Connection, m.Connection) }) {
			targets = add(targets, m.Database, Spec, m.Connection)
		}
	}
	slices.SortStableFunc(targets, func(a, b connect.Target) int {
		return slices.Index(redis.Names, a.Database) - slices.Index(redis.Names, b.Database)
	})
	return targets, results
}

func add(targets []connect.Target, database, program string, c redis.Connection) []connect.Target {
	for i, t := range targets {
		if t.Database == database && same(t.Connection, c) {
			targets[i].Programs = append(t.Programs, program)
			return targets
		}
	}
	return append(targets, connect.Target{Database: database, Programs: []string{program}, Connection: c})
}

// same reports whether there is nothing to ask of one connection that the other has not
// been asked. A namespace is none of the server's business.
func same(a, b redis.Connection) bool { return a.DB == b.DB && sameServer(a, b) }

// problems are what keeps a program from the connection that the values mean.
func problems(owner, r clients.Reading) []Result {
	var results []Result
	found := r.Problems
	if r.Client != owner.Client {
		found = append(slices.Clone(found), clients.DisagreementOf(owner, r)...)
	}
	for _, p := range found {
		place := p.Secret + "/" + p.Key
		result := failed(r, place, place+": "+p.Message)
		if p.Effect == clients.Ignores {
			result.Status = Warning
		}
		results = append(results, result)
	}
	if !r.Works() && len(results) == 0 {
		place, why := r.URL.Secret+"/"+r.URL.Key, " leads nowhere"
		if r.URL.Missing {
			why = " is missing"
		}
		results = append(results, failed(r, place, place+why))
	}
	return results
}

// failed is a result about a key of a Secret, SECRET/KEY.
func failed(r clients.Reading, place, saw string) Result {
	return Result{
		Check: values, Databases: []string{r.Database}, Programs: []string{string(r.Client)},
		Status: Failed, Saw: saw, Do: "correct " + place,
	}
}
