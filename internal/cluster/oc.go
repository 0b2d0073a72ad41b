package cluster

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// kinds are the kinds by the name that `oc` takes.
var kinds = map[string]string{
	"dc": "DeploymentConfig", "deploymentconfig": "DeploymentConfig", "deployment": "Deployment", "secret": "Secret", "apimanager": "APIManager",
}

var (
	fileCommand     = regexp.MustCompile(`^oc (?:-n \S+ )?(create|replace) -f (\S+)$`)
	patchCommand    = regexp.MustCompile(`^oc (?:-n \S+ )?patch (dc|deploymentconfig|deployment|secret|apimanager) (\S+) --type=(\w+) --patch-file (\S+)$`)
	deleteCommand   = regexp.MustCompile(`^oc (?:-n \S+ )?delete secret (.+)$`)
	annotateCommand = regexp.MustCompile(`^oc (?:-n \S+ )?annotate secret (\S+) (?:--overwrite )?(\S+)$`)
	applyCommand    = regexp.MustCompile(`^oc (?:-n \S+ )?apply -f (\S+)$`)
	quietCommand    = regexp.MustCompile(`^oc (?:-n \S+ )?(wait externalsecret|delete externalsecret)/? ?(\S+) --(for=condition=Ready --timeout=120s|cascade=orphan)$`)
	rollCommand     = regexp.MustCompile(`^oc (?:-n \S+ )?rollout (latest|restart|status) (dc|deployment)/(\S+)$`)
)

// Run runs a command of a plan on the Files.
func (c *Cluster) Run(command string) error {
	if m := fileCommand.FindStringSubmatch(command); m != nil {
		return c.send(m[1], m[2])
	}
	if m := patchCommand.FindStringSubmatch(command); m != nil {
		data, there := c.Files[m[4]]
		if !there {
			return fmt.Errorf("%s: no such file", m[4])
		}
		return c.Patch(kinds[m[1]]+"/"+m[2], m[3], data)
	}
	if m := deleteCommand.FindStringSubmatch(command); m != nil {
		for _, name := range strings.Fields(m[1]) {
			id := "Secret/" + name
			delete(c.objects, id)
			c.order = slices.DeleteFunc(c.order, func(other string) bool { return other == id })
		}
		return nil
	}
	if m := annotateCommand.FindStringSubmatch(command); m != nil {
		return c.annotate(m[1], m[2])
	}
	if m := applyCommand.FindStringSubmatch(command); m != nil {
		return c.deliver(m[1])
	}
	if m := rollCommand.FindStringSubmatch(command); m != nil && c.objects[kinds[m[2]]+"/"+m[3]] != nil {
		return c.rollout(m[1], kinds[m[2]]+"/"+m[3])
	}
	if quietCommand.MatchString(command) {
		return nil
	}
	return fmt.Errorf("cannot run %q", command)
}

// restarts are the commands that restart the pods of a kind.
var restarts = map[string]string{"DeploymentConfig": "latest", "Deployment": "restart"}

// rollout restarts the pods of a workload, or waits for them.
func (c *Cluster) rollout(verb, id string) error {
	kind, _, _ := strings.Cut(id, "/")
	switch {
	case verb == "status":
		return nil
	case verb != restarts[kind]:
		return fmt.Errorf("oc rollout %s does not take %s", verb, id)
	default:
		return c.roll(id)
	}
}

// serverFields are what the server keeps about an object, and refuses or ignores
// where it is sent.
var serverFields = []string{"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}

// send creates or replaces an object; the server keeps its own fields.
func (c *Cluster) send(verb, file string) error {
	o, err := one(file, c.Files[file])
	if err != nil {
		return err
	}
	_, there := c.objects[o.String()]
	if there != (verb == "replace") {
		return fmt.Errorf("%s %s: there: %v", verb, o, there)
	}
	if !there {
		return c.Put(o)
	}
	old, err := c.Object(o.String())
	if err != nil {
		return err
	}
	for _, field := range serverFields {
		if manifest.Field(o.Node, "metadata", field) != nil {
			return fmt.Errorf("%s carries metadata.%s, which the server refuses or ignores", o, field)
		}
		if v := manifest.Field(old.Node, "metadata", field); v != nil {
			manifest.Set(o.Node, v, "metadata", field)
		}
	}
	return c.Put(o)
}

// deliver does what the External Secrets operator does: the keys of the template,
// and no other, are those of the Secret.
func (c *Cluster) deliver(file string) error {
	o, err := one(file, c.Files[file])
	if err != nil {
		return err
	}
	s, err := c.Object("Secret/" + o.Name())
	if err != nil {
		return err
	}
	data := manifest.Mapping()
	for key := range manifest.Fields(manifest.Field(o.Node, "spec", "target", "template", "data")) {
		manifest.Set(data, manifest.Scalar(base64.StdEncoding.EncodeToString([]byte("written by the operator"))), key.Value)
	}
	manifest.Set(s.Node, data, "data")
	return c.Put(s)
}

// annotate sets an annotation of a Secret, NAME=VALUE, or takes it away, NAME-.
func (c *Cluster) annotate(secret, change string) error {
	name, value, set := strings.Cut(change, "=")
	patch := fmt.Sprintf("{metadata: {annotations: {%q: %q}}}", name, value)
	if !set {
		patch = fmt.Sprintf("{metadata: {annotations: {%q: null}}}", strings.TrimSuffix(name, "-"))
	}
	return c.Patch("Secret/"+secret, "merge", []byte(patch))
}
