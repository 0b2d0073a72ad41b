package spec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// flag is one --set flag. What follows its "=" may be secret and is in no
// message.
type flag struct {
	pos    diag.Position
	text   string
	issues diag.Issues
}

const setPrefix = "--set "

// setText escapes what means something in the value of a --set flag.
var setText = strings.NewReplacer(`\`, `\\`, ",", `\,`, "{", `\{`, "}", `\}`)

// Set is the --set flag that sets the value at a path to a text as it stands.
func Set(at, text string) string {
	text = setText.Replace(text)
	if text == "null" {
		text = `\` + text
	}
	return at + "=" + text
}

// flagPath matches the paths that messages show.
var flagPath = regexp.MustCompile(`^[A-Za-z0-9_./\[\]\\-]+$`)

// put sets the value that a --set flag names, and returns the new root. The old
// one is not changed.
func put(root *value, set string) (*value, diag.Issues) {
	where, text, ok := strings.Cut(set, "=")
	if !ok {
		return root, diag.Issues{{Pos: diag.Position{File: strings.TrimSpace(setPrefix)}, Message: "must be path=value"}}
	}
	f := flag{pos: diag.Position{File: strings.TrimSpace(setPrefix)}, text: text}
	if len(where) <= maxShown && flagPath.MatchString(where) {
		f.pos.File = setPrefix + where
	}
	steps, ok := path(where).steps()
	if !ok {
		f.report("", `must name a place such as spec.redis.host or spec.allow[0].rule; a dot in a key is written "\."`, "")
		return root, f.issues
	}
	root = f.put(fileShape(), "", root, steps)
	return root, f.issues
}

func (f *flag) report(p path, message, hint string) {
	f.issues = append(f.issues, diag.Issue{Pos: f.pos, Path: string(p), Message: message, Hint: hint})
}

// put returns the value that takes the place of v once the rest of the path is set.
func (f *flag) put(s *shape, p path, v *value, steps []step) *value {
	if len(steps) == 0 {
		return f.read(s, p)
	}
	changed := &value{key: f.pos, pos: f.pos}
	if v.given() && !v.faulty {
		*changed = *v
	}
	switch next := steps[0]; {
	case s.kind == list && next.key == "":
		f.putItem(s, p, changed, steps)
	case s.kind == list:
		changed.faulty = true
		f.report(p, "must be followed by an index: "+string(p.item(0)), "")
	case s.kind == dict || s.kind == object || s.kind == secretValue:
		f.putMember(s, p, changed, steps)
	default:
		changed.faulty = true
		f.report(p, s.kind.required()+": nothing is below it", "")
	}
	return changed
}

func (f *flag) putItem(s *shape, p path, v *value, steps []step) {
	i := steps[0].index
	v.items = slices.Clone(v.items)
	if i > len(v.items) {
		f.report(p.item(i), fmt.Sprintf("must not leave a gap: the list has %d items", len(v.items)), "")
		return
	}
	if i == len(v.items) {
		v.items = append(v.items, nil)
	}
	v.items[i] = f.put(s.elem, p.item(i), v.items[i], steps[1:])
	if v.items[i].null {
		v.items[i].faulty = true
		f.report(p.item(i), s.elem.kind.required(), "")
	}
}

func (f *flag) putMember(s *shape, p path, v *value, steps []step) {
	key := steps[0].key
	child := s.member(key)
	if child == nil {
		f.unknown(s, p, key)
		return
	}
	if s.kind == secretValue && !(strings.HasPrefix(v.pos.File, setPrefix) && v.members[key] != nil) {
		// One flag replaces the whole secret; a second one adds the property
		// to the remoteRef of the first.
		*v = value{key: f.pos, pos: f.pos}
	}
	v.members = maps.Clone(v.members)
	if v.members == nil {
		v.members = map[string]*value{}
	}
	v.members[key] = f.put(child, p.key(key), v.members[key], steps[1:])
}

func (f *flag) unknown(s *shape, p path, key string) {
	if key == "" {
		f.report(p, "is no list: must be followed by one of "+strings.Join(s.keys(), ", "), "")
		return
	}
	message, hint, _ := unknownKey(s, key)
	if s.kind == secretValue {
		f.pos.File = setPrefix + string(p)
	} else {
		p = p.key(key)
	}
	f.report(p, message, hint)
}

// read returns the value that the flag's text means at the shape.
func (f *flag) read(s *shape, p path) *value {
	v := &value{key: f.pos, pos: f.pos}
	switch items, isList := braced(f.text); {
	case f.text == "null":
		v.null = true
	case s.kind == list && len(items) > maxItems:
		f.report(p, tooManyItems, "")
	case s.kind == list && isList:
		for i, item := range items {
			v.items = append(v.items, f.scalar(s.elem, p.item(i), item))
		}
	case s.kind == list:
		f.report(p, "must be a list: write {a,b}", "")
	case s.kind == object || s.kind == dict:
		f.report(p, "must be a mapping: set the keys below it", "")
	case s.kind == secretValue && f.text != "":
		f.report(p, "must not be set in plain text", fmt.Sprintf("write %s=NAME or %s=PATH", p.key("fromEnv"), p.key("fromFile")))
	default:
		return f.scalar(s, p, f.text)
	}
	v.faulty = len(f.issues) > 0
	return v
}

// scalar returns a string, number or truth value. As with Helm a backslash makes
// the next character literal; the comma that separates values there is refused,
// so that nobody's second value ends up inside the first.
func (f *flag) scalar(s *shape, p path, text string) *value {
	v := &value{key: f.pos, pos: f.pos}
	message, hint := "", ""
	if len(split(text)) > 1 {
		message, hint = "must be one value", `write "\," for a comma, and a --set of its own for every path`
	} else if scalar, ok := s.parse(escaped.ReplaceAllString(text, "$1")); !ok || s.kind > secretValue {
		message = s.kind.required()
	} else if message, hint = s.fault(scalar); message == "" {
		v.scalar = scalar
		return v
	}
	v.faulty = true
	f.report(p, message, hint)
	return v
}

// braced takes {a,b} apart.
func braced(text string) ([]string, bool) {
	inner, ok := strings.CutPrefix(text, "{")
	if !ok || !strings.HasSuffix(inner, "}") {
		return nil, false
	}
	inner = strings.TrimSuffix(inner, "}")
	if strings.TrimSpace(inner) == "" {
		return nil, true
	}
	return split(inner), true
}

// split cuts a text at its commas, but for those after a backslash.
func split(text string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ',':
			parts = append(parts, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(text[start:]))
}
