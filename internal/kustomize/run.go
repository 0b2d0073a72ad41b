package kustomize

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime/metrics"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// maxHeap is how much memory the process may use while Kustomize runs. What goes
// in is bounded, what Kustomize makes of it is not: a long prefix goes before
// every name.
const maxHeap = 352 << 20

// building holds the one build that runs: Kustomize keeps its schema in a global
// variable, and what is taken from it below is global too.
var building = make(chan struct{}, 1)

// givenUp is closed once a build has needed too much memory.
var givenUp = make(chan struct{})

var (
	errBroken  = errors.New("kustomize broke off")
	errOffline = errors.New("rendering uses no network")
)

// outcome is what a build comes to.
type outcome struct {
	data   []byte
	issues diag.Issues
}

// watched runs a build while no other one runs, and gives it up where it needs
// too much memory. Such a build can't be stopped: it holds its place, so that
// every later build fails too, until the process ends.
func watched(build func() outcome) outcome {
	tooMuch := outcome{issues: diag.Issues{{
		Pos: diag.Position{File: "."}, Message: fmt.Sprintf("kustomize needs more than %d MiB of memory to build it", maxHeap>>20),
	}}}
	select {
	case building <- struct{}{}:
	case <-givenUp:
		return tooMuch
	}
	done := make(chan outcome, 1)
	go func() {
		done <- build()
		<-building
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case o := <-done:
			return o
		case <-tick.C:
			if heap() > maxHeap {
				close(givenUp)
				return tooMuch
			}
		}
	}
}

// heap is the memory of all objects, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// run runs Kustomize without the network and with what it prints kept away, which
// may be a value of a Secret. It reports whether there was anything.
func run(t *tree, dir string, schema bool) (data []byte, printed bool, err error) {
	defer offline()()
	logged, restore := silence()
	defer func() {
		if recover() != nil {
			err, schema = errBroken, true
		}
		if schema {
			openapi.ResetOpenAPI() // the next build would use it too
		}
		restore()
		printed = logged.written
	}()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(t, dir)
	if err != nil {
		return nil, false, err
	}
	data, err = resources.AsYaml()
	return data, false, err
}

// sink takes what is logged, and remembers that there was something.
type sink struct{ written bool }

// Write implements io.Writer.
func (s *sink) Write(p []byte) (int, error) {
	s.written = true
	return len(p), nil
}

// silence takes from Kustomize the two ways to standard error: the standard
// logger, and the variable os.Stderr, to which it writes that fields are
// deprecated. The function that it returns puts them back.
//
//nolint:forbidigo // they are put back
func silence() (*sink, func()) {
	s := &sink{}
	logger, stderr := log.Writer(), os.Stderr
	log.SetOutput(s)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	os.Stderr = null // nil, where it can't be opened, takes nothing either
	return s, func() {
		log.SetOutput(logger)
		os.Stderr = stderr
		if err == nil {
			_ = null.Close()
		}
	}
}

// offline takes from Kustomize the two ways to the network, which it has no
// options for: the transport of the http.Client that it makes itself, and git,
// which it looks up on the PATH. The function that it returns puts them back.
func offline() func() {
	transport := http.DefaultTransport
	path, set := os.LookupEnv("PATH") //nolint:forbidigo // it is put back
	http.DefaultTransport = refusal{}
	_ = os.Unsetenv("PATH")
	return func() {
		http.DefaultTransport = transport
		if set {
			_ = os.Setenv("PATH", path)
		}
	}
}

// refusal is an http.RoundTripper that makes no trip.
type refusal struct{}

// RoundTrip implements http.RoundTripper.
func (refusal) RoundTrip(*http.Request) (*http.Response, error) { return nil, errOffline }
