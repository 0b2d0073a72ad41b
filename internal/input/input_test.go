package input_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/input"
)

// endless is an input without an end, which counts what is read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestRead(t *testing.T) {
	var run input.Run
	data, err := run.Read(input.Secret, strings.NewReader("hunter2\n"))
	if err != nil || string(data) != "hunter2\n" {
		t.Fatalf("read %q: %v", data, err)
	}
	exact := bytes.Repeat([]byte("x"), 64<<10)
	if data, err := run.Read(input.Secret, bytes.NewReader(exact)); err != nil || !bytes.Equal(data, exact) {
		t.Errorf("an input of the largest size: %d bytes, %v", len(data), err)
	}
	_, err = run.Read(input.Secret, bytes.NewReader(append(exact, 'x')))
	if want := "is larger than 64 KiB: not a password"; err == nil || err.Error() != want {
		t.Errorf("one byte more: %v, want %s", err, want)
	}
	var e endless
	if _, err := run.Read(input.Secret, &e); !errors.As(err, new(input.SizeError)) {
		t.Errorf("an endless input: %v", err)
	}
	if e.read > 1<<20 {
		t.Errorf("%d bytes of an endless input were read", e.read)
	}
}

// TestRead_total: what many inputs have together is bounded too.
func TestRead_total(t *testing.T) {
	var run input.Run
	one := bytes.Repeat([]byte("x"), 1<<20)
	for i := range 64 {
		if _, err := run.Read(input.Spec, bytes.NewReader(one)); err != nil {
			t.Fatalf("spec %d: %v", i, err)
		}
	}
	_, err := run.Read(input.Spec, bytes.NewReader(one))
	if want := "is too much for one run, which reads at most 64 MiB of this kind"; err == nil || err.Error() != want {
		t.Errorf("65 MiB: %v, want %s", err, want)
	}
	if _, err := run.Read(input.Export, bytes.NewReader(one)); err != nil {
		t.Errorf("another kind: %v", err)
	}
}

// TestFile_large: a file that is too large is not read at all.
func TestFile_large(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(1<<40), f.Close()); err != nil {
		t.Skipf("skipped: no sparse files here: %v", err)
	}
	var run input.Run
	if _, err := run.File(input.Export, path); !errors.As(err, new(input.SizeError)) {
		t.Errorf("a file of 1 TiB: %v", err)
	}
}

// TestOpen: only a regular file is opened, and nothing waits for a writer.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("file"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Mkfifo(in("pipe"), 0o600), os.Symlink("file", in("link")), os.Symlink(os.DevNull, in("null"))); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", in("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]error{
		"file": nil, "link": nil, ".": input.ErrDirectory,
		"pipe": input.ErrSpecial, "socket": input.ErrSpecial, "null": input.ErrSpecial,
	} {
		f, err := input.Open(in(name))
		if !errors.Is(err, want) {
			t.Errorf("Open of %s: %v, want %v", name, err, want)
		}
		f.Close()
		if name == "null" {
			continue // a link out of the root
		}
		f, err = input.OpenIn(root, name)
		if !errors.Is(err, want) {
			t.Errorf("OpenIn of %s: %v, want %v", name, err, want)
		}
		f.Close()
	}
}

// TestOpen_descriptor: a shell hands over what `<(command)` prints as a pipe that
// the process has open.
func TestOpen_descriptor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		_, _ = io.WriteString(w, "text")
		_ = w.Close()
	}()
	var run input.Run
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skipf("skipped: %v", err)
	}
	path := "/dev/fd/" + strconv.FormatUint(uint64(r.Fd()), 10)
	data, err := run.File(input.Parameters, path)
	if err != nil || string(data) != "text" {
		t.Errorf("%s holds %q: %v", path, data, err)
	}
}
