package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Display shows values of the Secrets to people. A value that does not look like
// what its key is for could be a password in the wrong place, and is masked as a
// whole; so is one that has a password of the same Secrets in it.
type Display struct {
	passwords []string
}

// NewDisplay returns a Display that knows the passwords in the values.
func NewDisplay(rel releases.Release, all ...clients.Values) Display {
	var d Display
	for _, values := range all {
		for _, r := range clients.Readings(values, rel) {
			d.know(secret.FromText(r.Password.Value))
			d.know(secret.FromText(r.SentinelPassword.Value))
			if r.To != nil {
				d.know(r.To.Password)
			}
			for _, s := range r.Sentinels {
				d.know(s.Password)
			}
		}
	}
	return d
}

// shortPassword is the length up to which a password is in other texts by chance.
const shortPassword = 3

func (d *Display) know(v secret.Value) {
	if text := v.Reveal(); len(text) > shortPassword && text != secret.Mask && !slices.Contains(d.passwords, text) {
		d.passwords = append(d.passwords, text)
	}
}

// The forms in which a value is shown. A bare word is not an address: it could be
// anything. In a list a comma ends a password, as it does for the programs.
const (
	host  = `(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])`
	port  = `(?::[0-9]{1,5})`
	start = `(?:(?:rediss?://)LOGIN` + host + port + `?|LOGIN(?:` + host + port + `|[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+))`
	word  = `(?:3scale|[A-Za-z][a-z]*[0-9]{0,3}|[0-9]{1,3})`
)

var (
	one  = strings.ReplaceAll(start, "LOGIN", `(?:[^@/?#\s]*@)?`)
	each = strings.ReplaceAll(start, "LOGIN", `(?:[^@,/?#\s]*@)?`)
)

// words are some with marks between them.
var words = regexp.MustCompile(`^` + word + `(?:[-_.:/]` + word + `){0,5}$`)

// shapes are what a value of a field looks like.
var shapes = map[string]*regexp.Regexp{
	"url":           regexp.MustCompile(`^` + one + `(?:/[0-9]{0,3})?$`),
	"sentinelHosts": regexp.MustCompile(`^` + each + `(?:,` + each + `)*$`),
	"sentinelRole":  regexp.MustCompile(`^(?:master|slave|replica)$`),
	"namespace":     words,

	"username":         words,
	"sentinelUsername": words,
}

// logins match the credentials in a value that has its shape.
var logins = map[string]*regexp.Regexp{
	"url":           regexp.MustCompile(`(^|//)[^@/]*@`),
	"sentinelHosts": regexp.MustCompile(`(^|//|,)[^@,/]*@`),
}

// Value shows the value of a key whose field is given.
func (d Display) Value(field, value string) string {
	if value == "" {
		return ""
	}
	if shape, ok := shapes[field]; !ok || !shape.MatchString(value) {
		return secret.Mask
	}
	shown := value
	if login, ok := logins[field]; ok {
		shown = login.ReplaceAllString(value, "${1}:"+secret.Mask+"@")
	}
	if slices.ContainsFunc(d.passwords, func(p string) bool { return strings.Contains(shown, p) }) {
		return secret.Mask
	}
	return shown
}

// Shows reports whether Value shows more than a mask.
func (d Display) Shows(field, value string) bool { return d.Value(field, value) != secret.Mask }

// Where says in words what a program ends up with.
func (d Display) Where(r clients.Reading) string {
	if !Clear(r) {
		return "unclear: " + string(r.Client) + " does not take the values as they stand"
	}
	c := r.Connection()
	where := fmt.Sprintf("%s, database %d", d.Server(r), c.DB)
	if c.Namespace != "" {
		where += ", namespace " + d.Value("namespace", c.Namespace)
	}
	return where
}

// Server names the Redis that a program ends up with.
func (d Display) Server(r clients.Reading) string {
	if !d.ShowsAddress(r) {
		return secret.Mask + " (no address to be shown)"
	}
	c := r.Connection()
	if c.MasterGroup == "" {
		return redis.Address{Host: c.Host, Port: c.Port}.String()
	}
	var hosts []string
	for _, h := range c.Sentinels.Hosts {
		hosts = append(hosts, h.String())
	}
	return "group " + c.MasterGroup + " of the Sentinels " + strings.Join(hosts, ", ")
}

// ShowsAddress reports whether people may see the Redis that a program ends up with.
func (d Display) ShowsAddress(r clients.Reading) bool {
	return d.Shows("url", r.URL.Value) && d.Shows("sentinelHosts", r.SentinelHosts.Value) && (r.System == nil || d.ShowsAddress(*r.System))
}

// Clear reports whether a program takes the values as they stand.
func Clear(r clients.Reading) bool {
	return r.Works() && !slices.ContainsFunc(r.Problems, func(p clients.Problem) bool { return p.Effect != clients.Ignores })
}
