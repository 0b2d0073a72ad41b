package generator

import (
	"fmt"
	"maps"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// chartValues are the values of the chart for the way of delivery.
func (c *Checked) chartValues() (helm.Values, error) {
	var values helm.Values
	for i, s := range c.Secrets {
		meta := metaOf(c.File, s.Name, c.Release.Secrets[i].Labels)
		switch c.Spec.Secrets.DeliveredAs() {
		case spec.DeliverNone:
		case spec.DeliverExternalSecret:
			values.ExternalSecrets = append(values.ExternalSecrets, externalSecret(c.Spec.Secrets, meta, s))
		default:
			data := map[string]string{}
			for _, f := range s.Fields {
				text, ok := f.Reveal()
				if !ok {
					return helm.Values{}, fmt.Errorf("%s/%s: a secret value was not looked up", s.Name, f.Key)
				}
				data[f.Key] = text
			}
			values.Secrets = append(values.Secrets, helm.Secret{Meta: meta, Encoding: c.Spec.Secrets.Encoding.Value, Data: data})
		}
	}
	return values, nil
}

// metaOf puts the spec's labels and annotations on top of the template's.
func metaOf(file spec.File, name string, labels map[string]string) helm.Meta {
	meta := helm.Meta{
		Name:        name,
		Namespace:   file.Metadata.Namespace.Value,
		Labels:      maps.Clone(labels),
		Annotations: file.Spec.Secrets.Annotations,
	}
	maps.Copy(meta.Labels, file.Spec.Secrets.Labels)
	return meta
}

// RealSecrets reports whether the objects hold the text of a secret: one that
// stands in the spec, or that was looked up.
func (r *Rendered) RealSecrets() bool {
	if len(r.Values.Secrets) == 0 {
		return false
	}
	for _, s := range r.Secrets {
		for _, f := range s.Fields {
			for _, v := range f.Passwords() {
				if v.Kind() != secret.Placeholder {
					return true
				}
			}
		}
	}
	return false
}
