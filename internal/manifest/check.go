package manifest

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// What a server accepts, but for the names of kinds of objects: some, such as
// roles, have blanks' neighbours like ":" in their names, none a blank.
var (
	apiVersionText = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-z]([-a-z0-9]*[a-z0-9])?$`)
	kindText       = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9]*$`)
	nameText       = regexp.MustCompile(`^[!-$&-.0-~]{1,253}$`)
	namespaceText  = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
)

// workloads are the kinds whose pods have containers that we patch.
var workloads = []string{"DaemonSet", "Deployment", "DeploymentConfig", "StatefulSet"}

// Check reports what no server takes as an object: it judges what every object
// has, and of workloads and Secrets the parts that are patched or replaced. What
// an object lacks beside its name is no matter of it.
func Check(o Object) diag.Issues {
	c := checker{object: o}
	c.match(c.required(o.Node, "apiVersion"), "apiVersion", apiVersionText, "must be a version, such as v1 or apps/v1")
	c.match(c.required(o.Node, "kind"), "kind", kindText, "must be a kind, such as Secret")
	metadata := Field(o.Node, "metadata")
	if metadata == nil {
		c.report(o.Node, "metadata", "is required")
	} else {
		c.metadata(metadata)
	}
	switch kind := o.Kind(); {
	case slices.Contains(workloads, kind):
		c.workload(c.mapping(o.Node, "", "spec"))
	case kind == "Secret":
		c.strings(o.Node, "", "data")
		c.strings(o.Node, "", "stringData")
	}
	c.encodable(o.Node)
	return c.issues
}

// encodable reports what YAML has and JSON has not: an object reaches the server as
// JSON.
func (c *checker) encodable(n *yaml.Node) {
	var number float64
	if n.Tag == "!!float" && n.Decode(&number) == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
		c.report(n, "a value", "must be a number that JSON has")
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && len(child.Content) > 0 {
			c.report(child, "a key", "must be a string")
		}
		c.encodable(child)
	}
}

type checker struct {
	object Object
	issues diag.Issues
}

func (c *checker) report(at *yaml.Node, path, message string) {
	name := c.object.String()
	if c.object.Kind() == "" || c.object.Name() == "" || !plainKey.MatchString(name) {
		name = "items"
	}
	c.issues = append(c.issues, c.object.Issue(at, name+": "+path, "%s", message))
}

// given reports whether there is a value: null counts as none.
func given(n *yaml.Node) bool { return n != nil && n.Tag != "!!null" }

// required returns the field, which must be there.
func (c *checker) required(n *yaml.Node, key string) *yaml.Node {
	field := Field(n, key)
	if !given(field) {
		c.report(n, key, "is required")
		return nil
	}
	return field
}

// match wants a string of a form, where there is a value.
func (c *checker) match(n *yaml.Node, path string, form *regexp.Regexp, message string) {
	if c.text(n, path) && !form.MatchString(n.Value) {
		c.report(n, path, message)
	}
}

// text wants a string, where there is a value, and reports whether there is one.
func (c *checker) text(n *yaml.Node, path string) bool {
	switch {
	case !given(n):
		return false
	case n.Kind != yaml.ScalarNode:
		c.report(n, path, "must be a string")
	case n.Tag != "!!str":
		c.report(n, path, "must be a string: quote it")
	default:
		return true
	}
	return false
}

// mapping returns a field that must be a mapping, or nil.
func (c *checker) mapping(n *yaml.Node, path, key string) *yaml.Node {
	field := Field(n, key)
	if given(field) && field.Kind != yaml.MappingNode {
		c.report(field, path+key, "must be a mapping")
	}
	if !given(field) || field.Kind != yaml.MappingNode {
		return nil
	}
	return field
}

// strings wants a mapping of strings.
func (c *checker) strings(n *yaml.Node, path, key string) {
	values := c.mapping(n, path, key)
	if values == nil {
		return
	}
	for i := 0; i+1 < len(values.Content); i += 2 {
		name, value := values.Content[i], values.Content[i+1]
		for value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		c.text(value, path+key+"."+shownPath([]string{name.Value}))
	}
}

func (c *checker) metadata(metadata *yaml.Node) {
	if metadata.Kind != yaml.MappingNode {
		c.report(metadata, "metadata", "must be a mapping")
		return
	}
	name, generated := Field(metadata, "name"), Field(metadata, "generateName")
	if !given(name) && !given(generated) {
		c.report(metadata, "metadata.name", "is required")
	}
	const required = "must be a name: at most 253 letters, digits, - and ."
	c.match(name, "metadata.name", nameText, required)
	c.match(generated, "metadata.generateName", nameText, required)
	if namespace := Field(metadata, "namespace"); c.text(namespace, "metadata.namespace") && namespace.Value != "" {
		c.match(namespace, "metadata.namespace", namespaceText, "must be a namespace: at most 63 lower case letters, digits and -")
	}
	c.strings(metadata, "metadata.", "labels")
	c.strings(metadata, "metadata.", "annotations")
}

// workload checks what the env patches are about.
func (c *checker) workload(spec *yaml.Node) {
	if template := c.mapping(spec, "spec.", "template"); template != nil {
		if metadata := c.mapping(template, "spec.template.", "metadata"); metadata != nil {
			c.strings(metadata, "spec.template.metadata.", "labels")
			c.strings(metadata, "spec.template.metadata.", "annotations")
		}
		pod := c.mapping(template, "spec.template.", "spec")
		for _, list := range []string{"containers", "initContainers"} {
			c.named(pod, "spec.template.spec.", list, func(container *yaml.Node, path string) {
				c.named(container, path+".", "env", c.variable)
			})
		}
	}
	at, path := spec, "spec."
	for _, key := range []string{"strategy", "rollingParams", "pre", "execNewPod"} {
		at = c.mapping(at, path, key)
		path += key + "."
	}
	c.named(at, path, "env", c.variable)
}

// named wants a list of mappings that have a name each, and calls check for them.
func (c *checker) named(n *yaml.Node, path, key string, check func(n *yaml.Node, path string)) {
	list := Field(n, key)
	switch {
	case !given(list):
		return
	case list.Kind != yaml.SequenceNode:
		c.report(list, path+key, "must be a list")
	}
	names := map[string]bool{}
	for i, item := range Items(list) {
		for item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		at := fmt.Sprintf("%s%s[%d]", path, key, i)
		if item.Kind != yaml.MappingNode {
			c.report(item, at, "must be a mapping with a name")
			continue
		}
		name := Field(item, "name")
		switch {
		case !given(name):
			c.report(item, at+".name", "is required")
		case c.text(name, at+".name") && key != "env" && names[name.Value]:
			c.report(name, at+".name", "is the name of another one too")
		default:
			names[name.Value] = true
		}
		check(item, at)
	}
}

// variable checks an env var.
func (c *checker) variable(v *yaml.Node, path string) {
	c.text(Field(v, "value"), path+".value")
	c.mapping(v, path+".", "valueFrom")
}
