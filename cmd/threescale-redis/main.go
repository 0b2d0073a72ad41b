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
)

// garbagePercent lets the heap grow to four times what is in use before it is
// collected: a run takes milliseconds and little memory, and at Go's default
// collecting is a third of it.
const garbagePercent = 300

func main() {
	debug.SetGCPercent(garbagePercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := &Env{
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		LookupEnv: os.LookupEnv,
	}
	os.Exit(run(ctx, env, os.Args[1:]))
}
