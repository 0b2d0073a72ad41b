package export

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// kindName is what the kinds of Kubernetes look like.
var kindName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,62}$`)

// What Kubernetes allows as a name, for messages.
const (
	labelRule     = "must be at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends"
	subdomainRule = "must be lower-case letters, digits, hyphens and dots, with a letter or a digit at both ends"
	keyRule       = "must be letters, digits, hyphens, underscores and dots"
	envRule       = "must be printable ASCII characters without ="
)

// names checks the names in an object that commands and documents repeat. No
// server has others: an export that does was changed by somebody.
type names struct {
	object manifest.Object
	issues diag.Issues
}

// badNames are the names in an object that Kubernetes does not allow.
func badNames(o manifest.Object) diag.Issues {
	c := names{object: o}
	if !kindName.MatchString(o.Kind()) {
		c.add(manifest.Field(o.Node, "kind"), "kind", "must be letters and digits")
	}
	c.check(manifest.Field(o.Node, "metadata", "namespace"), "metadata.namespace", labelRule, validation.IsDNS1123Label)
	if o.Kind() != "Secret" && o.Kind() != DeploymentConfig && !wiring.IsAPIManager(o) && len(wiring.Places(o)) == 0 {
		return c.issues // only its kind and its namespace are used; a Role has other names
	}
	c.check(manifest.Field(o.Node, "metadata", "name"), "metadata.name", subdomainRule, validation.IsDNS1123Subdomain)
	for _, ref := range manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")) {
		c.check(manifest.Field(ref, "name"), "metadata.ownerReferences.name", subdomainRule, validation.IsDNS1123Subdomain)
	}
	if o.Kind() == "Secret" {
		for key := range manifest.Fields(manifest.Field(o.Node, "data")) {
			c.check(key, "data", keyRule, validation.IsConfigMapKey)
		}
	}
	for _, p := range wiring.Places(o) {
		c.place(p)
	}
	for _, r := range wiring.Readers(o) {
		c.reader(r)
	}
	return c.issues
}

// place checks a container or a hook and its env.
func (c *names) place(p wiring.Place) {
	field, name := string(p.Field), manifest.Field(p.Node, "name")
	if p.Field.IsHook() {
		name = manifest.Field(p.Node, "containerName")
	}
	c.check(name, field, labelRule, validation.IsDNS1123Label)
	for _, n := range p.Env() {
		c.check(manifest.Field(n, "name"), field+".env", envRule, validation.IsRelaxedEnvVarName)
	}
}

// reader checks what an entry reads.
func (c *names) reader(r wiring.Reader) {
	if r.Secret != "" && validation.IsDNS1123Subdomain(r.Secret) != nil {
		c.add(r.Node, "the name of a Secret", subdomainRule)
	}
	if r.Key != "" && validation.IsConfigMapKey(r.Key) != nil {
		c.add(r.Node, "a key of a Secret", keyRule)
	}
	if volume, ok := strings.CutPrefix(r.What, "volume "); ok && validation.IsDNS1123Label(volume) != nil {
		c.add(r.Node, "the name of a volume", labelRule)
	}
}

func (c *names) check(n *yaml.Node, path, rule string, valid func(string) []string) {
	if n != nil && n.Value != "" && valid(n.Value) != nil {
		c.add(n, path, rule)
	}
}

func (c *names) add(n *yaml.Node, path, rule string) {
	c.issues = append(c.issues, c.object.Issue(n, c.object.String()+": "+path, "%s", rule))
}
