package wiring

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// keys are the keys of the Secrets that any release reads, by Secret and name. A
// key means the same in every release that has it: a test of the pins holds that.
var keys = sync.OnceValue(func() map[string]map[string]releases.Key {
	known := map[string]map[string]releases.Key{}
	for _, line := range releases.Lines() {
		for _, s := range releases.Load(line).Secrets {
			if known[s.Name] == nil {
				known[s.Name] = map[string]releases.Key{}
			}
			for _, k := range s.Keys {
				known[s.Name][k.Name] = releases.Key{Name: k.Name, Database: k.Database, Field: k.Field, Optional: k.Optional}
			}
		}
	}
	return known
})

// pinned are the workloads that any release has, as Kind/Name.
var pinned = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, line := range releases.Lines() {
		for _, w := range releases.Load(line).Workloads {
			known[w.Kind+"/"+w.Name] = true
		}
	}
	return known
})

// IsPinned reports whether any release has the workload.
func IsPinned(o manifest.Object) bool { return pinned()[o.String()] }

// IsSecret reports whether any release reads the Secret of that name.
func IsSecret(name string) bool { return keys()[name] != nil }

// SecretNames are the Secrets that any release reads.
func SecretNames() []string { return slices.Sorted(maps.Keys(keys())) }

// Extract reads the wiring off an OpenShift template, with its parameters at
// their default values. Secrets and workloads are sorted by name; keys and env
// vars are in the order of the template. The wiring is what could be read, also
// where there is an error.
func Extract(file string, template *yaml.Node) (releases.Wiring, error) {
	o := manifest.Object{Node: template, File: file}
	list := manifest.Field(template, "objects")
	if o.Kind() != "Template" || list == nil {
		return releases.Wiring{}, diag.Issues{o.Issue(template, "", "must be an OpenShift Template with objects")}
	}
	x := extraction{template: template, parameters: map[string]string{}}
	for _, p := range manifest.Items(manifest.Field(template, "parameters")) {
		x.parameters[name(p)] = manifest.Text(p, "value")
	}
	objects := make([]manifest.Object, 0, len(manifest.Items(list)))
	for _, item := range manifest.Items(list) {
		objects = append(objects, manifest.Object{Node: item, File: file})
	}
	w, err := x.wiring(objects)
	if err == nil && len(w.Secrets) == 0 && len(w.Workloads) == 0 {
		err = diag.Issues{o.Issue(list, "objects", "must have the Secrets %s, or workloads that read them", strings.Join(SecretNames(), " and "))}
	}
	return w, err
}

// ExtractObjects reads the wiring off objects, such as a processed template or
// an export of what runs. Values of Secrets are not read: Internal is empty.
func ExtractObjects(objects []manifest.Object) (releases.Wiring, error) {
	return (&extraction{}).wiring(objects)
}

// extraction is one run over a list of objects.
type extraction struct {
	// template is nil where the objects are of none.
	template *yaml.Node
	// parameters are the template's, by name, with their default values.
	parameters map[string]string
	// services are the names of the template's Services.
	services map[string]bool
	issues   diag.Issues
}

func (x *extraction) wiring(objects []manifest.Object) (releases.Wiring, error) {
	x.services = map[string]bool{}
	for _, o := range objects {
		if x.template != nil && o.Kind() == "Service" {
			x.services[x.filled(o.Name())] = true
		}
	}
	var w releases.Wiring
	for _, o := range objects {
		if o.Kind() == "Secret" {
			x.secret(&w, o)
		} else if workload, reads := x.workload(o); reads {
			w.Workloads = append(w.Workloads, workload)
		}
	}
	slices.SortFunc(w.Secrets, func(a, b releases.Secret) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(w.Workloads, func(a, b releases.Workload) int { return cmp.Compare(a.Name, b.Name) })
	return w, x.issues.Err()
}

// secret adds one of the Secrets, with its labels and keys.
func (x *extraction) secret(w *releases.Wiring, o manifest.Object) {
	s := releases.Secret{Name: x.filled(o.Name()), Labels: map[string]string{}}
	if !IsSecret(s.Name) {
		return
	}
	if slices.ContainsFunc(w.Secrets, func(other releases.Secret) bool { return other.Name == s.Name }) {
		x.issues = append(x.issues, o.Issue(o.Node, "Secret/"+s.Name, "must be there once"))
		return
	}
	own, ofTemplate := manifest.Field(o.Node, "metadata", "labels"), manifest.Field(x.template, "labels")
	for _, labels := range []*yaml.Node{own, ofTemplate} {
		for key := range manifest.Fields(labels) {
			s.Labels[key.Value] = x.filled(manifest.Text(labels, key.Value))
		}
	}
	for _, part := range []string{"data", "stringData"} {
		x.keys(&s, o, part)
	}
	w.Secrets = append(w.Secrets, s)
}

// keys reads the keys of a Secret. The template's own Redis answers at a Service
// that has the Secret's name; without it the values are somebody's parameters,
// not in-template values.
func (x *extraction) keys(s *releases.Secret, o manifest.Object, part string) {
	values := manifest.Field(o.Node, part)
	for at := range manifest.Fields(values) {
		k, known := keys()[s.Name][at.Value]
		switch {
		case !known:
			x.issues = append(x.issues, o.Issue(at, "Secret/"+s.Name+"."+part+"."+at.Value, "is a key that no release of 3scale reads"))
			continue
		case slices.ContainsFunc(s.Keys, func(other releases.Key) bool { return other.Name == k.Name }):
			continue
		case x.services[s.Name]:
			k.Internal = x.filled(manifest.Text(values, k.Name))
		}
		s.Keys = append(s.Keys, k)
	}
}

// workload reads the env of an object, and reports whether it reads the Secrets.
func (x *extraction) workload(o manifest.Object) (releases.Workload, bool) {
	// A Job runs once: for the next task the operator makes another one.
	w := releases.Workload{Kind: o.Kind(), Name: x.filled(o.Name()), Transient: o.Kind() == "Job"}
	reads := false
	for _, p := range Places(o) {
		env := x.env(p.Env())
		if env == nil {
			continue
		}
		reads = true
		c := releases.Container{Name: x.filled(p.Container), Env: env}
		switch p.Field {
		case Containers:
			w.Containers = append(w.Containers, c)
		case InitContainers:
			w.InitContainers = append(w.InitContainers, c)
		case PreHook:
			w.PreHook = &c
		case MidHook:
			w.MidHook = &c
		case PostHook:
			w.PostHook = &c
		}
	}
	return w, reads
}

// env returns the env vars that come from the Secrets.
func (x *extraction) env(list []*yaml.Node) releases.Env {
	var env releases.Env
	for _, entry := range list {
		v := releases.EnvVar{Name: x.filled(name(entry))}
		env = slices.DeleteFunc(env, func(earlier releases.EnvVar) bool { return earlier.Name == v.Name })
		s := SourceOf(entry)
		if v.Secret = x.filled(s.Secret); s.From == SecretKey && IsSecret(v.Secret) {
			v.Key, v.Optional = x.filled(s.Key), s.Optional
			env = append(env, v)
		}
	}
	if len(env) == 0 {
		return nil
	}
	return env
}

var parameter = regexp.MustCompile(`\$\{\{?(\w+)\}?\}`)

// filled puts the default values of parameters into a text. One that the template
// does not declare stays as it is, as with oc process.
func (x *extraction) filled(text string) string {
	if x.template == nil || !strings.Contains(text, "${") {
		return text
	}
	return parameter.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := x.parameters[strings.Trim(found, "${}")]; ok {
			return value
		}
		return found
	})
}
