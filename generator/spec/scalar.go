package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// format is a form that some strings must have. The JSON Schema carries the
// pattern too, so it uses nothing that ECMA 262 lacks.
type format struct {
	pattern  *regexp.Regexp
	required string
}

var filled = regexp.MustCompile(`\S`)

var formats = map[string]format{
	"filled":  {filled, "must not be empty"},
	"path":    {filled, "must be a path"},
	"release": {filled, `must be a 3scale release line such as "2.7", or a template tag`},
	"profile": {filled, "must be the name of a profile"},
	"rule":    {filled, "must be the name of a rule"},
	"dns": {
		regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`),
		"must be at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends",
	},
	"subdomain": {
		regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$`),
		"must be lower-case letters, digits, hyphens and dots, with a letter or a digit at both ends of each part",
	},
	"env": {
		regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`),
		"must be the name of an environment variable: letters, digits and underscores",
	},
	// The grammar of github.com/distribution/reference, without registries of IPv6.
	"image": {
		regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$`),
		"must be a container image such as registry.example.com/redisshake:v4.2.0, without blanks",
	},
	// The pattern that the custom resources of External Secrets and others use.
	"duration": {
		regexp.MustCompile(`^(0|([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+)$`),
		"must be a duration such as 1h or 30m",
	},
}

// parse returns the string, int or bool that a text means.
func (s *shape) parse(text string) (any, bool) {
	switch s.kind {
	case number:
		// strconv alone would take +1 and 007.
		n, err := strconv.Atoi(text)
		return n, err == nil && strconv.Itoa(n) == text
	case truth:
		lower := strings.ToLower(text)
		return lower == "true", lower == "true" || lower == "false"
	default:
		return text, true
	}
}

// fault says what the shape requires where the value does not fulfil it, with
// a hint, and "" where it does. It never quotes the value.
func (s *shape) fault(value any) (message, hint string) {
	switch v := value.(type) {
	case string:
		if len(s.enum) > 0 && !slices.Contains(s.enum, v) {
			if len(s.enum) > 1 { // the message names the one
				hint = diag.DidYouMean(v, s.enum)
			}
			return "must be " + oneOf(s.enum), hint
		}
		if f, ok := formats[s.format]; ok && !f.pattern.MatchString(v) {
			return f.required, ""
		}
	case int:
		switch {
		case s.min != nil && s.max != nil && (v < *s.min || v > *s.max):
			return fmt.Sprintf("must be %d to %d", *s.min, *s.max), ""
		case s.min != nil && v < *s.min:
			return fmt.Sprintf("must be %d or more", *s.min), ""
		case s.max != nil && v > *s.max:
			return fmt.Sprintf("must be %d or less", *s.max), ""
		}
	}
	return "", ""
}

func oneOf(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "one of " + strings.Join(values, ", ")
}
