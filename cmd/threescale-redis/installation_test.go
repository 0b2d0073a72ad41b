package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// installation writes what an installation of a release has, each workload with
// its image triggers, without any env of Redis: installation 2.7 base.yaml.
func installation(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: installation RELEASE FILE")
	}
	rel := wired(ts, args[0], func(releases.EnvVar) bool { return false })
	for _, s := range rel.Secrets {
		s.Labels["installed"] = "by-hand"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(objects(rel, "3.example"), "---\n")), 0o644))
}

// openshiftTemplate writes a small Template that is wired as the release is, but
// for the env vars and the objects of the internal Redis that it names:
// openshift-template 2.7 amp.yml REDIS_URL Service/system-redis.
func openshiftTemplate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: openshift-template RELEASE FILE [ENV]...")
	}
	rel := wired(ts, args[0], func(v releases.EnvVar) bool { return !slices.Contains(args[2:], v.Name) })
	b := `apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: "3scale-api-management"}
message: Login on https://${TENANT_NAME}.${WILDCARD_DOMAIN}
parameters:
- {name: AMP_RELEASE, value: "` + rel.Line + `", required: true}
- {name: WILDCARD_DOMAIN, description: Root domain for the routes, required: true}
- {name: TENANT_NAME, value: "3scale", required: true}
- {name: ADMIN_PASSWORD, generate: expression, from: "[a-z0-9]{8}", required: true}
- {name: NOTE, description: Nobody needs it}
- {name: SYSTEM_REDIS_URL, description: Define the external system-redis to connect to, required: true}
- {name: SYSTEM_REDIS_NAMESPACE}
objects:
`
	for _, o := range objects(rel, "${AMP_RELEASE}") {
		o = strings.NewReplacer(`  URL: "redis://system-redis:6379/1"`, `  URL: "${SYSTEM_REDIS_URL}"`, `  NAMESPACE: ""`, `  NAMESPACE: "${SYSTEM_REDIS_NAMESPACE}"`).Replace(o)
		b += "- " + strings.ReplaceAll(strings.TrimSuffix(o, "\n"), "\n", "\n  ") + "\n"
	}
	for _, name := range rel.InternalRedis {
		if slices.Contains(args[2:], name) {
			continue
		}
		kind, name, _ := strings.Cut(name, "/")
		b += fmt.Sprintf("- {apiVersion: v1, kind: %s, metadata: {name: %s}}\n", kind, name)
	}
	b += `- apiVersion: v1
  kind: Secret
  metadata: {name: system-seed}
  stringData: {ADMIN_PASSWORD: "${ADMIN_PASSWORD}", DOMAIN: "${TENANT_NAME}.${WILDCARD_DOMAIN}", NOTE: "${NOTE}"}
`
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b), 0o644))
}

// wired returns a release with some of its env vars.
func wired(ts *testscript.TestScript, name string, has func(releases.EnvVar) bool) releases.Release {
	rel, err := releases.Find(name)
	ts.Check(err)
	for _, w := range rel.Workloads {
		containers := []*releases.Container{}
		for _, list := range [][]releases.Container{w.Containers, w.InitContainers} {
			for i := range list {
				containers = append(containers, &list[i])
			}
		}
		if w.PreHook != nil {
			containers = append(containers, w.PreHook)
		}
		for _, c := range containers {
			c.Env = slices.DeleteFunc(slices.Clone(c.Env), func(v releases.EnvVar) bool { return !has(v) })
		}
	}
	return rel
}

// objects returns the workloads and the two Secrets of a release as YAML.
func objects(rel releases.Release, tag string) []string {
	var list []string
	for _, w := range rel.Workloads {
		list = append(list, workload(w, tag))
	}
	for _, s := range rel.Secrets {
		o := fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  labels:\n", s.Name)
		for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
			o += fmt.Sprintf("    %s: %q\n", name, s.Labels[name])
		}
		o += "stringData:\n"
		for _, k := range s.Keys {
			o += fmt.Sprintf("  %s: %q\n", k.Name, k.Internal)
		}
		list = append(list, o)
	}
	return list
}

// workload returns a DeploymentConfig with the containers and the hook of the pin.
func workload(w releases.Workload, tag string) string {
	var names []string
	containers := func(list []releases.Container) string {
		b := ""
		for _, c := range list {
			names = append(names, c.Name)
			b += fmt.Sprintf("      - name: %s\n        image: registry.example.com/%s:%s\n        env:\n%s", c.Name, c.Name, tag, env(c.Env, 8))
		}
		return b
	}
	spec := "      containers:\n" + containers(w.Containers)
	if len(w.InitContainers) > 0 {
		spec += "      initContainers:\n" + containers(w.InitContainers)
	}
	hook := ""
	if w.PreHook != nil {
		hook = fmt.Sprintf("    rollingParams:\n      pre:\n        failurePolicy: Retry\n        execNewPod:\n          containerName: %s\n          command: [bash]\n          env:\n%s",
			w.PreHook.Name, env(w.PreHook.Env, 10))
	}
	return fmt.Sprintf(`apiVersion: apps.openshift.io/v1
kind: %s
metadata: {name: %s}
spec:
  replicas: 1
  strategy:
    type: Rolling
%s  triggers:
  - type: ConfigChange
  - type: ImageChange
    imageChangeParams:
      automatic: true
      containerNames: [%s]
      from: {kind: ImageStreamTag, name: "%s:latest"}
  template:
    spec:
%s`, w.Kind, w.Name, hook, strings.Join(names, ", "), w.Name, spec)
}

// env returns env vars of the user's and those of the pin.
func env(vars releases.Env, indent int) string {
	pad := strings.Repeat(" ", indent)
	b := pad + "- {name: RAILS_ENV, value: production}\n"
	for _, v := range vars {
		b += fmt.Sprintf("%s- name: %s\n%s  valueFrom: {secretKeyRef: {name: %s, key: %s}}\n", pad, v.Name, pad, v.Secret, v.Key)
	}
	return b
}
