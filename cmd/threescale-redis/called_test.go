package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestCalledAs(t *testing.T) {
	for path, want := range map[string]string{
		"threescale-redis":                               "threescale-redis",
		"/usr/local/bin/threescale-redis":                "threescale-redis",
		"threescale-redis.exe":                           "threescale-redis",
		"/home/u/.krew/bin/kubectl-threescale_redis":     "kubectl threescale-redis",
		"/home/u/.krew/bin/kubectl-threescale_redis.exe": "kubectl threescale-redis",
	} {
		if got := calledAs(path); got != want {
			t.Errorf("%s is called as %q, want %q", path, got, want)
		}
	}
}

// TestCalledAs_help wants the name in the usage, the examples and the hints.
func TestCalledAs_help(t *testing.T) {
	const name = "kubectl threescale-redis"
	for _, args := range []string{"--help", "render --help", "releases show --help", "render --nonsense"} {
		var out bytes.Buffer
		run(&Env{Name: name, Stdout: &out, Stderr: &out}, strings.Fields(args))
		text := out.String()
		plain := strings.ReplaceAll(strings.ReplaceAll(text, name+" ", ""), program+": ", "")
		if !strings.Contains(text, name+" ") || strings.Contains(plain, program+" ") {
			t.Errorf("%s: not all places say %q:\n%s", args, name, text)
		}
	}
}
