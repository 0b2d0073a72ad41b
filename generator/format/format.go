// Package format writes what a spec turned into: one file a format, and one row
// in the table below.
package format

import (
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/diag"
	"github.com/threescale-redis/threescale-redis/generator/manifest"
)

// Source is a result with the place of its spec.
type Source struct {
	Name string
	*generator.Result
}

// File is one file of a result in a directory.
type File struct {
	// Name is the path below the directory, with slashes.
	Name string
	Data []byte
	// Secret says that a real secret value is inside.
	Secret bool
}

// Format is one way to write results.
type Format struct {
	Name string
	Help string
	// Stream writes all results to one stream; nil where only files make sense.
	Stream func([]Source) ([]byte, error)
	// Files writes one result to files; nil where only a stream makes sense.
	Files func(Source) ([]File, error)
	// Patches says that the format patches workloads, whose pods roll by that.
	Patches bool
	// Warnings says what the format can't hold of a result.
	Warnings func(Source) diag.Issues
}

// All are the formats; the first one is the default.
func All() []Format {
	return []Format{
		{
			Name: "manifests", Help: "complete objects as YAML: the Secrets, or the whole installation\nwhere the spec has a base or a template",
			Stream: manifestStream, Files: manifestFiles, Warnings: nothing,
		},
		{Name: "json", Help: "the same as one v1 List", Stream: jsonStream, Warnings: nothing},
		{
			Name: "patches", Help: "env patches for `oc patch`",
			Stream: patchStream, Files: patchFiles, Patches: true, Warnings: hooksLeftOut,
		},
		{
			Name: "kustomize", Help: "a Component for `kustomize build` and `oc apply -k`; needs -d",
			Files: componentFiles, Patches: true, Warnings: nothing,
		},
		{Name: "helm-values", Help: "values for the chart threescale-redis", Stream: valuesStream, Files: valuesFiles, Warnings: nothing},
	}
}

func nothing(Source) diag.Issues { return nil }

// Names are the names of the formats.
func Names() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
	}
	return names
}

// Find gives the format with that name.
func Find(name string) (Format, error) {
	for _, f := range All() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("there is no format %q: %s", name, strings.Join(Names(), ", "))
}

// Unique reports two sources that write the same object, naming both.
func Unique(sources []Source) error {
	var issues diag.Issues
	first := map[string]string{}
	for _, s := range sources {
		for _, o := range s.Objects {
			id := fmt.Sprintf("%s %s", o.Kind(), o.Name())
			if ns := o.Namespace(); ns != "" {
				id += " in namespace " + ns
			}
			if other, ok := first[id]; ok && other != s.Name {
				issues = append(issues, diag.Issue{
					Pos: diag.Position{File: s.Name}, Message: fmt.Sprintf("renders %s, as %s does", id, other),
					Hint: "give each a metadata.namespace of its own, or render into a directory",
				})
			}
			first[id] = s.Name
		}
	}
	return issues.Err()
}

// stream joins what each source gives, under a line that names it where there
// are several.
func stream(sources []Source, separator string, write func(Source) ([]byte, error)) ([]byte, error) {
	var b strings.Builder
	for i, s := range sources {
		data, err := write(s)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteString(separator)
		}
		if len(sources) > 1 {
			fmt.Fprintf(&b, "# Source: %s\n", s.Name)
		}
		b.Write(data)
	}
	return []byte(b.String()), nil
}

const documentSeparator = "---\n"

func manifestStream(sources []Source) ([]byte, error) {
	return stream(sources, documentSeparator, func(s Source) ([]byte, error) { return manifest.Write(s.Objects) })
}

// manifestFiles gives one file an object.
func manifestFiles(s Source) ([]File, error) {
	var files []File
	for _, o := range s.Objects {
		data, err := manifest.Encode(o.Node)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: objectFile(o), Data: data, Secret: s.holdsSecret(o)})
	}
	return files, nil
}

func objectFile(o manifest.Object) string {
	return strings.ToLower(o.Kind()) + "-" + o.Name() + ".yaml"
}

// holdsSecret reports whether a real secret value stands in the object: one of
// ours, or of an installation whose Secrets nobody knows.
func (s Source) holdsSecret(o manifest.Object) bool {
	return o.Kind() == "Secret" && (s.RealSecrets() || s.Base != nil)
}

func jsonStream(sources []Source) ([]byte, error) {
	var objects []manifest.Object
	for _, s := range sources {
		objects = append(objects, s.Objects...)
	}
	return manifest.JSON(objects)
}

func valuesStream(sources []Source) ([]byte, error) {
	return stream(sources, documentSeparator, func(s Source) ([]byte, error) { return s.Values.YAML() })
}

func valuesFiles(s Source) ([]File, error) {
	data, err := s.Values.YAML()
	return []File{{Name: "values.yaml", Data: data, Secret: s.RealSecrets()}}, err
}
