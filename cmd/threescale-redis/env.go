package main

import (
	"io"
	"time"

	"github.com/threescale-redis/threescale-redis/internal/input"
)

// Env is what a command sees of its process.
type Env struct {
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer
	LookupEnv func(string) (string, bool)
	// Now is when the run began: certificates must be valid then.
	Now time.Time
	// Inputs counts what the run reads.
	Inputs input.Run
}
