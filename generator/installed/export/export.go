// Package export reads what `oc get dc,secret -o yaml` prints: YAML or JSON, one
// List, many documents or many files. It keeps what has to do with the two
// Secrets: all DeploymentConfigs, and the Secrets themselves with their values
// decoded. Whatever it cannot read as a whole it refuses, so that nobody plans
// on half an installation.
package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// command makes an export, for messages.
const command = "oc get dc,secret -o yaml"

// DeploymentConfig is the kind of every workload of a template.
const DeploymentConfig = "DeploymentConfig"

// File is one file of an export.
type File struct {
	Name string
	Data []byte
}

// Export is one installation as it runs.
type Export struct {
	// Name is that of the first file, for messages about the whole export; the
	// caller may know a better one for several files.
	Name string
	// Namespace is the one that is meant; empty where the objects name none.
	Namespace string
	// Workloads are the DeploymentConfigs, Secrets the two Secrets, as they
	// stand in the export.
	Workloads, Secrets []manifest.Object
	// Values are those of the two Secrets, decoded.
	Values clients.Values
	// Ignored says which objects have no part in this, "" where there are none.
	Ignored string
}

// Read reads an export. The namespace picks one of several; it may be empty.
func Read(files []File, namespace string) (*Export, error) {
	var objects []manifest.Object
	var issues diag.Issues
	for _, f := range files {
		found, err := manifest.Read(f.Name, f.Data)
		issues = append(issues, diag.From(err)...)
		issues = append(issues, cutOff(found)...)
		if err == nil && len(found) == 0 {
			issues = append(issues, diag.Issue{Pos: diag.Position{File: f.Name}, Message: "holds no object", Hint: "`" + command + "` makes an export"})
		}
		objects = append(objects, found...)
	}
	if issues.Failed() {
		return nil, issues
	}
	e := &Export{Values: clients.Values{}}
	if len(files) > 0 {
		e.Name = files[0].Name
	}
	objects, issues = e.pick(objects, namespace)
	if issues.Failed() {
		return nil, issues
	}
	issues = e.sort(objects)
	return e, issues.Err()
}

// secretNames are the Secrets that any release reads.
func secretNames() []string {
	names := map[string]bool{}
	for _, line := range releases.Lines() {
		for _, s := range releases.Load(line).Secrets {
			names[s.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// sort puts the objects where they belong and decodes the Secrets.
func (e *Export) sort(objects []manifest.Object) diag.Issues {
	names := secretNames()
	ignored := map[string]int{}
	first := map[string]manifest.Object{}
	var issues diag.Issues
	for _, o := range objects {
		ours := o.Kind() == "Secret" && slices.Contains(names, o.Name())
		switch {
		case o.Kind() == "Template":
			issues = append(issues, o.Issue(o.Node, o.String(), "is an OpenShift template, not an export of what runs: `%s` makes one", command))
			continue
		case !ours && o.Kind() != DeploymentConfig:
			ignored[o.Kind()]++
			continue
		}
		if other, ok := first[o.String()]; ok {
			issues = append(issues, o.Issue(o.Node, o.String(), "is there twice, first at %s", manifest.Position(other.File, other.Node)))
			continue
		}
		first[o.String()] = o
		if ours {
			values, found := decode(o)
			issues = append(issues, found...)
			e.Secrets = append(e.Secrets, o)
			e.Values[o.Name()] = values
		} else {
			e.Workloads = append(e.Workloads, o)
		}
	}
	ignored[DeploymentConfig] = len(e.Workloads) - e.ofInterest()
	e.Ignored = counted(ignored)
	if missing := e.missing(names); missing != "" && !issues.Failed() {
		issues = append(issues, diag.Issue{Pos: diag.Position{File: e.Name}, Message: "must have " + missing, Hint: "`" + command + "` exports both"})
	}
	return issues
}

// missing names the kind of objects that an export cannot do without.
func (e *Export) missing(secrets []string) string {
	switch {
	case len(e.Workloads) == 0:
		return "the DeploymentConfigs of 3scale"
	case len(e.Secrets) == 0:
		return "the Secrets " + strings.Join(secrets, " and ")
	default:
		return ""
	}
}

// ofInterest counts the workloads that read the Secrets, or that a release knows
// as readers or as the Redis of the template.
func (e *Export) ofInterest() int {
	// What it cannot make sense of in the Secrets is no matter here.
	wiring, _ := releases.ExtractObjects(e.Workloads)
	known := map[string]bool{}
	for _, w := range wiring.Workloads {
		known[w.Name] = true
	}
	for _, line := range releases.Lines() {
		pin := releases.Load(line)
		for _, w := range pin.Workloads {
			known[w.Name] = true
		}
		for _, id := range pin.InternalRedis {
			if name, ok := strings.CutPrefix(id, DeploymentConfig+"/"); ok {
				known[name] = true
			}
		}
	}
	n := 0
	for _, o := range e.Workloads {
		if known[o.Name()] {
			n++
		}
	}
	return n
}

func counted(kinds map[string]int) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if kinds[kind] == 0 {
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	return strings.Join(parts, ", ")
}

// Workload gives the DeploymentConfig with that name.
func (e *Export) Workload(name string) (manifest.Object, bool) { return named(e.Workloads, name) }

// Secret gives the Secret with that name.
func (e *Export) Secret(name string) (manifest.Object, bool) { return named(e.Secrets, name) }

func named(objects []manifest.Object, name string) (manifest.Object, bool) {
	i := slices.IndexFunc(objects, func(o manifest.Object) bool { return o.Name() == name })
	if i < 0 {
		return manifest.Object{}, false
	}
	return objects[i], true
}

// Position is where the export has a key of a Secret, or the Secret.
func (e *Export) Position(secret, key string) diag.Position {
	o, ok := e.Secret(secret)
	if !ok {
		return diag.Position{File: e.Name}
	}
	if n := manifest.Field(o.Node, "data", key); n != nil {
		return manifest.Position(o.File, n)
	}
	return manifest.Position(o.File, o.Node)
}
