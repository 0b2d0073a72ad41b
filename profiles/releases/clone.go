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
	c.Consumers, c.Requeues, c.Portals = slices.Clone(p.Consumers), slices.Clone(p.Requeues), slices.Clone(p.Portals)
	c.InternalRedis = slices.Clone(p.InternalRedis)
	if p.APIManager != nil {
		a := *p.APIManager
		a.External, a.Required, a.Defaults = slices.Clone(a.External), slices.Clone(a.Required), slices.Clone(a.Defaults)
		a.TLS, a.Pods, a.Autoscaled = maps.Clone(a.TLS), maps.Clone(a.Pods), slices.Clone(a.Autoscaled)
		c.APIManager = &a
	}
	c.Settings = slices.Clone(p.Settings)
	for i := range c.Settings {
		s := &c.Settings[i]
		s.Tags, s.Places, s.On, s.Off = slices.Clone(s.Tags), slices.Clone(s.Places), maps.Clone(s.On), maps.Clone(s.Off)
	}
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
