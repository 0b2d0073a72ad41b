package helm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/ignore"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Source is a chart as it is on disk.
type Source struct {
	// Path is where it is, for messages.
	Path string
	// Archive is a packaged chart. Without it Files are those of its directory, by their
	// paths in it.
	Archive []byte
	Files   map[string][]byte
}

// Release is what templates know of the release that a chart is rendered for.
type Release struct{ Name, Namespace string }

// openShift are APIs of OpenShift, on which 3scale runs, beside those of Kubernetes:
// charts ask for them.
var openShift = []string{
	"apps.openshift.io/v1", "image.openshift.io/v1", "route.openshift.io/v1", "security.openshift.io/v1", "template.openshift.io/v1",
}

// RenderChart returns the objects that a chart makes of the values, in the order in
// which Helm installs them, and how many hooks it leaves out, as `helm template
// --no-hooks` does. It asks no cluster and loads nothing from a network, for a schema
// neither. No error quotes a value.
func RenderChart(s Source, release Release, values []File) (objects []manifest.Object, hooks int, err error) {
	silence()
	chrt, err := s.load()
	if err != nil {
		return nil, 0, err
	}
	given, err := merged(values)
	if err != nil {
		return nil, 0, err
	}
	if err := s.complete(chrt); err != nil {
		return nil, 0, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(chrt, given); err != nil {
		return nil, 0, s.wrong("its dependencies and the values do not fit")
	}
	capabilities := *chartutil.DefaultCapabilities
	capabilities.APIVersions = append(slices.Clone(capabilities.APIVersions), openShift...)
	// The schema is checked below: Helm would load what it refers to.
	all, err := chartutil.ToRenderValuesWithSchemaValidation(chrt, given,
		chartutil.ReleaseOptions{Name: release.Name, Namespace: release.Namespace, Revision: 1, IsInstall: true}, &capabilities, true)
	if err != nil {
		return nil, 0, s.wrong("the values do not fit the chart")
	}
	if err := s.checkSchemas(chrt, all["Values"]); err != nil {
		return nil, 0, err
	}
	rendered, err := engine.Engine{}.Render(chrt, all)
	if err != nil {
		return nil, 0, s.failed(err)
	}
	return s.objects(rendered)
}

// silence keeps Helm from writing to standard error: it logs values that it cannot merge.
var silence = sync.OnceFunc(func() { log.SetOutput(io.Discard) }) //nolint:forbidigo // Helm writes to no other

// File is a file with its name for messages.
type File struct {
	Name string
	Data []byte
}

func (s Source) wrong(format string, args ...any) error {
	return diag.Issues{{
		Pos: diag.Position{File: s.Path}, Message: fmt.Sprintf(format, args...), Hint: "`helm template` on the chart says more",
	}}
}

// load reads the chart.
func (s Source) load() (*chart.Chart, error) {
	if s.Archive != nil {
		chrt, err := loader.LoadArchive(bytes.NewReader(s.Archive))
		if err != nil {
			return nil, s.wrong("is not a packaged chart")
		}
		return chrt, nil
	}
	rules, err := ignore.Parse(bytes.NewReader(s.Files[ignore.HelmIgnore]))
	if err != nil {
		return nil, diag.Issues{{Pos: diag.Position{File: path.Join(s.Path, ignore.HelmIgnore)}, Message: "has a pattern that is not valid"}}
	}
	rules.AddDefaults()
	var files []*loader.BufferedFile
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		if !ignored(rules, name) {
			files = append(files, &loader.BufferedFile{Name: name, Data: s.Files[name]})
		}
	}
	chrt, err := loader.LoadFiles(files)
	switch {
	case s.Files[chartutil.ChartfileName] == nil:
		return nil, diag.Issues{{Pos: diag.Position{File: s.Path}, Message: "holds no " + chartutil.ChartfileName}}
	case err != nil:
		return nil, s.wrong("is not a chart that Helm can load")
	}
	return chrt, nil
}

// ignored reports whether rules leave a file out, or a directory that it is in.
func ignored(rules *ignore.Rules, name string) bool {
	for i, r := range name {
		if r == '/' && rules.Ignore(name[:i], entry{path.Base(name[:i]), true}) {
			return true
		}
	}
	return rules.Ignore(name, entry{path.Base(name), false})
}

// entry is what rules need to know of a file.
type entry struct {
	name string
	dir  bool
}

func (e entry) Name() string       { return e.name }
func (e entry) IsDir() bool        { return e.dir }
func (e entry) Size() int64        { return 0 }
func (e entry) Mode() fs.FileMode  { return 0 }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) Sys() any           { return nil }

// complete refuses a chart whose dependencies are not beside it.
func (s Source) complete(chrt *chart.Chart) error {
	var missing []string
	for _, d := range chrt.Metadata.Dependencies {
		if !slices.ContainsFunc(chrt.Dependencies(), func(c *chart.Chart) bool { return c.Name() == d.Name }) {
			missing = append(missing, d.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return diag.Issues{{
		Pos: diag.Position{File: s.Path}, Message: "must have its dependencies in charts/: " + strings.Join(missing, ", ") + " is not there",
		Hint: "run `helm dependency build`",
	}}
}

// merged are the values of all files: the later ones win, as with `helm -f`.
func merged(files []File) (map[string]any, error) {
	all := map[string]any{}
	var issues diag.Issues
	for _, f := range files {
		own, err := chartutil.ReadValues(f.Data)
		if err != nil {
			issues = append(issues, diag.Issue{Pos: diag.Position{File: f.Name}, Message: "must be a YAML mapping: the values of the chart"})
			continue
		}
		all = over(all, own)
	}
	return all, issues.Err()
}

// over puts the keys of one mapping over those of another, as Helm does with files.
func over(low, high map[string]any) map[string]any {
	all := maps.Clone(low)
	for key, value := range high {
		above, isMap := value.(map[string]any)
		below, wasMap := all[key].(map[string]any)
		if isMap && wasMap {
			value = over(below, above)
		}
		all[key] = value
	}
	return all
}

// checkSchemas judges the values by the schema of the chart and those of its
// dependencies.
func (s Source) checkSchemas(chrt *chart.Chart, values any) error {
	if chrt.Schema != nil {
		if err := s.checkSchema(chrt.Name(), chrt.Schema, values); err != nil {
			return err
		}
	}
	all, ok := values.(chartutil.Values)
	if !ok {
		all, _ = values.(map[string]any)
	}
	for _, below := range chrt.Dependencies() {
		if own := all[below.Name()]; own != nil {
			if err := s.checkSchemas(below, own); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s Source) checkSchema(name string, data []byte, values any) error {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(jsonschema.SchemeURLLoader{}) // of no URL
	if err == nil {
		err = compiler.AddResource("file:///values.schema.json", schema)
	}
	var compiled *jsonschema.Schema
	if err == nil {
		compiled, err = compiler.Compile("file:///values.schema.json")
	}
	if err != nil {
		return s.wrong("values.schema.json of %s is not valid, or refers to another file", name)
	}
	// The types of JSON, without those of Helm.
	text, err := yaml.Marshal(values)
	if err != nil {
		return s.wrong("the values cannot be encoded")
	}
	var plain any
	if err := yaml.Unmarshal(text, &plain); err != nil {
		return s.wrong("the values cannot be encoded")
	}
	var invalid *jsonschema.ValidationError
	if errors.As(compiled.Validate(plain), &invalid) {
		return s.wrong("the values do not match values.schema.json of %s: %s", name, strings.Join(places(invalid), ", "))
	}
	return nil
}

// places are where values are that a schema does not take.
func places(e *jsonschema.ValidationError) []string {
	if len(e.Causes) == 0 {
		return []string{"/" + strings.Join(e.InstanceLocation, "/")}
	}
	var all []string
	for _, cause := range e.Causes {
		all = append(all, places(cause)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// failure is where the engine says that a template fails. The rest of its words can hold
// values.
var failure = regexp.MustCompile(`\(?([A-Za-z0-9_.-]+/(?:charts/[A-Za-z0-9_.-]+/)*templates/[A-Za-z0-9_./-]+:[0-9]+(?::[0-9]+)?)\)?`)

// failed says which template fails.
func (s Source) failed(err error) error {
	at := failure.FindAllStringSubmatch(err.Error(), -1)
	if len(at) == 0 {
		return s.wrong("a template of it fails")
	}
	return s.wrong("its template fails at %s", inChart(at[len(at)-1][1]))
}

// inChart is the path of a file in its chart: Helm puts the name of the chart before it.
func inChart(name string) string {
	_, below, _ := strings.Cut(name, "/")
	return below
}

// objects reads what templates have rendered.
func (s Source) objects(rendered map[string]string) ([]manifest.Object, int, error) {
	maps.DeleteFunc(rendered, func(name, _ string) bool { return strings.HasSuffix(name, "/NOTES.txt") })
	hooks, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	if err != nil {
		// Say where: our reader does.
		for _, name := range slices.Sorted(maps.Keys(rendered)) {
			if _, err := manifest.Read(path.Join(s.Path, inChart(name)), []byte(rendered[name])); err != nil {
				return nil, 0, err
			}
		}
		return nil, 0, s.wrong("a template of it does not render objects")
	}
	var objects []manifest.Object
	var issues diag.Issues
	for _, m := range manifests {
		found, err := manifest.Read(path.Join(s.Path, inChart(m.Name)), []byte(m.Content))
		issues = append(issues, diag.From(err)...)
		for _, o := range found {
			issues = append(issues, manifest.Check(o)...)
		}
		objects = append(objects, found...)
	}
	return objects, len(hooks), issues.Err()
}
