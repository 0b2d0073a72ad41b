package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// connect looks the server up, connects and logs in.
func (v *visit) connect(ctx context.Context) bool {
	names, ok := v.lookUp(ctx)
	if !ok {
		return false
	}
	v.secured = nil // of a Sentinel
	err := v.ping(ctx, v.at, 0)
	var f finding
	if err != nil {
		f = v.found(err)
	}
	if f.saw == closes && v.secured != nil {
		// The alert of a server that wants a certificate can be lost when it closes.
		f = finding{secure, "the server closes the connection after the handshake", "find out whether it wants a client certificate"}
	}
	for _, passed := range []struct{ check, saw string }{
		{resolve, names}, {reach, v.at.String()}, {secure, ""}, {login, v.user()},
	} {
		switch {
		case passed.check == f.check:
			v.failed(ctx, f)
			return false
		case passed.check == secure && v.secured != nil:
			v.judgeCertificate()
		case passed.saw != "":
			v.add(passed.check, OK, passed.saw, "")
		}
	}
	return true
}

// lookUp returns the addresses of a host that is a name.
func (v *visit) lookUp(ctx context.Context) (string, bool) {
	if net.ParseIP(v.at.Host) != nil {
		return "", true
	}
	lookup, cancel := context.WithTimeout(ctx, v.Timeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(lookup, v.at.Host)
	if err != nil {
		v.failed(ctx, v.found(err))
		return "", false
	}
	return strings.Join(addresses[:min(len(addresses), 3)], ", "), true
}

// ping logs in to a server and selects a database, as the programs do.
func (v *visit) ping(ctx context.Context, at redis.Address, db int) error {
	client, err := v.client(at, db)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	return logsIn(client.Ping(ctx).Err())
}

// logsIn takes the error of a PING. A user who is known need not ping, and a server that
// does not know PING answers too.
func logsIn(err error) error {
	before := errors.As(err, new(connect.LoginError)) || errors.As(err, new(connect.SelectError))
	if !before && (code(err) == noPermission || notKnown(err)) {
		return nil
	}
	return err
}

// client returns a client of a server that selects a database.
func (v *visit) client(at redis.Address, db int) (*goredis.Client, error) {
	c := v.Connection
	c.DB = db
	return v.dial.Server(c, at)
}

// found says what an error of the server means.
func (v *visit) found(err error) finding {
	f := explain(err, v.Username != "")
	if f.check == reach && v.MasterGroup != "" {
		f.do = "let the Sentinels announce an address that the pods of 3scale reach: replica-announce-ip, sentinel announce-ip, or resolve-hostnames and announce-hostnames"
	}
	return f
}

// user says who has logged in.
func (v *visit) user() string {
	switch {
	case v.Username != "":
		return "as " + diag.Printable(v.Username)
	case v.Password.IsSet():
		return "with the password"
	}
	return "without a password"
}

// soon is how long before its end a certificate should be renewed.
const soon = 30 * 24 * time.Hour

// judgeCertificate looks at the certificate that ends first of those that the server sent.
func (v *visit) judgeCertificate() {
	first := slices.MinFunc(v.secured.PeerCertificates, func(a, b certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	saw := fmt.Sprintf("%s, certificate until %s", tls.VersionName(v.secured.Version), first.NotAfter.UTC().Format(time.DateOnly))
	if first.NotAfter.Sub(v.Now()) < soon {
		v.add(secure, Warning, saw, "renew the certificate")
		return
	}
	v.add(secure, OK, saw, "")
}

// selectAll selects each database.
func (v *visit) selectAll(ctx context.Context) bool {
	byDB := map[int][]connect.Target{}
	var order []int
	for _, t := range v.targets {
		if byDB[t.DB] == nil {
			order = append(order, t.DB)
		}
		byDB[t.DB] = append(byDB[t.DB], t)
	}
	for _, db := range order {
		r := Result{Check: selects, Server: v.server(), Status: OK, Saw: fmt.Sprintf("database %d", db)}
		err := v.ping(ctx, v.at, db)
		switch {
		case err == nil:
			v.open = append(v.open, byDB[db]...)
		case ctx.Err() != nil:
			return false
		default:
			f := v.found(err)
			r.Check, r.Status, r.Saw, r.Do = f.check, Failed, f.saw, f.do
		}
		v.about(byDB[db], r)
	}
	return true
}
