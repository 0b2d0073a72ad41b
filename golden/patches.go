package golden

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Wiring is what the env patches of all environments with a template's release have in
// common: the patches of the Component, which hold the hooks too, without
// annotations.
func Wiring(rel releases.Release) ([]byte, error) {
	files, err := wiring.Component(rel, nil, nil, nil)
	if err != nil {
		return nil, err
	}
	var patches bytes.Buffer
	for _, f := range files {
		if strings.HasPrefix(f.Name, "patches/") {
			patches.WriteString("---\n")
			patches.Write(bytes.TrimPrefix(f.Data, []byte(manifest.Marker+"\n")))
		}
	}
	return patches.Bytes(), nil
}

// digestLength is how much of a digest tells two wirings apart, in characters.
const digestLength = 16

// Digest is a short digest of what Wiring returns.
func Digest(patches []byte) string {
	sum := sha256.Sum256(patches)
	return hex.EncodeToString(sum[:])[:digestLength]
}

// patches is what the patches of an environment have of their own: the annotations of
// the pods, or what the APIManager must say where an operator makes them.
func patches(r *generator.Patched) ([]byte, error) {
	doc := manifest.Mapping("release", manifest.Scalar(r.Release.String()))
	own := podAnnotations
	if r.Release.Operated() {
		own = switches
	}
	if err := own(r, doc); err != nil {
		return nil, err
	}
	if r.Base != nil {
		objects := &yaml.Node{Kind: yaml.SequenceNode}
		for _, o := range r.Objects {
			objects.Content = append(objects.Content, manifest.Scalar(o.String()))
		}
		manifest.Set(doc, objects, "objects")
	}
	return manifest.Encode(doc)
}

func switches(r *generator.Patched, doc *yaml.Node) error {
	manifest.Set(doc, r.Switches().Patch(r.Release), wiring.APIManagerKind+"/"+r.Spec.APIManagerName())
	return nil
}

func podAnnotations(r *generator.Patched, doc *yaml.Node) error {
	common, err := Wiring(r.Release)
	if err != nil {
		return err
	}
	all, workloads := r.Annotations(), manifest.Mapping()
	for _, w := range r.Release.Workloads {
		annotations := manifest.Mapping()
		for _, name := range []string{wiring.DigestAnnotation, wiring.TokenAnnotation} {
			if text, ok := all[w.Name][name]; ok {
				manifest.Set(annotations, manifest.Scalar(text), name)
			}
		}
		manifest.Set(workloads, annotations, w.Kind+"/"+w.Name)
	}
	manifest.Set(doc, manifest.Scalar(Digest(common)), "wiring")
	manifest.Set(doc, workloads, "annotations")
	return nil
}
