package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// command is one process.
type command struct {
	dir  string
	args []string
}

// side is what one way to a result takes: one process, or several in turn.
type side struct {
	name     string
	commands []command
}

// sample is what a side took: times add up over its processes, peaks do not.
type sample struct {
	wall, cpu time.Duration
	// peak is the largest resident set, in bytes.
	peak int64
}

// result is the median of each measure, and the spread of the wall time.
type result struct {
	name string
	sample
	fastest, slowest time.Duration
}

// measure runs the sides in turn, once to warm up and then as often as asked.
func measure(runs int, sides ...side) ([]result, error) {
	samples := make([][]sample, len(sides))
	for n := range runs + 1 {
		for i, s := range sides {
			taken, err := s.run()
			if err != nil {
				return nil, err
			}
			if n > 0 {
				samples[i] = append(samples[i], taken)
			}
		}
	}
	results := make([]result, len(sides))
	for i, s := range sides {
		walls := sorted(samples[i], func(s sample) time.Duration { return s.wall })
		results[i] = result{s.name, sample{
			wall: median(walls),
			cpu:  median(sorted(samples[i], func(s sample) time.Duration { return s.cpu })),
			peak: median(sorted(samples[i], func(s sample) int64 { return s.peak })),
		}, walls[0], walls[len(walls)-1]}
	}
	return results, nil
}

func sorted[T time.Duration | int64](samples []sample, of func(sample) T) []T {
	var values []T
	for _, s := range samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values
}

func median[T time.Duration | int64](sorted []T) T { return sorted[len(sorted)/2] }

func (s side) run() (sample, error) {
	var sum sample
	for _, c := range s.commands {
		one, err := c.run()
		if err != nil {
			return sample{}, fmt.Errorf("%s: %w", s.name, err)
		}
		sum.wall += one.wall
		sum.cpu += one.cpu
		sum.peak = max(sum.peak, one.peak)
	}
	return sum, nil
}

// run starts the process and waits for it. Nobody reads its output: to do so
// would take part of the machine.
func (c command) run() (sample, error) {
	out, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return sample{}, err
	}
	defer out.Close()
	var stderr bytes.Buffer
	process := exec.Command(c.args[0], c.args[1:]...)
	process.Dir, process.Stdout, process.Stderr = c.dir, out, &stderr
	start := time.Now()
	err = process.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%q: %w\n%s", c.args, err, stderr.Bytes())
	}
	state := process.ProcessState
	// Linux counts the resident set in kilobytes.
	usage := state.SysUsage().(*syscall.Rusage)
	return sample{wall, state.UserTime() + state.SystemTime(), usage.Maxrss << 10}, nil
}

// printRatios prints one side per line; the ratio is how many times the wall time
// of the first one, which is ours.
func printRatios(results []result) error {
	w := table()
	fmt.Fprintln(w, "wall ms\tfrom\tto\tCPU ms\tpeak MB\ttimes ours\t")
	for _, r := range results {
		times := float64(r.wall) / float64(results[0].wall)
		fmt.Fprintf(w, "%.1f\t%.1f\t%.1f\t%.1f\t%.0f\t%.1f\t  %s\n", milliseconds(r.wall), milliseconds(r.fastest), milliseconds(r.slowest),
			milliseconds(r.cpu), megabytes(r.peak), times, r.name)
	}
	return w.Flush()
}

// printGrowth prints one size per line, as a whole and for each of its parts.
func printGrowth(part string, sizes []int, results []result) error {
	w := table()
	fmt.Fprintf(w, "wall ms\tms each\tCPU ms each\tpeak MB\t\n")
	for i, r := range results {
		n := float64(sizes[i])
		fmt.Fprintf(w, "%.1f\t%.2f\t%.2f\t%.0f\t  %d %s\n", milliseconds(r.wall), milliseconds(r.wall)/n, milliseconds(r.cpu)/n, megabytes(r.peak), sizes[i], part)
	}
	return w.Flush()
}

// table aligns all columns but the last one to the right.
func table() *tabwriter.Writer {
	return tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func megabytes(size int64) float64 { return float64(size) / (1 << 20) }
