package clients

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// readRole returns the role that a program asks the Sentinels for. Without
// Sentinels there is none; but porta parses the value always.
func (p program) readRole(value, database string, sentinels bool) (string, []Fault) {
	role := value
	switch {
	case p.name == Operator:
		return "", nil
	case p.name == Porta:
		var faults []Fault
		if role, faults = p.bareYAML(value, database); faults != nil {
			return "", faults
		}
	case p.does.Parser != releases.RedisRB:
		if strings.Trim(role, rubySpace) == "" {
			role = ""
		}
	}
	switch {
	case !sentinels && p.name == Porta && p.does.Parser == releases.RedisClient && role != "":
		return "", []Fault{p.fault(Role, Stops, "does not start with a role where there are no Sentinels")}
	case !sentinels:
		return "", nil
	case role == "":
		return "master", nil
	case role == "replica" && p.does.Parser != releases.RedisRB:
		return "slave", nil // the older word for the same
	case role != "master" && role != "slave":
		// redis-rb 3 and 4 raise ArgumentError, Unknown instance role, for replica too.
		return "", []Fault{p.fault(Role, Stops, "does not know that role: master and slave are known")}
	}
	return role, nil
}
