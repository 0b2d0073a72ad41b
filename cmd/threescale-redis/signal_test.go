package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
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

// TestSignals_watch: whatever ends a watch, it prints what it knows, and its keys go.
func TestSignals_watch(t *testing.T) {
	for _, end := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE} {
		t.Run(end.String(), func(t *testing.T) {
			if signal.Ignored(end) {
				t.Skip("the tests were started so that they ignore it, as by nohup, and the program does too")
			}
			s := serve(t)
			dir := filepath.Join(t.TempDir(), "system-redis")
			url := fmt.Sprintf("redis://%s/0", s.Address)
			if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "URL"), []byte(url), 0o600)); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(program, "probe", "--watch", "--secrets", dir, "--release", "2.12")
			var errs bytes.Buffer
			cmd.Stderr = &errs
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			kill := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
			defer kill.Stop()
			for range 2 {
				<-s.writes
			}
			if err := cmd.Process.Signal(end); err != nil {
				t.Fatal(err)
			}
			printed, err := io.ReadAll(out)
			if err != nil || !bytes.Contains(printed, []byte("\nWatched for ")) {
				t.Errorf("%v: %s%s", err, printed, errs.Bytes())
			}
			var exit *exec.ExitError
			// The Secret backend-redis is not there.
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("ended with %v: %s", err, errs.Bytes())
			}
			s.values.Range(func(key, _ any) bool { t.Errorf("%s stays", key); return true })
		})
	}
}
