package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
)

// certificate is one that a server sent.
type certificate = *x509.Certificate

// A finding is what an error means: the check that it fails, what was seen, and what
// to do. An error's own text is never part of it, since a server can answer anything,
// a password that somebody typed included.
type finding struct{ check, saw, do string }

// explain returns what an error of a connection means; named says that a user name
// was sent.
func explain(err error, named bool) finding {
	var selectErr connect.SelectError
	var tlsErr connect.TLSError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, connect.ErrCA):
		return finding{secure, connect.ErrCA.Error(), "give the CA as PEM"}
	case errors.Is(err, connect.ErrPair):
		return finding{secure, connect.ErrPair.Error(), "give the certificate and its own key as PEM"}
	case errors.As(err, &tlsErr):
		return explainTLS(tlsErr.Err)
	case errors.As(err, &op) && op.Op == "remote error":
		// The text is one of crypto/tls.
		return finding{secure, "the server refuses: " + op.Err.Error(), "give a client certificate that the server trusts"}
	case errors.As(err, &dns) && dns.IsNotFound:
		return finding{resolve, "the name does not resolve", "correct the host, or create its DNS record"}
	case errors.As(err, &dns):
		return finding{resolve, "DNS does not answer", "check DNS where the probe runs"}
	case errors.As(err, &selectErr) && code(err) != "":
		return explainSelect(selectErr)
	case code(err) != "":
		return explainAnswer(err, named)
	}
	return explainNetwork(err)
}

const noPermission = "NOPERM"

// notKnown reports whether a server does not know a command: it is renamed, or too new.
func notKnown(err error) bool {
	return code(err) == "ERR" && strings.Contains(err.Error(), "unknown command")
}

// unknown is about a command that a server does not know.
func unknown(check, command string) finding {
	return finding{check, "the server does not know " + command, "undo rename-command for " + command}
}

// code returns the word that an error of Redis begins with, and "" for an error that is
// not Redis's.
func code(err error) string {
	var answer goredis.Error
	if !errors.As(err, &answer) || errors.Is(err, goredis.Nil) {
		return ""
	}
	return cmp.Or(connect.Code(answer.Error()), "an error")
}

// explainAnswer is about what a server answers to AUTH, or to the first command.
func explainAnswer(err error, named bool) finding {
	text := err.Error()
	says := func(part string) bool { return strings.Contains(text, part) }
	switch c := code(err); {
	case notKnown(err) && errors.As(err, new(connect.LoginError)):
		return unknown(login, "AUTH")
	case c == "WRONGPASS" && named:
		return finding{login, c, "correct the user name or the password"}
	case c == "WRONGPASS" || says("invalid password"): // the latter before Redis 6
		return finding{login, "WRONGPASS", "correct the password"}
	case c == "NOAUTH":
		return finding{login, c, "give the password: the server requires one"}
	case says("without any password configured") || says("no password is set"):
		return finding{login, "the server has no password", "leave the password out, or set one on the server"}
	case says("wrong number of arguments for 'auth'"):
		return finding{login, "the server does not support user names", "leave the user name out, or use Redis 6 or newer"}
	case c == "DENIED":
		return finding{reach, "protected mode: the server only answers clients on its own host", "set a password on the server, or turn off protected-mode"}
	case c == "LOADING":
		return finding{reach, "the server is still loading its data", "wait until it has finished"}
	case says("max number of clients"):
		return finding{reach, "the server has too many clients", "raise maxclients or close connections"}
	default:
		if !errors.As(err, new(connect.LoginError)) {
			return finding{reach, "the server answers with " + c, "check the log of the server"}
		}
		if c == noPermission {
			return finding{login, "NOPERM for AUTH", "allow the user to run AUTH"}
		}
		return finding{login, "the server answers AUTH with " + c, "check the log of the server"}
	}
}

func explainSelect(err connect.SelectError) finding {
	text := err.Error()
	switch c := code(err); {
	case notKnown(err):
		return unknown(selects, "SELECT")
	case strings.Contains(text, "out of range") || strings.Contains(text, "invalid DB index"):
		return finding{selects, fmt.Sprintf("database %d is out of range", err.DB), "choose a smaller number, or raise databases on the server"}
	case strings.Contains(text, "cluster mode"):
		return finding{selects, fmt.Sprintf("no database %d: cluster mode has database 0 only", err.DB), "use a server without cluster mode"}
	case c == noPermission:
		return finding{selects, "NOPERM for SELECT", "allow the user to run SELECT"}
	default:
		return finding{selects, fmt.Sprintf("the server answers SELECT %d with %s", err.DB, c), "choose a database that the server has"}
	}
}

// explainNetwork is about a server that does not answer, or answers with something else.
func explainNetwork(err error) finding {
	var op *net.OpError
	var slow net.Error
	dialing := errors.As(err, &op) && op.Op == "dial"
	switch late := errors.As(err, &slow) && slow.Timeout() || errors.Is(err, context.DeadlineExceeded); {
	case errors.Is(err, syscall.ECONNREFUSED):
		return finding{reach, refused, "correct the host and port, or start the server"}
	case errors.Is(err, connect.ErrTLS):
		return finding{reach, "the server speaks TLS", "turn TLS on, or use its port without TLS"}
	case errors.Is(err, connect.ErrNotRedis), errors.Is(err, connect.ErrAddress):
		return finding{reach, notRedis, "correct the host and port"}
	case errors.Is(err, connect.ErrTooLong):
		return finding{reach, "the answer is too long for Redis", "correct the host and port"}
	case late && dialing:
		return finding{reach, "no connection in time", "check firewalls and network policies"}
	case late:
		return finding{reach, "it accepts the connection but does not answer in time", "find out why it hangs, or correct the host and port"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return finding{reach, closes, "find out whether it wants TLS, or correct the host and port"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return finding{reach, "no route to the host", "check the network between here and there"}
	case dialing:
		return finding{reach, "no connection", "correct the host and port"}
	}
	return finding{reach, notRedis, "correct the host and port"}
}

// What two programs tell apart.
const (
	refused  = "connection refused"
	notRedis = "the server does not speak Redis"
	closes   = "the server closes the connection"
)

// plainName matches a name of a certificate that can be shown as it is.
var plainName = regexp.MustCompile(`^[A-Za-z0-9.*:-]{1,64}$`)

// explainTLS is about a handshake that fails.
func explainTLS(err error) finding {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var op *net.OpError
	var slow net.Error
	switch {
	case errors.Is(err, connect.ErrRoot):
		return finding{secure, "the CA is not a root: OpenSSL, and so apisonator and porta, accept only a chain that ends in a self-signed certificate", "give the root CA, alone or with the others"}
	case errors.As(err, &authority):
		return finding{secure, "the certificate is signed by an unknown authority", "give the root CA that signed it"}
	case errors.As(err, &name) && noSAN(name.Certificate):
		return finding{secure, "the certificate names no host: it has no SAN", "have it issued with the host as a SAN: the operator ignores the CN"}
	case errors.As(err, &name):
		return finding{secure, "the certificate is for " + certified(name.Certificate), "connect by a name in the certificate, or have it issued with this host as a SAN"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		until, from := invalid.Cert.NotAfter.UTC().Format(time.DateOnly), invalid.Cert.NotBefore.UTC().Format(time.DateOnly)
		return finding{secure, "a certificate is valid from " + from + " to " + until, "renew the certificate"}
	case errors.As(err, &invalid):
		return finding{secure, "the certificate is not a server certificate", "have one issued for server authentication"}
	case errors.As(err, &record):
		return finding{secure, "the server does not speak TLS", "turn TLS off, or use its TLS port"}
	case errors.As(err, &op) && op.Op == "remote error":
		return finding{secure, "the server refuses: " + op.Err.Error(), "give a client certificate that the server trusts"}
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return finding{secure, "no answer to the handshake in time", "find out whether the port speaks TLS"}
	}
	return finding{secure, "the handshake fails", "find out whether the port speaks TLS"}
}

// noSAN reports whether a certificate has no name but its CN.
func noSAN(c certificate) bool {
	return len(c.DNSNames)+len(c.IPAddresses)+len(c.EmailAddresses)+len(c.URIs) == 0
}

// certified are the names of a certificate.
func certified(c certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !plainName.MatchString(n) })
	if len(names) == 0 {
		return "other names"
	}
	return strings.Join(names[:min(len(names), 3)], ", ")
}
