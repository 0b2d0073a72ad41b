package move_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
)

// barePod is a Pod that no controller has made.
type barePod interface {
	// phase is that of its status.
	phase() string
	Log() string
	Kill()
}

// copyPod runs RedisShake.
type copyPod struct {
	*realredis.Process
}

func (c *copyPod) phase() string {
	select {
	case <-c.Done():
		if c.Code() == 0 {
			return "Succeeded"
		}
		return "Failed"
	default:
		return "Running"
	}
}

// startCopy starts the RedisShake of a Pod: its volumes are folders of the test, and
// the names of Services are addresses on loopback.
func (in *installation) startCopy(o manifest.Object) error {
	p, err := podOf(o)
	if err != nil {
		return err
	}
	if p.Spec.RestartPolicy != corev1.RestartPolicyNever || len(p.Spec.Containers) != 1 {
		return errors.New("a copy must be one container that nothing starts again")
	}
	c := p.Spec.Containers[0]
	command := append(append([]string{}, c.Command...), c.Args...)
	if len(command) != 2 || filepath.Base(command[0]) != "redis-shake" {
		return fmt.Errorf("the command of a copy must be redis-shake and its configuration: %q", command)
	}
	var env []string
	for _, v := range c.Env {
		value, err := in.envValue(v)
		if err != nil {
			return err
		}
		env = append(env, v.Name+"="+value)
	}
	mounts, err := in.mount(p.Spec.Volumes, c.VolumeMounts)
	if err != nil {
		return err
	}
	config := ""
	for path, dir := range mounts {
		if rest, below := strings.CutPrefix(command[1], path+"/"); below {
			config = filepath.Join(dir, rest)
		}
	}
	if err := in.localise(config, mounts); err != nil {
		return err
	}
	shake := filepath.Join(realredis.Shake.Folder(in.t), "redis-shake")
	in.bare[o.Name()] = &copyPod{realredis.Run(in.t, in.t.TempDir(), env, shake, config)}
	return nil
}

func podOf(o manifest.Object) (corev1.Pod, error) {
	var p corev1.Pod
	data, err := manifest.Encode(o.Node)
	if err == nil {
		err = sigsyaml.Unmarshal(data, &p)
	}
	return p, err
}

// envValue is the value of an env var: itself, or that of a ConfigMap.
func (in *installation) envValue(v corev1.EnvVar) (string, error) {
	if v.ValueFrom == nil {
		return v.Value, nil
	}
	ref := v.ValueFrom.ConfigMapKeyRef
	if ref == nil {
		return "", fmt.Errorf("env var %s must come from a ConfigMap", v.Name)
	}
	value, there := in.configMap[ref.Name][ref.Key]
	if !there {
		return "", fmt.Errorf("ConfigMap %s has no %s", ref.Name, ref.Key)
	}
	return value, nil
}

// mount makes the folders of the volumes, by the path where the container has them.
func (in *installation) mount(volumes []corev1.Volume, mounts []corev1.VolumeMount) (map[string]string, error) {
	folders := map[string]string{}
	for _, m := range mounts {
		dir := in.t.TempDir()
		folders[m.MountPath] = dir
		for _, v := range volumes {
			if v.Name != m.Name || v.Secret == nil {
				continue
			}
			files, err := in.secretFiles(v.Secret.SecretName)
			if err != nil {
				return nil, err
			}
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					return nil, err
				}
			}
		}
	}
	return folders, nil
}

// secretFiles are the keys of a Secret as files.
func (in *installation) secretFiles(name string) (map[string]string, error) {
	o, err := in.cluster.Object("Secret/" + name)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for key, n := range manifest.Fields(manifest.Field(o.Node, "stringData")) {
		files[key.Value] = n.Value
	}
	for key, n := range manifest.Fields(manifest.Field(o.Node, "data")) {
		data, err := base64.StdEncoding.DecodeString(n.Value)
		if err != nil {
			return nil, err
		}
		files[key.Value] = string(data)
	}
	return files, nil
}

// statusPort is the port of a copy's status, which it tells the source too. Each pod can
// have the same one, but not each process.
var statusPort = regexp.MustCompile(`(?m)^status_port\s*=\s*(\d+)$`)

// localise puts into a configuration of RedisShake where things are in the test.
func (in *installation) localise(file string, mounts map[string]string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	config := string(data)
	if m := statusPort.FindStringSubmatch(config); m != nil {
		port := realredis.FreePort(in.t)
		config = statusPort.ReplaceAllString(config, fmt.Sprint("status_port = ", port))
		in.ports += fmt.Sprintf("s/port=%d,/port=%s,/;", port, m[1])
	}
	for name, s := range in.services {
		for _, quote := range []func(string) string{plain, escaped} {
			config = strings.ReplaceAll(config, `"`+quote(name+":6379")+`"`, `"`+s.Addr()+`"`)
		}
	}
	for path, dir := range mounts {
		config = strings.ReplaceAll(config, `"`+path+`"`, `"`+dir+`"`)
	}
	return os.WriteFile(file, []byte(config), 0o600)
}

func plain(text string) string { return text }

// escaped writes a text as TOML can: all but letters and digits by their number.
func escaped(text string) string {
	return regexp.MustCompile(`[^A-Za-z0-9]`).ReplaceAllStringFunc(text, func(c string) string { return fmt.Sprintf(`\u%04X`, c[0]) })
}
