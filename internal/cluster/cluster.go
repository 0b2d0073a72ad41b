// Package cluster simulates the API server for tests: it holds objects, patches
// them with the server's own libraries, and runs the `oc` commands of a plan.
package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Workload is what the server merges strategic patches of an object by: the pod
// template is that of Kubernetes, and a hook's env has no merge key
// (openshift/api, apps/v1 types.go).
type Workload struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Strategy    map[string]any          `json:"strategy"`
		Template    *corev1.PodTemplateSpec `json:"template,omitempty"`
		JobTemplate *struct {
			Spec struct {
				Template *corev1.PodTemplateSpec `json:"template,omitempty"`
			} `json:"spec"`
		} `json:"jobTemplate,omitempty"`
	} `json:"spec"`
}

// Cluster holds objects as the server does, by Kind/name.
type Cluster struct {
	objects map[string][]byte
	order   []string
	// references are the keys that an object reads, as Secret/key.
	references map[string][]string
	// Files are what the commands read.
	Files map[string][]byte
	// Scripts are the modes of the scripts that were sent to pods.
	Scripts []string
	// read are the values that the pods of a workload have read at its last rollout.
	read map[string]Env
	// Controller does what a controller does after a change of an object, if there is
	// one.
	Controller func(c *Cluster, id string) error
	// Rolled is told of each workload whose pods are replaced.
	Rolled func(id string)
}

// New returns a cluster with these objects.
func New(objects []manifest.Object) (*Cluster, error) {
	c := &Cluster{objects: map[string][]byte{}, references: map[string][]string{}, read: map[string]Env{}}
	for _, o := range objects {
		if err := c.Put(o); err != nil {
			return nil, err
		}
	}
	for _, id := range c.order {
		if err := c.roll(id); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Clone returns a cluster in the same state.
func (c *Cluster) Clone() *Cluster {
	return &Cluster{
		objects: maps.Clone(c.objects), order: slices.Clone(c.order), references: maps.Clone(c.references), Files: maps.Clone(c.Files), read: maps.Clone(c.read),
		Controller: c.Controller,
	}
}

// Put stores an object, in place of one that has its name.
func (c *Cluster) Put(o manifest.Object) error {
	data, err := toJSON(o)
	if err != nil {
		return fmt.Errorf("%s: %w", o, err)
	}
	return c.store(o.String(), data)
}

func toJSON(o manifest.Object) ([]byte, error) {
	var v any
	if err := o.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// store keeps an object as the server does: decoded into its types, the nulls of a
// patch in env entries and an empty env list are gone.
func (c *Cluster) store(id string, data []byte) error {
	if err := c.refuse(id, data); err != nil {
		return err
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	decodeEnv(v)
	if object, ok := v.(map[string]any); ok {
		dropEmpty(object, "metadata", "annotations")
	}
	if template, ok := field(field(v, "spec"), "template").(map[string]any); ok {
		dropEmpty(template, "metadata", "annotations")
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !slices.Contains(c.order, id) {
		c.order = append(c.order, id)
	}
	c.objects[id] = data
	c.references[id] = references(data)
	if strings.HasPrefix(id, "Job/") && number(field(field(v, "status"), "succeeded")) > 0 {
		c.references[id] = nil // it is complete, and starts no pod
	}
	return nil
}

// references are the keys without which no pod of an object starts, as Secret/key:
// those of its env, and those of its volumes.
func references(data []byte) []string {
	var keys []string
	for _, m := range reference.FindAllSubmatch(data, -1) {
		if len(m[3]) == 0 { // not optional
			keys = append(keys, string(m[2])+"/"+string(m[1]))
		}
	}
	for _, m := range volume.FindAllSubmatch(data, -1) {
		for _, item := range volumeItem.FindAllSubmatch(m[1], -1) {
			if len(m[2]) == 0 {
				keys = append(keys, string(m[3])+"/"+string(item[1]))
			}
		}
	}
	return keys
}

// refuse is an error where the data of an immutable Secret would change.
func (c *Cluster) refuse(id string, data []byte) error {
	var was, is struct {
		Immutable bool
		Data      map[string]string
	}
	before, there := c.objects[id]
	if !there || !strings.HasPrefix(id, "Secret/") {
		return nil
	}
	if err := json.Unmarshal(before, &was); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &is); err != nil {
		return err
	}
	if was.Immutable && !maps.Equal(was.Data, is.Data) {
		return fmt.Errorf("%s is immutable", id)
	}
	return nil
}

func number(v any) float64 {
	n, _ := v.(float64)
	return n
}

func field(v any, key string) any {
	m, _ := v.(map[string]any)
	return m[key]
}

// dropEmpty takes the mappings at the end of a path away that are empty.
func dropEmpty(m map[string]any, path ...string) {
	child, ok := m[path[0]].(map[string]any)
	if ok && len(path) > 1 {
		dropEmpty(child, path[1:]...)
	}
	if ok && len(child) == 0 {
		delete(m, path[0])
	}
}

func decodeEnv(v any) {
	switch v := v.(type) {
	case map[string]any:
		if list, ok := v["env"].([]any); ok && len(list) == 0 || v["env"] == nil {
			delete(v, "env")
		} else {
			dropNulls(v["env"])
		}
		for _, child := range v {
			decodeEnv(child)
		}
	case []any:
		for _, child := range v {
			decodeEnv(child)
		}
	}
}

func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, child any) bool { return child == nil })
		for _, child := range v {
			dropNulls(child)
		}
	case []any:
		for _, child := range v {
			dropNulls(child)
		}
	}
}

// Delete takes an object away, and reports whether it was there.
func (c *Cluster) Delete(id string) bool {
	_, there := c.objects[id]
	delete(c.objects, id)
	c.order = slices.DeleteFunc(c.order, func(other string) bool { return other == id })
	return there
}

// Object returns an object as it is now.
func (c *Cluster) Object(id string) (manifest.Object, error) {
	return one(id, c.objects[id])
}

// one reads a text that must be one object.
func one(name string, data []byte) (manifest.Object, error) {
	objects, err := manifest.Read(name, data)
	if err == nil && len(objects) != 1 {
		err = fmt.Errorf("%s: %d objects", name, len(objects))
	}
	if err != nil {
		return manifest.Object{}, err
	}
	return objects[0], nil
}

// Export is what `oc get -o json` prints.
func (c *Cluster) Export() []byte {
	var items [][]byte
	for _, id := range c.order {
		items = append(items, c.objects[id])
	}
	return fmt.Appendf(nil, `{"apiVersion":"v1","kind":"List","items":[%s]}`, bytes.Join(items, []byte(",")))
}

// State is what the cluster holds, to be compared byte for byte.
func (c *Cluster) State() map[string]string {
	state := map[string]string{}
	for id, data := range c.objects {
		state[id] = string(data)
	}
	return state
}

// Patch patches an object with a patch in YAML or JSON, of the type json, merge
// or strategic. A patch that fails changes nothing.
func (c *Cluster) Patch(id, kind string, patch []byte) error {
	before, there := c.objects[id]
	if !there {
		return fmt.Errorf("%s is not there", id)
	}
	patch, err := sigsyaml.YAMLToJSON(patch)
	if err != nil {
		return err
	}
	var data []byte
	switch kind {
	case "json":
		var operations jsonpatch.Patch
		if operations, err = jsonpatch.DecodePatch(patch); err == nil {
			data, err = operations.Apply(before)
		}
	case "strategic":
		data, err = strategicpatch.StrategicMergePatch(before, patch, &Workload{})
	case "merge":
		data, err = jsonpatch.MergePatch(before, patch)
	default:
		err = fmt.Errorf("no patch is %q", kind)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	if err := c.store(id, data); err != nil {
		return err
	}
	if err := c.trigger(id, before); err != nil {
		return err
	}
	if c.Controller == nil {
		return nil
	}
	return c.Controller(c, id)
}

// Update stores what a controller makes of an object.
func (c *Cluster) Update(o manifest.Object) error {
	before := c.objects[o.String()]
	if err := c.Put(o); err != nil {
		return err
	}
	return c.trigger(o.String(), before)
}

var (
	reference  = regexp.MustCompile(`"secretKeyRef":\{"key":"(\w+)","name":"(backend-redis|system-redis)"(,"optional":true)?`)
	volume     = regexp.MustCompile(`"secret":\{(?:"defaultMode":\d+,)?"items":\[([^\]]*)\](,"optional":true)?,"secretName":"(backend-redis|system-redis)"`)
	volumeItem = regexp.MustCompile(`"key":"(\w+)"`)
)

// CheckReferences fails where a pod refers to a key that its Secret does not have.
func (c *Cluster) CheckReferences() error {
	keys := map[string]bool{}
	for _, id := range c.order {
		if !strings.HasPrefix(id, "Secret/") {
			continue
		}
		var o struct {
			Data     map[string]any
			Metadata struct{ Name string }
		}
		if err := json.Unmarshal(c.objects[id], &o); err != nil {
			return err
		}
		for key := range o.Data {
			keys[o.Metadata.Name+"/"+key] = true
		}
	}
	for _, id := range c.order {
		for _, ref := range c.references[id] {
			if !keys[ref] {
				return fmt.Errorf("%s refers to %s, which is not there", id, ref)
			}
		}
	}
	return nil
}
