package generator

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Sources reads what spec.base and spec.template name.
type Sources interface {
	// ReadFile gives the content of a file.
	ReadFile(path string) ([]byte, error)
	// Manifests gives the manifest files that a path means: the file itself, or
	// those of a directory.
	Manifests(path string) ([]string, error)
	// Build returns what `kustomize build` prints for a directory. The issues may
	// be warnings beside it.
	Build(dir string) ([]byte, diag.Issues)
}

// install puts the Secrets and the env patches into the installation that the
// spec names, if it does.
func install(r *Result, in Input) error {
	var err error
	switch s := r.Spec.Spec; {
	case in.Items != nil:
		return r.intoItems(in.Items)
	case s.Template != nil:
		r.Base, err = processTemplate(r, *s.Template, in)
	case s.Base != nil:
		r.Base, err = r.readBase(*s.Base, in.Sources)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	replaced := replaceSecrets(r.Base, r.Objects, r)
	r.Objects, err = wiring.Apply(replaced, r.Release, envOrder(r.Spec.Spec), r.Annotations())
	return r.placed(err)
}

// intoItems patches the items of a ResourceList: all that a function is given of
// an installation. Those without workloads get the Secrets; to an installation
// nothing is added, since its Secrets can be made elsewhere.
func (r *Result) intoItems(items []manifest.Object) error {
	if err := r.oneInstallation(items); err != nil {
		return err
	}
	r.Base = items
	replaced := replaceSecrets(items, r.Objects, r)
	if !slices.ContainsFunc(items, func(o manifest.Object) bool { return o.Kind() == "DeploymentConfig" }) {
		r.Objects = replaced
		return nil
	}
	var err error
	r.Objects, err = wiring.Apply(replaced[:len(items)], r.Release, wiring.PinFirst, r.Annotations())
	return r.placed(err)
}

// oneInstallation refuses a workload or a Secret that is there twice, such as in
// two namespaces: a spec is for one installation.
func (r *Result) oneInstallation(items []manifest.Object) error {
	ours := map[string]bool{}
	for _, w := range r.Release.Workloads {
		ours[w.Kind+"/"+w.Name] = true
	}
	for _, s := range r.Release.Secrets {
		ours["Secret/"+s.Name] = true
	}
	var issues diag.Issues
	first := map[string]*yaml.Node{}
	for _, o := range items {
		name := o.String()
		if at, twice := first[name]; twice && ours[name] {
			issues = append(issues, o.Issue(o.Node, name, "is there twice: first at %s", manifest.Position(o.File, at)))
		}
		first[name] = o.Node
	}
	return issues.Err()
}

// placed puts issues about objects that are not there where the spec names the
// installation.
func (r *Result) placed(err error) error {
	issues := diag.From(err)
	for i := range issues {
		if issues[i].Pos.File == "" {
			issues[i].Pos = r.doc.Position("spec.base")
			if r.Spec.Spec.Template != nil {
				issues[i].Pos = diag.Position{File: r.Spec.Spec.Template.File}
			}
		}
	}
	return issues.Err()
}

// envOrder keeps a template as it is where it is wired already, and gives a base
// what the Component would give it.
func envOrder(s spec.Spec) wiring.Order {
	if s.Template != nil {
		return wiring.InPlace
	}
	return wiring.PinFirst
}

// maxBaseValues is how many values a base may hold: twenty times those of a 3scale
// installation, and little enough that several specs render at the same time.
const maxBaseValues = 200_000

// readBase reads the manifests or the kustomization.
func (r *Result) readBase(base spec.Base, sources Sources) ([]manifest.Object, error) {
	reader := manifest.NewReader(maxBaseValues)
	if base.Kustomization != "" {
		data, issues := sources.Build(base.Kustomization)
		if issues.Failed() {
			return nil, at(base.Kustomization, issues)
		}
		r.Issues = append(r.Issues, issues...)
		return reader.Read(base.Kustomization, data)
	}
	var objects []manifest.Object
	var issues diag.Issues
	for _, path := range base.Manifests {
		files, err := sources.Manifests(path)
		issues = append(issues, diag.From(at(path, err))...)
		for _, file := range files {
			data, err := sources.ReadFile(file)
			if err != nil {
				issues = append(issues, diag.From(at(file, err))...)
				continue
			}
			found, err := reader.Read(file, data)
			issues = append(issues, diag.From(err)...)
			for _, o := range found {
				issues = append(issues, manifest.Check(o)...)
			}
			objects = append(objects, found...)
		}
	}
	return objects, issues.Err()
}

// at puts the file in front of what went wrong with it.
func at(file string, err error) error {
	var issues diag.Issues
	for _, i := range diag.From(err) {
		if i.Pos.File == "" {
			i.Pos.File = file
		}
		issues = append(issues, i)
	}
	return issues.Err()
}
