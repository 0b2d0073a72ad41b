// Command bench measures whole processes: threescale-redis beside the programs
// that people use for the same objects today, in one run, on one machine. It
// judges nothing; `make bench` prints what it finds.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

func main() {
	shared := flag.String("shared", "../shared", "folder with the 3scale templates and exports")
	runs := flag.Int("runs", 15, "measured runs of each program; the median counts")
	flag.Parse()
	if err := bench(*shared, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// errSkipped makes a case say what it lacks, and the others go on.
var errSkipped = errors.New("skipped")

func bench(shared string, runs int) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := filepath.Abs("bin/threescale-redis")
	if err != nil {
		return err
	}
	chart, err := filepath.Abs("charts/threescale-redis")
	if err != nil {
		return err
	}
	b := &workbench{dir: dir, shared: shared, binary: binary, chart: chart, runs: runs}
	fmt.Printf("%d cores, %s/%s; medians of %d runs, with the fastest and the slowest; programs take turns\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runs)
	start := time.Now()
	for _, c := range []struct {
		title string
		run   func(*workbench) error
	}{
		{"Secrets of one environment", oneSecrets},
		{"one environment with its base, the processed template of 2.7.1.GA", oneEnvironment},
		{"the same base as manifests and as a kustomization", bases},
		{"many environments in one run", manyEnvironments},
		{"a whole installation from the template of 2.7.1.GA", installation},
		{"a migration plan from the export of 2.6.0.GA, with more objects beside", migration},
		{"the plugin of Argo CD for the Secrets and their base", plugin},
	} {
		fmt.Printf("\n%s\n", c.title)
		if err := c.run(b); errors.Is(err, errSkipped) {
			fmt.Printf("  %s\n", err)
		} else if err != nil {
			return fmt.Errorf("%s: %w", c.title, err)
		}
	}
	fmt.Printf("\n%s in all\n", time.Since(start).Round(time.Second))
	return nil
}
