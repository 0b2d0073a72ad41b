package cluster

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Env are the values of env vars, by field/container/NAME.
type Env map[string]string

// Read is what the pods of a workload have read when they started: the values of the
// env vars that read a Secret.
func (c *Cluster) Read(workload string) Env {
	for kind := range restarts {
		if env, there := c.read[kind+"/"+workload]; there {
			return env
		}
	}
	return nil
}

// Outdated are the workloads whose pods, started now, would read something else.
func (c *Cluster) Outdated() ([]string, error) {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(c.read)) {
		if c.Replicas(id) == "0" {
			continue
		}
		env, err := c.Env(id)
		if err != nil {
			return nil, err
		}
		if !maps.Equal(env, c.read[id]) {
			_, name, _ := strings.Cut(id, "/")
			names = append(names, name)
		}
	}
	return names, nil
}

// trigger does what the server does after a change of an object: a Deployment, or a
// DeploymentConfig with a ConfigChange trigger, rolls when its pod template has changed.
func (c *Cluster) trigger(id string, before []byte) error {
	if kind, _, _ := strings.Cut(id, "/"); restarts[kind] == "" {
		return nil
	}
	var was, is struct {
		Spec struct {
			Paused   bool
			Template json.RawMessage
			Triggers []struct{ Type string }
		}
	}
	if err := json.Unmarshal(before, &was); err != nil {
		return err
	}
	if err := json.Unmarshal(c.objects[id], &is); err != nil {
		return err
	}
	byItself := is.Spec.Triggers == nil || strings.HasPrefix(id, "Deployment/")
	for _, t := range is.Spec.Triggers {
		byItself = byItself || t.Type == "ConfigChange"
	}
	if !byItself || is.Spec.Paused || bytes.Equal(was.Spec.Template, is.Spec.Template) {
		return nil
	}
	return c.roll(id)
}

// roll starts new pods, which read the values as they are.
func (c *Cluster) roll(id string) error {
	if kind, _, _ := strings.Cut(id, "/"); restarts[kind] == "" {
		return nil
	}
	env, err := c.Env(id)
	c.read[id] = env
	if c.Rolled != nil {
		c.Rolled(id)
	}
	return err
}

// Env is what the containers of an object would read now.
func (c *Cluster) Env(id string) (Env, error) {
	var w Workload
	if err := json.Unmarshal(c.objects[id], &w); err != nil || w.Spec.Template == nil {
		return nil, err
	}
	env, secrets := Env{}, map[string]map[string][]byte{}
	for field, list := range map[string][]corev1.Container{"containers": w.Spec.Template.Spec.Containers, "initContainers": w.Spec.Template.Spec.InitContainers} {
		for _, container := range list {
			for _, v := range container.Env {
				value, err := c.value(v, secrets)
				if err != nil {
					return nil, err
				}
				env[field+"/"+container.Name+"/"+v.Name] = value
			}
		}
	}
	return env, nil
}

// value is what an env var would be now. It keeps the data of the Secrets that it reads.
func (c *Cluster) value(v corev1.EnvVar, secrets map[string]map[string][]byte) (string, error) {
	if v.Value != "" || v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil {
		return v.Value, nil
	}
	name := v.ValueFrom.SecretKeyRef.Name
	if _, known := secrets[name]; !known {
		var secret corev1.Secret
		if data, there := c.objects["Secret/"+name]; there {
			if err := json.Unmarshal(data, &secret); err != nil {
				return "", err
			}
		}
		secrets[name] = secret.Data
	}
	return string(secrets[name][v.ValueFrom.SecretKeyRef.Key]), nil
}
