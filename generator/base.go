package generator

import (
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// base reads the manifests, the kustomization or the chart, which may be an export: what
// the server wrote into that goes.
func (n Named) base(c *Checked) (*Installation, error) {
	if c.Spec.Base.Value.Chart.Said {
		return n.chart(c)
	}
	objects, issues := readBase(c.Spec.Base.Value, n.Files)
	if issues.Failed() {
		return nil, issues
	}
	return installed(c, objects, c.Spec.Base.Pos, issues)
}

// chart renders the chart. Its hooks are left out: what applies the objects would run
// them as any other.
func (n Named) chart(c *Checked) (*Installation, error) {
	base := c.Spec.Base.Value
	source, err := n.Files.Chart(base.Chart.Value)
	issues := at(base.Chart.Value, err)
	var values []helm.File
	for _, file := range base.Values.Value {
		data, err := n.Files.ReadFile(file.Value)
		issues = append(issues, at(file.Value, err)...)
		values = append(values, helm.File{Name: file.Value, Data: data})
	}
	if issues.Failed() {
		return nil, issues
	}
	release := helm.Release{Name: c.Metadata.Name.Value, Namespace: c.Metadata.Namespace.ValueOr("default")}
	objects, hooks, err := helm.RenderChart(source, release, values)
	if err != nil {
		return nil, err
	}
	i, err := installed(c, objects, base.Chart.Pos, nil)
	if err == nil && hooks > 0 {
		i.Notices = append(i.Notices, fmt.Sprintf("the hooks of %s are left out: %d", base.Chart.Value, hooks))
	}
	return i, err
}

// installed is the installation of objects that somebody names.
func installed(c *Checked, objects []manifest.Object, named diag.Position, issues diag.Issues) (*Installation, error) {
	if err := twice(objects, sameObject); err != nil {
		return nil, err
	}
	manifest.Clean(objects)
	if err := once(c, objects); err != nil {
		return nil, err
	}
	return &Installation{
		// The env vars come where the Component puts them.
		Objects: objects, named: named, order: wiring.PinFirst, keepsSecrets: true, ofBase: true, Issues: issues,
	}, validNamespaces(objects)
}

// sameObject is what two objects of an installation must not share: the later one would
// win in the cluster.
func sameObject(o manifest.Object) string {
	group, _, _ := strings.Cut(o.APIVersion(), "/")
	return group + " " + o.String() + " " + o.Namespace()
}

// maxBaseValues is how many values a base may hold: twenty times those of a 3scale
// installation, and little enough that several specs render at the same time.
const maxBaseValues = 200_000

// readBase reads the manifests or the kustomization. The issues may be warnings.
func readBase(base spec.Base, files Files) ([]manifest.Object, diag.Issues) {
	reader := manifest.NewReader(maxBaseValues)
	if dir := base.Kustomization; dir.Said {
		data, issues := files.Build(dir.Value)
		if issues.Failed() {
			return nil, at(dir.Value, issues)
		}
		objects, err := reader.Read(dir.Value, data)
		return objects, append(issues, diag.From(err)...)
	}
	var objects []manifest.Object
	var issues diag.Issues
	for _, path := range base.Manifests.Value {
		names, err := files.Manifests(path.Value)
		issues = append(issues, at(path.Value, err)...)
		for _, name := range names {
			data, err := files.ReadFile(name)
			if err != nil {
				issues = append(issues, at(name, err)...)
				continue
			}
			found, err := reader.Read(name, data)
			issues = append(issues, diag.From(err)...)
			for _, o := range found {
				issues = append(issues, manifest.Check(o)...)
			}
			objects = append(objects, found...)
		}
	}
	return objects, issues
}

// at puts the file in front of what went wrong with it.
func at(file string, err error) diag.Issues {
	var issues diag.Issues
	for _, i := range diag.From(err) {
		if i.Pos.File == "" {
			i.Pos.File = file
		}
		issues = append(issues, i)
	}
	return issues
}
