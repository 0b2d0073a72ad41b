// Command threescale-redis renders what a Red Hat 3scale installation needs to
// use a Redis outside of its cluster: the Secrets backend-redis and system-redis
// and the environment of the pods that read them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
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
