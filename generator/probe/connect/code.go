package connect

import (
	"slices"
	"strings"
)

// codes are the words that Redis and Sentinel begin an error with.
var codes = []string{
	"ASK", "BUSY", "CLUSTERDOWN", "CROSSSLOT", "DENIED", "ERR", "LOADING", "MASTERDOWN", "MISCONF", "MOVED", "NOAUTH", "NOGOODSLAVE",
	"NOMASTERLINK", "NOPERM", "NOPROTO", "NOQUORUM", "NOREPLICAS", "OOM", "READONLY", "TRYAGAIN", "UNKILLABLE", "WRONGPASS", "WRONGTYPE",
}

// Code returns the word that an error of Redis begins with, "" where it is not one of
// Redis: then it could be anything, a password too.
func Code(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if slices.Contains(codes, word) {
		return word
	}
	return ""
}
