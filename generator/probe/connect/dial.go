package connect

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
)

// TLSError says that a connection was made, but TLS was not.
type TLSError struct{ Err error }

func (e TLSError) Error() string { return "TLS: " + e.Err.Error() }

// Unwrap returns what the handshake failed on.
func (e TLSError) Unwrap() error { return e.Err }

// dial makes a connection with what the library does not know: it ends with Until, and
// believes no answer.
func (d Dialer) dial(config *tls.Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, cmp.Or(d.Dial, d.Timeout))
		defer cancel()
		until := d.Until
		if until == nil {
			until = context.Background()
		}
		defer context.AfterFunc(until, cancel)()
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if config != nil {
			secure := tls.Client(conn, config)
			if err := secure.HandshakeContext(ctx); err != nil {
				_ = conn.Close()
				return nil, TLSError{err}
			}
			if d.Secured != nil {
				d.Secured(secure.ConnectionState())
			}
			conn = secure
		}
		raw := conn
		return &guard{Conn: conn, stop: context.AfterFunc(until, func() { _ = raw.Close() })}, nil
	}
}
