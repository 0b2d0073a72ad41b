package main

import (
	"context"
	"io"
	"time"

	"github.com/threescale-redis/threescale-redis/internal/input"
)

// Env is what a command sees of its process.
type Env struct {
	// Name is how the program was called: as a plugin of kubectl or by its own name.
	Name      string
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer
	LookupEnv func(string) (string, bool)
	// Terminal says that a person watches standard error.
	Terminal bool
	// Interruptible returns a context that ends with Ctrl-C and its like, for commands
	// that print what they know so far. Until stop is called, the signals do nothing else.
	Interruptible func() (ctx context.Context, stop context.CancelFunc)
	// Now is when the run began: certificates must be valid then.
	Now time.Time
	// Inputs counts what the run reads.
	Inputs input.Run
}

// now is the clock of the run.
func (env *Env) now() time.Time { return env.Now.Add(time.Since(env.Now)) }

// colored reports whether standard error gets colors: https://no-color.org.
func (env *Env) colored(when string) bool {
	if when != "auto" {
		return when == "always"
	}
	no, _ := env.LookupEnv("NO_COLOR")
	term, _ := env.LookupEnv("TERM")
	return env.Terminal && no == "" && term != "dumb"
}
