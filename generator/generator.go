// Package generator turns a spec into everything a 3scale installation needs to
// use its Redis:
//
//	spec files -> Spec -> Databases -> fields of the Secrets -> objects
//
// Generate shows the steps in order. It is a pure function of its Input: what it
// needs from outside, it asks of the functions there.
package generator

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Input is a spec and the ways to what it refers to.
type Input struct {
	// Layers are the files of the spec, the lowest first; Sets are --set flags.
	Layers []spec.Layer
	Sets   []string
	// Config is a spec that stands in another document, in place of Layers and Sets.
	Config *Config
	// Lookup finds the texts behind references. Without it they stay unknown, and
	// only Check is of use; so does one that it answers with secret.ErrUnknown.
	Lookup secret.Lookup
	// Tokens says that Lookup gives tokens, and gives them for passwords that
	// stand in the spec too: golden files hold none.
	Tokens bool
	// WithoutSecrets says that the result is used for something that holds no
	// Secret: references may stay unknown, and no Secret is made.
	WithoutSecrets bool
	// Sources reads what spec.base and spec.template name.
	Sources Sources
	// Template stands in for spec.template, if not nil.
	Template *Template
	// Items are an installation that is given beside the spec, if not nil.
	Items []manifest.Object
	// AcceptUnpinned takes a template that no pin knows, with a warning.
	AcceptUnpinned bool
}

// Result is what a spec turns into.
type Result struct {
	Spec      spec.File
	Profile   profiles.Profile
	Release   releases.Release
	Databases []resolve.Database
	// Secrets are the composed values, in parts that know what is secret.
	Secrets []redis.Secret
	// Values are those of the chart, Objects what the chart makes of them, or the
	// whole installation where the spec has a base or a template.
	Values  helm.Values
	Objects []manifest.Object
	// Base is the installation before the patches; nil where the spec has none.
	Base []manifest.Object
	// Issues are the warnings and notes, Notices what else there is to say.
	Issues  diag.Issues
	Notices []string

	doc *spec.Document
}

// Generate renders a spec. The error is diag.Issues for all that is wrong with
// it, warnings included.
func Generate(in Input) (*Result, error) {
	r, err := Check(in)
	if err != nil {
		return nil, err
	}
	if !in.WithoutSecrets {
		if r.Values, err = layOut(r); err != nil {
			return nil, err
		}
		if r.Objects, err = helm.Render(r.Values); err != nil {
			return nil, err
		}
	}
	if err := install(r, in); err != nil {
		return nil, append(r.Issues, diag.From(err)...).Sorted()
	}
	return r, nil
}

// Config is a spec in another document. Name is the file in its positions.
type Config struct {
	Name string
	Node *yaml.Node
}

func (in Input) document() (*spec.Document, error) {
	if in.Config != nil {
		return spec.ParseNode(in.Config.Name, in.Config.Node)
	}
	return spec.Parse(in.Layers, in.Template.set(in.Sets))
}

// Check reads a spec, judges it by all rules and composes the values; it renders
// nothing.
func Check(in Input) (*Result, error) {
	doc, err := in.document()
	issues := diag.From(err)
	if doc == nil {
		return nil, issues
	}
	r := &Result{Spec: doc.File, doc: doc}
	in.Template.standIn(&r.Spec.Spec)
	note := func(path string, found diag.Issues) {
		for _, i := range found {
			if i.Path == "" {
				i.Path = path
			}
			i.Pos = doc.Position(i.Path)
			issues = append(issues, i)
		}
	}
	if name := r.Spec.Spec.Profile; name != "" {
		r.Profile, err = profiles.Find(name)
		note("spec.profile", diag.From(err))
	}
	if name := r.Spec.Spec.Release; name != "" {
		r.Release, err = releases.Find(name)
		note("spec.release", diag.From(err))
	}
	if issues.Failed() {
		return nil, issues.Sorted()
	}
	note("", lookUp(&r.Spec, in))
	var found diag.Issues
	r.Databases, found = resolve.Databases(r.Spec.Spec, r.Release)
	note("", found)
	note("", rule.CheckSpec(rule.Input{Spec: r.Spec, Profile: r.Profile, Release: r.Release, Databases: r.Databases, Tokens: in.Tokens}))
	if issues.Failed() {
		return nil, issues.Sorted()
	}
	r.Issues = issues.Sorted()
	r.Secrets = composeSecrets(r)
	return r, nil
}

// unknownParameter stands for a parameter of a template that nobody looked up,
// where only names and env vars of the objects matter.
const unknownParameter = "unknown"

// lookUp puts the texts behind the references of a spec into it. Passwords that
// reach no output may stay unknown.
func lookUp(file *spec.File, in Input) diag.Issues {
	elsewhere := file.Spec.Secrets.DeliveredAs() == spec.DeliverNone
	var issues diag.Issues
	for path, v := range file.Secrets() {
		parameter := strings.HasPrefix(path, "spec.template.")
		// A parameter in plain text is a domain name or the like.
		token := in.Tokens && v.Kind() == secret.Plain && !parameter
		if v.Known() && !token || v.Kind() == secret.Remote {
			continue
		}
		text, err := "", secret.ErrUnknown
		if in.Lookup != nil && (parameter || !in.WithoutSecrets) {
			text, err = in.Lookup(*v)
		}
		switch {
		case err == nil:
			*v = v.With(text)
		case parameter && in.WithoutSecrets:
			*v = v.With(unknownParameter)
		case !errors.Is(err, secret.ErrUnknown) && (parameter || !elsewhere):
			issues = append(issues, diag.Issue{Path: path, Message: err.Error()})
		}
	}
	return issues
}

func composeSecrets(r *Result) []redis.Secret {
	if r.Profile.Reach == profiles.InTemplate {
		namespace := func(name string) string {
			i := slices.IndexFunc(r.Databases, func(d resolve.Database) bool { return d.Name == name })
			if i < 0 {
				return ""
			}
			return r.Databases[i].Namespace
		}
		return redis.Internal(r.Release, namespace(redis.System), namespace(redis.MessageBus))
	}
	return redis.Compose(resolve.Connections(r.Databases), r.Release)
}
