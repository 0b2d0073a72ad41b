package migrate

import (
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/installed/move"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Options are what a person decides about one plan.
type Options struct {
	// Data overrides spec.data.move where it is not empty.
	Data string
	// KeepPortal leaves the portals up while data moves.
	KeepPortal bool
}

// data is how the data of the databases that move gets to their new place.
type data struct {
	Options
	offline bool
	// offlineBack says that the way back is, since the new Redis serves no replication.
	offlineBack bool
	servers     []oldServer
	// forward copies to the new Redis, back from there to the old one.
	forward, back *move.Move
	// tries are the Pods that try the new values.
	tries []string
}

// oldServer is a Redis of the installation that databases leave.
type oldServer struct {
	// name is backend or system, for the files.
	name   string
	object manifest.Object
}

// planData decides how the data moves, and refuses what cannot be moved.
func (p *planner) planData(options Options) error {
	mode := options.Data
	if mode == "" {
		mode = p.report.Want.Spec.Data.Move.Value
	}
	p.plan.copyable = p.inOldServers()
	if options.KeepPortal && mode != spec.MoveLive {
		return diag.Issues{{Pos: diag.Position{File: p.report.Want.Spec.Release.Pos.File}, Path: "--keep-portal", Message: "needs --data live, or spec.data.move: live"}}
	}
	if mode == "" || mode == spec.MoveNone {
		return nil
	}
	if len(p.plan.Moved()) == 0 {
		return p.withoutPods().Err()
	}
	d := &data{Options: options, offline: mode == spec.MoveOffline, offlineBack: p.report.Want.Profile.NoReplication, servers: p.oldServers()}
	databases, issues := p.movedDatabases()
	issues = append(issues, p.immovable(d)...)
	if issues.Failed() {
		return issues
	}
	image := p.report.Want.Spec.Data.Image
	o := move.Options{Mode: move.Live, Image: image.Value, ImagePath: "spec.data.image", Databases: databases}
	for _, s := range d.servers {
		o.Servers = append(o.Servers, move.Server{Name: s.name, Workload: resource(s.object), Address: redis.Address{Host: s.object.Name(), Port: redis.DefaultPort}})
	}
	if d.offline {
		o.Mode = move.Offline
	}
	if d.forward, issues = move.New(o); issues.Failed() {
		for i := range issues {
			if issues[i].Pos.File == "" { // of a field that the spec does not have
				issues[i].Pos.File = p.report.Want.Spec.Release.Pos.File
			}
		}
		return issues
	}
	o.Back = true
	if d.offlineBack {
		o.Mode = move.Offline
	}
	if d.back, issues = move.New(o); issues.Failed() {
		return issues
	}
	p.data = d
	p.autoscalers()
	p.plan.Data, p.plan.keepsPortal, p.plan.offlineBack = mode, options.KeepPortal, d.offlineBack
	return nil
}

// oldServers are the Redis pods that the template or the operator brought.
func (p *planner) oldServers() []oldServer {
	var servers []oldServer
	for _, o := range p.report.Export.Workloads {
		if slices.Contains(p.report.Release.InternalRedis, o.String()) {
			servers = append(servers, oldServer{name: shortName(o.Name()), object: o})
		}
	}
	return servers
}

// movedDatabases are the databases that move, from where to where.
func (p *planner) movedDatabases() ([]move.Database, diag.Issues) {
	var databases []move.Database
	var issues diag.Issues
	for _, d := range p.plan.Moved() {
		at := p.placeOf(d.Name)
		now := p.report.Now(d.Name)
		if len(now) != 1 || now[0].Reading == nil || !verify.Clear(*now[0].Reading) {
			issues = append(issues, at.Issue("its data cannot be moved: it is at several places now, or at one that the export does not show: "+d.Now))
			continue
		}
		databases = append(databases, move.Database{Name: d.Name, Path: at.Path, Pos: at.Pos, Old: now[0].Reading.Connection(), New: p.then(d.Name).Connection()})
	}
	return databases, issues
}

// placeOf is where the spec says where a database is.
func (p *planner) placeOf(database string) spec.Place {
	for _, d := range p.report.Want.Databases {
		switch {
		case d.Name != database:
		case d.MasterGroup.Said:
			return d.MasterGroup.Place
		case d.Host.Said:
			return d.Host.Place
		}
	}
	return p.report.Want.Spec.Profile.Place
}

// then is what the owner of a database makes of the values of the spec.
func (p *planner) then(database string) clients.Reading {
	for _, r := range clients.Readings(p.report.Wanted, p.report.Release) {
		if r.Database == database {
			return r
		}
	}
	return clients.Reading{}
}

// dataFiles adds the files of one direction.
func (p *planner) dataFiles(dir string, m *move.Move) {
	for _, c := range m.Copies {
		p.plan.Files = append(p.plan.Files, format.File{Name: dir + "data/copy-" + c.Name + ".yaml", Data: []byte(c.File), Secret: true})
	}
	for _, c := range m.Checks {
		p.plan.Files = append(p.plan.Files, format.File{Name: dir + "data/check-" + c.Name + ".sh", Data: []byte(c.File), Secret: true})
	}
}

// immovable are what stands in the way of moving data: a copy needs the passwords, one
// old Redis of each kind, and pods whose number is known.
func (p *planner) immovable(d *data) diag.Issues {
	var issues diag.Issues
	if delivery := p.report.Want.Spec.Secrets.Delivery; p.delivery() != spec.DeliverSecret {
		issue := delivery.Issue("must be Secret where data moves: the copy needs the passwords")
		issue.Hint = "plan with `delivery: Secret`, and hand the Secrets over when all is done; or say --data none"
		issues = append(issues, issue)
	}
	for _, s := range d.servers {
		if n := replicas(s.object); n != 1 {
			issues = append(issues, s.object.Issue(manifest.Field(s.object.Node, "spec", "replicas"), s.object.String()+".spec.replicas", "must be 1 where data moves, not %d: the copy begins with one pod, and the checks run in it", n))
		}
	}
	if p.placeholders {
		issues = append(issues, diag.Issue{Pos: diag.Position{File: p.report.Want.Spec.Release.Pos.File}, Path: "spec", Message: "a password is a placeholder, and data moves with the password itself: each file escapes it in another way"})
	}
	return append(issues, p.withoutPods()...)
}

// withoutPods are workloads that are down: nobody knows how many pods to bring back, and
// another plan may be half done.
func (p *planner) withoutPods() diag.Issues {
	var issues diag.Issues
	for _, w := range p.report.Release.Workloads {
		o, there := p.report.Export.Workload(w.Kind, w.Name)
		if !there || w.Transient || replicas(o) > 0 {
			continue
		}
		issue := o.Issue(manifest.Field(o.Node, "spec", "replicas"), o.String()+".spec.replicas", "must be more than 0 where data moves: the plan brings back as many pods as the export has")
		issue.Hint = "if another plan is half done, go on with it, or take its way back; else scale it up, and export again"
		issues = append(issues, issue)
	}
	return issues
}

// inOldServers reports whether all data that moves is in pods of the installation.
func (p *planner) inOldServers() bool {
	servers := p.oldServers()
	for _, l := range p.plan.Left {
		if !slices.ContainsFunc(servers, func(s oldServer) bool {
			return verify.SameServer(l.connection, redis.Connection{Host: s.object.Name(), Port: redis.DefaultPort})
		}) {
			return false
		}
	}
	return len(servers) > 0
}
