package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
)

// The linker sets these for a release; otherwise they are what Go noted of the source.
var version, commit, date string

// versionCmd prints the version.
type versionCmd struct{ listFlag }

// Run prints the version, what it was built from, and the 3scale releases that are
// built in.
func (c *versionCmd) Run(env *Env) error {
	commit, date := cmp.Or(commit, setting("vcs.revision")), cmp.Or(date, setting("vcs.time"))
	if c.Format == "json" {
		return printJSON(env.Stdout, map[string]any{
			"version": versionText(), "commit": commit, "date": date,
			"go": runtime.Version(), "platform": platform(), "releases": releaseRows(),
		})
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\n", program, versionText())
	if commit != "" {
		fmt.Fprintf(w, "commit\t%s\ndate\t%s\n", commit, date)
	}
	fmt.Fprintf(w, "go\t%s %s\n", runtime.Version(), platform())
	heading := "3scale"
	for _, r := range releaseRows() {
		fmt.Fprintf(w, "%s\t%s: %s\n", heading, r.Release, strings.Join(r.Tags, ", "))
		heading = ""
	}
	return w.Flush()
}

func versionLine() string {
	return fmt.Sprintf("%s %s %s %s", program, versionText(), runtime.Version(), platform())
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// setting is what the build noted of the source; "" where it noted nothing.
func setting(key string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
