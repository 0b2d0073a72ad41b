package migrate

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Left is a Redis server that databases leave.
type Left struct {
	Server string `json:"server"`
	// Databases leave it, Used are those that use it when all is done.
	Databases []string `json:"databases"`
	Used      []string `json:"used,omitempty"`
	// Unclear says that something reads values that the export does not show: it can
	// use the server as well.
	Unclear bool `json:"unclear,omitempty"`
	// Objects are those of the template's own Redis that stand behind it, where
	// nothing uses it any more.
	Objects []string `json:"objects,omitempty"`

	connection redis.Connection
}

// Removable reports whether no database uses the server when all is done.
func (l Left) Removable() bool { return len(l.Used) == 0 && !l.Unclear }

// databases says where each database is and will be, and what it leaves.
func (p *planner) databases() {
	then := map[string]clients.Reading{}
	for _, r := range clients.Readings(p.report.Wanted, p.report.Release) {
		if _, seen := then[r.Database]; !seen {
			then[r.Database] = r
		}
	}
	unclear := false
	for _, name := range redis.Names {
		to, there := then[name]
		if !there {
			continue
		}
		d := Database{Name: name, Then: p.report.Display.Where(to)}
		var now []string
		for _, n := range p.report.Now(name) {
			text := p.report.Where(n)
			if len(n.Workloads) > 0 {
				text += " (" + strings.Join(n.Workloads, ", ") + ")"
			}
			now = append(now, text)
			if n.Reading == nil || !verify.Clear(*n.Reading) {
				unclear = true
			}
			if n.Reading == nil || verify.Moves(*n.Reading, to) {
				d.Moves = true
				p.leaves(n, name)
			}
		}
		d.Now = strings.Join(now, "; ")
		p.plan.Databases = append(p.plan.Databases, d)
	}
	for i := range p.plan.Left {
		l := &p.plan.Left[i]
		l.Unclear = unclear
		for _, name := range redis.Names {
			if to, there := then[name]; there && (!verify.Clear(to) || verify.SameServer(l.connection, to.Connection())) {
				l.Used = append(l.Used, name)
			}
		}
		if l.Removable() {
			l.Objects = p.ownRedis(l.connection)
		}
	}
}

// leaves notes the server that a database leaves.
func (p *planner) leaves(n verify.Now, database string) {
	if n.Reading == nil || !verify.Clear(*n.Reading) {
		return
	}
	c := n.Reading.Connection()
	i := slices.IndexFunc(p.plan.Left, func(l Left) bool { return verify.SameServer(l.connection, c) })
	if i < 0 {
		i = len(p.plan.Left)
		p.plan.Left = append(p.plan.Left, Left{Server: p.report.Display.Server(*n.Reading), connection: c})
	}
	if l := &p.plan.Left[i]; !slices.Contains(l.Databases, database) {
		l.Databases = append(l.Databases, database)
	}
}

// ownRedis are the objects of the template's own Redis behind a connection. The
// claims outlive their pods, and are in no export of pods and Secrets. What both
// servers of a template share, their configuration, belongs to none.
func (p *planner) ownRedis(c redis.Connection) []string {
	var objects []string
	for _, id := range p.report.Release.InternalRedis {
		_, object, _ := strings.Cut(id, "/")
		name := strings.TrimSuffix(object, "-storage")
		there := slices.ContainsFunc(p.report.Export.Workloads, func(o manifest.Object) bool {
			return o.Name() == name && slices.Contains(p.report.Release.InternalRedis, o.String())
		})
		if there && verify.SameServer(c, redis.Connection{Host: name, Port: c.Port}) {
			objects = append(objects, id)
		}
	}
	return objects
}
