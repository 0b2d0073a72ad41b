package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/probe/watch"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// served is a server that answers what a watch cannot do without.
type served struct {
	redis.Address
	values sync.Map
	// writes are SET, and AUTH, which fails.
	writes chan struct{}
}

func serve(t *testing.T) *served {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &served{Address: redis.Address{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}, writes: make(chan struct{}, 1000)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.answer(c)
		}
	}()
	return s
}

// wrote says that there was a write, to whoever wants to know.
func (s *served) wrote() {
	select {
	case s.writes <- struct{}{}:
	default:
	}
}

func (s *served) answer(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		var words []string
		n := 0
		if _, err := fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
			return
		}
		for range n {
			size := 0
			if _, err := fmt.Fscanf(in, "$%d\r\n", &size); err != nil {
				return
			}
			word := make([]byte, size+2)
			if _, err := io.ReadFull(in, word); err != nil {
				return
			}
			words = append(words, string(word[:size]))
		}
		switch words[0] {
		case "get":
			if text, ok := s.values.Load(words[1]); ok {
				fmt.Fprintf(c, "$%d\r\n%s\r\n", len(text.(string)), text)
			} else {
				fmt.Fprint(c, "$-1\r\n")
			}
		case "set":
			s.values.Store(words[1], words[2])
			fmt.Fprint(c, "+OK\r\n")
			s.wrote()
		case "del":
			s.values.Delete(words[1])
			fmt.Fprint(c, ":1\r\n")
		case "auth":
			fmt.Fprint(c, "-ERR no\r\n")
			s.wrote()
		default:
			fmt.Fprint(c, "-ERR unknown command\r\n")
		}
	}
}

// closed is an address that nobody listens on.
func closed(t *testing.T) redis.Address {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return redis.Address{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
}

func watchTarget(name string, at redis.Address) connect.Target {
	return connect.Target{Database: name, Connection: redis.Connection{Host: at.Host, Port: at.Port, Password: secret.FromText("")}}
}

// runWatch watches until a server was written to some times, or none is in the way.
func runWatch(t *testing.T, f watchFlags, format string, s *served, targets ...connect.Target) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context()) // as Ctrl-C does
	defer cancel()
	go func() {
		defer cancel()
		for range 4 {
			select {
			case <-s.writes:
			case <-ctx.Done():
			}
		}
	}()
	env := &Env{Stdout: &out, Stderr: &errs, Now: time.Now()}
	err = f.run(ctx, env, &report{out: &errs, limit: maxErrors}, targets, time.Minute, false, format)
	return out.String(), errs.String(), err
}

// unstable are the times, numbers and ports in what a watch prints.
var unstable = regexp.MustCompile(`\d[\d:.]*\d|\b\d\b`)

func TestWatch(t *testing.T) {
	up, down := serve(t), closed(t)
	svg := filepath.Join(t.TempDir(), "out.svg")
	out, errs, err := runWatch(t, watchFlags{SVG: fileFlag(svg)}, "text", up, watchTarget("system", up.Address), watchTarget("backendStorage", down))
	if !errors.Is(err, errDiffers) {
		t.Errorf("the error is %v", err)
	}
	for _, want := range []string{
		"N  system          connected to N\n",
		"N  backendStorage  read failed: connection refused\n",
		"\nWatched for N s, with N operations a second.\nDATABASE ",
	} {
		if got := unstable.ReplaceAllString(out, "N"); !strings.Contains(got, want) {
			t.Errorf("want %q:\n%s", want, got)
		}
	}
	if want := "threescale-redis: error: backendStorage was unavailable for the whole N s\n"; unstable.ReplaceAllString(errs, "N") != want {
		t.Errorf("standard error is %q", errs)
	}
	picture, err := os.ReadFile(svg)
	if err != nil || !bytes.HasPrefix(picture, []byte(watch.SVGMark)) || !bytes.HasSuffix(picture, []byte("</svg>\n")) {
		t.Errorf("%v: %.200s", err, picture)
	}
	if entries, _ := os.ReadDir(filepath.Dir(svg)); len(entries) != 1 {
		t.Errorf("%v stay beside the picture", entries)
	}
}

func TestWatch_json(t *testing.T) {
	s := serve(t)
	out, errs, err := runWatch(t, watchFlags{MaxGap: duration(time.Hour), For: duration(time.Hour)}, "json", s, watchTarget("system", s.Address))
	if err != nil || errs != "" {
		t.Errorf("%v, %s", err, errs)
	}
	var got struct {
		Problems []string
		Watch    struct {
			Begin, End time.Time
			Databases  []struct {
				Database string
				Worked   bool
				Writes   struct{ Worked int }
				Lost     int `json:"lostWrites"`
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if d := got.Watch.Databases; len(d) != 1 || d[0].Database != "system" || !d[0].Worked || d[0].Writes.Worked == 0 || d[0].Lost != 0 || got.Problems == nil {
		t.Errorf("%s", out)
	}
}

// A database that never worked fails the run, and no password is printed.
func TestWatch_never(t *testing.T) {
	s := serve(t)
	c := watchTarget("system", s.Address)
	c.Password = secret.FromText("pa55word") // AUTH is answered with an error
	out, errs, err := runWatch(t, watchFlags{MaxGap: 1}, "text", s, c)
	if !errors.Is(err, errDiffers) || !strings.Contains(errs, "system was unavailable for the whole") {
		t.Errorf("%v, %s", err, errs)
	}
	if !strings.Contains(out, "read failed: AUTH: the server answers ERR\n") || strings.Contains(out+errs, "pa55word") {
		t.Errorf("%s", out)
	}
}

// What can't be written is known before anything is measured.
func TestWatch_svg(t *testing.T) {
	dir := t.TempDir()
	spec, old, link := filepath.Join(dir, "threescale-redis.yaml"), filepath.Join(dir, "old.svg"), filepath.Join(dir, "link.svg")
	if err := os.Symlink(filepath.Join(dir, "gone.svg"), link); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{spec: "kind: ThreescaleRedis\n", old: watch.SVGMark + "<svg/>"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{
		spec:                                 spec + ": error: is in the way and was not made by " + program + "\n  hint: move it, or name another file",
		link:                                 link + ": error: is a symbolic link that leads nowhere",
		dir:                                  "must be a regular file",
		os.DevNull:                           "must be a regular file",
		filepath.Join(dir, "no", "file.svg"): "its directory must exist",
		filepath.Join(spec, "file.svg"):      "its directory must exist",
	} {
		out, _, err := runWatch(t, watchFlags{SVG: fileFlag(file)}, "text", serve(t), watchTarget("system", closed(t)))
		if out != "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
	s := serve(t)
	if _, _, err := runWatch(t, watchFlags{SVG: fileFlag(old)}, "text", s, watchTarget("system", s.Address)); err != nil {
		t.Error(err)
	}
	if data, _ := os.ReadFile(old); len(data) < 1000 {
		t.Errorf("%s", data)
	}
	for _, refused := range []string{"gone.svg", ".threescale-redis.yaml*", ".old.svg*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, refused)); len(left) > 0 {
			t.Errorf("%s is left", left)
		}
	}
}

// An empty file, as mktemp makes it, is replaced, and so is what a link leads to.
func TestWatch_svgPlaces(t *testing.T) {
	dir := t.TempDir()
	empty, link := filepath.Join(dir, "empty"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(empty, nil, 0o600), os.Symlink(empty, link)); err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	if _, _, err := runWatch(t, watchFlags{SVG: fileFlag(link)}, "text", s, watchTarget("system", s.Address)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(empty)
	info, linkErr := os.Lstat(link)
	if err != nil || linkErr != nil || info.Mode()&os.ModeSymlink == 0 || !bytes.HasPrefix(data, []byte(watch.SVGMark)) {
		t.Errorf("%v, %v: %.100s", err, linkErr, data)
	}
}

// A place that takes no file is known before anything is measured, and the error names
// the file of the user: the name of the file that becomes it is too long here.
func TestWatch_svgNoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), strings.Repeat("a", 255))
	out, _, err := runWatch(t, watchFlags{SVG: fileFlag(file)}, "text", serve(t), watchTarget("system", closed(t)))
	if out != "" || err == nil || err.Error() != file+": error: file name too long" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestWatchFlags(t *testing.T) {
	for _, tt := range []struct {
		flags watchFlags
		want  string
	}{
		{watchFlags{}, ""},
		{watchFlags{Watch: true}, ""},
		{watchFlags{Watch: true, For: 1, MaxGap: 1, SVG: "a"}, ""},
		{watchFlags{For: 1}, "--for, --max-gap and --svg need --watch"},
		{watchFlags{MaxGap: 1}, "--for, --max-gap and --svg need --watch"},
		{watchFlags{SVG: "a"}, "--for, --max-gap and --svg need --watch"},
	} {
		got := ""
		if err := tt.flags.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.flags, got, tt.want)
		}
	}
}
