// Package connect opens connections to Redis servers and to Sentinels as the programs
// of 3scale do: without TLS or with, AUTH, then SELECT, one connection at a time, and
// nothing is tried twice behind the caller's back.
package connect

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// Target is a logical database of 3scale, and how some of its programs connect to it.
type Target struct {
	// Database is one of redis.Names.
	Database string
	// Programs are those that end up with this connection.
	Programs []string
	redis.Connection
}

// A Dialer opens connections.
type Dialer struct {
	// Timeout bounds a dial, with TLS and AUTH, and each command after it.
	Timeout time.Duration
	// Dial bounds a dial with TLS in the place of Timeout, if it is not 0.
	Dial time.Duration
	// Until ends all dials and connections when it ends; nil never does. The library
	// itself looks at the deadline of a context only.
	Until context.Context
	// Secured is called with each handshake of TLS that succeeds; nil is fine.
	Secured func(tls.ConnectionState)
}

// Server returns a client of the server at an address, with the credentials and the
// database of a connection. It dials with the first command.
func (d Dialer) Server(c redis.Connection, at redis.Address) (*goredis.Client, error) {
	return d.client(at, c.Username, c.Password.Reveal(), c.DB, c.TLS)
}

// Sentinel returns a client of a Sentinel. Its TLS is that of the server: no client of
// 3scale knows another.
func (d Dialer) Sentinel(c redis.Connection, at redis.Address) (*goredis.SentinelClient, error) {
	options, err := d.options(at, c.Sentinels.Username, c.Sentinels.Password.Reveal(), 0, c.TLS)
	if err != nil {
		return nil, err
	}
	return goredis.NewSentinelClient(options), nil
}

func (d Dialer) client(at redis.Address, username, password string, db int, t redis.TLS) (*goredis.Client, error) {
	options, err := d.options(at, username, password, db, t)
	if err != nil {
		return nil, err
	}
	return goredis.NewClient(options), nil
}

// options log in by a hook of our own: the library itself sends the password with
// HELLO first, which no program of 3scale does, and again with AUTH.
func (d Dialer) options(at redis.Address, username, password string, db int, t redis.TLS) (*goredis.Options, error) {
	config, err := tlsConfig(t, at.Host)
	if err != nil {
		return nil, err
	}
	logging.Disable() // the library writes to standard error
	return &goredis.Options{
		Addr:        at.String(),
		Dialer:      d.dial(config),
		Protocol:    2,
		PoolSize:    failures,
		DialTimeout: cmp.Or(d.Dial, d.Timeout), ReadTimeout: d.Timeout, WriteTimeout: d.Timeout,
		MaxRetries: -1, DialerRetries: 1,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		OnConnect: func(ctx context.Context, conn *goredis.Conn) error {
			if err := login(ctx, conn, username, password, db); err != nil {
				return fmt.Errorf("log in: %w", err) // the library unwraps once
			}
			return nil
		},
	}, nil
}

// failures is how often a client may fail to dial before the library stops to try, and
// a goroutine of its own dials once a second until the client is closed. It calls this
// the size of the pool: a caller that sends one command after the other has one
// connection.
const failures = 1 << 12

// login does what the clients of 3scale do with a new connection.
func login(ctx context.Context, conn *goredis.Conn, username, password string, db int) error {
	var err error
	switch {
	case username != "":
		err = conn.AuthACL(ctx, username, password).Err()
	case password != "":
		err = conn.Auth(ctx, password).Err()
	}
	if err != nil {
		return LoginError{err}
	}
	if db == 0 {
		return nil
	}
	if err := conn.Select(ctx, db).Err(); err != nil {
		return SelectError{db, err}
	}
	return nil
}

// LoginError is what a server answers to AUTH.
type LoginError struct{ Err error }

func (e LoginError) Error() string { return "AUTH: " + e.Err.Error() }

// Unwrap returns the answer.
func (e LoginError) Unwrap() error { return e.Err }

// SelectError is what a server answers to SELECT.
type SelectError struct {
	DB  int
	Err error
}

func (e SelectError) Error() string { return "SELECT: " + e.Err.Error() }

// Unwrap returns the answer.
func (e SelectError) Unwrap() error { return e.Err }

// Locate returns the address of the server: that of the connection, or the master that
// the first Sentinel that answers names. The programs ask in the order of the list too.
func (d Dialer) Locate(ctx context.Context, c redis.Connection) (redis.Address, error) {
	if c.MasterGroup == "" {
		return redis.Address{Host: c.Host, Port: c.Port}, nil
	}
	var failed []error
	for _, at := range c.Sentinels.Hosts {
		master, err := d.Ask(ctx, c, at)
		if err == nil {
			return master, nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", at, err))
	}
	return redis.Address{}, errors.Join(failed...)
}

// ErrUnknownGroup says that a Sentinel does not know the master group.
var ErrUnknownGroup = errors.New("the Sentinel does not know the master group")

// Ask asks one Sentinel for the master of the group.
func (d Dialer) Ask(ctx context.Context, c redis.Connection, at redis.Address) (redis.Address, error) {
	sentinel, err := d.Sentinel(c, at)
	if err != nil {
		return redis.Address{}, err
	}
	defer func() { _ = sentinel.Close() }()
	return Master(ctx, sentinel, c)
}

// Master asks a Sentinel for the master of the group of a connection.
func Master(ctx context.Context, sentinel *goredis.SentinelClient, c redis.Connection) (redis.Address, error) {
	answer, err := sentinel.GetMasterAddrByName(ctx, c.MasterGroup).Result()
	switch {
	case errors.Is(err, goredis.Nil):
		return redis.Address{}, ErrUnknownGroup
	case err != nil:
		return redis.Address{}, err
	case len(answer) != 2:
		return redis.Address{}, ErrAddress
	}
	return Announced(c, answer[0], answer[1])
}
