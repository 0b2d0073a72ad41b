package main

import (
	"errors"

	"github.com/threescale-redis/threescale-redis/cmd/threescale-redis/krm"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// krmCmd is what Kustomize and kpt call.
type krmCmd struct{}

// Help implements kong.HelpProvider.
func (c *krmCmd) Help() string {
	return `Reads a ResourceList and answers with one. Its functionConfig is the spec: the
usual file, with an annotation that names this program, listed under generators:
or transformers: of a kustomization.

  metadata:
    name: prod
    annotations:
      config.kubernetes.io/function: |
        exec: {path: threescale-redis, args: [krm]}

As a generator it gives the Secrets. As a transformer it patches the workloads,
or from 2.13 on the APIManager, and replaces the Secrets that are there; a
transformer without a DeploymentConfig or an APIManager adds the Secrets. The
names must be those of the release: apply a namePrefix in a kustomization above.

fromEnv reads the environment of Kustomize. fromFile and layers are relative to the
root of the kustomization, and lead to no file outside of it.

Older versions of Kustomize, such as 5.5, know no args: name a script that runs
"threescale-redis krm". Without --enable-exec Kustomize leaves functions out in
silence; ours is then missing from what it prints.

Examples:
  kustomize build --enable-alpha-plugins --enable-exec environments/prod`
}

// Run answers on standard output. Kustomize ignores results and goes by the exit
// code alone, so that errors are on standard error too.
func (c *krmCmd) Run(env *Env, report *report) error {
	_, data, err := env.read(input.ResourceList, stdin)
	if err != nil {
		return err
	}
	here, err := openRepository(env, "")
	if err != nil {
		return err
	}
	defer here.close()
	var outside error
	read := func(kind input.Kind, file string) ([]byte, error) {
		data, err := here.read(kind, file)
		if errors.Is(err, errOutside) {
			err = errors.New("leads out of the root of the kustomization")
			outside = err
		}
		return data, err
	}
	parser := spec.Parser{Read: func(file string) ([]byte, error) {
		data, err := read(input.Spec, file)
		if err != nil {
			err = errors.New(reason(err))
		}
		return data, err
	}}
	answer, issues := krm.Run(stdinName, data, parser, func(v secret.Value) (string, error) {
		if v.Kind() == secret.Env {
			return env.lookup(v)
		}
		data, err := read(input.Secret, v.Name())
		return fileSecret(v.Name(), data, err)
	})
	if outside == nil {
		if _, err := env.Stdout.Write(answer); err != nil {
			return err
		}
	}
	if issues.Failed() {
		return issues
	}
	report.issues(issues)
	return nil
}
