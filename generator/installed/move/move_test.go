package move_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/installed/move"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// printable is a password of all printable characters of ASCII, and some others.
var printable = func() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String() + "é€😀$HOME${X}'''"
}()

const image = "registry.example.com/redisshake@sha256:0a"

var (
	backend = move.Server{Name: "backend", Workload: "dc/backend-redis", Address: redis.Address{Host: "backend-redis", Port: 6379}}
	system  = move.Server{Name: "system", Workload: "dc/system-redis", Address: redis.Address{Host: "system-redis", Port: 6379}}
)

// database is one that moves from a number of an old Redis to a connection.
func database(name string, from move.Server, number int, to redis.Connection) move.Database {
	return move.Database{Name: name, Path: "spec.databases." + name, Old: redis.Connection{Host: from.Address.Host, Port: from.Address.Port, DB: number}, New: to}
}

// withDB is a connection with another number.
func withDB(c redis.Connection, number int) redis.Connection {
	c.DB = number
	return c
}

func host(name string) redis.Connection {
	return redis.Connection{Host: name, Port: 6379, Password: secret.FromText(printable)}
}

var sentinels = redis.Connection{
	MasterGroup: "mymaster", Password: secret.FromText("redis-s3cret"),
	Sentinels: redis.Sentinels{Hosts: []redis.Address{{Host: "s0"}, {Host: "s1", Port: 26380}}, Password: secret.FromText("sentinel-s3cret")},
}

func options(databases ...move.Database) move.Options {
	return move.Options{Mode: move.Live, Image: image, ImagePath: "spec.data.image", Databases: databases, Servers: []move.Server{backend, system}}
}

// toOne moves all databases to one Redis, with numbers of their own.
func toOne(to redis.Connection) move.Options {
	return options(database(redis.BackendStorage, backend, 0, withDB(to, 0)), database(redis.BackendQueues, backend, 1, withDB(to, 1)),
		database(redis.System, system, 1, withDB(to, 2)), database(redis.MessageBus, system, 2, withDB(to, 3)))
}

// toEach moves each database to a Redis of its own.
func toEach() move.Options {
	return options(database(redis.BackendStorage, backend, 0, host("r1")), database(redis.BackendQueues, backend, 1, host("r2")),
		database(redis.System, system, 1, host("r3")), database(redis.MessageBus, system, 2, host("r4")))
}

func back(o move.Options) move.Options {
	o.Back = true
	return o
}

func offline(o move.Options) move.Options {
	o.Mode = move.Offline
	return o
}

// cases are the moves of the golden files.
var cases = map[string]move.Options{
	"sentinel":              toOne(sentinels),
	"sentinel-back":         back(toOne(sentinels)),
	"redis-enterprise":      toEach(),
	"redis-enterprise-back": back(offline(toEach())),
	"offline":               offline(toOne(host("redis.example.com"))),
}

func render(t testing.TB, o move.Options) *move.Move {
	t.Helper()
	m, issues := move.New(o)
	if m == nil || issues.Failed() {
		t.Fatal(issues)
	}
	return m
}

// TestGolden has what is not the same in every move: the copies, masked, and what the
// scripts say of the servers.
func TestGolden(t *testing.T) {
	for name, o := range cases {
		t.Run(name, func(t *testing.T) {
			m := render(t, o)
			var b strings.Builder
			for _, c := range m.Copies {
				b.WriteString("# data/copy-" + c.Name + ".yaml for data/check-" + c.Server.Name + ".sh: " + strings.Join(c.Databases, ", ") + "; env " + c.MasterEnv + "\n" + c.Masked)
			}
			for _, c := range m.Checks {
				head, _, _ := strings.Cut(c.File, "\nbad=0\n")
				b.WriteString("# data/check-" + c.Name + ".sh\n" + head + "\n")
			}
			golden(t, filepath.Join("testdata", name+".golden"), b.String())
		})
	}
}

// golden compares a text with a file, which UPDATE_GOLDEN writes.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// No masked text has a password, and each file has it where it is needed.
func TestMasked(t *testing.T) {
	for name, o := range cases {
		for _, c := range render(t, o).Copies {
			for _, password := range []string{"s3cret", "u0024HOME"} {
				if strings.Contains(c.Masked, password) {
					t.Errorf("%s: copy %s shows %s", name, c.Name, password)
				}
			}
			if !strings.Contains(c.Masked, `password = "***"`) || c.Masked == c.File {
				t.Errorf("%s: copy %s is not masked", name, c.Name)
			}
		}
	}
}

// ShellCheck has no complaint about any script, and bash reads it.
func TestShellCheck(t *testing.T) {
	program, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("skipped: shellcheck is not on the PATH")
	}
	full := testinput.Full(t, "ShellCheck on all scripts, not one of each kind")
	seen := map[string]bool{}
	for name, o := range cases {
		for _, c := range render(t, o).Checks {
			kind := fmt.Sprint(o.Mode, o.Back)
			if !full && seen[kind] {
				continue
			}
			seen[kind] = true
			run := exec.Command(program, "-")
			run.Stdin = strings.NewReader(c.File)
			if out, err := run.CombinedOutput(); err != nil {
				t.Errorf("%s: check-%s.sh: %v\n%s", name, c.Name, err, out)
			}
		}
	}
}
