// Command threescale-redis renders what a Red Hat 3scale installation needs to
// use a Redis outside of its cluster: the Secrets backend-redis and system-redis
// and the environment of the pods that read them.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

// garbagePercent lets the heap grow to two and a half times what is in use before
// it is collected. At Go's default, collecting is a tenth of a run over many
// environments; with more, the memory of such a run grows and little is won.
const garbagePercent = 150

// memoryLimit is where collecting comes before speed. What a run reads is bounded
// so that it fits, and the process stays below 512 MiB.
const memoryLimit = 320 << 20

// No signal is caught unless a command asks for it: SIGTERM ends the process at once,
// as Argo CD expects at the deadline of a request, and files are put in place by rename.
func main() {
	debug.SetGCPercent(garbagePercent)
	if debug.SetMemoryLimit(-1) > memoryLimit { // GOMEMLIMIT may say less
		debug.SetMemoryLimit(memoryLimit)
	}
	env := &Env{
		Name:      calledAs(os.Args[0]),
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		LookupEnv: os.LookupEnv,
		Terminal:  term.IsTerminal(int(os.Stderr.Fd())),
		Interruptible: func() (context.Context, context.CancelFunc) {
			return signal.NotifyContext(context.Background(), endings()...)
		},
		Now: time.Now(),
	}
	os.Exit(run(env, os.Args[1:]))
}

// endings are the signals that ask for what is known so far: Ctrl-C, a stopped Job, a
// terminal that is closed, and a reader, such as head, that has seen enough. nohup
// wants no word of the terminal.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
