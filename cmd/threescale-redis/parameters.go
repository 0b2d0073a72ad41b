package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// The parameters of an Application.
const (
	filesParameter = "files"
	setParameter   = "set"
)

// parameters are what an Application says about its spec.
type parameters struct {
	files []string
	sets  []string
}

func defaultFiles() []string { return []string{spec.FileName} }

// parameter is one entry of ARGOCD_APP_PARAMETERS. A kind of value that is not
// given is nil.
type parameter struct {
	Name  string            `json:"name"`
	Array []string          `json:"array"`
	Map   map[string]string `json:"map"`
	Text  *string           `json:"string"`
}

// shownName matches the names that messages show: any other one is more likely
// a value in the wrong place.
var shownName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// readParameters reads the JSON list that Argo CD passes; without one, or with
// null, the defaults hold. No message quotes a value.
func readParameters(text string) (parameters, error) {
	p := parameters{files: defaultFiles()}
	if strings.TrimSpace(text) == "" {
		return p, nil
	}
	var list []parameter
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return p, diag.Issues{{
			Pos: diag.Position{File: parametersVar}, Message: "must be a JSON list of parameters",
			Hint: `{"name": "files", "array": [...]} or {"name": "set", "map": {...}}`,
		}}
	}
	var issues diag.Issues
	given := map[string]bool{}
	for _, entry := range list {
		message, hint := p.take(entry)
		if message == "" && given[entry.Name] {
			message = "is given twice"
		}
		given[entry.Name] = true
		if message != "" {
			name := entry.Name
			if !shownName.MatchString(name) {
				name = "?"
			}
			issues = append(issues, diag.Issue{Pos: diag.Position{File: "parameter " + name}, Message: message, Hint: hint})
		}
	}
	return p, issues.Err()
}

// take applies one parameter, or says what it must be.
func (p *parameters) take(entry parameter) (message, hint string) {
	names := []string{filesParameter, setParameter}
	switch {
	case entry.Name == filesParameter && (entry.Array == nil || entry.Map != nil || entry.Text != nil):
		return "must be an array of paths", ""
	case entry.Name == setParameter && (entry.Map == nil || entry.Array != nil || entry.Text != nil):
		return "must be a map from path to value", ""
	case entry.Name == filesParameter && len(entry.Array) == 0:
		return "must name a file", "leave it out for " + spec.FileName
	case entry.Name == filesParameter && (slices.Contains(entry.Array, "") || slices.Contains(entry.Array, stdin)):
		return "must be an array of paths", ""
	case entry.Name == filesParameter:
		p.files = entry.Array
	case entry.Name == setParameter:
		p.sets = sets(entry.Map)
	default:
		if shownName.MatchString(entry.Name) {
			hint = diag.DidYouMean(entry.Name, names)
		}
		return "there is no such parameter: " + strings.Join(names, ", "), hint
	}
	return "", ""
}

// sets returns the map as --set takes it. A parent comes before what is below it,
// and an item of a list before the later ones: a shorter path first.
func sets(fields map[string]string) []string {
	paths := slices.SortedFunc(maps.Keys(fields), func(a, b string) int {
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	var list []string
	for _, path := range paths {
		list = append(list, fmt.Sprintf("%s=%s", path, fields[path]))
	}
	return list
}
