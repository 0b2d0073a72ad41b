package watch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// locateError is what the Sentinels of a database answered, none of them a master.
type locateError []sentinelError

type sentinelError struct {
	at  redis.Address
	err error
}

func (e locateError) Error() string { return "no Sentinel names a master" }

// isReply reports whether an error is a reply of the server, on a connection that goes on.
func isReply(err error) bool {
	var reply goredis.Error
	return errors.As(err, &reply) && !errors.As(err, new(connect.LoginError)) && !errors.As(err, new(connect.SelectError))
}

// known are the errors that say all themselves.
var known = []error{connect.ErrUnknownGroup, connect.ErrRoot, connect.ErrPassword, errNotMaster, errForeign}

// describe says what an error means, in one printable line. What a server sends is in
// it only where it is a code or a known text: it could be anything, a password too.
func describe(err error, timeout time.Duration) string {
	for _, k := range known {
		if errors.Is(err, k) {
			return k.Error()
		}
	}
	var sentinels locateError
	var login connect.LoginError
	var selected connect.SelectError
	var reply goredis.Error
	switch {
	case errors.As(err, &sentinels):
		var texts []string
		for _, s := range sentinels {
			texts = append(texts, diag.Printable(s.at.String())+": "+describe(s.err, timeout))
		}
		return sentinels.Error() + ": " + strings.Join(texts, ", ")
	case errors.As(err, &login):
		return "AUTH: " + describe(login.Err, timeout)
	case errors.As(err, &selected):
		return "SELECT: " + describe(selected.Err, timeout)
	case errors.As(err, &reply):
		return describeReply(reply.Error())
	default:
		return describeNetwork(err, timeout)
	}
}

// replies are texts of servers that are known as a whole.
var replies = []string{
	"ERR max number of clients reached",
	"ERR invalid password",
	"ERR invalid DB index",
	"ERR DB index is out of range",
	"ERR SELECT is not allowed in cluster mode",
	"ERR Client sent AUTH, but no password is set",
}

// describeReply says what a server answered, as far as it can hold no secret.
func describeReply(text string) string {
	if slices.Contains(replies, text) {
		return text
	}
	switch code := connect.Code(text); {
	case code == "NOPERM" && strings.Contains(text, "key"):
		return "the server answers NOPERM: allow the user the keys ~" + Prefix + "*"
	case code == "NOPERM":
		return "the server answers NOPERM: allow the user GET, SET and DEL"
	case code != "":
		return "the server answers " + code
	}
	return "the server answers with an error"
}

func describeNetwork(err error, timeout time.Duration) string {
	var network net.Error
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var number syscall.Errno
	switch {
	case errors.As(err, &name):
		return "the host name does not resolve"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer within " + timeout.String()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed"
	case errors.As(err, &certificate):
		return "the certificate of the server is not accepted: " + describeCertificate(certificate.Err)
	case errors.As(err, &record):
		return "the server does not speak TLS"
	case errors.As(err, &alert):
		return "the server refuses TLS: " + alert.Error()
	case errors.As(err, &number):
		return number.Error()
	default:
		return "the answer is not one of Redis"
	}
}

func describeCertificate(err error) string {
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "it is for other names"
	case errors.As(err, &authority):
		return "it is signed by an unknown authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it is expired, or not valid yet"
	default:
		return "it is not valid"
	}
}
