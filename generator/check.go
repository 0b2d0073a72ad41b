package generator

import (
	"errors"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Secrets say how the texts behind references are found.
type Secrets struct {
	// Lookup finds them. Without it they stay unknown, and so does one that it
	// answers with secret.ErrUnknown: that is enough for Check, not for Render.
	Lookup secret.Lookup
	// Tokens says that Lookup returns tokens, and that passwords in the spec
	// become tokens too: golden files hold none.
	Tokens bool
	// Now is when certificates must be valid; the zero Time where nobody asks.
	Now time.Time
	// Unneeded says that the result is used for something that holds no Secret:
	// references stay unknown, and Render makes no Secret.
	Unneeded bool
	// Undelivered says that Render makes no Secret, though references are looked up:
	// what Lookup does not know may stay unknown.
	Undelivered bool
}

// unknownParameter stands for a parameter of a template that nobody looked up,
// where only names and env vars of the objects matter.
const unknownParameter = "unknown"

// lookUp puts the texts behind the references of a spec into it. Passwords that
// reach no output may stay unknown.
func (s Secrets) lookUp(file *spec.File) diag.Issues {
	elsewhere := file.Spec.Secrets.DeliveredAs() == spec.DeliverNone
	var issues diag.Issues
	file.ReplaceSecrets(func(f spec.Field[secret.Value]) secret.Value {
		v, parameter := f.Value, f.Below(file.Spec.Template.Place)
		// A parameter in plain text is a domain name or the like.
		token := s.Tokens && v.Kind() == secret.Plain && !parameter
		if v.Known() && !token || v.Kind() == secret.Remote {
			return v
		}
		text, err := "", secret.ErrUnknown
		if s.Lookup != nil && (parameter || !s.Unneeded) {
			text, err = s.Lookup(v)
		}
		switch {
		case err == nil:
			return v.With(text)
		case parameter && s.Unneeded:
			return v.With(unknownParameter)
		case !errors.Is(err, secret.ErrUnknown) && (parameter || !elsewhere):
			issues = append(issues, f.Issue(err.Error()))
		}
		return v
	})
	return issues
}

// findFacts finds the profile and the release that the spec names.
func (c *Checked) findFacts() diag.Issues {
	var issues diag.Issues
	var err error
	if name := c.Spec.Profile; name.Said {
		c.Profile, err = profiles.Find(name.Value)
		issues = append(issues, name.Issues(err)...)
	}
	if name := c.Spec.Release; name.Said {
		c.Release, err = releases.Find(name.Value)
		issues = append(issues, name.Issues(err)...)
		if err == nil && c.Spec.AsyncOff() {
			c.Release = c.Release.WithoutAsync()
		}
	}
	return issues
}

// compose makes the values of the Secrets.
func (c *Checked) compose() []redis.Secret {
	databases := resolve.Connections(c.Databases)
	if c.Profile.Reach == profiles.InTemplate {
		return redis.Internal(c.Release, databases[redis.System].Namespace, databases[redis.MessageBus].Namespace)
	}
	return redis.Compose(databases, c.Release, redis.Credentials(c.Spec.Secrets.Credentials.Value))
}
