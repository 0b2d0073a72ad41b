package connect_test

import (
	"errors"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// A host that is a password is refused, and one that only has a short one as a part is not.
func TestAnnounced(t *testing.T) {
	for _, c := range []struct {
		password, host, port string
		want                 error
	}{
		{"", "redis-0.example.com", "6379", nil},
		{"redis", "redis-0.redis.example.com", "6379", nil},
		{"redis", "redis.example.com", "6379", nil},
		{"redis", "Redis", "6379", connect.ErrPassword},
		{"abc", "abc.", "6379", connect.ErrPassword},
		{"correcthorse", "CorrectHorse", "6379", connect.ErrPassword},
		{"correcthorse", "correcthorse.example.com", "6379", connect.ErrPassword},
		{"correcthorse", "correcthorses.example.com", "6379", nil},
		{"a%2Db%2Dc", "a-b-c", "6379", connect.ErrPassword},
		{"100%", "100", "6379", nil},
		{"redis", "redis", "0", connect.ErrAddress},
		{"", "two words", "6379", connect.ErrAddress},
	} {
		own := redis.Connection{Password: secret.FromText(c.password)}
		sentinels := redis.Connection{Password: secret.FromText("x"), Sentinels: redis.Sentinels{Password: secret.FromText(c.password)}}
		for _, connection := range []redis.Connection{own, sentinels} {
			if _, err := connect.Announced(connection, c.host, c.port); !errors.Is(err, c.want) {
				t.Errorf("%q as the host for %q: %v, want %v", c.host, c.password, err, c.want)
			}
		}
	}
}
