package move

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// refuser collects what stands in the way of a move.
type refuser struct {
	Options
	issues diag.Issues
}

func (r *refuser) found(d Database, hint, format string, args ...any) {
	r.issues = append(r.issues, diag.Issue{Pos: d.Pos, Path: d.Path, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// refuse returns what is wrong with a move.
func refuse(o Options) diag.Issues {
	r := refuser{Options: o}
	r.image()
	for _, d := range o.Databases {
		r.source(d)
		r.target(d)
		r.texts(d)
	}
	r.clashes()
	return r.issues
}

func (r *refuser) image() {
	issue := diag.Issue{Path: r.ImagePath}
	switch {
	case r.Image == "":
		issue.Message = "is required: the data is copied by RedisShake, in a pod"
		issue.Hint = "name an image that the cluster can pull, such as ghcr.io/tair-opensource/redisshake with its digest"
	case strings.ContainsFunc(r.Image, unspeakable):
		issue.Message = "must be a container image, without blanks"
	default:
		return
	}
	r.issues = append(r.issues, issue)
}

// source refuses what is not in one of the old pods.
func (r *refuser) source(d Database) {
	if !slices.ContainsFunc(r.Servers, func(s Server) bool { return s.has(d.Old) }) {
		r.found(d, "move it with the means of the Redis that it leaves, and render the plan with --data none",
			"%s is not on a Redis pod of the installation now, and only from there data is copied", d.Name)
	}
}

// target refuses what no copy can reach, and what is no other server.
func (r *refuser) target(d Database) {
	switch {
	case d.New.Host == "" && d.New.MasterGroup == "", d.New.MasterGroup != "" && len(d.New.Sentinels.Hosts) == 0:
		r.found(d, "", "%s leads to no server", d.Name)
	case slices.ContainsFunc(r.Servers, func(s Server) bool { return s.has(d.New) }):
		r.found(d, "name another server: where source and target are one, nobody can tell when the last client has left",
			"%s would go to an old Redis pod of the installation, and is copied away from these only", d.Name)
	}
	if !d.New.TLS.On {
		return
	}
	if d.New.TLS.Certificate.IsSet() {
		r.found(d, "move the data without a certificate of the client, and demand it afterwards", "RedisShake has no certificate of a client")
		return
	}
	r.found(d, "", "RedisShake connects with TLS, but does not verify the certificate of the server")
	r.issues[len(r.issues)-1].Severity = diag.Warning
}

// texts refuses what cannot stand in the configuration, in the script or in an
// argument of redis-cli. No message quotes a password.
func (r *refuser) texts(d Database) {
	for _, p := range []struct {
		what  string
		value secret.Value
	}{{"the password", d.New.Password}, {"the password of the Sentinels", d.New.Sentinels.Password}, {"the password of the old Redis", d.Old.Password}} {
		switch text := p.value.Reveal(); {
		case !p.value.Final():
			r.found(d, "give the value itself, with {fromEnv: NAME} or {fromFile: path}: no other program can put it into the configuration of RedisShake",
				"%s must be known to copy the data", p.what)
		case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
			r.found(d, "", "%s must be of printable characters, without a line feed, to copy the data", p.what)
		}
	}
	names := [][2]string{{"the host", d.New.Host}, {"the master group", d.New.MasterGroup}, {"the user name", d.New.Username}, {"the user name of the Sentinels", d.New.Sentinels.Username}}
	for _, h := range d.New.Sentinels.Hosts {
		names = append(names, [2]string{"the host of a Sentinel", h.Host})
	}
	for _, n := range names {
		if strings.ContainsFunc(n[1], unspeakable) {
			r.found(d, "", "%s must have no blank and no control character to copy the data", n[0])
		}
	}
}

// unspeakable reports whether r is in no name of a host, of a user or of an image.
func unspeakable(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError
}

// clashes refuses two databases into one, and one into two: then nobody could part
// them, on the way there or on the way back.
func (r *refuser) clashes() {
	for i, a := range r.Databases {
		for _, b := range r.Databases[:i] {
			sameOld := a.Old.Endpoint() == b.Old.Endpoint() && a.Old.DB == b.Old.DB
			sameNew := sameTarget(a.New, b.New)
			switch {
			case sameNew && !sameOld:
				r.found(a, "give each a database of its own", "%s and %s would go into one database, where their keys mix", b.Name, a.Name)
			case sameOld && !sameNew:
				r.found(a, "let both go to one database, or move the data of one by hand", "%s and %s are in one database now, and would go to two", b.Name, a.Name)
			}
		}
	}
}

// sameTarget reports whether two connections can lead to one database: the Sentinels
// of a master may be listed in part.
func sameTarget(a, b redis.Connection) bool {
	if a.DB != b.DB || a.MasterGroup != b.MasterGroup {
		return false
	}
	if a.MasterGroup == "" {
		return strings.EqualFold(a.Host, b.Host) && port(a.Port, redis.DefaultPort) == port(b.Port, redis.DefaultPort)
	}
	return slices.ContainsFunc(a.Sentinels.Hosts, func(h redis.Address) bool {
		return slices.ContainsFunc(b.Sentinels.Hosts, func(g redis.Address) bool { return strings.EqualFold(h.Host, g.Host) })
	})
}
