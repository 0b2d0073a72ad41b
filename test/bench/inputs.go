package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workbench is where the cases find their programs and put their inputs.
type workbench struct {
	dir, shared   string
	binary, chart string
	runs          int
}

const specHead = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata:
  name: prod
  namespace: %s
spec:
  release: "2.7"
`

const sentinel = `  profile: sentinel
  redis:
    masterGroup: mymaster
    password: one-password
    sentinels:
      hosts: [sentinel-0.redis.example.com:26379, sentinel-1.redis.example.com:26379, sentinel-2.redis.example.com:26379]
      password: another-password
  databases:
    backendStorage: {db: 0}
    backendQueues: {db: 1}
    system: {db: 2}
    messageBus: {db: 3}
`

// wired is the installation as it is today, for others to patch.
const wired = `  profile: internal
  secrets: {delivery: None}
`

// ours is a side of our binary alone.
func (b *workbench) ours(args ...string) side {
	return side{"threescale-redis " + args[0], []command{{args: append([]string{b.binary}, args...)}}}
}

// output runs our binary to make an input of a case.
func (b *workbench) output(args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	c := exec.Command(b.binary, args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%q: %w\n%s", args, err, stderr.Bytes())
	}
	return out, nil
}

// hasCommand reports whether our binary knows a command.
func (b *workbench) hasCommand(args ...string) bool {
	return exec.Command(b.binary, append(args, "--help")...).Run() == nil
}

// write puts an input under a name and returns its path.
func (b *workbench) write(name string, parts ...string) (string, error) {
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte(strings.Join(parts, "")), 0o600)
}

// program finds one of the real programs.
func program(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: %s is not on the PATH", errSkipped, name)
	}
	return path, nil
}

// given finds a file of the shared folder.
func (b *workbench) given(path ...string) (string, error) {
	file, err := filepath.Abs(filepath.Join(append([]string{b.shared}, path...)...))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%w: there is no %s (-shared FOLDER)", errSkipped, filepath.Join(path...))
	}
	return file, nil
}

// template returns the template and a file with a value for each parameter.
func (b *workbench) template() (file, params string, err error) {
	file, err = b.given("templates", "2.7.1.GA", "amp.yml")
	if err != nil {
		return "", "", err
	}
	params = filepath.Join(b.dir, "params.env")
	if _, err := os.Stat(params); err == nil {
		return file, params, nil
	}
	if _, err := b.output("template", "parameters", file, "--generate", "-o", params); err != nil {
		return "", "", err
	}
	text, err := os.ReadFile(params)
	filled := strings.Replace(string(text), "WILDCARD_DOMAIN=\n", "WILDCARD_DOMAIN=apps.example.com\n", 1)
	return file, params, errors.Join(err, os.WriteFile(params, []byte(filled), 0o600))
}

// root returns what `kustomize build` needs for what we render from a spec: a
// directory with the processed template and our Component, and the spec itself
// with the same template as its base.
func (b *workbench) root() (dir, spec string, err error) {
	dir = filepath.Join(b.dir, "root")
	spec = filepath.Join(dir, "threescale-redis.yaml")
	if _, err := os.Stat(spec); err == nil {
		return dir, spec, nil
	}
	file, params, err := b.template()
	if err != nil {
		return "", "", err
	}
	internal, err := b.write("internal.yaml", fmt.Sprintf(specHead, "threescale"), wired)
	if err != nil {
		return "", "", err
	}
	base, err := b.output("template", file, "-f", internal, "--param-file", params)
	if err != nil {
		return "", "", err
	}
	_, err1 := b.write("root/base.yaml", string(base))
	_, err2 := b.write("root/kustomization.yaml", "resources: [base.yaml]\ncomponents: [component]\n")
	_, err3 := b.write("root/threescale-redis.yaml", fmt.Sprintf(specHead, "threescale"), sentinel, "  base: {manifests: [base.yaml]}\n")
	if err := errors.Join(err1, err2, err3); err != nil {
		return "", "", err
	}
	_, err = b.output("render", "-f", spec, "-o", "kustomize", "-d", filepath.Join(dir, "component"))
	return dir, spec, err
}

// helmTemplate is `helm template` of our chart with the values of a spec.
func (b *workbench) helmTemplate(version, spec string) (command, error) {
	helm, err := program("helm-" + version)
	if err != nil {
		return command{}, err
	}
	data, err := b.output("render", "-f", spec, "-o", "helm-values")
	if err != nil {
		return command{}, err
	}
	values, err := b.write("values.yaml", string(data))
	return command{args: []string{helm, "template", "prod", b.chart, "-f", values}}, err
}
