package redis

import (
	"strings"
	"unicode"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// SentinelPasswordByte reports whether c in the password of a Sentinel reaches
// the Sentinel. Both programs send that password as it stands in the URL, so
// nothing can be percent-encoded, and the comma separates Sentinels.
func SentinelPasswordByte(c byte) bool {
	return c != ',' && (subDelimiter(c) || c == ':')
}

// MasterGroupByte reports whether c may stand in the name of a master group, or
// in a host name: the characters of a URL's host.
func MasterGroupByte(c byte) bool { return subDelimiter(c) }

// SentinelHostByte reports whether c may stand in the host name of a Sentinel.
func SentinelHostByte(c byte) bool { return c != ',' && subDelimiter(c) }

// NamespaceRune reports whether r in a namespace reaches porta, whose
// config/redis.yml embeds the value in double quotes: what YAML folds, escapes
// or refuses there does not. A namespace of blanks alone counts as none. What
// is no UTF-8 is refused, and its replacement character with it.
func NamespaceRune(r rune) bool {
	switch {
	case r == '"', r == '\\', r == unicode.ReplacementChar:
		return false
	case r < 0x80:
		return r == '\t' || ' ' <= r && r <= '~'
	case r == '\uFEFF':
		return false
	default:
		return 0xA0 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= unicode.MaxRune
	}
}

// subDelimiter reports whether c is unreserved or a sub-delimiter of RFC 3986:
// what Ruby's URI takes for a character of a host.
func subDelimiter(c byte) bool {
	return secret.Unreserved(c) || strings.IndexByte("!$&'()*+,;=", c) >= 0
}

// SentinelPasswordWorks reports whether the password of a Sentinel reaches it.
func SentinelPasswordWorks(password string) bool {
	for i := range len(password) {
		if !SentinelPasswordByte(password[i]) {
			return false
		}
	}
	return true
}

// NamespaceWorks reports whether a namespace reaches porta as it stands.
func NamespaceWorks(namespace string) bool {
	return strings.TrimSpace(namespace) != "" && strings.IndexFunc(namespace, func(r rune) bool { return !NamespaceRune(r) }) < 0
}
