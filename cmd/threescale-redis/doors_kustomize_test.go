package main_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/kustomize"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// build runs Kustomize in this process, which is faster than the program.
func build(t *testing.T, dir string) []byte {
	t.Helper()
	root, err := os.OpenRoot(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	data, issues := kustomize.Build(root, filepath.Base(dir), io.ReadAll)
	if issues.Failed() {
		t.Fatal(issues)
	}
	return data
}

// asFunction writes the spec of an environment once more, with the annotation
// that names the function. Kustomize 5.5 knows no arguments: a script stands in.
func asFunction(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, specFile))
	if err != nil {
		t.Fatal(err)
	}
	annotation := "metadata:\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./krm}\n"
	data = bytes.Replace(data, []byte("metadata:\n"), []byte(annotation), 1)
	write(t, dir, "function.yaml", data)
	write(t, dir, "krm", []byte("#!/bin/sh\nexec threescale-redis krm\n"))
	if err := os.Chmod(filepath.Join(dir, "krm"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestDoors_realKustomize takes a case of each release through the real program.
func TestDoors_realKustomize(t *testing.T) {
	for _, version := range []string{"v5.5.0", "v5.8.2"} {
		for _, line := range releases.Lines() {
			t.Run(version+"/"+line, func(t *testing.T) {
				kustomize := testinput.Program(t, "kustomize-"+version)
				dir := environment(t, caseOf(t, line)).dir
				want := objects(t, threescaleRedis(t, dir, nil, "-q", "render", "--set", "spec.base.manifests={base/base.yaml}"))

				threescaleRedis(t, dir, nil, "-q", "render", "-o", "kustomize", "-d", "component")
				write(t, dir, "root/kustomization.yaml", []byte("resources: [../base]\ncomponents: [../component]\n"))
				same(t, "Component", want, objects(t, execute(t, dir, kustomize, "build", "root")))

				asFunction(t, dir)
				write(t, dir, "kustomization.yaml", []byte("resources: [base]\ngenerators: [function.yaml]\ntransformers: [function.yaml]\n"))
				both := execute(t, dir, kustomize, "build", "--enable-alpha-plugins", "--enable-exec", ".")
				same(t, "generator and transformer", want, objects(t, both))
				if strings.Contains(string(both), "config.kubernetes.io") {
					t.Errorf("internal annotations are left:\n%s", both)
				}

				write(t, dir, "kustomization.yaml", []byte("generators: [function.yaml]\n"))
				alone := execute(t, dir, kustomize, "build", "--enable-alpha-plugins", "--enable-exec", ".")
				same(t, "generator", objects(t, threescaleRedis(t, dir, nil, "-q", "render")), objects(t, alone))
			})
		}
	}
}
