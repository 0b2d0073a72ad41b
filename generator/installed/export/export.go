// Package export reads what `oc get dc,secret -o yaml` prints, or where an operator
// runs the pods `oc get apimanager,dc,deployment,job,secret -o yaml`: YAML or JSON,
// one List, many documents or many files. It keeps what has to do with the two
// Secrets: all DeploymentConfigs, every other workload that reads the Secrets or
// that a release has, the APIManager, and the Secrets themselves with their values
// decoded. Whatever it cannot read as a whole it refuses, so that nobody plans on
// half an installation.
package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// command makes an export of a template's installation, for messages.
const command = "oc get dc,secret -o yaml"

// The kinds of workloads: those of templates and of the operator up to 2.14, and
// those of the operator from 2.15 on.
const (
	DeploymentConfig = "DeploymentConfig"
	Deployment       = "Deployment"
)

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
	// APIManager is what the operator reads; nil where a user runs the pods.
	APIManager *manifest.Object
	// Workloads are the DeploymentConfigs, the workloads of a release, and all else
	// that reads the Secrets, Secrets the two Secrets, as they stand in the export.
	Workloads, Secrets []manifest.Object
	// Pods are the running pods of the Workloads, by the Kind/name of these; empty
	// where the export has none.
	Pods map[string][]manifest.Object
	// Values are those of the two Secrets, decoded.
	Values clients.Values
	// Ignored says which objects have no part in this, "" where there are none.
	Ignored string
}

// Read reads an export of an installation: its workloads and the Secrets. The
// namespace picks one of several; it may be empty.
func Read(files []File, namespace string) (*Export, error) {
	e, err := read(files, namespace)
	if err == nil && !slices.ContainsFunc(e.Workloads, func(o manifest.Object) bool { return o.Kind() == DeploymentConfig || runsPods(o) }) {
		return nil, e.lacks("the DeploymentConfigs or the Deployments of 3scale", "exports both; where an operator runs 3scale, `"+operatedCommand+"`")
	}
	if err == nil && len(e.Secrets) == 0 {
		return nil, e.lacks(bothSecrets(), "exports both; where an operator runs 3scale, `"+operatedCommand+"`")
	}
	return e, err
}

// ReadSecrets reads an export that needs to have nothing but a Secret, as Read does.
func ReadSecrets(files []File, namespace string) (*Export, error) {
	e, err := read(files, namespace)
	if err == nil && len(e.Secrets) == 0 {
		return nil, e.lacks(bothSecrets(), "exports them")
	}
	return e, err
}

func bothSecrets() string { return "the Secrets " + strings.Join(wiring.SecretNames(), " and ") }

func (e *Export) lacks(what, hint string) error {
	return diag.Issues{{Pos: diag.Position{File: e.Name}, Message: "must have " + what, Hint: "`" + command + "` " + hint}}
}

func read(files []File, namespace string) (*Export, error) {
	var objects []manifest.Object
	var issues diag.Issues
	for _, f := range files {
		found, err := manifest.Read(f.Name, f.Data)
		issues = append(issues, diag.From(err)...)
		issues = append(issues, cutOff(found)...)
		for _, o := range found {
			issues = append(issues, badNames(o)...)
		}
		if err == nil && len(found) == 0 {
			issues = append(issues, diag.Issue{Pos: diag.Position{File: f.Name}, Message: "holds no object", Hint: "`" + command + "` makes an export"})
		}
		objects = append(objects, found...)
	}
	if issues.Failed() {
		return nil, issues
	}
	e := &Export{Values: clients.Values{}, Pods: map[string][]manifest.Object{}}
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

// sort puts the objects where they belong and decodes the Secrets.
func (e *Export) sort(objects []manifest.Object) diag.Issues {
	ignored := map[string]int{}
	first := map[string]manifest.Object{}
	var issues diag.Issues
	maker := makerIn(objects)
	for _, o := range objects {
		ours := o.Kind() == "Secret" && wiring.IsSecret(o.Name())
		of := maker(o)
		reads := readsSecrets(o) && of == ""
		switch {
		case o.Kind() == "Pod" && of != "":
			if runs(o) {
				e.Pods[of] = append(e.Pods[of], o)
			}
			continue
		case o.Kind() == "Template":
			issues = append(issues, o.Issue(o.Node, o.String(), "is an OpenShift template, not an export of what runs: `%s` makes one", command))
			continue
		case wiring.IsAPIManager(o):
			issues = append(issues, e.manager(o)...)
			continue
		case !ours && !reads && o.Kind() != DeploymentConfig && !runsPods(o):
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
			continue
		}
		e.Workloads = append(e.Workloads, o)
		if !reads && !isKnown(o) {
			ignored[o.Kind()]++
		}
	}
	e.Ignored = counted(ignored)
	return issues
}

// readsSecrets reports whether the pods of an object read one of the Secrets.
func readsSecrets(o manifest.Object) bool {
	return slices.ContainsFunc(wiring.Readers(o), func(r wiring.Reader) bool { return wiring.IsSecret(r.Secret) })
}

// isKnown reports whether a release has the object as a reader or as part of the
// Redis that it brings.
func isKnown(o manifest.Object) bool { return wiring.IsPinned(o) || IsInternalRedis(o) }

// runsPods reports whether an object is a workload of a release, though it may read
// nothing now. A Job alone is no installation.
func runsPods(o manifest.Object) bool { return o.Kind() == Deployment && isKnown(o) }

// IsInternalRedis reports whether an object is part of the Redis that a template or
// the operator of a release brings.
func IsInternalRedis(o manifest.Object) bool { return internalRedis()[o.String()] }

// internalRedis are the objects of the Redis that the releases bring.
var internalRedis = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, line := range releases.Lines() {
		for _, id := range releases.Load(line).InternalRedis {
			known[id] = true
		}
	}
	return known
})

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

// Workload returns the workload with that kind and name.
func (e *Export) Workload(kind, name string) (manifest.Object, bool) {
	return find(e.Workloads, kind, name)
}

// Secret returns the Secret with that name.
func (e *Export) Secret(name string) (manifest.Object, bool) { return find(e.Secrets, "Secret", name) }

func find(objects []manifest.Object, kind, name string) (manifest.Object, bool) {
	i := slices.IndexFunc(objects, func(o manifest.Object) bool { return o.Kind() == kind && o.Name() == name })
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
