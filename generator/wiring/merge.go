package wiring

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Order is where the env vars of the pin stand after a merge. All other env
// vars keep their order either way.
type Order int

const (
	// PinFirst puts them first, in the order of the pin, as Kustomize does.
	PinFirst Order = iota
	// InPlace leaves them where they are and puts new ones last, as the API
	// server does.
	InPlace
)

// Merged is an env list with every env var of the pin once. An entry that reads
// what the pin says stays as it is.
func Merged(list []*yaml.Node, env releases.Env, order Order) []*yaml.Node {
	wired := make(map[string]*yaml.Node, len(env))
	for _, v := range env {
		wired[v.Name] = Entry(v)
		if i := slices.IndexFunc(list, func(n *yaml.Node) bool { return Reads(n, v) }); i >= 0 {
			wired[v.Name] = list[i]
		}
	}
	var merged []*yaml.Node
	placed := map[string]bool{}
	place := func(name string) {
		if !placed[name] {
			merged, placed[name] = append(merged, wired[name]), true
		}
	}
	if order == PinFirst {
		for _, v := range env {
			place(v.Name)
		}
	}
	for _, n := range list {
		if wired[name(n)] == nil {
			merged = append(merged, n)
		} else {
			place(name(n))
		}
	}
	for _, v := range env {
		place(v.Name)
	}
	return merged
}
