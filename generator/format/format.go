// Package format writes what a spec turned into: one file per format, and one row
// in the table below.
package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Result is what a spec turned into. Name is the place of the spec.
type Result struct {
	Name string
	*generator.Patched
}

// File is one file of a result in a directory.
type File struct {
	// Name is the path below the directory, with slashes.
	Name string
	Data []byte
	// Secret says that a real secret value is inside.
	Secret bool
	// Private says that a secret may be inside: the file comes from an
	// installation, where passwords stand in env vars and ConfigMaps too.
	Private bool
}

// Document is what one result adds to a stream.
type Document struct {
	// Name is the place of the spec.
	Name string
	Data []byte
}

// Format is one way to write results. A result is written as soon as it is
// there, so that a run over many specs holds the objects of one at a time.
type Format struct {
	Name string
	// Help says in a few words what the format is; a line end breaks it in two.
	Help string
	// Document writes one result for a stream, Join makes the stream; nil where
	// only files make sense.
	Document func(Result) ([]byte, error)
	Join     func([]Document) []byte
	// Files writes one result to files; nil where only a stream makes sense.
	Files func(Result) ([]File, error)
	// Secrets says that the format holds the Secrets, whose values must be known.
	Secrets bool
	// View says that the format is for people, and the same in any installation.
	// Secrets are looked up where they can be, since one may decide where it stands, and
	// are masked.
	View bool
	// Objects says that the format is what gets applied: it must not be empty.
	Objects bool
	// Patches says that the format patches workloads, whose pods roll by that, or the
	// APIManager of the operator that makes them.
	Patches bool
	// Warnings says what the format can't hold of a result.
	Warnings func(Result) diag.Issues
}

// All are the formats; the first one is the default.
func All() []Format {
	return []Format{
		{
			Name: "manifests", Help: "complete objects as YAML: the Secrets, or the whole\ninstallation where the spec has a base or a template",
			Document: manifestDocument, Join: joinYAML, Files: manifestFiles, Secrets: true, Objects: true, Warnings: tokenUnused,
		},
		{Name: "json", Help: "the same as one v1 List", Document: jsonDocument, Join: joinJSON, Secrets: true, Objects: true, Warnings: tokenUnused},
		{
			Name: "patches", Help: `patches for "oc patch": of the env, or of the APIManager`,
			Document: patchDocument, Join: joinYAML, Files: patchFiles, Patches: true, Warnings: leftOut,
		},
		{
			Name: "kustomize", Help: `a Component for "kustomize build" and "oc apply -k"; needs -d`,
			Files: componentFiles, Secrets: true, Patches: true, Warnings: nothing,
		},
		{
			Name: "helm-values", Help: "values for the chart threescale-redis",
			Document: valuesDocument, Join: joinYAML, Files: valuesFiles, Secrets: true,
			Warnings: func(r Result) diag.Issues { return r.TokenUnused(nil) }, // the chart has no workloads
		},
		{
			Name: "argocd-ignore", Help: "the ignoreDifferences of an Argo CD Application",
			Document: ignoreDocument, Join: joinYAML, Files: ignoreFiles, Warnings: ownFields,
		},
		{
			Name: "values", Help: "for people: each value with its passwords masked, and what\nthe programs of the release make of it", View: true,
			Document: viewDocument, Join: joinText, Warnings: nothing,
		},
	}
}

func tokenUnused(r Result) diag.Issues { return r.TokenUnused(r.Objects) }

func nothing(Result) diag.Issues { return nil }

// Names are the names of the formats.
func Names() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
	}
	return names
}

// Find returns the format with that name.
func Find(name string) (Format, error) {
	for _, f := range All() {
		if f.Name == name {
			return f, nil
		}
	}
	message := fmt.Sprintf("there is no format %q: %s", name, strings.Join(Names(), ", "))
	if near := diag.DidYouMean(name, Names()); near != "" {
		message += "; " + near
	}
	return Format{}, errors.New(message)
}

// Unique finds results that write the same object to one stream.
type Unique struct{ first map[string]string }

// Add reports the objects that an earlier result has too, naming both specs.
func (u *Unique) Add(r Result) error {
	if u.first == nil {
		u.first = map[string]string{}
	}
	var issues diag.Issues
	for _, id := range r.identities() {
		if other, ok := u.first[id]; ok {
			issues = append(issues, diag.Issue{
				Pos: diag.Position{File: r.Name}, Message: fmt.Sprintf("renders %s, as %s does", id, other),
				Hint: "give each a metadata.namespace of its own, or render into a directory",
			})
		}
		u.first[id] = r.Name
	}
	return issues.Err()
}

// identities name what a result writes, each with its namespace: its objects, or
// without any the workloads or the APIManager that it patches.
func (r Result) identities() []string {
	var ids []string
	add := func(kind, name, namespace string) {
		id := kind + " " + name
		if namespace != "" {
			id += " in namespace " + namespace
		}
		ids = append(ids, id)
	}
	for _, o := range r.Objects {
		add(o.Kind(), o.Name(), o.Namespace())
	}
	if len(r.Objects) == 0 {
		if r.Release.Operated() {
			p := r.APIManagerPatch()
			add(wiring.APIManagerKind, p.Name, p.Namespace)
			return ids
		}
		for _, w := range r.Release.Workloads {
			add(w.Kind, w.Name, r.Metadata.Namespace.Value)
		}
	}
	return ids
}

const documentSeparator = "---\n"

// joinYAML puts each of several results under a line that names its spec.
func joinYAML(documents []Document) []byte {
	var parts [][]byte
	for i, d := range documents {
		var head string
		if i > 0 {
			head = documentSeparator
		}
		if len(documents) > 1 {
			head += "# Source: " + d.Name + "\n"
		}
		parts = append(parts, []byte(head), d.Data)
	}
	return bytes.Join(parts, nil)
}

func manifestDocument(r Result) ([]byte, error) { return manifest.Write(r.Objects) }

// manifestFiles returns one file per object.
func manifestFiles(r Result) ([]File, error) {
	var files []File
	for _, o := range r.Objects {
		data, err := manifest.Encode(o.Node)
		if err != nil {
			return nil, err
		}
		files = append(files, File{
			Name: objectFile(o), Data: data,
			// Nobody knows which values of an installation are real secrets, but those
			// of its Secrets are taken for them.
			Secret:  o.Kind() == "Secret" && (r.RealSecrets() || r.Base != nil),
			Private: r.Base != nil,
		})
	}
	return files, nil
}

func objectFile(o manifest.Object) string {
	return strings.ToLower(o.Kind()) + "-" + o.Name() + ".yaml"
}

func valuesDocument(r Result) ([]byte, error) { return r.Values.YAML() }

func valuesFiles(r Result) ([]File, error) {
	data, err := r.Values.YAML()
	return []File{{Name: "values.yaml", Data: data, Secret: r.RealSecrets()}}, err
}
