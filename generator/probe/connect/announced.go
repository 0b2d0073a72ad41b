package connect

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// What a Sentinel announces in the place of an address.
var (
	ErrAddress  = errors.New("the Sentinel announces no valid address")
	ErrPassword = errors.New("a Sentinel announces a password in the place of a host")
)

// host matches what a Sentinel may announce: a name or an IP address.
var host = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,253}$`)

// Announced returns an address that a Sentinel announces to a connection.
func Announced(c redis.Connection, name, port string) (redis.Address, error) {
	n, err := strconv.Atoi(port)
	switch {
	case err != nil || n < 1 || n > 65535 || !host.MatchString(name):
		return redis.Address{}, ErrAddress
	case showsPassword(c, name):
		return redis.Address{}, ErrPassword
	}
	return redis.Address{Host: name, Port: n}, nil
}

// longPassword is the length from which on a password is looked for within a name: a
// shorter one can be an ordinary part of one.
const longPassword = 8

// showsPassword reports whether a name is a password of a connection, as it stands or
// decoded, or has a long one between its dots. A name is printed and looked up in DNS.
func showsPassword(c redis.Connection, name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, password := range []secret.Value{c.Password, c.Sentinels.Password} {
		if !password.IsSet() {
			continue
		}
		texts := []string{password.Reveal()}
		if decoded, err := url.PathUnescape(texts[0]); err == nil {
			texts = append(texts, decoded)
		}
		for _, text := range texts {
			text = strings.ToLower(text)
			if text != "" && (name == text || len(text) >= longPassword && slices.Contains(strings.Split(name, "."), text)) {
				return true
			}
		}
	}
	return false
}
