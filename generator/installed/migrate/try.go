package migrate

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// checksOf are what the init containers run until it succeeds, without the loop around
// it (templates of 2.6 to 2.12; operator 2.13 to 2.15, component/backend.go and
// system.go). The readiness of a listener does not depend on Redis, so nothing else
// tells whether 3scale itself can use the new values.
var checksOf = map[string][]string{
	"backend-redis-svc": {"/opt/app/entrypoint.sh", "sh", "-c", "rake connectivity:redis_storage_queue_check"},
	"check-svc":         {"bash", "-c", "bundle exec rake boot:redis"},
}

// tries run 3scale's own checks with the new values, each in a Pod of its own.
func (p *planner) tries() ([]string, error) {
	var commands []string
	for _, w := range p.report.Release.Workloads {
		o, there := p.report.Export.Workload(w.Kind, w.Name)
		if !there || !slices.Contains(p.report.Release.Consumers, w.Name) {
			continue
		}
		for _, c := range w.InitContainers {
			n := manifest.Named(manifest.Field(wiring.PodTemplate(o), "spec", "initContainers"), c.Name)
			if checksOf[c.Name] == nil || n == nil {
				continue
			}
			name := "threescale-redis-try-" + w.Name
			file := "data/try-" + w.Name + ".yaml"
			if err := p.file(file, p.tryPod(name, o, n, c), true); err != nil {
				return nil, err
			}
			p.data.tries = append(p.data.tries, name)
			commands = append(commands,
				p.plan.oc("create", "-f", file),
				p.plan.oc("wait", "pod/"+name, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=180s"),
				p.plan.oc("delete", "-f", file))
		}
	}
	return commands, nil
}

// tryPod is a Pod as the init container runs in it, with the new values in a Secret of
// its own.
func (p *planner) tryPod(name string, o manifest.Object, container *yaml.Node, pinned releases.Container) *yaml.Node {
	c := manifest.Clone(container)
	values := manifest.Mapping()
	var rest []*yaml.Node
	for _, entry := range manifest.Items(manifest.Field(c, "env")) {
		if !slices.ContainsFunc(pinned.Env, func(v releases.EnvVar) bool { return v.Name == manifest.Text(entry, "name") }) {
			rest = append(rest, entry)
		}
	}
	for _, v := range pinned.Env {
		manifest.Set(values, manifest.Scalar(p.texts[v.Secret][v.Key]), v.Name)
	}
	manifest.Set(c, manifest.Sequence(rest...), "env")
	manifest.Set(c, manifest.Sequence(manifest.Mapping("secretRef", manifest.Mapping("name", manifest.Scalar(name)))), "envFrom")
	manifest.Remove(c, "args")
	var command []*yaml.Node
	for _, word := range checksOf[pinned.Name] {
		command = append(command, manifest.Scalar(word))
	}
	manifest.Set(c, manifest.Sequence(command...), "command")
	pod := manifest.Mapping("restartPolicy", manifest.Scalar("Never"), "containers", manifest.Sequence(c))
	for _, field := range []string{"serviceAccountName", "imagePullSecrets", "volumes", "securityContext"} {
		if n := manifest.Field(wiring.PodTemplate(o), "spec", field); n != nil {
			manifest.Set(pod, manifest.Clone(n), field)
		}
	}
	metadata := func() *yaml.Node { return manifest.Mapping("name", manifest.Scalar(name)) }
	return manifest.Mapping("apiVersion", manifest.Scalar("v1"), "kind", manifest.Scalar("List"), "items", manifest.Sequence(
		manifest.Mapping("apiVersion", manifest.Scalar("v1"), "kind", manifest.Scalar("Secret"), "metadata", metadata(), "stringData", values),
		manifest.Mapping("apiVersion", manifest.Scalar("v1"), "kind", manifest.Scalar("Pod"), "metadata", metadata(), "spec", pod),
	))
}
