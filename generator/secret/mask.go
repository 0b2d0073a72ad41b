package secret

import "strings"

// MaskURLs puts Mask in place of the passwords in a value: what stands between
// the scheme and the last @ of a URL, or of each URL in a list of Sentinels. A
// value without an @ holds no password.
func MaskURLs(value string) string {
	const next = ",redis://"
	urls := strings.Split(value, next)
	for i, url := range urls {
		at := strings.LastIndexByte(url, '@')
		if at < 0 {
			continue
		}
		scheme := ""
		if before, _, ok := strings.Cut(url[:at], "://"); ok && isScheme(before) {
			scheme = before + "://"
		}
		urls[i] = scheme + ":" + Mask + url[at:]
	}
	return strings.Join(urls, next)
}

// isScheme reports whether a text is one of the schemes that a value begins with.
func isScheme(text string) bool { return text == "redis" || text == "rediss" }
