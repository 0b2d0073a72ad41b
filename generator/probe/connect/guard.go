package connect

import (
	"bytes"
	"errors"
	"net"
	"strconv"
)

// What one answer may take. The library allocates what a length announces before it
// has read anything. INFO, the longest answer that a program here asks for, has some
// 10 KiB, and a Sentinel lists some 40 elements for each node that it knows.
const (
	maxBytes    = 1 << 20
	maxElements = 1 << 14
)

// What a server answers that is not an answer.
var (
	ErrNotRedis = errors.New("the answer is not Redis")
	ErrTLS      = errors.New("the answer is TLS")
	ErrTooLong  = errors.New("the answer is too long")
)

// guard reads answers, and fails before the library reads one that is none, or that has
// no end. In RESP all that has a length, or elements, begins a line of its own, so that
// no nesting must be followed.
type guard struct {
	net.Conn
	stop func() bool
	// bytes and elements are those of the answers since the last command.
	bytes, elements int
	// line is what was read of a line, skip the rest of a text.
	line []byte
	skip int
	err  error
}

// Write begins to count anew: what follows is the answer to a command.
func (g *guard) Write(b []byte) (int, error) {
	g.bytes, g.elements = 0, 0
	return g.Conn.Write(b)
}

// Read reads from the connection, and looks at what came.
func (g *guard) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.Conn.Read(b)
	if g.err = g.look(b[:n]); g.err != nil {
		return 0, g.err
	}
	return n, err
}

// Close closes the connection.
func (g *guard) Close() error {
	g.stop()
	return g.Conn.Close()
}

func (g *guard) look(b []byte) error {
	if g.bytes += len(b); g.bytes > maxBytes {
		return ErrTooLong
	}
	for len(b) > 0 {
		if g.skip > 0 {
			n := min(g.skip, len(b))
			g.skip -= n
			b = b[n:]
			continue
		}
		if len(g.line) == 0 {
			switch {
			case b[0] == alert:
				return ErrTLS
			case bytes.IndexByte([]byte(types), b[0]) < 0:
				return ErrNotRedis
			}
		}
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		g.line = append(g.line, line...)
		if !ended {
			return nil
		}
		if err := g.begin(bytes.TrimSuffix(g.line, []byte("\r"))); err != nil {
			return err
		}
		g.line, b = g.line[:0], rest
	}
	return nil
}

// The first byte of a line of RESP, by what follows it, and of an alert of TLS, which
// a server answers to a plain command.
const (
	texts  = "$!="
	lists  = "*~>"
	pairs  = "%|"
	others = "+-:_,#("
	types  = texts + lists + pairs + others
	alert  = 0x15
)

// begin takes the length that a line announces.
func (g *guard) begin(line []byte) error {
	text, list, pair := bytes.IndexByte([]byte(texts), line[0]) >= 0, bytes.IndexByte([]byte(lists), line[0]) >= 0, bytes.IndexByte([]byte(pairs), line[0]) >= 0
	if !text && !list && !pair {
		return nil
	}
	n, err := strconv.Atoi(string(line[1:]))
	switch {
	case errors.Is(err, strconv.ErrRange):
		return ErrTooLong
	case err != nil || n < -1:
		return ErrNotRedis
	case n < 0: // nil
		return nil
	case text && n > maxBytes:
		return ErrTooLong
	case text:
		g.skip = n + len("\r\n")
		return nil
	case n > maxElements: // before it is doubled
		return ErrTooLong
	case pair:
		n *= 2
	}
	if g.elements += n; g.elements > maxElements {
		return ErrTooLong
	}
	return nil
}
