package secret

import (
	"path/filepath"
	"regexp"
)

// tokenPrefix begins every token. No password begins so by accident, and it needs
// no encoding in a URL.
const tokenPrefix = "golden-token."

// TokenForm matches the tokens that Token returns.
var TokenForm = regexp.MustCompile("^" + regexp.QuoteMeta(tokenPrefix))

// Token stands for a secret in a golden file: it says where the secret comes from,
// in characters that need no encoding.
func Token(v Value) string {
	switch v.Kind() {
	case Env:
		return tokenPrefix + "fromEnv." + unreserved(v.Name())
	case File:
		return tokenPrefix + "fromFile." + unreserved(filepath.Base(v.Name()))
	default:
		return tokenPrefix + "plain"
	}
}

// unreserved puts _ in place of characters that a URL encodes.
func unreserved(name string) string {
	text := []byte(name)
	for i, c := range text {
		if !Unreserved(c) {
			text[i] = '_'
		}
	}
	return string(text)
}
