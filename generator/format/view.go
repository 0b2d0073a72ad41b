package format

import (
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
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
		for _, end := range clients.Ends(values, r.Release, name) {
			fmt.Fprintf(&b, "    %s\n      %s\n", strings.Join(end.Programs, ", "), strings.Join(end.Where, "\n      "))
		}
	}
	return []byte(b.String()), nil
}

// joinText puts texts for people one below the other.
func joinText(documents []Document) []byte {
	var parts []string
	for _, d := range documents {
		parts = append(parts, string(d.Data))
	}
	return []byte(strings.Join(parts, "\n"))
}
