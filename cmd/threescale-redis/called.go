package main

import (
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

// calledAs returns the name by which people call a program that is installed at a
// path: kubectl runs kubectl-threescale_redis as kubectl threescale-redis.
func calledAs(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".exe")
	if plugin, ok := strings.CutPrefix(name, "kubectl-"); ok {
		return "kubectl " + strings.ReplaceAll(plugin, "_", "-")
	}
	return name
}

// rename puts the name by which the program was called into the help of a command
// and of those below it.
func rename(node *kong.Node, name string) {
	node.Help = renamed(node.Help, name)
	node.Detail = renamed(node.Detail, name)
	for _, child := range node.Children {
		rename(child, name)
	}
}

// renamed leaves the files of the program their names.
func renamed(help, name string) string {
	return strings.ReplaceAll(help, program+" ", name+" ")
}
