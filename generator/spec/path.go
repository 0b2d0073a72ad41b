package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// path names a place of the file as --set takes it: spec.allow[0].rule. A dot
// inside a key is written \. as Helm has it.
type path string

// keyText matches the keys that messages show. Any other key is shown as "?",
// since it is more likely a value that lost its quotes than a name.
var keyText = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// maxShown is the length of the longest key, and of the longest path of a flag,
// that a message shows. A bound in the expressions would cost a millisecond at
// every start.
const maxShown = 253

func isShown(key string) bool { return len(key) <= maxShown && keyText.MatchString(key) }

// key is the path of a key that a user wrote.
func (p path) key(name string) path {
	if !isShown(name) {
		name = "?"
	}
	return p.field(strings.ReplaceAll(name, ".", `\.`))
}

// field is the path of a field of a Go type.
func (p path) field(name string) path {
	if p == "" {
		return path(name)
	}
	return p + "." + path(name)
}

func (p path) item(i int) path { return path(fmt.Sprintf("%s[%d]", p, i)) }

// step is one key of a path or, with a key of "", one index of a list.
type step struct {
	key   string
	index int
}

var (
	stepText = regexp.MustCompile(`^(?:\[(\d{1,6})\]|\.((?:\\.|[^.\\[\]])+))`)
	escaped  = regexp.MustCompile(`\\(.)`)
)

// steps takes a path apart; ok is false where the text is none.
func (p path) steps() (steps []step, ok bool) {
	rest := "." + string(p)
	for rest != "" {
		m := stepText.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		index, _ := strconv.Atoi(m[1])
		steps = append(steps, step{key: escaped.ReplaceAllString(m[2], "$1"), index: index})
		rest = rest[len(m[0]):]
	}
	return steps, true
}
