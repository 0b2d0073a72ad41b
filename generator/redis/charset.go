package redis

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// SentinelPasswordByte reports whether c in the password of a Sentinel reaches
// the Sentinel. apisonator and porta send that password as it stands in the URL, so
// nothing can be percent-encoded, and the comma separates Sentinels.
func SentinelPasswordByte(c byte) bool {
	return c != ',' && (subDelimiter(c) || c == ':')
}

// UserinfoByte reports whether every program reads c in the password of a URL as it
// stands: those that decode take a plus sign for a blank.
func UserinfoByte(c byte) bool { return c != '+' && (subDelimiter(c) || c == ':') }

// UsernameWorks reports whether a user name reaches the server in a URL. No program
// decodes it.
func UsernameWorks(username string) bool { return all(username, secret.Unreserved) }

// SentinelUsernameWorks reports whether a user name in a list of Sentinels reaches them:
// there it stands as it is.
func SentinelUsernameWorks(username string) bool { return all(username, SentinelHostByte) }

// UserinfoWorks reports whether every program reads a password in a URL as it stands.
func UserinfoWorks(password string) bool { return all(password, UserinfoByte) }

// ShellPasswordWorks reports whether a password in a URL reaches redis-cli through the
// shell of the operator's check, which neither quotes nor decodes it.
func ShellPasswordWorks(password string) bool { return all(password, shellByte) }

// ShellSentinelPasswordWorks reports the same of the password in a list of Sentinels,
// which that check cuts at colons.
func ShellSentinelPasswordWorks(password string) bool {
	return all(password, func(c byte) bool { return c == '+' || shellByte(c) && c != ',' && c != ':' })
}

// shellByte reports whether c means nothing to a shell, and nothing in a URL. A tilde,
// a * or a ! mean something in some places only.
func shellByte(c byte) bool {
	return secret.Unreserved(c) && c != '~' || strings.IndexByte(",:=", c) >= 0
}

// MasterGroupByte reports whether c may stand in the name of a master group, or
// in a host name: the characters of a URL's host.
func MasterGroupByte(c byte) bool { return subDelimiter(c) }

// SentinelHostByte reports whether c may stand in the host name of a Sentinel.
func SentinelHostByte(c byte) bool { return c != ',' && subDelimiter(c) }

// subDelimiter reports whether c is unreserved or a sub-delimiter of RFC 3986:
// what Ruby's URI takes for a character of a host.
func subDelimiter(c byte) bool {
	return secret.Unreserved(c) || strings.IndexByte("!$&'()*+,;=", c) >= 0
}

// SentinelPasswordWorks reports whether the password of a Sentinel reaches it.
func SentinelPasswordWorks(password string) bool { return all(password, SentinelPasswordByte) }

func all(text string, works func(byte) bool) bool {
	for i := range len(text) {
		if !works(text[i]) {
			return false
		}
	}
	return true
}

// NamespaceWorks reports whether a namespace reaches porta as it stands. porta's
// config/redis.yml embeds it in double quotes, so what YAML folds, escapes or
// refuses there does not. A namespace of blanks alone counts as none.
func NamespaceWorks(namespace string) bool {
	return namespace == "" || utf8.ValidString(namespace) && strings.TrimSpace(namespace) != "" &&
		!strings.ContainsFunc(namespace, breaksQuotes) && !foldedBreak.MatchString(namespace)
}

// breaksQuotes reports whether YAML takes r between double quotes for something
// else, or refuses it.
func breaksQuotes(r rune) bool {
	switch {
	case r == '"', r == '\\':
		return true
	case r < 0x80:
		return r != '\t' && (r < ' ' || r > '~')
	default:
		return r < 0xA0 || r == 0xFFFE || r == 0xFFFF
	}
}

// foldedBreak matches the line breaks of YAML 1.1 that a namespace can have, the
// line and the paragraph separator, where libyaml does not keep them as they
// stand: it drops white space around them, and a line of three hyphens or dots
// ends the document.
var foldedBreak = regexp.MustCompile(`[ \t][\x{2028}\x{2029}]|[\x{2028}\x{2029}](?:[ \t]|(?:---|\.\.\.)[ \t\x{2028}\x{2029}])`)
