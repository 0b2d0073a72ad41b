package move_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// ocSocket is the env var that tells oc where the test listens.
const ocSocket = "THREESCALE_REDIS_TEST_OC"

// ocRequest is a command of oc. Its standard input follows on the same connection.
type ocRequest struct {
	Args []string
	Dir  string
}

// ocFrame is a part of what a command prints, or its exit code, which comes last.
type ocFrame struct {
	Out, Err []byte
	Code     *int
}

// ocMain is the program oc: it hands everything to the test.
func ocMain() int {
	code, err := ocAsk()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oc:", err)
		return 1
	}
	return code
}

func ocAsk() (int, error) {
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	conn, err := net.Dial("unix", os.Getenv(ocSocket))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(ocRequest{os.Args[1:], dir}); err != nil {
		return 0, err
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		_ = conn.(*net.UnixConn).CloseWrite()
	}()
	for frames := json.NewDecoder(conn); ; {
		var f ocFrame
		if err := frames.Decode(&f); err != nil {
			return 0, err
		}
		if f.Code != nil {
			return *f.Code, nil
		}
		if _, err := os.Stdout.Write(f.Out); err != nil {
			return 1, nil
		}
		_, _ = os.Stderr.Write(f.Err)
	}
}

// ocCall is a command that runs in the test.
type ocCall struct {
	context.Context
	args     []string
	dir      string
	stdin    io.Reader
	out, err io.Writer
}

// frameWriter sends what is written as frames.
type frameWriter struct {
	to     *json.Encoder
	frame  func([]byte) ocFrame
	cancel func()
}

func (w frameWriter) Write(p []byte) (int, error) {
	if err := w.to.Encode(w.frame(p)); err != nil {
		w.cancel()
		return 0, err
	}
	return len(p), nil
}

// serveOC makes a program oc that runs commands in the test, and returns the env vars
// of a shell that finds it.
func serveOC(t *testing.T, run func(ocCall) int) []string {
	t.Helper()
	// The path of a socket is at most 100 bytes long, which t.TempDir may exceed.
	dir, err := os.MkdirTemp("", "oc-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "oc")); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerOC(t.Context(), conn, run)
		}
	}()
	return []string{ocSocket + "=" + l.Addr().String(), "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}
}

func answerOC(ctx context.Context, conn net.Conn, run func(ocCall) int) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	requests := json.NewDecoder(conn)
	var r ocRequest
	if err := requests.Decode(&r); err != nil {
		return
	}
	stdin := io.MultiReader(requests.Buffered(), conn)
	frames := json.NewEncoder(conn)
	code := run(ocCall{
		ctx, r.Args, r.Dir, stdin,
		frameWriter{frames, func(p []byte) ocFrame { return ocFrame{Out: p} }, cancel},
		frameWriter{frames, func(p []byte) ocFrame { return ocFrame{Err: p} }, cancel},
	})
	_ = frames.Encode(ocFrame{Code: &code})
}
