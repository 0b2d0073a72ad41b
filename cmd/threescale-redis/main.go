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

// garbagePercent lets the heap grow to five times what is in use before it is
// collected: a run takes milliseconds and little memory, and collecting costs a
// fifth of it.
const garbagePercent = 400

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
