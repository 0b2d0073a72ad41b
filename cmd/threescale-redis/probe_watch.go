package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/probe/watch"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// watchFlags make a probe a watch.
type watchFlags struct {
	Watch  bool     `help:"Read and write each database steadily, and say how long it was unavailable."`
	For    duration `placeholder:"60s" help:"With --watch: end after this time; else Ctrl-C ends it."`
	MaxGap duration `placeholder:"10s" help:"With --watch: exit 1 if a database was unavailable for longer at a time, or lost acknowledged writes."`
	SVG    fileFlag `name:"svg" placeholder:"FILE" help:"With --watch: draw latencies and outages into this file." predictor:"file"`
}

// watchHelp is the part of the help of probe that is about --watch.
const watchHelp = `--watch reads and writes each database 20 times a second, on one connection for reads
and one for writes, and finds the master again after an error as the programs do. An
operation without an answer within a second has failed. Each error and each move of the
master is printed when it happens; an error that repeats is printed once. An outage
lasts from when the first operation after the last that worked was due until one works
again; operations that take longer than 250 ms also count. Lost are writes that the
server had acknowledged and that are gone when they are read back. It exits 1 if a
database never worked, and as --max-gap says.`

// Validate is called by the command that has the flags.
func (f watchFlags) Validate() error {
	if !f.Watch && (f.For != 0 || f.MaxGap != 0 || f.SVG != "") {
		return errors.New("--for, --max-gap and --svg need --watch")
	}
	return nil
}

// duration is a flag with a time that is more than nothing.
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	switch {
	case err != nil:
		return fmt.Errorf("must be a duration such as 30s or 1m30s, not %q", text)
	case parsed <= 0:
		return errors.New("must be greater than 0")
	}
	*d = duration(parsed)
	return nil
}

func (d duration) String() string { return time.Duration(d).String() }

// args are the flags as words of a command line.
func (f watchFlags) args() []string {
	var args []string
	if f.Watch {
		args = append(args, "--watch")
	}
	if f.For > 0 {
		args = append(args, "--for", f.For.String())
	}
	if f.MaxGap > 0 {
		args = append(args, "--max-gap", f.MaxGap.String())
	}
	return args
}

// maxOperation is how long an operation of a watch may take at most: an outage is
// measured no better than this where answers do not come.
const maxOperation = time.Second

// run watches until ctx ends, and prints what it has measured by then.
func (f watchFlags) run(ctx context.Context, env *Env, report *report, targets []connect.Target, timeout time.Duration, readOnly bool, format string) error {
	picture, err := f.SVG.open()
	if err != nil {
		return err
	}
	defer picture.close()
	if f.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(f.For))
		defer cancel()
	}
	o := watch.Options{
		Interval: watch.Interval, Timeout: min(timeout, maxOperation), ReadOnly: readOnly,
		Now: env.now,
	}
	if format == "text" {
		o.Event = func(e watch.Event) { printEvent(env.Stdout, e) }
	}
	r := watch.Run(ctx, targets, o)
	problems := r.Problems(time.Duration(f.MaxGap))
	if err := errors.Join(printWatch(env, report, r, problems, format), picture.write(r.SVG())); err != nil {
		return err
	}
	if len(problems) > 0 {
		return errDiffers
	}
	return nil
}

func printEvent(out io.Writer, e watch.Event) {
	fmt.Fprintf(out, "%s  %-14s  %s\n", e.Time.Format("15:04:05.000"), e.Database, e.Text)
}

// printWatch prints the summary: as text the problems go to standard error, as JSON
// they are in the object.
func printWatch(env *Env, report *report, r watch.Report, problems []string, format string) error {
	if format == "json" {
		return printJSON(env.Stdout, struct {
			Problems []string     `json:"problems"`
			Watch    watch.Report `json:"watch"`
		}{problems, r})
	}
	fmt.Fprintf(env.Stdout, "\nWatched for %s, with %d operations a second.\n", watch.Duration(r.End.Sub(r.Begin)), time.Second/r.Interval)
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DATABASE\tNO READS\tNO WRITES\tLONGEST GAP\tERRORS\tWRITTEN\tLOST\tMOVED")
	for _, d := range r.Databases {
		noWrites, written, lost := watch.Duration(d.Writes.Unavailable), fmt.Sprint(d.Writes.Worked), d.LostText()
		if d.ReadOnly {
			noWrites, written, lost = "-", "-", "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%d\n", d.Name, watch.Duration(d.Reads.Unavailable), noWrites, watch.Duration(d.Longest()), d.Errors, written, lost, len(d.Moves))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range problems {
		report.issue(diag.Issue{Message: p})
	}
	return nil
}
