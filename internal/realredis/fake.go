package realredis

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Fake starts a server that answers a command with what a function returns, in the
// words of the protocol, and returns its port. It reads on without an answer where
// that is "".
func Fake(t testing.TB, answer func(command []string) string) int {
	t.Helper()
	return Serve(t, func(c net.Conn) { Answer(c, answer) })
}

// Answer answers the commands of one connection.
func Answer(c net.Conn, answer func(command []string) string) {
	r := bufio.NewReader(c)
	for {
		command, err := readCommand(r)
		if err != nil {
			return
		}
		if _, err := io.WriteString(c, answer(command)); err != nil {
			return
		}
	}
}

// Serve starts a server that calls a function with each connection, closes it
// afterwards, and returns its port. With the test all connections end.
func Serve(t testing.TB, connected func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(Host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			all.Go(func() {
				connected(c)
				_ = c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().(*net.TCPAddr).Port
}

// readCommand reads one command as clients send it: a list of texts.
func readCommand(r *bufio.Reader) ([]string, error) {
	n, err := readLength(r, '*')
	command := make([]string, n)
	for i := range command {
		var size int
		if size, err = readLength(r, '$'); err != nil {
			return nil, err
		}
		text := make([]byte, size+len("\r\n"))
		if _, err = io.ReadFull(r, text); err != nil {
			return nil, err
		}
		command[i] = string(text[:size])
	}
	return command, err
}

func readLength(r *bufio.Reader, of byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if line[0] != of {
		return 0, fmt.Errorf("%q is no command", line)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}
