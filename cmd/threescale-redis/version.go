package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// version is set by the linker for a release; otherwise it is that of the module.
var version string

// versionCmd prints the version.
type versionCmd struct{ listFlag }

// Run prints the version and the platform; as JSON also the commit and the releases
// that are built in.
func (c *versionCmd) Run(env *Env) error {
	if c.Format == "json" {
		return printJSON(env.Stdout, map[string]any{
			"version": versionText(), "commit": setting("vcs.revision"), "date": setting("vcs.time"),
			"go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH, "releases": releases.Lines(),
		})
	}
	_, err := fmt.Fprintln(env.Stdout, versionLine())
	return err
}

func versionLine() string {
	return fmt.Sprintf("%s %s %s %s/%s", program, versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

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
