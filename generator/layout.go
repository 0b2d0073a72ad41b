package generator

import (
	"fmt"
	"maps"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// defaultRefresh is how often an ExternalSecret is read again; it is the
// External Secrets operator's own default.
const defaultRefresh = "1h"

// Delivered gives the Secrets or ExternalSecrets of the spec, without the rest of
// an installation.
func (r *Result) Delivered() ([]manifest.Object, error) {
	values, err := layOut(r)
	if err != nil {
		return nil, err
	}
	return helm.Render(values)
}

// layOut gives the values of the chart for the way of delivery.
func layOut(r *Result) (helm.Values, error) {
	var values helm.Values
	for i, s := range r.Secrets {
		meta := metaOf(r.Spec, s.Name, r.Release.Secrets[i].Labels)
		switch r.Spec.Spec.Secrets.DeliveredAs() {
		case spec.DeliverNone:
		case spec.DeliverExternalSecret:
			values.ExternalSecrets = append(values.ExternalSecrets, externalSecret(r.Spec.Spec.Secrets, meta, s))
		default:
			data := map[string]string{}
			for _, f := range s.Fields {
				text, ok := f.Reveal()
				if !ok {
					return helm.Values{}, fmt.Errorf("%s/%s: a secret value was not looked up", s.Name, f.Key)
				}
				data[f.Key] = text
			}
			values.Secrets = append(values.Secrets, helm.Secret{Meta: meta, Encoding: r.Spec.Spec.Secrets.Encoding, Data: data})
		}
	}
	return values, nil
}

// metaOf puts the spec's labels and annotations on top of the template's.
func metaOf(file spec.File, name string, labels map[string]string) helm.Meta {
	meta := helm.Meta{
		Name:        name,
		Namespace:   file.Metadata.Namespace,
		Labels:      maps.Clone(labels),
		Annotations: file.Spec.Secrets.Annotations,
	}
	maps.Copy(meta.Labels, file.Spec.Secrets.Labels)
	return meta
}
