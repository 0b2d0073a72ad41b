package rule

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// statsCleanerRules are about the job of backend-cron that deletes the statistics
// of deleted services once a day. It runs the rake task stats:cleanup with the URL
// of the storage, and that task connects to host and port alone, without password,
// database and Sentinels (apisonator, Rakefile). Which services were deleted it
// reads from backendStorage itself, as it should.
var statsCleanerRules = []Rule{
	{
		Name: "stats-cleaner-database", Subject: OfBoth, Allowable: true, applies: cleansStats,
		Requires: "backendStorage is database 0 of its server",
		Reason:   "backend-cron deletes the statistics of deleted services in database 0, whatever the URL says: those of another installation may go, and its own stay",
		checkSpec: func(p *specPass) {
			d := p.database(redis.BackendStorage)
			if p.Profile.SingleDB || d.MasterGroup.Value != "" || d.Host.Value == "" || d.DB.Value == 0 || d.Password.Value.IsSet() || d.TLS.Said {
				return
			}
			whose := "whoever uses it"
			if names := p.inDatabaseZero(d.Plain()); len(names) > 0 {
				whose = "which is that of " + strings.Join(names, " and ")
			}
			p.hinted(d.DB.Place, "give backendStorage db 0; where database 0 is nobody's, say so in spec.allow",
				"backend-cron deletes statistics in database 0 of the server, %s, and never those of backendStorage", whose)
		},
	},
	{
		Name: "stats-cleaner-fails", Subject: OfSpec, Level: diag.Warning, applies: cleansStats,
		Requires: "backendStorage has no password, no TLS and no Sentinels",
		Reason:   "backend-cron deletes the statistics of deleted services through a connection without any of them: it fails every day in silence, and they stay",
		checkSpec: func(p *specPass) {
			d := p.database(redis.BackendStorage)
			const hint = "the statistics of deleted services stay in Redis until somebody deletes them by hand: docs/redis.md says how"
			switch {
			case d.MasterGroup.Value != "":
				p.hinted(d.MasterGroup.Place, hint, "the stats cleaner of backend-cron takes the master group for a host, and fails every day in silence")
			case d.Password.Value.IsSet():
				p.hinted(d.Password.Place, hint, "the stats cleaner of backend-cron sends no password, and fails every day in silence")
			case d.TLS.Said:
				p.hinted(d.TLS.Place, hint, "the stats cleaner of backend-cron connects without TLS, and fails every day in silence")
			}
		},
	},
}

func cleansStats(rel releases.Release) bool { return rel.Clients.Apisonator.StatsCleaner }

// inDatabaseZero names the other databases that are database 0 of a server.
func (p *specPass) inDatabaseZero(server redis.Connection) []string {
	var names []string
	for _, d := range p.Databases {
		if c := d.Plain(); d.Name != redis.BackendStorage && c.Host == server.Host && c.Port == server.Port && c.DB == 0 {
			names = append(names, d.Name)
		}
	}
	return names
}

// hinted is found with a hint.
func (p *specPass) hinted(at spec.Place, hint, format string, args ...any) {
	p.found(at, format, args...)
	p.issues[len(p.issues)-1].Hint = hint
}
