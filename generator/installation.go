package generator

import (
	"slices"
	"strings"

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
	// Build gives what `kustomize build` prints for a directory.
	Build(dir string) ([]byte, error)
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
	if err := validNamespaces(r.Base); err != nil {
		return err
	}
	if r.Spec.Spec.Template == nil {
		found := r.oneNamespace(r.Base, r.Objects)
		if found.Failed() {
			return found
		}
		r.Issues = append(r.Issues, found...)
	}
	replaced := replaceSecrets(r.Base, r.Objects, r)
	if r.Objects, err = wiring.Apply(replaced, r.Release, envOrder(r.Spec.Spec), r.Annotations()); err != nil {
		return r.placed(err)
	}
	if r.Spec.Spec.Template != nil {
		r.intoNamespace(r.Objects)
	}
	return nil
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
		r.Issues = append(r.Issues, r.TokenUnused(replaced)...)
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
	return twice(items, func(o manifest.Object) string {
		if !ours[o.String()] {
			return ""
		}
		return o.String()
	})
}

// sameObject is what two objects of a base must not share: the later one would
// win in the cluster.
func sameObject(o manifest.Object) string {
	group, _, _ := strings.Cut(o.APIVersion(), "/")
	return group + " " + o.String() + " " + o.Namespace()
}

// twice reports the objects that share a key with an earlier one; an empty key
// is shared by none.
func twice(objects []manifest.Object, key func(manifest.Object) string) error {
	var issues diag.Issues
	first := map[string]manifest.Object{}
	for _, o := range objects {
		k := key(o)
		if k == "" {
			continue
		}
		if other, found := first[k]; found {
			issues = append(issues, o.Issue(o.Node, o.String(), "is there twice: first at %s", manifest.Position(other.File, other.Node)))
			continue
		}
		first[k] = o
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

// readBase reads the manifests or the kustomization, which may be an export: what
// the server wrote into that goes.
func (r *Result) readBase(base spec.Base, sources Sources) ([]manifest.Object, error) {
	objects, err := baseObjects(base, sources)
	if err != nil {
		return nil, err
	}
	if err := twice(objects, sameObject); err != nil {
		return nil, err
	}
	manifest.Clean(objects)
	return objects, r.oneInstallation(objects)
}

func baseObjects(base spec.Base, sources Sources) ([]manifest.Object, error) {
	if base.Kustomization != "" {
		data, err := sources.Build(base.Kustomization)
		if err != nil {
			return nil, at(base.Kustomization, err)
		}
		return manifest.Read(base.Kustomization, data)
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
			found, err := manifest.Read(file, data)
			issues = append(issues, diag.From(err)...)
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
