// Package secret holds passwords on their way through the pipeline. A Value
// knows where it comes from and prints as that; the text itself leaves it only
// through Reveal.
package secret

import (
	"errors"
	"fmt"
	"io"
	"unique"
)

// Kind says where a Value comes from.
type Kind int

// The sources of a Value. None is the zero Value: there is no password.
const (
	None        Kind = iota
	Plain            // written in the spec or read from a cluster
	Env              // an environment variable: {fromEnv: NAME}
	File             // a file: {fromFile: path}
	Placeholder      // left as it is for another program: {placeholder: "<path:...>"}
	Remote           // an External Secrets store: {remoteRef: {key, property}}
)

// Value is one secret value. Values compare with ==.
type Value struct {
	kind Kind
	// name is the environment variable, the file, the placeholder or the remote key.
	name     string
	property string
	// text is a handle, since %p and some debuggers print the fields of a value
	// without asking it.
	text  unique.Handle[string]
	known bool
}

// FromText is a password that is known from the start; an empty text is None.
func FromText(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{kind: Plain}.With(text)
}

// FromEnv is the value of an environment variable.
func FromEnv(name string) Value { return Value{kind: Env, name: name} }

// FromFile is the content of a file. The path is relative to the working
// directory, or absolute.
func FromFile(path string) Value { return Value{kind: File, name: path} }

// FromPlaceholder is a text that another program replaces after rendering.
func FromPlaceholder(text string) Value {
	return Value{kind: Placeholder, name: text}.With(text)
}

// FromRemote is a property of a key in an External Secrets store.
func FromRemote(key, property string) Value {
	return Value{kind: Remote, name: key, property: property}
}

// With returns the same reference with the text that was found behind it.
func (v Value) With(text string) Value {
	v.text, v.known = unique.Make(text), true
	return v
}

// Kind says where the value comes from.
func (v Value) Kind() Kind { return v.kind }

// Name is the environment variable, file, placeholder or remote key.
func (v Value) Name() string { return v.name }

// Property is the property of a remote key.
func (v Value) Property() string { return v.property }

// IsSet reports whether there is a password, known or not.
func (v Value) IsSet() bool { return v.kind != None }

// Known reports whether Reveal returns the text: a reference that nobody has
// looked up is not known.
func (v Value) Known() bool { return v.kind == None || v.known }

// Final reports whether the text is what the Redis client will get: a known
// value that is not a placeholder.
func (v Value) Final() bool { return v.Known() && v.kind != Placeholder }

// Reveal returns the text. Only what composes a Secret, or judges the text, calls it.
func (v Value) Reveal() string {
	if !v.known {
		return ""
	}
	return v.text.Value()
}

// String returns the reference, never the text.
func (v Value) String() string {
	switch v.kind {
	case None:
		return "(none)"
	case Env:
		return fmt.Sprintf("{fromEnv: %s}", v.name)
	case File:
		return fmt.Sprintf("{fromFile: %s}", v.name)
	case Remote:
		return fmt.Sprintf("{remoteRef: {key: %s, property: %s}}", v.name, v.property)
	default:
		return Mask
	}
}

// Mask stands for a secret in everything that people read.
const Mask = "***"

// Format implements fmt.Formatter, so that no verb prints the text.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// MarshalJSON implements json.Marshaler; it returns the reference.
func (v Value) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", v.String()), nil }

// MarshalYAML implements yaml.Marshaler; it returns the reference.
func (v Value) MarshalYAML() (any, error) { return v.String(), nil }

// Lookup finds the text behind a reference. The error says what is missing and
// never quotes a text.
type Lookup func(Value) (string, error)

// ErrUnknown is the answer of a Lookup that leaves a reference unknown, where
// the run does without its text.
var ErrUnknown = errors.New("the value is not known")

// Unreserved reports whether c stands for itself everywhere in a URL (RFC 3986,
// section 2.3).
func Unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return c == '-' || c == '.' || c == '_' || c == '~'
	}
}
