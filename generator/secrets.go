package generator

import (
	"maps"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// replaceSecrets puts what is delivered in place of the Secrets that the
// installation has, whose labels, annotations and owners stay; others come last.
func (i *Installation) replaceSecrets(r *Rendered) []manifest.Object {
	names := map[string]manifest.Object{}
	for _, o := range r.Delivered {
		names[o.Name()] = o
	}
	var objects []manifest.Object
	for _, o := range i.Objects {
		ours := slices.ContainsFunc(r.Release.Secrets, func(s releases.Secret) bool { return s.Name == o.Name() })
		n, ok := names[o.Name()]
		switch {
		case !ours || o.Kind() != "Secret" && (!ok || o.Kind() != n.Kind()):
			objects = append(objects, o)
		case ok:
			objects = append(objects, adopt(n, o, r.Spec.Secrets))
			delete(names, o.Name())
		case i.keepsSecrets:
			objects = append(objects, o)
		}
	}
	for _, o := range r.Delivered {
		if _, left := names[o.Name()]; left && !i.complete {
			objects = append(objects, o)
		}
	}
	return objects
}

// adopt puts onto the rendered object the metadata and the type of the one whose
// place it takes; what the spec itself says of labels and annotations wins.
func adopt(rendered, base manifest.Object, s spec.Secrets) manifest.Object {
	metadata := manifest.Clone(manifest.Field(base.Node, "metadata"))
	for field, texts := range map[string]map[string]string{"labels": s.Labels, "annotations": s.Annotations} {
		for _, k := range slices.Sorted(maps.Keys(texts)) {
			manifest.Set(metadata, manifest.Scalar(texts[k]), field, k)
		}
	}
	if ns := manifest.Field(rendered.Node, "metadata", "namespace"); ns != nil {
		manifest.Set(metadata, ns, "namespace")
	}
	if rendered.Kind() != base.Kind() {
		manifest.Set(rendered.Node, metadata, "metadata")
		return rendered
	}
	adopted := manifest.Object{Node: manifest.Mapping(), File: base.File}
	for i := 0; i+1 < len(base.Content); i += 2 {
		adopted.Content = append(adopted.Content, base.Content[i], base.Content[i+1])
	}
	manifest.Set(adopted.Node, metadata, "metadata")
	for _, field := range []string{"data", "stringData"} {
		manifest.Remove(adopted.Node, field)
		if values := manifest.Field(rendered.Node, field); values != nil {
			manifest.Set(adopted.Node, values, field)
		}
	}
	return adopted
}
