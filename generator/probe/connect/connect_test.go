package connect_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

func TestServer(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	s := realredis.Start(t, realredis.Redis7, "p%40 w")
	d := connect.Dialer{Timeout: 2 * time.Second}
	for _, c := range []struct {
		name string
		redis.Connection
		ok bool
		as any
	}{
		{"right", redis.Connection{DB: 3, Password: secret.FromText("p%40 w")}, true, nil},
		{"wrong password", redis.Connection{Password: secret.FromText("p@ w")}, false, new(connect.LoginError)},
		{"no such database", redis.Connection{DB: 16, Password: secret.FromText("p%40 w")}, false, new(connect.SelectError)},
	} {
		client, err := d.Server(c.Connection, redis.Address{Host: realredis.Host, Port: s.Port})
		if err != nil {
			t.Fatal(err)
		}
		err = client.Ping(context.Background()).Err()
		if (err == nil) != c.ok || c.as != nil && !errors.As(err, c.as) {
			t.Errorf("%s: %v", c.name, err)
		}
		_ = client.Close()
	}
}

func TestAsk(t *testing.T) {
	realredis.Need(t, realredis.Redis7)
	s := realredis.Start(t, realredis.Redis7, "")
	sentinel := realredis.Sentinel(t, "sesame", "sentinel monitor mymaster 127.0.0.1 "+s.Addr()[len("127.0.0.1:"):]+" 1")
	d := connect.Dialer{Timeout: 2 * time.Second}
	at := redis.Address{Host: realredis.Host, Port: sentinel.Port}
	c := redis.Connection{MasterGroup: "mymaster", Sentinels: redis.Sentinels{
		Hosts: []redis.Address{{Host: realredis.Host, Port: 1}, at}, Password: secret.FromText("sesame"),
	}}
	if master, err := d.Locate(t.Context(), c); err != nil || master.Port != s.Port {
		t.Errorf("the master is %v, %v", master, err)
	}
	c.MasterGroup = "other"
	if _, err := d.Ask(t.Context(), c, at); !errors.Is(err, connect.ErrUnknownGroup) {
		t.Errorf("another group: %v", err)
	}
	c.Sentinels.Password = secret.FromText("wrong")
	if _, err := d.Ask(t.Context(), c, at); !errors.As(err, new(connect.LoginError)) {
		t.Errorf("another password: %v", err)
	}
}
