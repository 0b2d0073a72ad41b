// Package rule holds what must be true of a spec, and of values that were read
// back from a cluster. Each rule has a stable name, a level, the releases that
// it holds for and a reason; `rules` prints them, `check` runs them. A new rule
// is a row in one of the tables of this package.
package rule

import (
	"fmt"
	"slices"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Subject is what a rule judges.
type Subject string

// A rule judges the spec, a value that was read back from a cluster, or both.
const (
	OfSpec  Subject = "spec"
	OfValue Subject = "value"
	OfBoth  Subject = "spec, value"
)

// Rule is one thing that must be true.
type Rule struct {
	Name  string
	Level diag.Severity
	// Allowable says that spec.allow may turn the error into a warning. It may turn any
	// warning into a note.
	Allowable bool
	Subject   Subject
	// Requires says what must be true; Reason says what happens otherwise.
	Requires string
	Reason   string
	// applies says whether the rule holds for a release; nil means all.
	applies func(releases.Release) bool
	// checkSpec judges a spec. A rule of both subjects judges values by it too, put in
	// the form of a spec, unless it has a checkValue.
	checkSpec  func(*specPass)
	checkValue func(*valuePass)
	trap       *trap
}

// All are the rules: those of the spec, then those of values.
func All() []Rule {
	var all []Rule
	for _, table := range [][]Rule{
		endpointRules, credentialRules, tlsRules, pemRules, sentinelRules, sentinelNameRules, messageBusRules, oneDatabaseRules, databaseRules, statsCleanerRules,
		profileRules, elastiCacheTLSRules, secretRules, placeholderRules, sizeRules, operatorRules, installationRules, valueRules, readerRules, environmentRules, dataRules,
	} {
		all = append(all, table...)
	}
	return all
}

// Find returns the rule with that name. The error offers a near miss.
func Find(name string) (Rule, error) {
	var names []string
	for _, r := range All() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Rule{}, diag.Issues{{
		Message: fmt.Sprintf("there is no rule %q", name),
		Hint:    diag.DidYouMean(name, names),
	}}
}

// Holds reports whether the rule holds for a release.
func (r Rule) Holds(rel releases.Release) bool { return r.applies == nil || r.applies(rel) }

// Input is a spec that rules judge.
type Input struct {
	Spec      spec.Spec
	Profile   profiles.Profile
	Release   releases.Release
	Databases []resolve.Database
	// Tokens says that the passwords are meant to be tokens of golden files.
	Tokens bool
	// Now is when certificates must be valid; the zero Time where nobody asks.
	Now time.Time
}

// specPass is one rule at work on one spec.
type specPass struct {
	*Input
	rule   Rule
	issues diag.Issues
}

// found reports that the rule is broken at a place.
func (p *specPass) found(at spec.Place, format string, args ...any) {
	p.issues = append(p.issues, p.rule.broken(at, format, args...))
}

// broken is the issue that the rule is broken at a place.
func (r Rule) broken(at spec.Place, format string, args ...any) diag.Issue {
	issue := at.Issue(fmt.Sprintf(format, args...))
	issue.Severity, issue.Rule = r.Level, r.Name
	return issue
}

// unchecked reports that a rule on the text of a secret could not look at it.
func (p *specPass) unchecked(v spec.Field[secret.Value]) {
	behind := v.Value.String()
	if v.Value.Kind() == secret.Placeholder {
		behind = "a placeholder"
	}
	p.found(v.Place, "not checked: the value is behind %s", behind)
	p.issues[len(p.issues)-1].Severity = diag.Note
}

// CanBeAllowed reports whether spec.allow takes the rule.
func (r Rule) CanBeAllowed() bool { return r.Allowable || r.Level == diag.Warning }

// CheckSpec judges a spec by all rules of its release. Errors that spec.allow accepts
// come as warnings, and warnings as notes.
func CheckSpec(in Input) diag.Issues {
	var issues diag.Issues
	for _, r := range All() {
		if r.checkSpec != nil && r.Holds(in.Release) {
			p := specPass{Input: &in, rule: r}
			r.checkSpec(&p)
			issues = append(issues, p.issues...)
		}
	}
	return append(accept(issues, in.Spec.Allow), misplaced(in.Spec.Allow, issues)...)
}

// accept turns allowed errors into warnings, and allowed warnings into notes.
func accept(issues diag.Issues, allowed []spec.Allow) diag.Issues {
	issues = slices.Clone(issues)
	for _, a := range allowed {
		r, err := Find(a.Rule.Value)
		if err != nil || !r.CanBeAllowed() {
			continue
		}
		for i := range issues {
			if issues[i].Rule != r.Name || issues[i].Accepted || issues[i].Severity == diag.Note {
				continue
			}
			issues[i].Severity = lowered[issues[i].Severity]
			issues[i].Accepted = true
			issues[i].Message += " (allowed: " + a.Reason + ")"
		}
	}
	return issues
}

// lowered is what becomes of the severity of what is allowed.
var lowered = map[diag.Severity]diag.Severity{diag.Error: diag.Warning, diag.Warning: diag.Note}

// misplaced reports allowances that are wrong or have nothing to allow.
func misplaced(allowed []spec.Allow, issues diag.Issues) diag.Issues {
	var found diag.Issues
	for _, a := range allowed {
		r, err := Find(a.Rule.Value)
		switch {
		case err != nil:
			found = append(found, a.Rule.Issues(err)...)
		case r.Level == diag.Error && !r.Allowable:
			found = append(found, a.Rule.Issue(fmt.Sprintf("rule %s can't be allowed: %s", r.Name, r.Reason)))
		case !slices.ContainsFunc(issues, func(i diag.Issue) bool { return i.Rule == r.Name }):
			issue := a.Rule.Issue(fmt.Sprintf("rule %s has nothing to allow here", r.Name))
			issue.Severity = diag.Warning
			found = append(found, issue)
		}
	}
	return found
}
