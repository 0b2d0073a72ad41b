package migrate

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// operator does what the operator of a release does after a change of the APIManager
// or of one of the Secrets, as far as it is about Redis.
type operator struct {
	release releases.Release
	manager string
}

// operate lets the operator of a release look after an APIManager from now on.
func operate(c *cluster.Cluster, rel releases.Release) operator {
	op := operator{rel, wiring.APIManagerKind + "/apimanager"}
	c.Controller = op.reconcile
	return op
}

// reconcile does what the operator does after a change of an object.
func (op operator) reconcile(c *cluster.Cluster, id string) error {
	if id != op.manager && !strings.HasPrefix(id, "Secret/") {
		return nil
	}
	rel := op.release
	o, err := c.Object(op.manager)
	if err != nil {
		return err
	}
	if err := op.scale(c, o); err != nil {
		return err
	}
	s := wiring.ReadSwitches(o, rel)
	if op.refusal(c, s) != "" {
		return nil // it tries again later
	}
	for _, setting := range rel.Settings {
		if rel.Tag != nil && len(setting.Tags) > 0 && !slices.Contains(setting.Tags, rel.Tag.Name) {
			continue
		}
		on := s.TLS[setting.Switch]
		if setting.Switch == releases.SwitchAsync {
			on = s.DisableAsync != "true"
		}
		for _, place := range setting.Places {
			if err := op.set(c, place, setting, on); err != nil {
				return err
			}
		}
	}
	return nil
}

// scale gives each workload as many pods as the APIManager says, where it says so.
func (op operator) scale(c *cluster.Cluster, manager manifest.Object) error {
	for _, name := range slices.Sorted(maps.Keys(op.release.APIManager.Pods)) {
		field := append(strings.Split(op.release.APIManager.Pods[name], "."), "replicas")
		replicas := manifest.Text(manager.Node, field...)
		for _, kind := range []string{"DeploymentConfig", "Deployment"} {
			id := kind + "/" + name
			if _, err := c.Object(id); err == nil && replicas != "" && replicas != c.Replicas(id) {
				if err := c.Scale(id, replicas); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// waits is why the operator does not go on, or "".
func (op operator) waits(c *cluster.Cluster) (string, error) {
	o, err := c.Object(op.manager)
	if err != nil {
		return "", err
	}
	return op.refusal(c, wiring.ReadSwitches(o, op.release)), nil
}

// refusal: with external databases every URL must be there; from 2.16 on it must begin
// as the switch says, unless Sentinels are asked, and TLS needs its three keys.
func (op operator) refusal(c *cluster.Cluster, s wiring.Switches) string {
	rel := op.release
	for _, secret := range rel.Secrets {
		var o struct{ Data map[string][]byte }
		_ = json.Unmarshal([]byte(c.State()["Secret/"+secret.Name]), &o)
		sentinels := map[string]bool{}
		for _, k := range secret.Keys {
			sentinels[k.Database] = sentinels[k.Database] || k.Field == "sentinelHosts" && len(o.Data[k.Name]) > 0
		}
		for _, k := range secret.Keys {
			value, there := o.Data[k.Name]
			tls := s.TLS[k.Database]
			switch {
			case k.Field == "url" && !there && s.External[rel.APIManager.External[0]]:
				return k.Name + " is required"
			case k.Field == "url" && len(rel.APIManager.TLS) > 0 && !tls && !strings.HasPrefix(string(value), "redis://"),
				k.Field == "url" && tls && !sentinels[k.Database] && !strings.HasPrefix(string(value), "rediss://"):
				return k.Name + " does not begin as the switch says"
			case slices.Contains([]string{"ca", "certificate", "key"}, k.Field) && tls && !there:
				return k.Name + " is required with TLS"
			}
		}
	}
	return ""
}

// set writes the env vars of a setting into a place; the workload rolls where that
// changes something.
func (op operator) set(c *cluster.Cluster, place string, setting releases.Setting, on bool) error {
	workload, container, _ := strings.Cut(place, "/")
	for _, kind := range []string{"DeploymentConfig", "Deployment"} {
		o, err := c.Object(kind + "/" + workload)
		if err != nil {
			continue // of the other kind
		}
		for _, p := range wiring.Places(o) {
			if p.Container == container && !p.Field.IsHook() {
				manifest.Set(p.Node, manifest.Sequence(settled(p.Env(), setting, on)...), "env")
				op.mount(p, setting, on)
			}
		}
		if err := c.Update(o); err != nil {
			return err
		}
	}
	return nil
}

// settled is an env list with the env vars of a setting as its switch says.
func settled(env []*yaml.Node, setting releases.Setting, on bool) []*yaml.Node {
	want := setting.Off
	if on {
		want = setting.On
	}
	var changed []*yaml.Node
	seen := map[string]bool{}
	for _, n := range env {
		name := manifest.Text(n, "name")
		_, known := setting.On[name]
		value, wanted := want[name]
		switch {
		case known && wanted:
			changed = append(changed, manifest.Mapping("name", manifest.Scalar(name), "value", manifest.Scalar(value)))
		case !known:
			changed = append(changed, n)
		}
		seen[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !seen[name] {
			changed = append(changed, manifest.Mapping("name", manifest.Scalar(name), "value", manifest.Scalar(want[name])))
		}
	}
	return changed
}

// mount makes a container find the files that the env vars of a setting name, or takes
// the volume away.
func (op operator) mount(p wiring.Place, setting releases.Setting, on bool) {
	items, dir := manifest.Sequence(), ""
	var secret string
	for _, name := range slices.Sorted(maps.Keys(setting.On)) {
		file := setting.On[name]
		if !strings.HasPrefix(file, "/") {
			continue
		}
		var key string
		secret, key = op.fileKey(setting.Switch, name)
		dir = path.Dir(file)
		items.Content = append(items.Content, manifest.Mapping("key", manifest.Scalar(key), "path", manifest.Scalar(path.Base(file))))
	}
	if dir == "" {
		return
	}
	volume := strings.TrimSuffix(path.Base(dir), "-redis") + "-redis-tls"
	pod := manifest.Field(wiring.PodTemplate(p.Object), "spec")
	put(p.Node, "volumeMounts", volume, on, manifest.Mapping("mountPath", manifest.Scalar(dir), "name", manifest.Scalar(volume)))
	put(pod, "volumes", volume, on, manifest.Mapping("name", manifest.Scalar(volume), "secret", manifest.Mapping("items", items, "secretName", manifest.Scalar(secret))))
}

// put adds an entry to a list, or takes it away.
func put(parent *yaml.Node, list, name string, on bool, entry *yaml.Node) {
	entries := slices.DeleteFunc(slices.Clone(manifest.Items(manifest.Field(parent, list))), func(n *yaml.Node) bool { return manifest.Text(n, "name") == name })
	if on {
		entries = append(entries, entry)
	}
	manifest.Set(parent, manifest.Sequence(entries...), list)
	if len(entries) == 0 {
		manifest.Remove(parent, list)
	}
}

// fileKey is the key of a PEM text: what ends the name of the env var says which of
// the three it is, and porta calls the storage of apisonator BACKEND_REDIS.
func (op operator) fileKey(database, env string) (secret, key string) {
	if strings.HasPrefix(env, "BACKEND_") {
		database = "backendStorage"
	}
	field := "certificate"
	switch {
	case strings.HasSuffix(env, "CA_FILE"):
		field = "ca"
	case strings.HasSuffix(env, "PRIVATE_KEY"):
		field = "key"
	}
	for _, s := range op.release.Secrets {
		for _, k := range s.Keys {
			if k.Database == database && k.Field == field {
				return s.Name, k.Name
			}
		}
	}
	return "", ""
}
