package clients

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// uri is what Ruby's URI.parse makes of a text. A nil field is nil there too,
// which is not the same as empty.
type uri struct {
	scheme         string
	user, password *string
	host, path     *string
	port           string
	query          string
}

// The grammar of RFC 3986 as Ruby's URI::RFC3986_Parser writes it: an absolute
// URI, then a relative reference. A path without a slash after a scheme is
// opaque there (host:6379 has the scheme "host"). Only reading
// back needs them, so they are not compiled at every start.
var (
	absoluteURI = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([A-Za-z][+\-.0-9A-Za-z]*):(?:` +
			authority + `|(/(?:` + pathChar + `+(?:/` + pathChar + `*)*)?)|(` + pathChar + `+(?:/` + pathChar + `*)*)|)` + tail)
	})
	relativeURI = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^()(?:` +
			authority + `|(/(?:` + pathChar + `+(?:/` + pathChar + `*)*)?)|()(?:` + plainChar + `+(?:/` + pathChar + `*)*)|)` + tail)
	})
)

const (
	plainChar = `(?:%[0-9A-Fa-f]{2}|[!$&-.0-9;=@-Z_a-z~])`
	pathChar  = `(?:%[0-9A-Fa-f]{2}|[!$&-.0-;=@-Z_a-z~])`
	userChar  = `(?:%[0-9A-Fa-f]{2}|[!$&-.0-;=A-Z_a-z~])`
	hostChar  = `(?:%[0-9A-Fa-f]{2}|[!$&-.0-9;=A-Z_a-z~])`
	authority = `//(?:(` + userChar + `*)@)?(\[[^\]]*\]|` + hostChar + `*)(?::([0-9]*))?((?:/` + pathChar + `*)*)`
	tail      = `(?:\?([^#]*))?(?:#(?:` + pathChar + `|[/?])*)?$`
)

// The groups of both expressions.
const (
	groupScheme = 1 + iota
	groupUserinfo
	groupHost
	groupPort
	groupPath
	groupAbsolutePath
	groupOpaque
	groupQuery
)

// parseURI does what URI.parse does; it reports false where that raises
// URI::InvalidURIError.
func parseURI(text string) (uri, bool) {
	if strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 }) {
		return uri{}, false
	}
	groups, isAbsolute := absoluteURI().FindStringSubmatchIndex(text), true
	if groups == nil {
		groups, isAbsolute = relativeURI().FindStringSubmatchIndex(text), false
	}
	if groups == nil {
		return uri{}, false
	}
	group := func(n int) *string {
		if groups[2*n] < 0 {
			return nil
		}
		found := text[groups[2*n]:groups[2*n+1]]
		return &found
	}
	u := uri{scheme: strings.ToLower(value(group(groupScheme))), host: group(groupHost), port: value(group(groupPort)), query: value(group(groupQuery))}
	if u.host != nil && !hostLiteral(*u.host) {
		return uri{}, false
	}
	if userinfo := value(group(groupUserinfo)); userinfo != "" {
		user, password, hasPassword := strings.Cut(userinfo, ":")
		u.user = &user
		if hasPassword {
			u.password = &password
		}
	}
	switch {
	case isAbsolute && group(groupOpaque) != nil:
		u.query = ""
	case u.host != nil:
		u.path = group(groupPath)
	default:
		path := value(group(groupAbsolutePath))
		u.path = &path
	}
	return u, true
}

// hostLiteral reports whether a host in brackets is an IPv6 address, or one of
// the future formats of RFC 3986.
func hostLiteral(host string) bool {
	literal, bracketed := strings.CutPrefix(host, "[")
	if !bracketed {
		return true
	}
	literal = strings.TrimSuffix(literal, "]")
	if futureAddress.MatchString(literal) {
		return true
	}
	ip, err := netip.ParseAddr(literal)
	return err == nil && ip.Is6() && ip.Zone() == ""
}

var futureAddress = regexp.MustCompile(`^v[0-9A-Fa-f]+\.[!$&-.0-;=A-Z_a-z~]+$`)

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// unescape does what CGI.unescape does with the password of a parsed URI: a plus
// sign becomes a blank. The grammar of the URI leaves no other % than that of %XX.
func unescape(s string) string {
	text, err := url.QueryUnescape(s)
	if err != nil {
		panic(err)
	}
	return text
}
