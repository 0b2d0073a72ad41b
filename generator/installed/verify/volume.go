package verify

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// mounts compares the files that the env vars of a setting name: each must be a key
// of a Secret, in a volume that the container mounts.
func (r *Report) mounts(s releases.Setting, p wiring.Place) {
	for _, name := range slices.Sorted(maps.Keys(s.On)) {
		path := s.On[name]
		if !strings.HasPrefix(path, "/") {
			continue
		}
		must := r.fileKey(s, name)
		switch is, node := mounted(p, path); is {
		case must:
		case Key{}:
			r.settingIssue(s, p, p.Node, "the file of env var "+name+", "+path+", must be "+must.String()+": no volume has it")
		default:
			r.settingIssue(s, p, node, "the file of env var "+name+", "+path+", must be "+must.String()+", not "+is.String())
		}
	}
}

// files are what ends the name of an env var whose file has a PEM text, by the
// field of its key.
var files = map[string]string{"CA_FILE": "ca", "CERT": "certificate", "PRIVATE_KEY": "key"}

// fileKey is the key whose text is in the file of an env var.
func (r *Report) fileKey(s releases.Setting, name string) Key {
	database := s.Switch
	if strings.HasPrefix(name, "BACKEND_") { // porta's own name for the storage, whatever steers it
		database = redis.BackendStorage
	}
	for suffix, field := range files {
		if !strings.HasSuffix(name, suffix) {
			continue
		}
		for _, secret := range r.Release.Secrets {
			for _, k := range secret.Keys {
				if k.Database == database && k.Field == field {
					return Key{secret.Name, k.Name}
				}
			}
		}
	}
	return Key{}
}

// mounted is the key that a container finds at a path, and where the volume says so.
func mounted(p wiring.Place, path string) (Key, *yaml.Node) {
	for _, m := range manifest.Items(manifest.Field(p.Node, "volumeMounts")) {
		file, below := strings.CutPrefix(path, strings.TrimSuffix(manifest.Text(m, "mountPath"), "/")+"/")
		if !below {
			continue
		}
		volume := manifest.Named(manifest.Field(wiring.PodTemplate(p.Object), "spec", "volumes"), manifest.Text(m, "name"))
		source := manifest.Field(volume, "secret")
		for _, item := range manifest.Items(manifest.Field(source, "items")) {
			if manifest.Text(item, "path") == file {
				return Key{manifest.Text(source, "secretName"), manifest.Text(item, "key")}, item
			}
		}
	}
	return Key{}, nil
}

// readsFiles reports whether a volume reads a PEM text of the release: what each
// must be, the settings say.
func (r *Report) readsFiles(reader wiring.Reader) bool {
	return strings.HasPrefix(reader.What, "volume ") && slices.ContainsFunc(r.Release.Secrets, func(s releases.Secret) bool {
		return s.Name == reader.Secret && slices.ContainsFunc(s.Keys, func(k releases.Key) bool { return k.Name == reader.Key && k.IsPEM() })
	})
}
