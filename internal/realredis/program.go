// Package realredis runs the real programs for tests: the Redis servers that
// installations leave, built from source, the redis-server of the machine as the one
// that they go to, Sentinels, and RedisShake. A test that needs them skips where the
// sources or a C compiler are absent, and says so.
package realredis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/gofrs/flock"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// Program is a program that a test runs.
type Program string

// The programs. Redis7 is the redis-server of the machine, whatever its version.
const (
	Redis3 Program = "redis-3.2.13"
	Redis5 Program = "redis-5.0.14"
	Redis7 Program = "redis-server"
	Shake  Program = "redis-shake-4.2.0"
)

// builds are the commands that build a program in the folder of its source, and the
// files that stay of it. Redis 3.2 needs -fcommon with today's compilers.
var builds = map[Program]struct {
	command []string
	files   []string
}{
	Redis3: {makeRedis, []string{"src/redis-server", "src/redis-cli"}},
	Redis5: {makeRedis, []string{"src/redis-server", "src/redis-cli"}},
	Shake:  {[]string{"go", "build", "-o", "redis-shake", "./cmd/redis-shake"}, []string{"redis-shake"}},
}

var makeRedis = []string{"make", "-C", "src", fmt.Sprint("-j", runtime.NumCPU()), "MALLOC=libc", "CFLAGS=-fcommon -w", "redis-server", "redis-cli"}

// Need skips a test unless FULL is set and the programs can be had; it builds what
// the cache lacks.
func Need(t testing.TB, programs ...Program) {
	t.Helper()
	if !testinput.Full(t, "tests with real Redis servers") {
		t.SkipNow()
	}
	for _, p := range programs {
		p.Folder(t)
	}
}

// Folder returns the folder that holds the files of a program: redis-server and
// redis-cli, or redis-shake.
func (p Program) Folder(t testing.TB) string {
	t.Helper()
	if p == Redis7 {
		file, err := exec.LookPath(string(p))
		if err != nil {
			t.Skipf("skipped: %s is not on the PATH", p)
		}
		return filepath.Dir(file)
	}
	source := testinput.Source(t, string(p)+".tar.gz")
	build := builds[p]
	for _, tool := range []string{"tar", "cc", build.command[0]} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: %s cannot be built: %s is not on the PATH", p, tool)
		}
	}
	dir, err := p.built(source)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// built returns the folder of a program in the cache, which is named after the digest
// of the source. Of two processes one builds, and the other waits.
func (p Program) built(source string) (string, error) {
	data, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "threescale-redis-tests")
	sum := sha256.Sum256(data)
	dir := filepath.Join(cache, string(p)+"-"+hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	lock := flock.New(dir + ".lock")
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer func() { _ = lock.Unlock() }()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	work, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := p.build(source, work); err != nil {
		return "", fmt.Errorf("%s: %w", p, err)
	}
	return dir, os.Rename(filepath.Join(work, "built"), dir)
}

// build builds a program below a folder, into the folder built.
func (p Program) build(source, work string) error {
	if err := os.Mkdir(filepath.Join(work, "built"), 0o700); err != nil {
		return err
	}
	tree := filepath.Join(work, string(p))
	build := builds[p]
	var move [][]string
	for _, file := range build.files {
		move = append(move, []string{"mv", file, filepath.Join(work, "built")})
	}
	for _, command := range slices.Concat([][]string{{"tar", "-C", work, "-xzf", source}, build.command}, move) {
		c := exec.Command(command[0], command[1:]...)
		if command[0] != "tar" {
			c.Dir = tree
		}
		// RedisShake is a module of its own, which a workspace or flags of this one would disturb.
		c.Env = append(c.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", command, err, out)
		}
	}
	return nil
}
