package verify

import (
	"regexp"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// plain is a role or a namespace as people write them.
var plain = regexp.MustCompile(`^[A-Za-z0-9_.-]*$`)

// mask gives a value of a Secret for people. A value that porta does not take as
// it stands could be anything, a password too, and is masked as a whole.
func mask(field, value string) string {
	var faults []clients.Fault
	switch field {
	case "url":
		if value != "" {
			_, faults = clients.ReadURL(clients.Porta, value)
		}
	case "sentinelHosts":
		_, faults = clients.ReadSentinels(clients.Porta, value)
	default:
		if plain.MatchString(value) {
			return value
		}
		return secret.Mask
	}
	if len(faults) > 0 {
		return secret.Mask
	}
	return secret.MaskURLs(value)
}
