package cluster

import (
	"encoding/base64"
	"fmt"
	"regexp"
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
	scaleCommand    = regexp.MustCompile(`^oc (?:-n \S+ )?scale ((?:(?:dc|deployment)/\S+ )+)--replicas=(\d+)$`)
	tidyCommand     = regexp.MustCompile(`^oc (?:-n \S+ )?delete (?:--ignore-not-found (.+)|-f (\S+))$`)
	scriptCommand   = regexp.MustCompile(`^(?:(?:TARGET|SOURCE)=\$\()?oc (?:-n \S+ )?rsh -T (dc|deployment)/(\S+) bash -s -- (\w+) < ([^\s)]+)\)?$`)
	targetCommand   = regexp.MustCompile(`^oc (?:-n \S+ )?create configmap (\S+) --from-literal=(?:TARGET|SOURCE)="\$\{(?:TARGET|SOURCE):\?\}"$`)
	waitCommand     = regexp.MustCompile(`^oc (?:-n \S+ )?wait (?:pod(?:/\S+| -l \S+)|(?:dc|deployment)/\S+) '?--for=(delete|condition=Ready|jsonpath=\{\.(?:status\.phase|spec\.replicas)\}=\w+)'? --timeout=\d+[sh]$`)
	settledCommand  = regexp.MustCompile(`^until oc (?:-n \S+ )?set env (dc|deployment)/(\S+) --list \| (?:grep -qx (\w+)=1|awk '/\^(\w+)=1\$/ \{on = 1\} END \{exit on \|\| !NR\}'); do sleep 5; done$`)
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
			c.Delete("Secret/" + name)
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
	if m := scaleCommand.FindStringSubmatch(command); m != nil {
		return c.scale(strings.Fields(m[1]), m[2])
	}
	if m := tidyCommand.FindStringSubmatch(command); m != nil {
		return c.tidy(strings.Fields(m[1]), m[2])
	}
	if m := scriptCommand.FindStringSubmatch(command); m != nil && c.objects[kinds[m[1]]+"/"+m[2]] != nil && c.Files[m[4]] != nil {
		c.Scripts = append(c.Scripts, m[3])
		return nil
	}
	if m := targetCommand.FindStringSubmatch(command); m != nil {
		return c.store("ConfigMap/"+m[1], fmt.Appendf(nil, `{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": %q}}`, m[1]))
	}
	if m := settledCommand.FindStringSubmatch(command); m != nil {
		return c.settled(kinds[m[1]]+"/"+m[2], m[3]+m[4], m[3] != "")
	}
	if quietCommand.MatchString(command) || waitCommand.MatchString(command) {
		return nil
	}
	return fmt.Errorf("cannot run %q", command)
}

// settled is an error where somebody would wait for ever for an env var with the value
// 1, or for its end.
func (c *Cluster) settled(id, name string, on bool) error {
	env, err := c.Env(id)
	if err != nil {
		return err
	}
	found := false
	for key, value := range env {
		found = found || strings.HasSuffix(key, "/"+name) && value == "1"
	}
	if found != on {
		return fmt.Errorf("%s: %s=1 is there: %v", id, name, found)
	}
	return nil
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

// scale gives workloads, as dc/NAME, a number of pods.
func (c *Cluster) scale(workloads []string, replicas string) error {
	for _, w := range workloads {
		kind, name, _ := strings.Cut(w, "/")
		if err := c.Scale(kinds[kind]+"/"+name, replicas); err != nil {
			return err
		}
	}
	return nil
}

// Scale gives a workload a number of pods. New ones read the values as they are.
func (c *Cluster) Scale(id, replicas string) error {
	up := c.Replicas(id) == "0" && replicas != "0"
	if err := c.Patch(id, "merge", []byte("{spec: {replicas: "+replicas+"}}")); err != nil || !up {
		return err
	}
	return c.roll(id)
}

// Replicas is how many pods a workload has.
func (c *Cluster) Replicas(id string) string {
	o, err := c.Object(id)
	if err != nil {
		return "0"
	}
	return manifest.Text(o.Node, "spec", "replicas")
}

// tidy deletes objects by name, as pod/NAME, or those of a file.
func (c *Cluster) tidy(names []string, file string) error {
	titles := map[string]string{"pod": "Pod", "secret": "Secret", "configmap": "ConfigMap"}
	var ids []string
	for _, name := range names {
		kind, name, _ := strings.Cut(name, "/")
		ids = append(ids, titles[kind]+"/"+name)
	}
	if file != "" {
		objects, err := manifest.Read(file, c.Files[file])
		if err != nil {
			return err
		}
		for _, o := range objects {
			ids = append(ids, o.String())
		}
	}
	for _, id := range ids {
		c.Delete(id)
	}
	return nil
}

// send creates or replaces the objects of a file.
func (c *Cluster) send(verb, file string) error {
	objects, err := manifest.Read(file, c.Files[file])
	if err != nil || len(objects) == 0 {
		return fmt.Errorf("%s: %d objects, %w", file, len(objects), err)
	}
	for _, o := range objects {
		if err := c.sendObject(verb, o); err != nil {
			return err
		}
	}
	return nil
}

// sendObject creates or replaces an object; the server keeps its own fields.
func (c *Cluster) sendObject(verb string, o manifest.Object) error {
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
