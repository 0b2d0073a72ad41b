package generator

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// intoNamespace puts metadata.namespace on the objects of a template, which have
// none: with it on the two Secrets alone, `oc apply` would split the installation.
func (i *Installation) intoNamespace(r *Rendered, objects []manifest.Object) {
	namespace := r.Metadata.Namespace.Value
	for _, o := range objects {
		if i.ofTemplate && namespace != "" && o.Namespace() == "" && !kustomize.ClusterScoped(o.APIVersion(), o.Kind()) {
			manifest.Set(o.Node, manifest.Scalar(namespace), "metadata", "namespace")
		}
	}
}

// validNamespaces refuses what no cluster has as a namespace: commands that are
// printed name it.
func validNamespaces(objects []manifest.Object) error {
	var issues diag.Issues
	for _, o := range objects {
		if n := manifest.Field(o.Node, "metadata", "namespace"); n != nil && n.Value != "" && validation.IsDNS1123Label(n.Value) != nil {
			issues = append(issues, o.Issue(n, o.Kind()+": metadata.namespace", "must be at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends"))
		}
	}
	return issues.Err()
}

// split reports Secrets in another namespace than the workloads of a base, which
// stay where they are: pods find the Secrets of their own namespace only.
func (i *Installation) split(r *Rendered) diag.Issues {
	said := r.Metadata.Namespace
	for _, o := range i.Objects {
		in := o.Namespace()
		if !i.ofBase || len(r.Delivered) == 0 || !r.needsSecrets(o) || in == said.Value {
			continue
		}
		issue := said.Issue("")
		switch {
		case in != "" && said.Value != "":
			issue.Message = fmt.Sprintf("is %s, and %s of the base is in %s: its pods would not find the Secrets", said.Value, o, in)
		case said.Value != "":
			issue.Severity = diag.Warning
			issue.Message = fmt.Sprintf("the Secrets are in %s, and %s of the base names no namespace: apply it there", said.Value, o)
		case !r.hasSecrets(i.Objects):
			issue.Severity = diag.Warning
			issue.Message = fmt.Sprintf("is not given, and %s of the base is in %s: the Secrets go where they are applied", o, in)
			issue.Hint = "namespace: " + in
		default:
			continue // the Secrets of the base keep theirs
		}
		return diag.Issues{issue}
	}
	return nil
}

// needsSecrets reports whether pods of an object, or those that the operator makes
// for it, find the Secrets in its namespace only.
func (c *Checked) needsSecrets(o manifest.Object) bool {
	if c.Release.Operated() {
		return wiring.IsAPIManager(o)
	}
	return c.isWorkload(o)
}

func (c *Checked) isWorkload(o manifest.Object) bool {
	for _, w := range c.Release.Workloads {
		if o.Kind() == w.Kind && o.Name() == w.Name {
			return true
		}
	}
	return false
}

// hasSecrets reports whether a base has both Secrets, whose places ours take.
func (c *Checked) hasSecrets(base []manifest.Object) bool {
	found := 0
	for _, s := range c.Release.Secrets {
		for _, o := range base {
			if o.Kind() == "Secret" && o.Name() == s.Name {
				found++
			}
		}
	}
	return found >= len(c.Release.Secrets)
}
