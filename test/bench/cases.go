package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The versions of the real programs, as `make tools` installs them.
const (
	helm3, helm4               = "v3.22.0", "v4.3.1"
	oldKustomize, newKustomize = "v5.5.0", "v5.8.2"
)

func oneSecrets(b *workbench) error {
	spec, err := b.write("secrets/threescale-redis.yaml", fmt.Sprintf(specHead, "threescale"), sentinel)
	if err != nil {
		return err
	}
	sides := []side{b.ours("render", "-f", spec)}
	for _, version := range []string{helm3, helm4} {
		helm, err := b.helmTemplate(version, spec)
		if err != nil {
			return err
		}
		sides = append(sides, side{"helm template " + version, []command{helm}})
	}
	return b.compare(sides...)
}

// oneEnvironment compares with what a user runs for the same objects: the
// Component has both Secrets, so that kustomize alone is enough.
func oneEnvironment(b *workbench) error {
	dir, spec, err := b.root()
	if err != nil {
		return err
	}
	sides := []side{b.ours("render", "-f", spec)}
	for _, version := range []string{oldKustomize, newKustomize} {
		kustomize, err := program("kustomize-" + version)
		if err != nil {
			return err
		}
		sides = append(sides, side{"kustomize build " + version, []command{{args: []string{kustomize, "build", dir}}}})
	}
	return b.compare(sides...)
}

// bases compares the two kinds of spec.base, over the same objects.
func bases(b *workbench) error {
	dir, manifests, err := b.root()
	if err != nil {
		return err
	}
	base, err := os.ReadFile(filepath.Join(dir, "base.yaml"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(manifests)
	if err != nil {
		return err
	}
	_, err1 := b.write("bases/k/base.yaml", string(base))
	_, err2 := b.write("bases/k/kustomization.yaml", "resources: [base.yaml]\n")
	spec, err3 := b.write("bases/threescale-redis.yaml", strings.Replace(string(text), "manifests: [base.yaml]", "kustomization: k", 1))
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	ours, theirs := b.ours("render", "-f", manifests), b.ours("render", "-f", spec)
	ours.name, theirs.name = "spec.base.manifests", "spec.base.kustomization"
	return b.compare(ours, theirs)
}

func manyEnvironments(b *workbench) error {
	sizes := []int{1, 10, 100, 1000}
	var sides []side
	for _, size := range sizes {
		dir := fmt.Sprintf("environments-%d", size)
		for i := range size {
			name := fmt.Sprintf("%s/env-%04d/threescale-redis.yaml", dir, i)
			if _, err := b.write(name, fmt.Sprintf(specHead, fmt.Sprintf("threescale-%04d", i)), sentinel); err != nil {
				return err
			}
		}
		sides = append(sides, b.ours("render", filepath.Join(b.dir, dir)))
	}
	results, err := measure(b.runs, sides...)
	if err != nil {
		return err
	}
	fmt.Printf("  the memory of 1,000 is %.2f times that of 10\n", float64(results[3].peak)/float64(results[1].peak))
	return printGrowth("environments", sizes, results)
}

func installation(b *workbench) error {
	dir, _, err := b.root()
	if err != nil {
		return err
	}
	file, params, err := b.template()
	if err != nil {
		return err
	}
	spec, err := b.write("secrets/threescale-redis.yaml", fmt.Sprintf(specHead, "threescale"), sentinel)
	if err != nil {
		return err
	}
	kustomize, err := program("kustomize-" + newKustomize)
	if err != nil {
		return err
	}
	build := command{args: []string{kustomize, "build", dir}}
	theirs := side{"oc process --local, kustomize build " + newKustomize, []command{build}}
	if oc, err := program("oc"); err == nil {
		process := command{args: []string{oc, "process", "--local", "-f", file, "--param-file", params, "-o", "yaml"}}
		theirs.commands = []command{process, build}
	} else {
		fmt.Println("  oc is not on the PATH: compared with kustomize build alone")
		theirs.name = "kustomize build " + newKustomize
	}
	return b.compare(b.ours("template", file, "-f", spec, "--param-file", params), theirs)
}

// migration measures how a plan grows with what stands beside 3scale in the
// export: copies of its objects under other names.
func migration(b *workbench) error {
	if !b.hasCommand("migrate") {
		return fmt.Errorf("%w: this version has no command migrate", errSkipped)
	}
	file, err := b.given("exports", "installed-2.6.0.GA.yaml")
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	spec, err := b.write("migrate/threescale-redis.yaml", strings.Replace(fmt.Sprintf(specHead, "threescale"), "2.7", "2.6", 1), sentinel)
	if err != nil {
		return err
	}
	sizes := []int{1, 2, 10, 50}
	var sides []side
	for _, size := range sizes {
		export := string(data)
		for i := range size - 1 {
			export += "---\n" + strings.ReplaceAll(string(data), "\n    name: ", fmt.Sprintf("\n    name: copy-%d-", i))
		}
		path, err := b.write(fmt.Sprintf("export-%d.yaml", size), export)
		if err != nil {
			return err
		}
		plan := filepath.Join(b.dir, fmt.Sprintf("plan-%d", size))
		sides = append(sides, b.ours("migrate", "--from", path, "-f", spec, "-d", plan))
	}
	results, err := measure(b.runs, sides...)
	if err != nil {
		return err
	}
	return printGrowth("exports", sizes, results)
}

func plugin(b *workbench) error {
	if !b.hasCommand("plugin", "generate") {
		return fmt.Errorf("%w: this version has no command plugin", errSkipped)
	}
	dir, _, err := b.root()
	if err != nil {
		return err
	}
	kustomize, err := program("kustomize-" + newKustomize)
	if err != nil {
		return err
	}
	ours := b.ours("plugin", "generate")
	ours.commands[0].dir = dir
	return b.compare(ours, side{"kustomize build " + newKustomize, []command{{args: []string{kustomize, "build", dir}}}})
}

// compare measures sides of which the first is ours.
func (b *workbench) compare(sides ...side) error {
	results, err := measure(b.runs, sides...)
	if err != nil {
		return err
	}
	return printRatios(results)
}
