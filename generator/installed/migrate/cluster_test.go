package migrate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// deploymentConfig is what the API server merges strategic patches by: the pod
// template is that of Kubernetes, a hook's env has no merge key
// (openshift/api apps/v1 types.go).
type deploymentConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Strategy map[string]any          `json:"strategy"`
		Template *corev1.PodTemplateSpec `json:"template,omitempty"`
	} `json:"spec"`
}

// cluster holds objects as the server does, by kind/name, and runs the commands
// of a plan on them.
type cluster struct {
	t       testing.TB
	objects map[string][]byte
	order   []string
	files   map[string][]byte
	rolled  []string
}

var kinds = map[string]string{"dc": "DeploymentConfig", "secret": "Secret"}

func newCluster(t testing.TB, objects []manifest.Object) *cluster {
	c := &cluster{t: t, objects: map[string][]byte{}}
	for _, o := range objects {
		c.put(o.String(), toJSON(t, o.Node))
	}
	return c
}

func toJSON(t testing.TB, n any) []byte {
	t.Helper()
	data, err := manifest.Encode(n)
	if err != nil {
		t.Fatal(err)
	}
	if data, err = sigsyaml.YAMLToJSON(data); err != nil {
		t.Fatal(err)
	}
	return data
}

func (c *cluster) put(id string, data []byte) {
	if !slices.Contains(c.order, id) {
		c.order = append(c.order, id)
	}
	c.objects[id] = data
}

// export is what `oc get -o json` prints.
func (c *cluster) export() []byte {
	var b bytes.Buffer
	b.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	for i, id := range c.order {
		if i > 0 {
			b.WriteString(",")
		}
		b.Write(c.objects[id])
	}
	b.WriteString("]}")
	return b.Bytes()
}

// run runs steps; after each command every reference must lead to a key.
func (c *cluster) run(p *Plan, steps []Step) {
	c.t.Helper()
	c.files = map[string][]byte{}
	for _, f := range p.Files {
		if _, twice := c.files[f.Name]; twice {
			c.t.Fatalf("%s is there twice", f.Name)
		}
		c.files[f.Name] = append([]byte(manifest.Marker+"\n"), f.Data...)
	}
	for _, s := range steps {
		for _, command := range s.Commands {
			c.command(command)
			c.checkReferences(command)
		}
	}
}

var (
	fileCommand   = regexp.MustCompile(`^oc (?:-n \S+ )?(create|replace) -f (\S+)$`)
	patchCommand  = regexp.MustCompile(`^oc (?:-n \S+ )?patch (dc|secret) (\S+) --type=(\w+) -p "\$\(cat (\S+)\)"$`)
	deleteCommand = regexp.MustCompile(`^oc (?:-n \S+ )?delete secret (\S+)$`)
	applyCommand  = regexp.MustCompile(`^oc (?:-n \S+ )?apply -f (\S+)$`)
	quietCommand  = regexp.MustCompile(`^oc (?:-n \S+ )?(wait externalsecret|delete externalsecret)/? ?(\S+) --(for=condition=Ready --timeout=120s|cascade=orphan)$`)
	rollCommand   = regexp.MustCompile(`^oc (?:-n \S+ )?rollout (latest|status) dc/(\S+)$`)
)

func (c *cluster) command(text string) {
	c.t.Helper()
	if m := fileCommand.FindStringSubmatch(text); m != nil {
		o := c.object(m[2])
		if _, there := c.objects[o.String()]; there != (m[1] == "replace") {
			c.t.Fatalf("%s: there: %v", text, there)
		}
		c.replace(o)
		return
	}
	if m := patchCommand.FindStringSubmatch(text); m != nil {
		c.patch(kinds[m[1]]+"/"+m[2], m[3], m[4])
		return
	}
	if m := deleteCommand.FindStringSubmatch(text); m != nil {
		delete(c.objects, "Secret/"+m[1])
		c.order = slices.DeleteFunc(c.order, func(id string) bool { return id == "Secret/"+m[1] })
		return
	}
	if m := applyCommand.FindStringSubmatch(text); m != nil {
		c.deliver(c.object(m[1]))
		return
	}
	if quietCommand.MatchString(text) {
		return
	}
	m := rollCommand.FindStringSubmatch(text)
	if m == nil || c.objects["DeploymentConfig/"+m[2]] == nil {
		c.t.Fatalf("cannot run %q", text)
	}
	c.rolled = append(c.rolled, m[2])
}

func (c *cluster) object(file string) manifest.Object {
	c.t.Helper()
	objects, err := manifest.Read(file, c.files[file])
	if err != nil || len(objects) != 1 {
		c.t.Fatalf("%s: %d objects, %v", file, len(objects), err)
	}
	return objects[0]
}

// replace puts an object in the place of what is there; the server keeps its own
// fields.
func (c *cluster) replace(o manifest.Object) {
	c.t.Helper()
	n := manifest.Clone(o.Node)
	if old, there := c.objects[o.String()]; there {
		before, err := manifest.Read("old", old)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, field := range serverFields {
			if manifest.Field(n, "metadata", field) != nil {
				c.t.Fatalf("%s carries metadata.%s, which the server refuses or ignores", o, field)
			}
			if v := manifest.Field(before[0].Node, "metadata", field); v != nil {
				manifest.Set(n, v, "metadata", field)
			}
		}
	}
	c.put(o.String(), toJSON(c.t, n))
}

// deliver does what the External Secrets operator does: the keys of the template,
// and no other, are those of the Secret.
func (c *cluster) deliver(o manifest.Object) {
	c.t.Helper()
	secrets, err := manifest.Read("old", c.objects["Secret/"+o.Name()])
	if err != nil {
		c.t.Fatal(err)
	}
	data := manifest.Mapping()
	template := manifest.Field(o.Node, "spec", "target", "template", "data")
	for key := range fields(template) {
		manifest.Set(data, base64Node("written by the operator"), key)
	}
	manifest.Set(secrets[0].Node, data, "data")
	c.put("Secret/"+o.Name(), toJSON(c.t, secrets[0].Node))
	c.rolled = nil // what ran before has not read it
}

func (c *cluster) patch(id, kind, file string) {
	c.t.Helper()
	patch, err := sigsyaml.YAMLToJSON(c.files[file])
	if err != nil || c.files[file] == nil {
		c.t.Fatalf("%s: %v", file, err)
	}
	var data []byte
	switch kind {
	case "json":
		var operations jsonpatch.Patch
		if operations, err = jsonpatch.DecodePatch(patch); err == nil {
			data, err = operations.Apply(c.objects[id])
		}
	case "strategic":
		data, err = strategicpatch.StrategicMergePatch(c.objects[id], patch, &deploymentConfig{})
	case "merge":
		data, err = jsonpatch.MergePatch(c.objects[id], patch)
	}
	if err != nil {
		c.t.Fatalf("%s: %v", file, err)
	}
	c.objects[id] = data
}

// checkReferences fails where a pod would refer to a key that is not there.
func (c *cluster) checkReferences(after string) {
	c.t.Helper()
	keys := map[string]bool{}
	for _, id := range c.order {
		var o struct {
			Data     map[string]string
			Metadata struct{ Name string }
		}
		if err := json.Unmarshal(c.objects[id], &o); err != nil {
			c.t.Fatal(err)
		}
		for key := range o.Data {
			keys[o.Metadata.Name+"/"+key] = true
		}
	}
	for _, id := range c.order {
		for _, m := range reference.FindAllStringSubmatch(string(c.objects[id]), -1) {
			if ref := m[2] + "/" + m[1]; !keys[ref] {
				c.t.Fatalf("after %s: %s refers to %s, which is not there", after, id, ref)
			}
		}
	}
}

var reference = regexp.MustCompile(`"secretKeyRef":\{"key":"(\w+)","name":"(backend-redis|system-redis)"`)

// same fails where the objects are not those of before.
func (c *cluster) same(before map[string]any) {
	c.t.Helper()
	if diff := cmp.Diff(before, c.decoded()); diff != "" {
		c.t.Errorf("not as it was (-before +after):\n%s", diff)
	}
}

// decoded gives the objects as values. An empty env is none, as in the types of
// the server.
func (c *cluster) decoded() map[string]any {
	values := map[string]any{}
	for id, data := range c.objects {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			c.t.Fatal(err)
		}
		values[id] = dropEmptyEnv(v)
	}
	return values
}

func dropEmptyEnv(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if env, ok := v["env"].([]any); ok && len(env) == 0 {
			delete(v, "env")
		}
		for _, child := range v {
			dropEmptyEnv(child)
		}
	case []any:
		for _, child := range v {
			dropEmptyEnv(child)
		}
	}
	return v
}

func (c *cluster) String() string { return fmt.Sprint(strings.Join(c.order, " ")) }
