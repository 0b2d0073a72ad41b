package main

import (
	"bytes"
	"errors"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestSIGTERM: a process that waits for input ends at once. Argo CD sends the
// signal at the deadline of a request, and kills the process seconds later.
func TestSIGTERM(t *testing.T) {
	for _, args := range [][]string{{"krm"}, {"render", "-f", "-"}} {
		cmd := exec.Command(program, args...)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// More than a pipe holds: once it is written, the process reads.
		if _, err := in.Write(bytes.Repeat([]byte("#\n"), 1<<17)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
				t.Errorf("%v ended with %v", args, err)
			}
		case <-time.After(3 * time.Second):
			_ = cmd.Process.Kill()
			t.Errorf("%v does not end", args)
		}
	}
}
