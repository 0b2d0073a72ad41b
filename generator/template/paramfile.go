package template

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// ParseParamFile reads a parameter file as `oc process --param-file` does: lines
// NAME=VALUE, empty lines and lines that begin with #. A value may stand in
// quotes, with \n, \r and a backslash before anything else that is meant as it
// is. What oc would cut off or take in two ways is an error here: a # that is
// not quoted, text behind a quote, a name that is there twice.
func ParseParamFile(name string, data []byte) (map[string]secret.Value, error) {
	if !utf8.Valid(data) {
		return nil, diag.Issues{{Pos: diag.Position{File: name}, Message: "must be UTF-8 text with lines NAME=VALUE"}}
	}
	values := map[string]secret.Value{}
	lines := map[string]int{}
	var issues diag.Issues
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if text := strings.Trim(line, " \t"); text == "" || text[0] == '#' {
			continue
		}
		param, text, isPair := strings.Cut(line, "=")
		param = strings.Trim(param, " ")
		value, problem := paramValue(text)
		switch {
		case !isPair || !parameterName.MatchString(param):
			param, problem = "", "must be NAME=VALUE, with letters, digits and _ in the name"
		case lines[param] > 0:
			problem = fmt.Sprintf("is there already, on line %d", lines[param])
		}
		if problem != "" {
			issues = append(issues, diag.Issue{Pos: diag.Position{File: name, Line: i + 1, Column: 1}, Path: param, Message: problem})
			continue
		}
		values[param], lines[param] = secret.FromText(value), i+1
	}
	if !slices.ContainsFunc(issues, func(i diag.Issue) bool { return i.Path != "" }) && len(lines) == 0 {
		issues = issues[:min(1, len(issues))] // another kind of file: one line says it
	}
	if issues.Failed() {
		return nil, issues
	}
	return values, nil
}

// quoted is a value in quotes, and a comment behind it.
var quoted = regexp.MustCompile(`^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')[ \t]*(?:#.*)?$`)

var escape = regexp.MustCompile(`\\.`)

// paramValue reads what stands behind the =, or says what is wrong with it.
func paramValue(text string) (value, problem string) {
	text = strings.Trim(text, " ")
	if m := quoted.FindStringSubmatch(text); m != nil {
		return escape.ReplaceAllStringFunc(m[1]+m[2], func(found string) string {
			switch found[1:] {
			case "n":
				return "\n"
			case "r":
				return "\r"
			default:
				return found[1:]
			}
		}), ""
	}
	if text != "" && strings.ContainsAny(text[:1], `"'`) {
		return "", "a quoted value must end with its quote; put a backslash before a quote inside"
	}
	before, _, hasHash := strings.Cut(text, "#")
	bare := strings.TrimRight(before, " \t")
	if hasHash && (bare == before || strings.ContainsAny(text, `"'`)) && before != "" {
		return "", "a value with a # must be quoted, or it ends there"
	}
	return bare, ""
}

// ParamFile gives a parameter file to fill in. What must be given stands there
// empty, or with its generated value; defaults are comments.
func (t *Template) ParamFile(generated map[string]string) []byte {
	var b bytes.Buffer
	for i, p := range t.Parameters {
		if i > 0 {
			b.WriteByte('\n')
		}
		for line := range strings.Lines(p.Description) {
			fmt.Fprintf(&b, "# %s\n", strings.TrimRight(line, "\r\n"))
		}
		value, given := generated[p.Name]
		switch {
		case given:
			fmt.Fprintf(&b, "%s=%s\n", p.Name, quote(value))
		case p.generated():
			fmt.Fprintf(&b, "# Required: %s\n%s=\n", p.From, commentedUnless(p.Required)+p.Name)
		case p.Required && p.Value == "":
			fmt.Fprintf(&b, "# Required.\n%s=\n", p.Name)
		default:
			fmt.Fprintf(&b, "#%s=%s\n", p.Name, quote(p.Value))
		}
	}
	return b.Bytes()
}

// commentedUnless hides an empty line whose parameter may be empty: there it
// would count as given.
func commentedUnless(required bool) string {
	if required {
		return ""
	}
	return "#"
}

// quote writes a value so that ParseParamFile reads it back.
func quote(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(value) + `"`
}

// plain are the values that need no quotes, whoever reads the file.
var plain = regexp.MustCompile(`^[!$-&(-~]*$`)
