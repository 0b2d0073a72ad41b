package secret

import (
	"regexp"
	"strings"
)

// addresses matches a URL, or several, in which there is no place for a
// password.
var addresses = regexp.MustCompile(`^[\w.\[\]-]+(:\d*)?(/\d*)?(,[\w.\[\]-]+(:\d*)?)*$`)

// MaskURLs puts Mask in place of the passwords in a value: what stands between
// the scheme and the last @ of a URL, or of each URL in a list of Sentinels. A
// URL without an @ that is not a plain address is masked as a whole: part of a
// password may be left of it. A text that is not a URL comes back as it is.
func MaskURLs(value string) string {
	const next = ",redis://"
	urls := strings.Split(value, next)
	for i, url := range urls {
		scheme, rest := "", url
		if before, after, ok := strings.Cut(url, "://"); ok && (before == "redis" || before == "rediss") {
			scheme, rest = before+"://", after
		}
		switch at := strings.LastIndexByte(rest, '@'); {
		case at >= 0:
			urls[i] = scheme + ":" + Mask + rest[at:]
		case (scheme != "" || len(urls) > 1) && !addresses.MatchString(rest):
			urls[i] = scheme + Mask
		}
	}
	return strings.Join(urls, next)
}
