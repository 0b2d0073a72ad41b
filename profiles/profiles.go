// Package profiles holds the kinds of Redis that 3scale can use, one data file
// each: what such a Redis has and lacks, and the spec that `init` prints for
// it. A profile adds to the rules through these traits, never through its name.
package profiles

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

//go:embed *.yaml
var files embed.FS

// Reach is how the programs of 3scale get to a database.
type Reach string

// The ways to a database.
const (
	// Sentinel is a master group that Sentinels know.
	Sentinel Reach = "sentinel"
	// Endpoint is a host and a port.
	Endpoint Reach = "endpoint"
	// InTemplate are the Redis pods that the OpenShift template brings.
	InTemplate Reach = "in-template"
)

// Profile is one kind of Redis.
type Profile struct {
	Name    string `yaml:"name"`
	Summary string `yaml:"summary"`
	Reach   Reach  `yaml:"reach"`
	// SingleDB says that an endpoint is one database: only index 0 exists, and
	// each database of 3scale needs an endpoint of its own.
	SingleDB bool `yaml:"singleDB"`
	// ElastiCache says that host names follow the patterns of Amazon ElastiCache
	// and that a password needs TLS.
	ElastiCache bool `yaml:"elastiCache"`
	// NoReplication says that the service does not let others replicate from it.
	NoReplication bool `yaml:"noReplication"`
	// Hosts are regular expressions of host names that only such a Redis has:
	// by them `init --from` recognises it.
	Hosts []string `yaml:"hosts"`
	// Init is a commented spec, a text/template over InitData.
	Init string `yaml:"init"`
}

// Names are the profiles, in alphabetical order.
var Names = sync.OnceValue(func() []string {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err)
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(n, ".yaml")
	}
	slices.Sort(names)
	return names
})

// Find returns a profile by its name. The error lists the profiles and offers a
// near miss.
func Find(name string) (Profile, error) {
	if !slices.Contains(Names(), name) {
		return Profile{}, diag.Issues{{
			Message: "must be a profile: " + strings.Join(Names(), ", "),
			Hint:    diag.DidYouMean(name, Names()),
		}}
	}
	return profiles()[name](), nil
}

// profiles read a file once, since a run over many environments asks for the
// same profile for each.
var profiles = sync.OnceValue(func() map[string]func() Profile {
	byName := map[string]func() Profile{}
	for _, name := range Names() {
		byName[name] = sync.OnceValue(func() Profile { return load(name) })
	}
	return byName
})

// load reads a data file, which is embedded and held by tests.
func load(name string) Profile {
	data, err := files.ReadFile(name + ".yaml")
	if err != nil {
		panic(err)
	}
	var p Profile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil {
		panic(fmt.Sprintf("profile %s: %v", name, err))
	}
	return p
}
