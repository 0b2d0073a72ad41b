package clients

import (
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// In 2.15 the operator builds a command line of redis-cli from the values, and a
// shell runs it: the password is not decoded, there is no user name, and it asks
// the first Sentinel only.

// shellURL returns what the operator takes from a URL. With Sentinels the host is
// the name of the master group.
func (p program) shellURL(value string, group bool) (*URL, []Fault) {
	if strings.TrimSpace(value) == "" {
		return nil, []Fault{p.fault(URLBlank, Stops, "requires a URL")}
	}
	password, host, port := splitForShell(value)
	to := &URL{Host: host, Port: redis.DefaultPort, Password: secret.FromText(password)}
	if port != "" {
		to.Port, _ = strconv.Atoi(port)
	}
	if group {
		to.Host = shellGroup(value)
	}
	var faults []Fault
	rest, found := strings.CutPrefix(value, "redis://")
	switch {
	case to.Host == "":
		return nil, []Fault{p.fault(URLHost, Stops, "finds no host in the URL")}
	case !shellTakes(to.Host) || found && strings.HasPrefix(rest, ":") && password == "":
		faults = append(faults, p.fault(URLSyntax, Stops, "cannot read this as a URL"))
	case !found && strings.Contains(value, "://"):
		faults = append(faults, p.fault(URLScheme, Misleads, "takes the scheme of the URL for the host"))
	case password == "" && strings.Contains(rest, "@"):
		faults = append(faults, p.fault(URLUserinfo, Misleads, "takes the user name, or what stands in its place, for the host"))
	case strings.Contains(host, "@"):
		faults = append(faults, p.fault(URLReserved, Misleads, "takes what follows the first @ for the host"))
	}
	if strings.Contains(password, "%") {
		faults = append(faults, p.fault(URLPasswordEncoded, Misleads, "sends the password as it stands, percent signs included"))
	}
	return to, append(faults, p.shellPassword(URLPasswordShell, password)...)
}

// splitForShell takes [redis://][:password@]host[:port] off the start of a URL. The
// password ends at the first @; what does not begin with a colon is not a password.
func splitForShell(value string) (password, host, port string) {
	rest := strings.TrimPrefix(value, "redis://")
	if after, ok := strings.CutPrefix(rest, ":"); ok {
		var found bool
		if password, rest, found = strings.Cut(after, "@"); !found || password == "" {
			// Nothing fits, so that the scheme itself becomes the host.
			password, rest = "", value
		}
	}
	end := strings.IndexAny(rest, ":/")
	if end < 0 {
		return password, rest, ""
	}
	host = rest[:end]
	if rest[end] == ':' {
		digits := rest[end+1:]
		port = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
	}
	return password, host, port
}

// shellGroup takes the name of a master group from a URL.
func shellGroup(value string) string {
	rest, found := strings.CutPrefix(value, "redis://")
	if _, after, ok := strings.Cut(rest, "@"); ok && (found || strings.Contains(rest, ":")) {
		rest = after
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest, _, _ = strings.Cut(rest, ":")
	return rest
}

// shellSentinels returns the first Sentinel of a list. Where it cannot be read, the
// operator goes on as if there were none.
func (p program) shellSentinels(value string) ([]Sentinel, []Fault) {
	if value == "" {
		return nil, nil
	}
	entry, _, _ := strings.Cut(value, ",")
	entry = strings.TrimSpace(entry)
	if _, after, ok := strings.Cut(entry, "://"); ok {
		entry = after
	}
	parts := strings.Split(entry, "@")
	login, address := strings.Split(parts[0], ":"), strings.Split(parts[len(parts)-1], ":")
	if len(parts) > 1 && len(login) != 2 || len(address) > 2 || address[0] == "" {
		return nil, []Fault{p.fault(SentinelSyntax, Misleads, "cannot read the first Sentinel, and takes the master group for a host")}
	}
	s := Sentinel{Address: redis.Address{Host: address[0], Port: redis.DefaultPort}}
	var faults []Fault
	if len(address) == 2 && address[1] != "" {
		port, ok := readPort(address[1])
		if s.Port = port; !ok {
			faults = append(faults, p.fault(SentinelSyntax, Stops, "cannot connect to the port of a Sentinel"))
		}
	} else {
		faults = append(faults, p.fault(SentinelPort, Misleads, "takes port 6379 for a Sentinel without a port, where others take 26379"))
	}
	if len(parts) > 1 {
		s.Password = secret.FromText(login[1])
		faults = append(faults, p.shellPassword(SentinelPasswordShell, login[1])...)
	}
	return []Sentinel{s}, faults
}

// shellPassword looks at a password as a word on a command line.
func (p program) shellPassword(kind Kind, password string) []Fault {
	if shellTakes(password) {
		return nil
	}
	return []Fault{p.fault(kind, Stops, "puts the password on the command line of a shell, which takes some of its characters for its own")}
}

// shellTakes reports whether a word on a command line reaches a program as it is.
func shellTakes(word string) bool {
	return !strings.ContainsAny(word, " \t\r\n\"$&'();<>\\`{|}[]") && !strings.HasPrefix(word, "~") && !strings.HasPrefix(word, "#")
}
