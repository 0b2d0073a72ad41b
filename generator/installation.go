package generator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/diag"
	"github.com/threescale-redis/threescale-redis/generator/manifest"
	"github.com/threescale-redis/threescale-redis/generator/patch"
	"github.com/threescale-redis/threescale-redis/generator/secret"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
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

// Template is a template that is given beside the spec.
type Template struct {
	File string
	// Parameters come on top of those of the spec.
	Parameters map[string]secret.Value
}

// set puts the file below the flags, so that a spec which says of its template
// what becomes of the internal Redis alone is complete. A nil one changes nothing.
func (t *Template) set(flags []string) []string {
	if t == nil {
		return flags
	}
	return append([]string{"spec.template.file=" + t.File}, flags...)
}

// standIn puts the template into the spec; a nil one changes nothing.
func (t *Template) standIn(s *spec.Spec) {
	if t == nil {
		return
	}
	s.Template.File = t.File
	parameters := map[string]secret.Value{}
	maps.Copy(parameters, s.Template.Parameters)
	maps.Copy(parameters, t.Parameters)
	s.Template.Parameters = parameters
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
		r.Base, err = readBase(*s.Base, in.Sources)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	replaced := replaceSecrets(r.Base, r.Objects, r)
	r.Objects, err = patch.Apply(replaced, r.Release, envOrder(r.Spec.Spec), r.Annotations())
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
	r.Objects, err = patch.Apply(replaced[:len(items)], r.Release, patch.PinFirst, r.Annotations())
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
func envOrder(s spec.Spec) patch.Order {
	if s.Template != nil {
		return patch.InPlace
	}
	return patch.PinFirst
}

// readBase reads the manifests or the kustomization.
func readBase(base spec.Base, sources Sources) ([]manifest.Object, error) {
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

// processTemplate gives the objects of the template, cleaned of what only a
// cluster fills in, and without its own Redis where the spec says so.
func processTemplate(r *Result, s spec.Template, in Input) ([]manifest.Object, error) {
	data, err := in.Sources.ReadFile(s.File)
	if err != nil {
		return nil, at(s.File, err)
	}
	t, err := template.Parse(s.File, data)
	if err != nil {
		return nil, err
	}
	if err := r.checkPinned(t, in.AcceptUnpinned, data); err != nil {
		return nil, err
	}
	var ours []string
	for _, s := range r.Release.Secrets {
		ours = append(ours, s.Name)
	}
	objects, err := t.WithoutData(ours).Process(s.Parameters)
	if err != nil {
		return nil, err
	}
	template.Clean(objects)
	if r.Profile.Reach == profiles.InTemplate {
		return objects, nil
	}
	mode := s.InternalRedis
	if mode == "" {
		mode = template.LeaveClaims
	}
	objects, claims := template.SettleInternalRedis(objects, r.Release.InternalRedis, mode)
	if len(claims) > 0 {
		r.Notices = append(r.Notices, fmt.Sprintf("left out the claims %s: pruning them deletes their data", strings.Join(claims, ", ")))
	}
	return objects, nil
}

// checkPinned looks the template up in the pins.
func (r *Result) checkPinned(t *template.Template, accept bool, data []byte) error {
	pinned := releases.ByDigest(t.Digest)
	var tags []string
	for _, p := range pinned {
		tags = append(tags, p.Tag.Name)
	}
	issue := diag.Issue{Pos: diag.Position{File: t.File}}
	switch {
	case slices.ContainsFunc(pinned, r.Release.Covers):
		r.Notices = append(r.Notices, fmt.Sprintf("%s is the template of %s", t.File, strings.Join(tags, ", ")))
		if own := t.Release(); own != r.Release.Line {
			issue.Severity = diag.Warning
			issue.Message = fmt.Sprintf("says of itself that it is of %s (AMP_RELEASE), and spec.release is %s", own, r.Release)
			r.Issues = append(r.Issues, issue)
		}
		return nil
	case len(pinned) > 0:
		issue.Message = fmt.Sprintf("is the template of %s, and spec.release is %s", strings.Join(tags, ", "), r.Release)
		return diag.Issues{issue}
	}
	issue.Message = "is no published template of 3scale"
	differences, err := wiringDifferences(t.File, data, r.Release)
	switch {
	case err != nil:
		return err
	case len(differences) == 0:
		issue.Message += fmt.Sprintf("; its Redis wiring is that of %s", r.Release)
	default:
		issue.Message += fmt.Sprintf("; its Redis wiring is not that of %s:\n  %s", r.Release, strings.Join(differences, "\n  "))
	}
	if accept {
		issue.Severity = diag.Warning
		r.Issues = append(r.Issues, issue)
		return nil
	}
	issue.Hint = "only the command line takes it: --accept-unpinned"
	return diag.Issues{issue}
}

func wiringDifferences(file string, data []byte, rel releases.Release) ([]string, error) {
	docs, err := manifest.ReadDocuments(file, data)
	if err != nil {
		return nil, err
	}
	wiring, err := releases.Extract(file, docs[0])
	if err != nil {
		return nil, err
	}
	return wiring.Diff(rel.Wiring), nil
}

// replaceSecrets puts the rendered Secrets in the place of those that the
// installation has, whose labels, annotations and owners stay; others come last.
func replaceSecrets(base, rendered []manifest.Object, r *Result) []manifest.Object {
	names := map[string]manifest.Object{}
	for _, o := range rendered {
		names[o.Name()] = o
	}
	var objects []manifest.Object
	for _, o := range base {
		ours := slices.ContainsFunc(r.Release.Secrets, func(s releases.Secret) bool { return s.Name == o.Name() })
		n, ok := names[o.Name()]
		switch {
		case !ours || o.Kind() != "Secret" && (!ok || o.Kind() != n.Kind()):
			objects = append(objects, o)
		case ok:
			objects = append(objects, adopt(n, o, r.Spec.Spec.Secrets))
			delete(names, o.Name())
		case r.Spec.Spec.Template == nil:
			objects = append(objects, o)
		}
	}
	for _, o := range rendered {
		if _, left := names[o.Name()]; left {
			objects = append(objects, o)
		}
	}
	return objects
}

// adopt gives the rendered object the metadata and the type of the one whose
// place it takes; what the spec itself says of labels and annotations wins.
func adopt(rendered, base manifest.Object, s spec.Secrets) manifest.Object {
	metadata := manifest.Clone(manifest.Field(base.Node, "metadata"))
	for field, texts := range map[string]map[string]string{"labels": s.Labels, "annotations": s.Annotations} {
		for _, k := range slices.Sorted(maps.Keys(texts)) {
			manifest.Set(metadata, manifest.Scalar(texts[k]), field, k)
		}
	}
	if ns := manifest.Field(rendered.Node, "metadata", "namespace"); ns != nil {
		manifest.Set(metadata, ns, "namespace")
	}
	if rendered.Kind() != base.Kind() {
		manifest.Set(rendered.Node, metadata, "metadata")
		return rendered
	}
	adopted := manifest.Object{Node: manifest.Mapping(), File: base.File}
	for i := 0; i+1 < len(base.Content); i += 2 {
		adopted.Content = append(adopted.Content, base.Content[i], base.Content[i+1])
	}
	manifest.Set(adopted.Node, metadata, "metadata")
	for _, field := range []string{"data", "stringData"} {
		manifest.Remove(adopted.Node, field)
		if values := manifest.Field(rendered.Node, field); values != nil {
			manifest.Set(adopted.Node, values, field)
		}
	}
	return adopted
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
