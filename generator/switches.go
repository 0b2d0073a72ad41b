package generator

import (
	"strconv"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/profiles"
)

// Switches are what the APIManager must say of Redis, in a release that an operator
// runs. Async mode is left alone where the spec does not say it.
func (c *Checked) Switches() wiring.Switches {
	s := wiring.Switches{External: map[string]bool{}, TLS: map[string]bool{}}
	for _, field := range c.Release.APIManager.External {
		s.External[field] = c.Profile.Reach != profiles.InTemplate
	}
	for _, d := range c.Databases {
		if _, ok := c.Release.APIManager.TLS[d.Name]; ok {
			s.TLS[d.Name] = d.TLS.Said
		}
	}
	if async := c.Spec.APIManager.Value.Async; async.Said && c.Release.APIManager.DisableAsync != "" {
		s.DisableAsync = strconv.FormatBool(!async.Value)
	}
	return s
}
