package template

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Params are the parameters of several files.
type Params struct {
	Values map[string]secret.Value
	at     map[string]diag.Position
}

// Read reads a parameter file as `oc process --param-file` does: lines
// NAME=VALUE, empty lines and lines that begin with #. A value may stand in
// quotes, with \n, \r and a backslash before anything else that is meant as it
// is. What oc would cut off or take in two ways is an error here: a # that is
// not quoted, text behind a quote, and a name that appears twice, in this file
// or in one before it, of which oc takes the first.
func (p *Params) Read(name string, data []byte) error {
	if !utf8.Valid(data) {
		return diag.Issues{{Pos: diag.Position{File: name}, Message: "must be UTF-8 text with lines NAME=VALUE"}}
	}
	if p.Values == nil {
		p.Values, p.at = map[string]secret.Value{}, map[string]diag.Position{}
	}
	var issues diag.Issues
	pairs := 0
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if text := strings.Trim(line, " \t"); text == "" || text[0] == '#' {
			continue
		}
		param, text, isPair := strings.Cut(line, "=")
		param = strings.Trim(param, " ")
		value, problem := paramValue(text)
		pos := diag.Position{File: name, Line: i + 1, Column: 1}
		switch first, given := p.at[param]; {
		case !isPair || !parameterName.MatchString(param):
			param, problem = "", "must be NAME=VALUE, with letters, digits and _ in the name"
		case given && first.File == name:
			problem = fmt.Sprintf("is there already, on line %d", first.Line)
		case given:
			problem = fmt.Sprintf("is there already, at %s", first)
		}
		if param != "" {
			pairs++
		}
		if problem != "" {
			issues = append(issues, diag.Issue{Pos: pos, Path: param, Message: problem})
			continue
		}
		p.Values[param], p.at[param] = secret.FromText(value), pos
	}
	if pairs == 0 {
		issues = issues[:min(1, len(issues))] // another kind of file: one line says it
	}
	return issues.Err()
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

// ParamFile returns a parameter file to fill in. What must be given stands there
// empty, or with its generated value; defaults are comments. A parameter without
// effect is left out.
func (t *Template) ParamFile(generated map[string]string) []byte {
	var b bytes.Buffer
	for _, p := range t.Parameters {
		if _, ok := t.withoutEffect(p.Name); ok {
			continue
		}
		if b.Len() > 0 {
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

// quote writes a value so that Params.Read reads it back.
func quote(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(value) + `"`
}

// plain are the values that need no quotes, whoever reads the file.
var plain = regexp.MustCompile(`^[!$-&(-~]*$`)
