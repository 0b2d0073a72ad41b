package move_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/installed/move"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// lab is an old and a new Redis, and a move between them.
type lab struct {
	testing.TB
	old, young *realredis.Server
	program    realredis.Program
	options    move.Options
	// time is what `date -u +%H%M` prints in the pod.
	time string
	env  []string
}

// newLab starts an old Redis without a password and a new one with one of all
// printable characters; storage and queues keep their numbers or go to numbers.
func newLab(t testing.TB, old, young realredis.Program, numbers ...int) *lab {
	t.Helper()
	realredis.Need(t, old, young, realredis.Shake)
	l := &lab{TB: t, program: old, time: "1200"}
	l.old, l.young = realredis.Start(t, old, ""), realredis.Start(t, young, printable)
	if len(numbers) == 0 {
		numbers = []int{0, 1}
	}
	l.alone(l.old)
	l.alone(l.young)
	l.between(l.young, numbers)
	return l
}

// between makes the move one to a server.
func (l *lab) between(to *realredis.Server, numbers []int) {
	c := redis.Connection{Host: realredis.Host, Port: to.Port, Password: secret.FromText(to.Password)}
	server := move.Server{Name: "backend", Workload: "dc/backend-redis", Address: redis.Address{Host: realredis.Host, Port: l.old.Port}}
	l.options = options(database(redis.BackendStorage, server, 0, withDB(c, numbers[0])), database(redis.BackendQueues, server, 1, withDB(c, numbers[1])))
	for i := range l.options.Databases {
		l.options.Databases[i].Old.Password = secret.FromText(l.old.Password)
	}
	l.options.Servers = []move.Server{server}
}

// script runs the script in the pod of the old Redis, as `bash -s -- MODE` does.
func (l *lab) script(mode string) (string, error) {
	l.Helper()
	m := render(l, l.options)
	bin := l.TempDir()
	real, err := exec.LookPath("date")
	if err != nil {
		l.Fatal(err)
	}
	date := "#!/bin/sh\ncase \"$*\" in '-u +%H%M') echo " + l.time + ";; *) exec " + real + " \"$@\";; esac\n"
	if err := os.WriteFile(filepath.Join(bin, "date"), []byte(date), 0o700); err != nil {
		l.Fatal(err)
	}
	run := exec.Command("bash", "-s", "--", mode)
	run.Stdin = strings.NewReader(m.Checks[0].File)
	run.Env = append(os.Environ(), "PATH="+bin+":"+l.program.Folder(l)+":"+os.Getenv("PATH"))
	out, err := run.CombinedOutput()
	if text := string(out); strings.Contains(text, printable) || strings.Contains(text, "s3cret") {
		l.Errorf("%s prints a password:\n%s", mode, text)
	}
	return string(out), err
}

// ok runs a mode that must have no complaint.
func (l *lab) ok(mode string) string {
	l.Helper()
	out, err := l.script(mode)
	if err != nil || strings.Contains(out, "NOT OK") {
		l.Fatalf("%s: %v\n%s", mode, err, out)
	}
	return out
}

// complains runs a mode that must say what, and nothing else.
func (l *lab) complains(mode string, what ...string) {
	l.Helper()
	out, err := l.script(mode)
	var complaints []string
	for line := range strings.Lines(out) {
		if text, is := strings.CutPrefix(line, "NOT OK: "); is {
			complaints = append(complaints, strings.TrimSpace(text))
		}
	}
	if err == nil || len(complaints) != len(what) {
		l.Errorf("%s: %v, want %d complaints\n%s", mode, err, len(what), out)
		return
	}
	for i := range what {
		if !regexp.MustCompile(what[i]).MatchString(complaints[i]) {
			l.Errorf("%s: %q, want %q", mode, complaints[i], what[i])
		}
	}
}

var local = regexp.MustCompile(`(?m)^(dir|status_port) = .*$`)

// copy runs RedisShake with the rendered configuration, but for its folder and port.
func (l *lab) copy() *realredis.Process {
	l.Helper()
	m := render(l, l.options)
	objects, err := manifest.Read("copy", []byte(m.Copies[0].File))
	if err != nil {
		l.Fatal(err)
	}
	dir := l.TempDir()
	config := local.ReplaceAllStringFunc(manifest.Text(objects[0].Node, "stringData", "shake.toml"), func(line string) string {
		if strings.HasPrefix(line, "dir") {
			return `dir = "` + dir + `"`
		}
		return "status_port = 0"
	})
	file := filepath.Join(dir, "shake.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		l.Fatal(err)
	}
	return realredis.Run(l, dir, l.env, filepath.Join(realredis.Shake.Folder(l), "redis-shake"), file)
}

// do runs a command on a server.
func (l *lab) do(s *realredis.Server, db int, words ...string) any {
	l.Helper()
	args := make([]any, len(words))
	for i, w := range words {
		args[i] = w
	}
	c := s.Client(l, db)
	defer func() { _ = c.Close() }()
	reply, err := c.Do(l.Context(), args...).Result()
	if err != nil && err.Error() != "redis: nil" {
		l.Fatalf("%q: %v", words, err)
	}
	return reply
}

// alone ends all other connections to a server.
func (l *lab) alone(s *realredis.Server) { l.do(s, 0, "client", "kill", "type", "normal") }

// size is how many keys a database has.
func (l *lab) size(s *realredis.Server, db int) int64 { return l.do(s, db, "dbsize").(int64) }

// each runs commands, one per line.
func (l *lab) each(s *realredis.Server, db int, commands string) {
	l.Helper()
	for line := range strings.Lines(strings.TrimSpace(commands)) {
		l.do(s, db, strings.Fields(line)...)
	}
}

// until waits until something is so.
func (l *lab) until(what string, so func() bool) {
	l.Helper()
	for range 500 {
		if so() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	l.Fatalf("it never was so: %s", what)
}
