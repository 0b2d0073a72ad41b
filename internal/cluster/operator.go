package cluster

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// operator does what the operator of a release does after a change of the APIManager
// or of one of the Secrets, as far as it is about Redis.
type operator struct {
	release releases.Release
	manager string
}

// Operate lets the operator of a release look after an APIManager from now on.
func (c *Cluster) Operate(rel releases.Release, manager string) {
	c.operator = &operator{rel, wiring.APIManagerKind + "/" + manager}
}

// reconcile does what the operator does after a change of an object.
func (c *Cluster) reconcile(id string) error {
	if c.operator == nil || id != c.operator.manager && !strings.HasPrefix(id, "Secret/") {
		return nil
	}
	rel := c.operator.release
	o, err := c.Object(c.operator.manager)
	if err != nil {
		return err
	}
	s := wiring.ReadSwitches(o, rel)
	if c.refusal(s) != "" {
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
			if err := c.set(place, setting, on); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refusal is why the operator does not go on, or "".
func (c *Cluster) Refusal() (string, error) {
	o, err := c.Object(c.operator.manager)
	if err != nil {
		return "", err
	}
	return c.refusal(wiring.ReadSwitches(o, c.operator.release)), nil
}

// refusal: with external databases every URL must be there; from 2.16 on it must begin
// as the switch says, unless Sentinels are asked, and TLS needs its three keys.
func (c *Cluster) refusal(s wiring.Switches) string {
	rel := c.operator.release
	for _, secret := range rel.Secrets {
		var o struct{ Data map[string][]byte }
		_ = json.Unmarshal(c.objects["Secret/"+secret.Name], &o)
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
func (c *Cluster) set(place string, setting releases.Setting, on bool) error {
	workload, container, _ := strings.Cut(place, "/")
	for _, kind := range []string{"DeploymentConfig", "Deployment"} {
		id := kind + "/" + workload
		before, there := c.objects[id]
		if !there {
			continue
		}
		o, err := c.Object(id)
		if err != nil {
			return err
		}
		for _, p := range wiring.Places(o) {
			if p.Container == container && !p.Field.IsHook() {
				manifest.Set(p.Node, manifest.Sequence(setEnv(p.Env(), setting, on)...), "env")
			}
		}
		data, err := toJSON(o)
		if err != nil {
			return err
		}
		if err := c.store(id, data); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if err := c.trigger(id, before); err != nil {
			return err
		}
	}
	return nil
}

// setEnv is an env list with the env vars of a setting as its switch says.
func setEnv(env []*yaml.Node, setting releases.Setting, on bool) []*yaml.Node {
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
