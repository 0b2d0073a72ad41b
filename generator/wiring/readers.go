package wiring

import (
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Reader is one spot of an object that reads a Secret: an env var, an envFrom, or
// a volume.
type Reader struct {
	// In is the place, or the object of a volume; What is what reads there.
	In, What string
	Secret   string
	// Key is "" where the reader takes all keys.
	Key string
	// Optional says that a pod starts without the key.
	Optional bool
	// Node is the entry of the list that it stands in.
	Node *yaml.Node
}

// String names the place and what reads in it.
func (r Reader) String() string { return r.In + " (" + r.What + ")" }

// From is what it reads: system-redis/URL, or all keys of a Secret.
func (r Reader) From() string {
	if r.Key == "" {
		return "all keys of " + r.Secret
	}
	return r.Secret + "/" + r.Key
}

// Takes reports whether the reader reads a key of a Secret.
func (r Reader) Takes(secret, key string) bool {
	return r.Secret == secret && (r.Key == "" || r.Key == key)
}

// Readers lists all that an object reads from Secrets. A Secret that the server
// itself reads, such as one for pulling images, is none of them.
func Readers(o manifest.Object) []Reader {
	var found []Reader
	for _, p := range Places(o) {
		for _, n := range p.Env() {
			if s := SourceOf(n); s.From == SecretKey {
				found = append(found, Reader{p.String(), "env var " + name(n), s.Secret, s.Key, s.Optional, n})
			}
		}
		for _, n := range manifest.Items(manifest.Field(p.Node, "envFrom")) {
			if secret := manifest.Text(n, "secretRef", "name"); secret != "" {
				found = append(found, Reader{p.String(), "envFrom", secret, "", true, n})
			}
		}
	}
	for _, v := range manifest.Items(manifest.Field(PodTemplate(o), "spec", "volumes")) {
		what := "volume " + name(v)
		found = append(found, volumeReaders(o, what, manifest.Text(v, "secret", "secretName"), manifest.Field(v, "secret"))...)
		for _, source := range manifest.Items(manifest.Field(v, "projected", "sources")) {
			found = append(found, volumeReaders(o, what, manifest.Text(source, "secret", "name"), manifest.Field(source, "secret"))...)
		}
	}
	return found
}

// volumeReaders are the keys that a volume takes from a Secret: those that it
// lists, or all.
func volumeReaders(o manifest.Object, what, secret string, source *yaml.Node) []Reader {
	if secret == "" {
		return nil
	}
	items := manifest.Items(manifest.Field(source, "items"))
	if len(items) == 0 {
		return []Reader{{o.String(), what, secret, "", true, source}}
	}
	var found []Reader
	for _, item := range items {
		found = append(found, Reader{o.String(), what, secret, manifest.Text(item, "key"), isTrue(set(source, "optional")), item})
	}
	return found
}

// IsComplete reports whether an object is a Job that has done its task: it starts no pod
// any more.
func IsComplete(o manifest.Object) bool {
	if o.Kind() != "Job" {
		return false
	}
	for _, c := range manifest.Items(manifest.Field(o.Node, "status", "conditions")) {
		if manifest.Text(c, "type") == "Complete" && manifest.Text(c, "status") == "True" {
			return true
		}
	}
	return false
}
