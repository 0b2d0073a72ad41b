package move_test

import (
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/clients"
	redisspec "github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// checksOf are the databases that a check of 3scale connects to, by its container.
var checksOf = map[string]struct {
	program   clients.Client
	databases []string
}{
	"backend-redis-svc": {clients.Apisonator, []string{redisspec.BackendStorage, redisspec.BackendQueues}},
	"check-svc":         {clients.Porta, []string{redisspec.System}},
}

// tryPod has run a check of 3scale.
type tryPod struct{ err error }

func (p tryPod) phase() string {
	if p.err != nil {
		return "Failed"
	}
	return "Succeeded"
}

func (p tryPod) Log() string { return fmt.Sprintln(p.err) }

func (p tryPod) Kill() {}

// startTry runs the check that is the container of a Pod, with the env of the Pod.
func (in *installation) startTry(o manifest.Object) error {
	p, err := podOf(o)
	if err != nil {
		return err
	}
	c := p.Spec.Containers[0]
	check, there := checksOf[c.Name]
	if !there {
		return fmt.Errorf("no check of 3scale runs in a container %s", c.Name)
	}
	env := map[string]string{}
	for _, from := range c.EnvFrom {
		values, err := in.secretFiles(from.SecretRef.Name)
		if err != nil {
			return err
		}
		for name, value := range values {
			env[name] = value
		}
	}
	values := clients.Values{}
	for _, w := range in.release.Workloads {
		for _, container := range w.InitContainers {
			for _, v := range container.Env {
				if value, there := env[v.Name]; there && container.Name == c.Name && strings.HasSuffix(o.Name(), w.Name) {
					if values[v.Secret] == nil {
						values[v.Secret] = map[string]string{}
					}
					values[v.Secret][v.Key] = value
				}
			}
		}
	}
	in.bare[o.Name()] = tryPod{in.tries(values, check.program, check.databases)}
	return nil
}

// tries connects to databases as a program does.
func (in *installation) tries(values clients.Values, program clients.Client, databases []string) error {
	for _, name := range databases {
		to, err := in.connection(values, program, name)
		if err != nil {
			return err
		}
		c := in.dial(to, nil)
		defer c.Close()
		if err := c.Ping(in.t.Context()).Err(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
