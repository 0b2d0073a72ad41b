package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

func TestParse_set(t *testing.T) {
	doc, err := parse(base,
		"spec.release=2.10",
		"spec.redis.port=6380",
		"spec.apiManager.async=true",
		"spec.apiManager.name=api.manager",
		`spec.redis.masterGroup=a\,b=\\c`,
		"spec.redis.password.fromFile=a",
		"spec.redis.password.fromEnv=REDIS",
		"spec.redis.sentinels.hosts={x, y:1}",
		"spec.redis.sentinels.hosts[1]=z",
		"spec.redis.sentinels.hosts[2]=",
		"spec.redis.sentinels.password.remoteRef.key=k",
		"spec.redis.sentinels.password.remoteRef.property=p",
		"spec.databases.system=null",
		"spec.databases.messageBus.password=",
		`spec.secrets.annotations.helm\.sh/resource-policy=keep`,
		"spec.secrets.labels.a=null",
		"spec.secrets.labels.b=true",
		"metadata.labels.a=null",
		"spec.allow[0].rule=r",
		"spec.allow[0].reason=for a reason",
		"spec.base.manifests={}",
		"spec.base.kustomization=../base",
	)
	if err != nil {
		t.Fatal(err)
	}
	want := File{
		APIVersion: APIVersion,
		Kind:       Kind,
		Metadata:   Metadata{Name: said("base"), Labels: map[string]string{"b": "2"}},
		Spec: Spec{
			Release: said("2.10"),
			Profile: said("sentinel"),
			Redis: Connection{
				Port: said(6380), MasterGroup: said(`a,b=\c`), Password: said(secret.FromEnv("REDIS")),
				Sentinels: Sentinels{Hosts: items("x", "z", ""), Password: said(secret.FromRemote("k", "p"))},
			},
			Databases:  Databases{MessageBus: said(Database{Connection: Connection{Password: said(secret.Value{})}})},
			APIManager: said(APIManager{Name: said("api.manager"), Async: said(true)}),
			Secrets:    Secrets{Labels: map[string]string{"b": "true"}, Annotations: map[string]string{"helm.sh/resource-policy": "keep"}},
			Allow:      []Allow{{said("r"), "for a reason"}},
			Base:       said(Base{Manifests: items[string](), Kustomization: said("../base")}),
		},
	}
	if diff := cmp.Diff(want, doc.File, sameValues); diff != "" {
		t.Error(diff)
	}
}

func TestParse_setMistakes(t *testing.T) {
	// Every flag is put over base; the canary is the text after its "=".
	const keys = "allowed here: fromEnv, fromFile, placeholder, remoteRef"
	tests := map[string]string{
		"canary":            "--set: error: must be path=value",
		"=canary":           "--set: error: must name a place such as spec.redis.host or spec.allow[0].rule; a dot in a key is written \"\\.\"",
		"a..b=canary":       "--set a..b: error: must name a place such as spec.redis.host or spec.allow[0].rule; a dot in a key is written \"\\.\"",
		"canary: a=canary":  "--set: error: ?: unknown key\n  hint: allowed here: apiVersion, kind, metadata, spec",
		"spec.redis[0]=a":   "--set spec.redis[0]: error: spec.redis: is no list: must be followed by one of host, port, db, masterGroup, username, password, tls, sentinels",
		"spec.redis=canary": "--set spec.redis: error: spec.redis: must be a mapping: set the keys below it",
		"spec.redis.pasword=canary": "--set spec.redis.pasword: error: spec.redis.pasword: unknown key\n" +
			"  hint: did you mean \"password\"?",
		"spec.redis.pasword.fromEnv=canary": "--set spec.redis.pasword.fromEnv: error: spec.redis.pasword: unknown key\n" +
			"  hint: did you mean \"password\"?",
		"spec.redis.password=canary": "--set spec.redis.password: error: spec.redis.password: must not be set in plain text\n" +
			"  hint: write spec.redis.password.fromEnv=NAME or spec.redis.password.fromFile=PATH",
		"spec.template.parameters.A=canary": "--set spec.template.parameters.A: error: spec.template.file: is required\n" +
			"--set spec.template.parameters.A: error: spec.template.parameters.A: must not be set in plain text\n" +
			"  hint: write spec.template.parameters.A.fromEnv=NAME or spec.template.parameters.A.fromFile=PATH",
		"spec.redis.password.hunter2=canary":            "--set spec.redis.password: error: spec.redis.password: unknown key\n  hint: " + keys,
		"spec.redis.password.fromenv=canary":            "--set spec.redis.password: error: spec.redis.password: unknown key\n  hint: did you mean \"fromEnv\"?",
		"spec.redis.password.fromEnv=$canary":           "--set spec.redis.password.fromEnv: error: spec.redis.password.fromEnv: must be the name of an environment variable: letters, digits and underscores",
		"spec.redis.password.remoteRef.property=canary": "--set spec.redis.password.remoteRef.property: error: spec.redis.password.remoteRef.key: is required",
		"spec.redis.port=canary":                        "--set spec.redis.port: error: spec.redis.port: must be a whole number",
		"spec.redis.port=":                              "--set spec.redis.port: error: spec.redis.port: must be a whole number",
		"spec.redis.port=65536":                         "--set spec.redis.port: error: spec.redis.port: must be 1 to 65535",
		"spec.apiManager.name=canary.":                  "--set spec.apiManager.name: error: spec.apiManager.name: must be lower-case letters, digits, hyphens and dots, with a letter or a digit at both ends of each part",
		"spec.apiManager.async=canary":                  "--set spec.apiManager.async: error: spec.apiManager.async: must be true or false",
		"spec.redis.host.a=canary":                      "--set spec.redis.host.a: error: spec.redis.host: must be a string: nothing is below it",
		"spec.redis.host=a,spec.redis.password=canary": "--set spec.redis.host: error: spec.redis.host: must be one value\n" +
			"  hint: write \"\\,\" for a comma, and a --set of its own for every path",
		"spec.redis.sentinels.hosts=canary":          "--set spec.redis.sentinels.hosts: error: spec.redis.sentinels.hosts: must be a list: write {a,b}",
		"spec.redis.sentinels.hosts.a=canary":        "--set spec.redis.sentinels.hosts.a: error: spec.redis.sentinels.hosts: must be followed by an index: spec.redis.sentinels.hosts[0]",
		"spec.redis.sentinels.hosts[4]=canary":       "--set spec.redis.sentinels.hosts[4]: error: spec.redis.sentinels.hosts[4]: must not leave a gap: the list has 3 items",
		"spec.redis.sentinels.hosts[1]=null":         "--set spec.redis.sentinels.hosts[1]: error: spec.redis.sentinels.hosts[1]: must be a string",
		"spec.redis.sentinels.hosts[99999999]=a":     "--set spec.redis.sentinels.hosts[99999999]: error: must name a place such as spec.redis.host or spec.allow[0].rule; a dot in a key is written \"\\.\"",
		"spec.redis.sentinels.role=canary":           "--set spec.redis.sentinels.role: error: spec.redis.sentinels.role: must be one of master, slave",
		"spec.allow={canary}":                        "--set spec.allow: error: spec.allow[0]: must be a mapping",
		"spec.allow[0].rule=a":                       "--set spec.allow[0].rule: error: spec.allow[0].reason: is required",
		"spec.base.kustomization=":                   "--set spec.base.kustomization: error: spec.base.kustomization: must be a path",
		"spec.release=null":                          "envs/spec.yaml:4:1: error: spec.release: is required",
		"metadata.name=Canary":                       "--set metadata.name: error: metadata.name: must be at most 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends",
		"spec.secrets.annotations.argocd\\.x/y=[,]":  "--set spec.secrets.annotations.argocd\\.x/y: error: spec.secrets.annotations.argocd\\.x/y: must be one value\n  hint: write \"\\,\" for a comma, and a --set of its own for every path",
		"spec.secrets.annotations.helm.sh/a=canary":  "--set spec.secrets.annotations.helm.sh/a: error: spec.secrets.annotations.helm: must be a string: nothing is below it",
		"spec.redis.sentinels.hosts[0].canary=hosts": "--set spec.redis.sentinels.hosts[0].canary: error: spec.redis.sentinels.hosts[0]: must be a string: nothing is below it",
	}
	for set, want := range tests {
		t.Run(set, func(t *testing.T) {
			text := set
			if !strings.Contains(set, ".canary=") {
				text = strings.ReplaceAll(set, "canary", canary)
			}
			_, err := parse(base, text)
			checkError(t, err, want)
		})
	}
}

func TestParse_setOverNothing(t *testing.T) {
	_, err := parse(base, "spec.redis.password=null", "spec.redis.password.remoteRef.key=k", "spec.redis=null", "spec.redis.host=h")
	if err != nil {
		t.Fatal(err)
	}
}

// TestSet: a flag that is made of a text sets that text, whatever stands in it.
func TestSet(t *testing.T) {
	for _, text := range []string{"amp.yml", "a, b.yml", "{a}.yml", `a\b,{}\.yml`, "null", "a=b", " "} {
		doc, err := parse(base, Set("spec.rollout.token", text))
		if err != nil || doc.Spec.Rollout.Token.Value != text {
			t.Errorf("%q became %q (%v)", text, doc.Spec.Rollout.Token.Value, err)
		}
	}
}
