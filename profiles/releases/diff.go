package releases

import (
	"fmt"
	"maps"
	"slices"
)

// Diff says how the wiring differs from that of a pin, one line for each
// difference. The order of keys, env vars and containers is none, and the
// in-template values count only where both have some. A line names what the pin
// has, and never quotes a value of the Secrets that were read.
func (w Wiring) Diff(pin Wiring) []string {
	return append(diffSecrets(w.Secrets, pin.Secrets), diffReaders(w.readers(), pin.readers())...)
}

func diffSecrets(secrets, pinned []Secret) []string {
	var lines []string
	for _, want := range pinned {
		i := slices.IndexFunc(secrets, func(s Secret) bool { return s.Name == want.Name })
		if i < 0 {
			lines = append(lines, fmt.Sprintf("secret %s: is missing", want.Name))
			continue
		}
		lines = append(lines, diffLabels(secrets[i], want)...)
		lines = append(lines, diffKeys(secrets[i], want)...)
	}
	for _, s := range secrets {
		if !slices.ContainsFunc(pinned, func(p Secret) bool { return p.Name == s.Name }) {
			lines = append(lines, fmt.Sprintf("secret %s: is not in the pin", s.Name))
		}
	}
	return lines
}

func diffLabels(s, want Secret) []string {
	var lines []string
	for _, label := range slices.Sorted(maps.Keys(want.Labels)) {
		if got, ok := s.Labels[label]; !ok || got != want.Labels[label] {
			lines = append(lines, fmt.Sprintf("secret %s: label %s must be %q", s.Name, label, want.Labels[label]))
		}
	}
	for _, label := range slices.Sorted(maps.Keys(s.Labels)) {
		if _, ok := want.Labels[label]; !ok {
			lines = append(lines, fmt.Sprintf("secret %s: label %s is not in the pin", s.Name, label))
		}
	}
	return lines
}

func diffKeys(s, want Secret) []string {
	var lines []string
	say := func(format string, args ...any) {
		lines = append(lines, "secret "+s.Name+": "+fmt.Sprintf(format, args...))
	}
	bothInternal := s.hasInternal() && want.hasInternal()
	for _, k := range want.Keys {
		i := slices.IndexFunc(s.Keys, func(got Key) bool { return got.Name == k.Name })
		switch {
		case i < 0:
			say("key %s is missing", k.Name)
			continue
		case s.Keys[i].Database != k.Database || s.Keys[i].Field != k.Field:
			say("key %s must be %s of %s", k.Name, k.Field, k.Database)
		}
		if bothInternal && s.Keys[i].Internal != k.Internal {
			say("key %s must have the in-template value %q", k.Name, k.Internal)
		}
	}
	for _, k := range s.Keys {
		if !slices.ContainsFunc(want.Keys, func(w Key) bool { return w.Name == k.Name }) {
			say("key %s is not in the pin", k.Name)
		}
	}
	return lines
}

// hasInternal reports whether the Secret holds in-template values: the template
// brings the Redis pods.
func (s Secret) hasInternal() bool {
	return slices.ContainsFunc(s.Keys, func(k Key) bool { return k.Internal != "" })
}

// reader is a container, init container or hook, by the name that people know.
type reader struct {
	kind, name string
	env        Env
}

// readers gives everything in the wiring that has env vars, one after another.
func (w Wiring) readers() []reader {
	var all []reader
	for _, o := range w.Workloads {
		add := func(what string, c *Container) {
			if c != nil {
				all = append(all, reader{o.Kind, o.Name + "/" + what + c.Name, c.Env})
			}
		}
		for _, c := range o.Containers {
			add("", &c)
		}
		for _, c := range o.InitContainers {
			add("init container ", &c)
		}
		add("pre hook in ", o.PreHook)
		add("mid hook in ", o.MidHook)
		add("post hook in ", o.PostHook)
	}
	return all
}

func diffReaders(readers, pinned []reader) []string {
	same := func(a reader) func(reader) bool {
		return func(b reader) bool { return a.kind == b.kind && a.name == b.name }
	}
	var lines []string
	for _, want := range pinned {
		if i := slices.IndexFunc(readers, same(want)); i >= 0 {
			lines = append(lines, diffEnv(want.name, readers[i].env, want.env)...)
		} else {
			lines = append(lines, fmt.Sprintf("%s: all %d env vars are missing", want.name, len(want.env)))
		}
	}
	for _, r := range readers {
		if !slices.ContainsFunc(pinned, same(r)) {
			lines = append(lines, fmt.Sprintf("%s: reads %d env vars from the Secrets, but is not in the pin", r.name, len(r.env)))
		}
	}
	return lines
}

func diffEnv(reader string, env, pinned Env) []string {
	var lines []string
	for _, want := range pinned {
		i := slices.IndexFunc(env, func(v EnvVar) bool { return v.Name == want.Name })
		switch {
		case i < 0:
			lines = append(lines, fmt.Sprintf("%s: env var %s, from %s, is missing", reader, want.Name, want))
		case env[i] != want:
			lines = append(lines, fmt.Sprintf("%s: env var %s must come from %s, not from %s", reader, want.Name, want, env[i]))
		}
	}
	for _, v := range env {
		if !slices.ContainsFunc(pinned, func(p EnvVar) bool { return p.Name == v.Name }) {
			lines = append(lines, fmt.Sprintf("%s: env var %s, from %s, is not in the pin", reader, v.Name, v))
		}
	}
	return lines
}
