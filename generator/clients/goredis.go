package clients

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// From 2.16 on the operator itself connects to the servers. It parses URLs as
// go-redis does, and at each reconcile looks at how a URL begins.

// goSchemes are the beginnings that the operator lets through, in lower case only.
var goSchemes = regexp.MustCompile(`^rediss?://`)

// goOptions are the options of go-redis behind the ? of a URL; any other is refused.
var goOptions = []string{
	"client_name", "conn_max_idle_time", "conn_max_lifetime", "db", "dial_timeout", "max_active_conns", "max_idle_conns",
	"max_retries", "max_retry_backoff", "min_idle_conns", "min_retry_backoff", "pool_fifo", "pool_size", "pool_timeout",
	"protocol", "read_timeout", "write_timeout",
}

// goURL returns what the operator takes from a URL, or nil where it refuses it.
func (p program) goURL(value string) (*URL, []Fault) {
	if !goSchemes.MatchString(value) {
		return nil, []Fault{p.fault(URLScheme, Stops, "requires redis:// or rediss:// at the start of the URL")}
	}
	to, faults := p.parseGo(value, URLSyntax)
	if to == nil {
		return nil, faults
	}
	if to.Host == "" {
		to.Host = "localhost"
		faults = append(faults, p.fault(URLHost, Misleads, "takes a URL without a host for localhost"))
	}
	if to.Username != "" && !to.Password.IsSet() {
		faults = append(faults, p.fault(URLUserinfo, Misleads, "takes what stands before the @ for a user name: a password needs a colon in front"))
	}
	return to, faults
}

// parseGo does what go-redis does with a URL. The host is empty where the URL has
// none, and what is refused is a fault of that kind.
func (p program) parseGo(text string, kind Kind) (*URL, []Fault) {
	stops := func(message string) (*URL, []Fault) { return nil, []Fault{p.fault(kind, Stops, "%s", message)} }
	u, err := url.Parse(text)
	if err != nil {
		return stops("cannot parse this as a URL")
	}
	to := &URL{TLS: u.Scheme == "rediss", Username: u.User.Username(), Host: u.Hostname(), Port: redis.DefaultPort}
	password, _ := u.User.Password()
	to.Password = secret.FromText(password)
	if u.Port() != "" {
		port, ok := readPort(u.Port())
		if !ok {
			return stops("cannot connect to that port")
		}
		to.Port = port
	}
	path := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	query := u.Query()
	switch {
	case len(path) > 1:
		return stops("requires a path of one part: the index of a database")
	case query.Get("db") != "":
		path = []string{query.Get("db")}
	}
	for name := range query {
		if !slices.Contains(goOptions, name) {
			return stops("refuses an option behind the ? that it does not know")
		}
	}
	if len(path) == 1 {
		if to.DB, err = strconv.Atoi(path[0]); err != nil {
			return stops("requires the index of a database as the path of the URL")
		}
	}
	return to, nil
}

// goSentinels returns all Sentinels of a list. An entry without a port means 6379
// here, where the Ruby programs take 26379, and one without a host means localhost.
func (p program) goSentinels(value string) ([]Sentinel, []Fault) {
	if value == "" {
		return nil, nil
	}
	var sentinels []Sentinel
	var faults []Fault
	var login *URL
	for entry := range strings.SplitSeq(value, ",") {
		entry = strings.TrimSpace(entry)
		if !strings.Contains(entry, "://") {
			entry = "redis://" + entry
		}
		to, more := p.parseGo(entry, SentinelSyntax)
		faults = append(faults, more...)
		if to == nil {
			continue
		}
		if to.Host == "" {
			to.Host = "localhost"
			faults = append(faults, p.fault(SentinelSyntax, Misleads, "takes an entry without a host for localhost"))
		}
		if !portAtEnd.MatchString(entry) {
			faults = append(faults, p.fault(SentinelPort, Misleads, "takes port 6379 for a Sentinel without a port, where others take 26379"))
		}
		switch {
		case to.Username != "" && !to.Password.IsSet():
			faults = append(faults, p.fault(SentinelUserinfo, Ignores, "ignores the user name of a Sentinel: a password needs a colon in front"))
		case login == nil && to.Password.IsSet():
			login = to
		}
		sentinels = append(sentinels, Sentinel{Address: redis.Address{Host: to.Host, Port: to.Port}})
	}
	if login != nil {
		for i := range sentinels {
			sentinels[i].Username, sentinels[i].Password = login.Username, login.Password
		}
	}
	return sentinels, faults
}

// portAtEnd matches an entry of a list of Sentinels that says its port.
var portAtEnd = regexp.MustCompile(`:[0-9]+(?:[/?#].*)?$`)
