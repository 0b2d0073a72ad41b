package realredis

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// watched runs a program that is killed when the standard input is closed: by Kill, or
// by the end of the test process, also when that is a panic or a signal.
const watched = `exec 3<&0; "$@" </dev/null & pid=$!; { read -r _ <&3; kill -9 $pid; } 2>/dev/null & wait $pid`

// Process is a program that runs. It ends with its test, whatever way the test ends.
type Process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{}
	err   error
	log   string
}

// Run starts a program in a folder, with env vars beside those of the test. What it
// writes is logged when the test fails.
func Run(t testing.TB, dir string, env []string, program string, args ...string) *Process {
	t.Helper()
	logs, err := os.CreateTemp(t.TempDir(), filepath.Base(program)+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	p := &Process{cmd: exec.Command("sh", append([]string{"-c", watched, "sh", program}, args...)...), done: make(chan struct{}), log: logs.Name()}
	p.cmd.Dir, p.cmd.Env = dir, append(p.cmd.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = logs, logs
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(program), tail(p.Log()))
		}
	})
	return p
}

// tail is the end of a long log.
func tail(log string) string {
	const most = 4000
	return log[max(0, len(log)-most):]
}

// Kill kills the program, which cannot prevent it, and waits for its end.
func (p *Process) Kill() {
	_ = p.stdin.Close()
	<-p.done
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Code waits for the end of the program and returns its exit code, 128 and more for
// a signal.
func (p *Process) Code() int {
	<-p.done
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// Log is what the program has written.
func (p *Process) Log() string {
	data, _ := os.ReadFile(p.log)
	return string(data)
}
