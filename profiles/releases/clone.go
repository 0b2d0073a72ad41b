package releases

import (
	"maps"
	"slices"
)

// clone returns a copy that shares nothing that can change.
func (p *Pin) clone() *Pin {
	c := *p
	c.Tags = slices.Clone(p.Tags)
	for i := range c.Tags {
		c.Tags[i].Templates = maps.Clone(c.Tags[i].Templates)
	}
	c.Clients.Async, c.Clients.Operator = p.Clients.Async.clone(), p.Clients.Operator.clone()
	c.Consumers = slices.Clone(p.Consumers)
	c.InternalRedis = slices.Clone(p.InternalRedis)
	c.Secrets = slices.Clone(p.Secrets)
	for i, s := range c.Secrets {
		c.Secrets[i].Labels = maps.Clone(s.Labels)
		c.Secrets[i].Keys = slices.Clone(s.Keys)
	}
	c.Workloads = slices.Clone(p.Workloads)
	for i := range c.Workloads {
		w := &c.Workloads[i]
		w.Containers = cloneAll(w.Containers)
		w.InitContainers = cloneAll(w.InitContainers)
		w.PreHook, w.MidHook, w.PostHook = w.PreHook.clone(), w.MidHook.clone(), w.PostHook.clone()
	}
	return &c
}

func cloneAll(containers []Container) []Container {
	c := slices.Clone(containers)
	for i := range c {
		c[i].Env = slices.Clone(c[i].Env)
	}
	return c
}

func (c *Container) clone() *Container {
	if c == nil {
		return nil
	}
	return &Container{Name: c.Name, Env: slices.Clone(c.Env)}
}

func (c *Client) clone() *Client {
	if c == nil {
		return nil
	}
	copied := *c
	return &copied
}
