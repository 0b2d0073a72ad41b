package redis

import (
	"net/url"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Field is the value of one key. A key that a connection has no use for has no
// Parts: the pods refer to it, so it exists, empty.
type Field struct {
	Key string
	// Database is the logical database that the value is about.
	Database string
	Parts    []Part
}

// Part is a literal text, or a secret in one of the forms.
type Part struct {
	Text   string
	Secret secret.Value
	Form   Form
}

// Form is how a secret stands in a value.
type Form int

// The forms. All but the last two are for the password of a URL: ":password@".
const (
	// Encoded: percent-encoded but for the unreserved characters.
	Encoded Form = iota
	// Sparse: percent-encoded but for what every program reads as it stands.
	Sparse
	// Raw: as it is.
	Raw
	// Whole: the secret is all of the value.
	Whole
	// PEM: all of the value, with one line end.
	PEM
)

// Reveal returns the value for the Secret. It reports false where the text of one
// of its secrets is not known.
func (f Field) Reveal() (string, bool) {
	for _, p := range f.Parts {
		if !p.Secret.Known() {
			return "", false
		}
	}
	return f.text(func(p Part) string {
		text := p.Secret.Reveal()
		switch p.Form {
		case Encoded:
			return percentEncode(text)
		case Sparse:
			return percentEncodeSparsely(text)
		default:
			return text
		}
	}), true
}

// Mask returns the value for people: redis://:***@mymaster/5.
func (f Field) Mask() string {
	return strings.TrimSuffix(f.text(func(Part) string { return secret.Mask }), "\n")
}

// text joins the parts; reveal returns the text of a secret.
func (f Field) text(reveal func(Part) string) string {
	var b strings.Builder
	for _, p := range f.Parts {
		switch {
		case !p.Secret.IsSet():
			b.WriteString(p.Text)
		case p.Form == Whole:
			b.WriteString(reveal(p))
		case p.Form == PEM:
			b.WriteString(strings.TrimRight(reveal(p), "\n") + "\n")
		default:
			b.WriteString(":" + reveal(p) + "@")
		}
	}
	return b.String()
}

// Passwords are the secrets in the value, in their order.
func (f Field) Passwords() []secret.Value {
	var values []secret.Value
	for _, p := range f.Parts {
		if p.Secret.IsSet() {
			values = append(values, p.Secret)
		}
	}
	return values
}

// percentEncode leaves only unreserved characters (RFC 3986, section 2.3). A blank
// becomes %20: both programs take a plus sign for a blank, other programs do not.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// percentEncodeSparsely leaves what every program reads as it stands.
func percentEncodeSparsely(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if UserinfoByte(s[i]) {
			b.WriteByte(s[i])
		} else {
			b.WriteString(percentEncode(s[i : i+1]))
		}
	}
	return b.String()
}
