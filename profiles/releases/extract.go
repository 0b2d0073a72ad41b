package releases

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// meaning says what each key of the two Secrets holds. It is the same in every
// release that has the key.
var meaning = map[string]map[string]struct{ database, field string }{
	"backend-redis": {
		"REDIS_STORAGE_URL":            {"backendStorage", "url"},
		"REDIS_STORAGE_SENTINEL_HOSTS": {"backendStorage", "sentinelHosts"},
		"REDIS_STORAGE_SENTINEL_ROLE":  {"backendStorage", "sentinelRole"},
		"REDIS_QUEUES_URL":             {"backendQueues", "url"},
		"REDIS_QUEUES_SENTINEL_HOSTS":  {"backendQueues", "sentinelHosts"},
		"REDIS_QUEUES_SENTINEL_ROLE":   {"backendQueues", "sentinelRole"},
	},
	"system-redis": {
		"URL":                        {"system", "url"},
		"NAMESPACE":                  {"system", "namespace"},
		"SENTINEL_HOSTS":             {"system", "sentinelHosts"},
		"SENTINEL_ROLE":              {"system", "sentinelRole"},
		"MESSAGE_BUS_URL":            {"messageBus", "url"},
		"MESSAGE_BUS_NAMESPACE":      {"messageBus", "namespace"},
		"MESSAGE_BUS_SENTINEL_HOSTS": {"messageBus", "sentinelHosts"},
		"MESSAGE_BUS_SENTINEL_ROLE":  {"messageBus", "sentinelRole"},
	},
}

// Extract reads the wiring off an OpenShift template, with its parameters at
// their default values. Secrets and workloads are sorted by name; keys and env
// vars are in the order of the template. The wiring is what could be read, also
// where there is an error.
func Extract(file string, template *yaml.Node) (Wiring, error) {
	o := manifest.Object{Node: template, File: file}
	list := manifest.Field(template, "objects")
	if o.Kind() != "Template" || list == nil {
		return Wiring{}, diag.Issues{o.Issue(template, "", "must be an OpenShift Template with objects")}
	}
	x := extraction{template: template, parameters: map[string]string{}}
	for _, p := range manifest.Items(manifest.Field(template, "parameters")) {
		x.parameters[manifest.Text(p, "name")] = manifest.Text(p, "value")
	}
	objects := make([]manifest.Object, 0, len(manifest.Items(list)))
	for _, item := range manifest.Items(list) {
		objects = append(objects, manifest.Object{Node: item, File: file})
	}
	w, err := x.wiring(objects)
	if err == nil && len(w.Secrets) == 0 && len(w.Workloads) == 0 {
		err = diag.Issues{o.Issue(list, "objects", "must have the Secrets %s, or workloads that read them", names())}
	}
	return w, err
}

// ExtractObjects reads the wiring off objects, such as a processed template or
// an export of what runs. Values of Secrets are not read: Internal is empty.
func ExtractObjects(objects []manifest.Object) (Wiring, error) {
	return (&extraction{}).wiring(objects)
}

// names are the two Secrets, for messages.
func names() string { return strings.Join(slices.Sorted(maps.Keys(meaning)), " and ") }

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

func (x *extraction) wiring(objects []manifest.Object) (Wiring, error) {
	x.services = map[string]bool{}
	for _, o := range objects {
		if x.template != nil && o.Kind() == "Service" {
			x.services[x.text(o.Node, "metadata", "name")] = true
		}
	}
	var w Wiring
	for _, o := range objects {
		name := x.text(o.Node, "metadata", "name")
		switch o.Kind() {
		case "Secret":
			if meaning[name] == nil {
				continue
			}
			if slices.ContainsFunc(w.Secrets, func(s Secret) bool { return s.Name == name }) {
				x.issues = append(x.issues, o.Issue(o.Node, "Secret/"+name, "must be there once"))
				continue
			}
			w.Secrets = append(w.Secrets, x.secret(o, name))
		case "DeploymentConfig":
			if workload, reads := x.workload(o, name); reads {
				w.Workloads = append(w.Workloads, workload)
			}
		}
	}
	slices.SortFunc(w.Secrets, func(a, b Secret) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(w.Workloads, func(a, b Workload) int { return cmp.Compare(a.Name, b.Name) })
	return w, x.issues.Err()
}

// secret reads labels and keys. The template's own Redis answers at a Service
// that has the Secret's name; without it the values are somebody's parameters,
// not in-template values.
func (x *extraction) secret(o manifest.Object, name string) Secret {
	s := Secret{Name: name, Labels: map[string]string{}}
	own, ofTemplate := manifest.Field(o.Node, "metadata", "labels"), manifest.Field(x.template, "labels")
	for _, labels := range []*yaml.Node{own, ofTemplate} {
		for key := range fields(labels) {
			s.Labels[key] = x.text(labels, key)
		}
	}
	for _, part := range []string{"data", "stringData"} {
		values := manifest.Field(o.Node, part)
		for key, at := range fields(values) {
			means, ok := meaning[name][key]
			switch {
			case !ok:
				x.issues = append(x.issues, o.Issue(at, "Secret/"+name+"."+part+"."+key, "is a key that no release of 3scale reads"))
				continue
			case slices.ContainsFunc(s.Keys, func(k Key) bool { return k.Name == key }):
				continue
			}
			k := Key{Name: key, Database: means.database, Field: means.field}
			if x.services[name] {
				k.Internal = x.text(values, key)
			}
			s.Keys = append(s.Keys, k)
		}
	}
	return s
}

// workload reads a DeploymentConfig, and reports whether it reads the Secrets.
func (x *extraction) workload(o manifest.Object, name string) (Workload, bool) {
	pod := manifest.Field(o.Node, "spec", "template", "spec")
	strategy := manifest.Field(o.Node, "spec", "strategy")
	params := manifest.Field(strategy, "rollingParams")
	if manifest.Text(strategy, "type") == "Recreate" {
		params = manifest.Field(strategy, "recreateParams")
	}
	w := Workload{
		Kind:           o.Kind(),
		Name:           name,
		Containers:     x.containers(manifest.Field(pod, "containers")),
		InitContainers: x.containers(manifest.Field(pod, "initContainers")),
		PreHook:        x.hook(manifest.Field(params, "pre")),
		MidHook:        x.hook(manifest.Field(params, "mid")),
		PostHook:       x.hook(manifest.Field(params, "post")),
	}
	return w, len(w.Containers)+len(w.InitContainers) > 0 || w.PreHook != nil || w.MidHook != nil || w.PostHook != nil
}

func (x *extraction) containers(list *yaml.Node) []Container {
	var containers []Container
	for _, c := range manifest.Items(list) {
		if env := x.env(manifest.Field(c, "env")); env != nil {
			containers = append(containers, Container{Name: x.text(c, "name"), Env: env})
		}
	}
	return containers
}

func (x *extraction) hook(hook *yaml.Node) *Container {
	pod := manifest.Field(hook, "execNewPod")
	env := x.env(manifest.Field(pod, "env"))
	if env == nil {
		return nil
	}
	return &Container{Name: x.text(pod, "containerName"), Env: env}
}

// env gives the env vars that come from the two Secrets. Of two with one name
// the kubelet takes the later one.
func (x *extraction) env(list *yaml.Node) Env {
	var env Env
	for _, item := range manifest.Items(list) {
		name := x.text(item, "name")
		env = slices.DeleteFunc(env, func(v EnvVar) bool { return v.Name == name })
		ref := manifest.Field(item, "valueFrom", "secretKeyRef")
		if secret := x.text(ref, "name"); meaning[secret] != nil {
			env = append(env, EnvVar{Name: name, Secret: secret, Key: x.text(ref, "key")})
		}
	}
	if len(env) == 0 {
		return nil
	}
	return env
}

var parameter = regexp.MustCompile(`\$\{\{?(\w+)\}?\}`)

// text gives the scalar at a path with the default values of parameters. One
// that the template does not declare stays as it is, as with oc process.
func (x *extraction) text(n *yaml.Node, path ...string) string {
	text := manifest.Text(n, path...)
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

// fields iterates over a mapping's keys, in order, with the nodes of the keys.
func fields(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i]) {
				return
			}
		}
	}
}
