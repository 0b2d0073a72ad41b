package format

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// viewDocument shows people the value of each key, and what the programs of the release
// make of them. Every secret is a mask, which all programs read as it stands.
func viewDocument(r Result) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: 3scale %s, profile %s\n", r.Metadata.Name.Value, r.Release, r.Profile.Name)
	values, width := clients.Values{}, 0
	for _, s := range r.Secrets {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			values[s.Name][f.Key] = f.Mask()
			width = max(width, len(f.Key))
		}
	}
	for _, s := range r.Secrets {
		fmt.Fprintf(&b, "\nSecret %s\n", s.Name)
		for _, f := range s.Fields {
			// Each Sentinel has a line of its own.
			for i, part := range strings.SplitAfter(f.Mask(), ",") {
				key := f.Key
				if i > 0 {
					key = ""
				}
				fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("  %-*s  %s", width, key, diag.Printable(part)), " "))
			}
		}
	}
	b.WriteString("\nWhat the programs make of it\n")
	for _, name := range redis.Used(r.Release) {
		fmt.Fprintf(&b, "  %s\n", name)
		for _, end := range ends(clients.Readings(values, r.Release), name) {
			fmt.Fprintf(&b, "    %s\n      %s\n", strings.Join(end.programs, ", "), strings.Join(end.where, "\n      "))
		}
	}
	return []byte(b.String()), nil
}

// end is where programs end up.
type end struct {
	programs []string
	// where are the lines that say it.
	where []string
}

// ends are those of one database, each once.
func ends(readings []clients.Reading, database string) []end {
	var all []end
	var owner clients.Reading
	for _, r := range readings {
		if r.Database != database {
			continue
		}
		if owner.Database == "" {
			owner = r
		}
		where := whereOf(owner, r)
		if last := len(all) - 1; last >= 0 && slices.Equal(all[last].where, where) {
			all[last].programs = append(all[last].programs, string(r.Client))
			continue
		}
		all = append(all, end{[]string{string(r.Client)}, where})
	}
	return all
}

// whereOf says where a program ends up.
func whereOf(owner, r clients.Reading) []string {
	if !r.Works() {
		return []string{"does not get as far as connecting"}
	}
	c := r.Beside(owner)
	server := "master group " + c.MasterGroup
	if c.MasterGroup == "" {
		server = redis.Address{Host: c.Host, Port: c.Port}.String()
	}
	parts := []string{server, fmt.Sprintf("database %d", c.DB)}
	if c.Namespace != "" && r.Client != clients.Operator {
		parts = append(parts, "namespace "+c.Namespace)
	}
	if c.TLS.On {
		parts = append(parts, "TLS")
	}
	parts = append(parts, login(c.Username, c.Password))
	lines := []string{strings.Join(parts, ", ")}
	if c.MasterGroup == "" {
		return lines
	}
	lines = append(lines, "found through Sentinels, "+login(c.Sentinels.Username, c.Sentinels.Password))
	for _, h := range c.Sentinels.Hosts {
		lines = append(lines, "  "+h.String())
	}
	return lines
}

func login(username string, password secret.Value) string {
	switch {
	case username != "":
		return "user " + username
	case password.IsSet():
		return "with a password"
	default:
		return "no password"
	}
}

// joinText puts texts for people one below the other.
func joinText(documents []Document) []byte {
	var parts []string
	for _, d := range documents {
		parts = append(parts, string(d.Data))
	}
	return []byte(strings.Join(parts, "\n"))
}
