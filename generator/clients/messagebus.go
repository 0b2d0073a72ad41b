package clients

import "strings"

// rotation is the number of databases that porta counts in when it gives the
// message bus one of its own (message_bus_config.rb).
const rotation = 16

// inherits reports whether porta builds the message bus on the system database:
// it does where MESSAGE_BUS_URL is blank. A URL is used alone.
func (r *Reading) inherits(p program) bool {
	text, _, ok := p.quotedYAML(r.URL.Value)
	return ok && strings.TrimSpace(text) == ""
}

// inherit takes from the system database what the bus does not say itself. With
// equal namespaces the bus moves on to the next database.
func (r *Reading) inherit(p program, system Reading) {
	r.readNamespace(p)
	r.System = &system
	if !system.Works() {
		return
	}
	if len(r.Sentinels) == 0 {
		r.Sentinels = system.Sentinels
	}
	if r.Prefix == "" {
		r.Prefix = system.Prefix
	}
	if own, faults := p.bareYAML(r.Role.Value, r.Database); own == "" && faults == nil {
		role, faults := p.readRole(system.Role.Value, system.Database, len(r.Sentinels) > 0)
		r.MasterRole = role
		r.add(system.Role, faults)
	} else {
		r.readRole(p)
	}
	to := *system.To
	if r.Prefix == system.Prefix {
		to.DB = (to.DB + 1) % rotation
	}
	r.To = &to
}
