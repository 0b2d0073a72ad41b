package verify

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// fault changes one thing in the objects of an export.
type fault func(t testing.TB, objects []manifest.Object) []manifest.Object

// in finds an object by Kind/name.
func in(t testing.TB, objects []manifest.Object, id string) manifest.Object {
	t.Helper()
	i := slices.IndexFunc(objects, func(o manifest.Object) bool { return o.String() == id })
	if i < 0 {
		t.Fatalf("the export has no %s", id)
	}
	return objects[i]
}

func parsed(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// field sets a field of an object; "" removes it.
func field(id, path, value string) fault {
	return func(t testing.TB, objects []manifest.Object) []manifest.Object {
		o, names := in(t, objects, id), strings.Split(path, ".")
		if value == "" {
			above := manifest.Field(o.Node, names[:len(names)-1]...)
			if manifest.Field(above, names[len(names)-1]) == nil {
				t.Fatalf("%s has no %s", id, path)
			}
			manifest.Remove(above, names[len(names)-1])
		} else {
			manifest.Set(o.Node, parsed(t, value), names...)
		}
		return objects
	}
}

// value sets a key of a Secret, or removes it where the text is "-".
func value(secret, key, text string) fault {
	switch text {
	case "-":
		return field("Secret/"+secret, "data."+key, "")
	default:
		return field("Secret/"+secret, "data."+key, "'"+encoded(text)+"'")
	}
}

// env replaces an env var of a place, such as Deployment/system-app/system-master;
// entries are YAML, none removes it. One that is not there is added.
func env(place, name string, entries ...string) fault {
	return func(t testing.TB, objects []manifest.Object) []manifest.Object {
		id, container := place[:strings.LastIndex(place, "/")], place[strings.LastIndex(place, "/")+1:]
		for _, p := range wiring.Places(in(t, objects, id)) {
			if p.Container != container {
				continue
			}
			list := manifest.Field(p.Node, "env")
			i := slices.IndexFunc(list.Content, func(n *yaml.Node) bool { return manifest.Text(n, "name") == name })
			if i < 0 && len(entries) == 0 {
				t.Fatalf("%s has no %s", place, name)
			} else if i >= 0 {
				list.Content = slices.Delete(list.Content, i, i+1)
			}
			for _, e := range entries {
				list.Content = append(list.Content, parsed(t, e))
			}
			return objects
		}
		t.Fatalf("there is no %s", place)
		return nil
	}
}

// ref is an entry that reads a key.
func ref(name, secret, key string) string {
	return "{name: " + name + ", valueFrom: {secretKeyRef: {name: " + secret + ", key: " + key + "}}}"
}

func plain(name, value string) string { return "{name: " + name + ", value: '" + value + "'}" }

// without removes an object.
func without(id string) fault {
	return func(t testing.TB, objects []manifest.Object) []manifest.Object {
		in(t, objects, id)
		return slices.DeleteFunc(objects, func(o manifest.Object) bool { return o.String() == id })
	}
}

// with adds an object.
func with(text string) fault {
	return func(t testing.TB, objects []manifest.Object) []manifest.Object {
		return append(objects, manifest.Object{Node: parsed(t, text)})
	}
}

// volume changes the first item of a volume.
func volume(id, name, field, text string) fault {
	return func(t testing.TB, objects []manifest.Object) []manifest.Object {
		v := manifest.Named(manifest.Field(in(t, objects, id).Node, "spec", "template", "spec", "volumes"), name)
		manifest.Set(manifest.Items(manifest.Field(v, "secret", "items"))[0], manifest.Scalar(text), field)
		return objects
	}
}

const (
	appManager = "APIManager/apimanager"
	listener   = "/backend-listener/backend-listener"
	master     = "/system-app/system-master"
	sidekiq    = "/system-sidekiq/system-sidekiq"
)

// Each single fault that is planted in an export is found, by name.
func TestCompare_operatorFaults(t *testing.T) {
	storageTLS, systemTLS := "spec.backend.backendRedisTLSEnabled", "spec.system.systemRedisTLSEnabled"
	condition := "[{type: Available, status: 'False', reason: PreflightsError, message: 'redis://:" + canary + "@h refused'}]"
	cases := map[string]struct {
		export string
		fault  fault
		want   string
	}{
		// Secrets.
		"another host":              {"2.13.2-external", value("backend-redis", "REDIS_STORAGE_URL", "redis://:FAKE-storage-password@old:6379/0"), "error: Secret/backend-redis/REDIS_STORAGE_URL: is redis://:***@old:6379/0, must be redis://:***@redis-storage.example.com:6379/0"},
		"another password":          {"2.14.1-sentinel", value("backend-redis", "REDIS_QUEUES_URL", "redis://:"+canary+"@mymaster/1"), "error: Secret/backend-redis/REDIS_QUEUES_URL: only a password differs: *** (changed)"},
		"another database":          {"2.15.1-external", value("system-redis", "URL", "redis://:FAKE-system-password@redis-system.example.com:6379/3"), "error: Secret/system-redis/URL: is redis://:***@redis-system.example.com:6379/3, must be redis://:***@redis-system.example.com:6379/2"},
		"a Sentinel less":           {"2.16.3-sentinel", value("system-redis", "SENTINEL_HOSTS", "redis://:FAKE-sentinel-password@sentinel-0.example.com:26379"), "error: Secret/system-redis/SENTINEL_HOSTS: is redis://:***@sentinel-0.example.com:26379, must be "},
		"another user name":         {"2.16.3-acl", value("system-redis", "REDIS_USERNAME", "other"), "error: Secret/system-redis/REDIS_USERNAME: is other, must be fake-system-user"},
		"another password in a key": {"2.16.3-acl", value("backend-redis", "REDIS_STORAGE_PASSWORD", canary), "error: Secret/backend-redis/REDIS_STORAGE_PASSWORD: differs: *** (changed)"},
		"no password in a key":      {"2.16.3-acl", value("backend-redis", "REDIS_QUEUES_PASSWORD", "-"), "error: Secret/backend-redis/REDIS_QUEUES_PASSWORD: is missing, must be ***"},
		"another CA":                {"2.16.3-tls", value("backend-redis", "REDIS_SSL_CA", "-----BEGIN CERTIFICATE-----\n"+canary+"\n-----END CERTIFICATE-----\n"), "error: Secret/backend-redis/REDIS_SSL_CA: differs: *** (changed)"},
		"no private key":            {"2.16.3-tls", value("system-redis", "REDIS_SSL_KEY", "-"), "error: Secret/system-redis/REDIS_SSL_KEY: the key is missing: " + systemTLS + " of the APIManager is on"},
		"a missing key":             {"2.13.2-sentinel", value("system-redis", "SENTINEL_ROLE", "-"), "error: Secret/system-redis/SENTINEL_ROLE: the key is missing"},
		"a blank URL":               {"2.15.1-sentinel", value("backend-redis", "REDIS_STORAGE_URL", ""), "error: Secret/backend-redis/REDIS_STORAGE_URL: porta silently uses the system Redis"},
		"TLS in the URL alone":      {"2.16.3-external", value("backend-redis", "REDIS_QUEUES_URL", "rediss://:FAKE-queues-password@redis-queues.example.com:6379/1"), "error: Secret/backend-redis/REDIS_QUEUES_URL: begins with rediss://, while spec.backend.queuesRedisTLSEnabled of the APIManager is off"},
		"no TLS in the URL":         {"2.16.3-tls", value("system-redis", "URL", "redis://:FAKE-system-password@redis-system.example.com:6380/2"), "error: Secret/system-redis/URL: must begin with rediss://: " + systemTLS + " of the APIManager is on"},
		"a message bus":             {"2.15.1-external", value("system-redis", "MESSAGE_BUS_URL", "redis://:"+canary+"@h"), "warning: Secret/system-redis/MESSAGE_BUS_URL: has no effect"},
		"keys that nobody reads":    {"2.16.3-upgraded-from-2.15.1", value("backend-redis", "REDIS_STORAGE_PASSWORD", "FAKE-storage-password"), "error: Deployment/backend-listener/backend-listener: does not read what the spec or the Secret has a value for, its env vars are missing: CONFIG_REDIS_PASSWORD (backend-redis/REDIS_STORAGE_PASSWORD)"},
		// Wiring.
		"a literal":              {"2.13.2-external", env("DeploymentConfig"+listener, "CONFIG_REDIS_PROXY", plain("CONFIG_REDIS_PROXY", "redis://:"+canary+"@h")), "error: DeploymentConfig/backend-listener/backend-listener: env var CONFIG_REDIS_PROXY is a literal value (***): it must be read from backend-redis/REDIS_STORAGE_URL"},
		"another key":            {"2.14.1-sentinel", env("DeploymentConfig/backend-worker/backend-redis-svc", "CONFIG_QUEUES_MASTER_NAME", ref("CONFIG_QUEUES_MASTER_NAME", "backend-redis", "REDIS_STORAGE_URL")), "error: DeploymentConfig/backend-worker/init container backend-redis-svc: env var CONFIG_QUEUES_MASTER_NAME is read from backend-redis/REDIS_STORAGE_URL"},
		"another Secret":         {"2.15.1-external", env("Deployment"+master, "REDIS_URL", ref("REDIS_URL", "own", "URL")), "error: Deployment/system-app/system-master: env var REDIS_URL is read from own/URL"},
		"missing":                {"2.15.1-sentinel", env("Deployment"+sidekiq, "REDIS_SENTINEL_HOSTS"), "error: Deployment/system-sidekiq/system-sidekiq: env vars are missing: REDIS_SENTINEL_HOSTS (system-redis/SENTINEL_HOSTS)"},
		"missing in a hook":      {"2.13.2-external", field("DeploymentConfig/system-app", "spec.strategy.rollingParams.pre.execNewPod.env", "[]"), "warning: DeploymentConfig/system-app/pre hook in system-master: env vars are missing: REDIS_URL"},
		"not optional":           {"2.16.3-acl", env("Deployment"+listener, "CONFIG_REDIS_PASSWORD", ref("CONFIG_REDIS_PASSWORD", "backend-redis", "REDIS_STORAGE_PASSWORD")), "error: Deployment/backend-listener/backend-listener: env var CONFIG_REDIS_PASSWORD is read from backend-redis/REDIS_STORAGE_PASSWORD: it must be read from backend-redis/REDIS_STORAGE_PASSWORD, which may be missing"},
		"a password not read":    {"2.16.3-acl", env("Deployment"+sidekiq, "BACKEND_REDIS_PASSWORD"), "error: Deployment/system-sidekiq/system-sidekiq: does not read what the spec or the Secret has a value for, its env vars are missing: BACKEND_REDIS_PASSWORD (backend-redis/REDIS_STORAGE_PASSWORD)"},
		"twice":                  {"2.15.1-external", env("Deployment/backend-cron/backend-cron", "X", ref("CONFIG_REDIS_PROXY", "backend-redis", "REDIS_STORAGE_URL")), "warning: Deployment/backend-cron/backend-cron: env var CONFIG_REDIS_PROXY is there more than once"},
		"a container of its own": {"2.16.3-external", with("{kind: Deployment, metadata: {name: own}, spec: {template: {spec: {containers: [{name: main, env: [" + ref("X", "system-redis", "URL") + "]}]}}}}"), "warning: Deployment/own: reads the Secrets, but is no workload of 3scale 2.16.3"},
		"an extra container": {"2.16.3-external", func(t testing.TB, objects []manifest.Object) []manifest.Object {
			list := manifest.Field(in(t, objects, "Deployment/system-sidekiq").Node, "spec", "template", "spec", "containers")
			list.Content = append(list.Content, parsed(t, "{name: extra, env: ["+ref("X", "system-redis", "URL")+"]}"))
			return objects
		}, "warning: Deployment/system-sidekiq/extra: reads system-redis/URL (env var X), which 3scale 2.16.3 does not"},
		"no listener":              {"2.16.3-external", without("Deployment/backend-listener"), "error: Deployment/backend-listener: is not there: 3scale 2.16.3 reads Redis in it"},
		"no own Redis":             {"2.15.1-internal", without("Deployment/system-redis"), "error: Deployment/system-redis: is required by the profile internal: it is the operator's own Redis"},
		"no own Redis in 2.13":     {"2.13.2-internal", without("DeploymentConfig/backend-redis"), "error: DeploymentConfig/backend-redis: is required by the profile internal"},
		"a stale reference":        {"2.15.1-external", env("Deployment"+master, "MESSAGE_BUS_REDIS_URL", ref("MESSAGE_BUS_REDIS_URL", "system-redis", "MESSAGE_BUS_URL")), "error: Deployment/system-app/system-master: env var MESSAGE_BUS_REDIS_URL refers to system-redis/MESSAGE_BUS_URL, which is missing: the pod does not start"},
		"a trap":                   {"2.13.2-external", env("DeploymentConfig"+listener, "CONFIG_REDIS_ASYNC", plain("CONFIG_REDIS_ASYNC", "true")), "warning: DeploymentConfig/backend-listener/backend-listener: env var CONFIG_REDIS_ASYNC is set"},
		"Sentinels by another way": {"2.16.3-external", env("Deployment/backend-worker/backend-worker", "SENTINEL_HOSTS", plain("SENTINEL_HOSTS", "x")), "warning: Deployment/backend-worker/backend-worker: env var SENTINEL_HOSTS is set"},
		// Jobs.
		"a Job with another key": {"2.15.1-external", env("Job/system-app-pre/system-app-pre", "REDIS_URL", ref("REDIS_URL", "backend-redis", "REDIS_QUEUES_URL")), "warning: Job/system-app-pre/system-app-pre: env var REDIS_URL is read from backend-redis/REDIS_QUEUES_URL"},
		"a Job with a literal":   {"2.16.3-tls", env("Job/system-app-post/system-app-post", "BACKEND_REDIS_URL", plain("BACKEND_REDIS_URL", "redis://:"+canary+"@h")), "warning: Job/system-app-post/system-app-post: env var BACKEND_REDIS_URL is a literal value (***)"},
		"a Job with two values":  {"2.16.3-tls", env("Job/system-app-pre/system-app-pre", "X", plain("BACKEND_REDIS_SSL", "0")), "warning: Job/system-app-pre/system-app-pre: env var BACKEND_REDIS_SSL is there more than once"},
		"a failed Job":           {"2.16.3-external", field("Job/system-app-pre", "status", "{conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]}"), "warning: Job/system-app-pre: has failed (BackoffLimitExceeded)"},
		// What the operator writes.
		"TLS not reconciled":                {"2.16.3-tls", env("Deployment"+listener, "CONFIG_REDIS_SSL"), "error: Deployment/backend-listener/backend-listener: env vars must be CONFIG_REDIS_SSL=1: " + storageTLS + " is on"},
		"TLS off in one place":              {"2.16.3-tls", env("Deployment/system-sidekiq/check-svc", "REDIS_SSL", plain("REDIS_SSL", "0")), "error: Deployment/system-sidekiq/init container check-svc: env vars must be REDIS_SSL=1: " + systemTLS + " is on"},
		"TLS where it is off":               {"2.16.3-external", env("Deployment"+listener, "CONFIG_QUEUES_SSL", plain("CONFIG_QUEUES_SSL", "1")), "error: Deployment/backend-listener/backend-listener: env vars must not be there: CONFIG_QUEUES_SSL: spec.backend.queuesRedisTLSEnabled is off"},
		"the path of another tag":           {"2.16.3-tls", env("Deployment/backend-cron/backend-cron", "CONFIG_QUEUES_CA_FILE", plain("CONFIG_QUEUES_CA_FILE", "/tls/backend-queues/backend-redis-queues-ca.crt")), "error: Deployment/backend-cron/backend-cron: env vars must be CONFIG_QUEUES_CA_FILE=/tls/queues/config-queues-ca.crt: "},
		"another key in a file":             {"2.16.3-tls", volume("Deployment/backend-worker", "backend-redis-tls", "key", "REDIS_SSL_QUEUES_CA"), "error: Deployment/backend-worker/backend-worker: the file of env var CONFIG_REDIS_CA_FILE, /tls/backend-redis/backend-redis-ca.crt, must be backend-redis/REDIS_SSL_CA, not backend-redis/REDIS_SSL_QUEUES_CA"},
		"no file":                           {"2.16.3-tls", field("Deployment/system-app", "spec.template.spec.volumes", "[]"), "error: Deployment/system-app/system-master: the file of env var REDIS_CA_FILE, /tls/system-redis/system-redis-ca.crt, must be system-redis/REDIS_SSL_CA: no volume has it"},
		"async off in one place":            {"2.15.1-external", env("Deployment"+listener, "CONFIG_REDIS_ASYNC", plain("CONFIG_REDIS_ASYNC", "0")), "error: Deployment/backend-listener/backend-listener: env vars must be CONFIG_REDIS_ASYNC=1: async mode is on"},
		"async off in the APIManager alone": {"2.16.3-external", field(appManager, "metadata.annotations", "{apps.3scale.net/disable-async: 'true'}"), "error: Deployment/backend-worker/backend-worker: env vars must be CONFIG_REDIS_ASYNC=0: async mode is off"},
		// APIManager.
		"one of two missing":     {"2.13.2-external", field(appManager, "spec.externalComponents.system", ""), "error: APIManager/apimanager.spec.externalComponents.system.redis: must be true: the profile of the spec is self-managed, while the operator goes on running its own"},
		"internal in 2.16":       {"2.16.3-external", field(appManager, "spec.externalComponents.backend.redis", "false"), "error: APIManager/apimanager.spec.externalComponents.backend.redis: must be true: the profile of the spec is self-managed, and the operator of 3scale 2.16.3 brings no Redis"},
		"external, own Redis":    {"2.15.1-internal", field(appManager, "spec.externalComponents", "{backend: {redis: true}}"), "error: APIManager/apimanager.spec.externalComponents.backend.redis: must be false: the profile of the spec is internal"},
		"the left Redis in use":  {"2.15.1-internal-to-external", value("system-redis", "URL", "redis://system-redis:6379/1"), "warning: APIManager/apimanager: Deployment/backend-redis, Deployment/system-redis: left over from the Redis of the operator"},
		"no switch of TLS":       {"2.16.3-tls", field(appManager, "spec.backend.queuesRedisTLSEnabled", ""), "error: APIManager/apimanager.spec.backend.queuesRedisTLSEnabled: must be true: the spec says so of backendQueues"},
		"storage without system": {"2.16.3-tls", field(appManager, systemTLS, "false"), "error: APIManager/apimanager." + systemTLS + ": must be true, as " + storageTLS + " is"},
		"system without storage": {"2.16.3-tls", field(appManager, storageTLS, "false"), "error: APIManager/apimanager." + storageTLS + ": must be true, as " + systemTLS + " is"},
		"TLS that nobody wants":  {"2.16.3-external", field(appManager, storageTLS, "true"), "error: APIManager/apimanager." + storageTLS + ": must be false: the spec says so of backendStorage"},
		"another name":           {"2.14.1-sentinel", field(appManager, "metadata.name", "other"), "error: APIManager/other: must be named apimanager, as the spec says"},
		"another release":        {"2.15.1-external", field(appManager, "metadata.annotations", "{apps.3scale.net/apimanager-threescale-version: 2.14.1}"), "error: APIManager/apimanager: its operator runs 3scale 2.14.1, not 2.15"},
		"SQL database inside":    {"2.16.3-external", field(appManager, "spec.externalComponents.system.database", "false"), "error: APIManager/apimanager.spec.externalComponents.system.database: must be true"},
		"another patch release":  {"2.16.3-sentinel", field(appManager, "metadata.annotations", "{apps.3scale.net/apimanager-threescale-version: 2.16.2}"), "warning: APIManager/apimanager: its operator runs 3scale 2.16.2, not 2.16.3"},
		"no APIManager":          {"2.16.3-external", without(appManager), "error: must have the APIManager: an operator runs 3scale 2.16"},
		"not available":          {"2.16.3-external", field(appManager, "status.conditions", condition), "warning: APIManager/apimanager: its condition Available is False (PreflightsError)"},
		"preflights":             {"2.16.3-external", field(appManager, "status.conditions", strings.Replace(condition, "Available", "Preflights", 1)), "warning: APIManager/apimanager: its condition Preflights is False (PreflightsError)"},
		"an old pod": {"2.16.3-external", func(t testing.TB, objects []manifest.Object) []manifest.Object {
			for _, o := range objects {
				written(o)
			}
			return with("{kind: Pod, metadata: {name: old, ownerReferences: [{kind: ReplicaSet, name: backend-worker-5d4f}]}, "+
				"spec: {containers: [{name: main, envFrom: [{secretRef: {name: backend-redis}}]}]}, status: {startTime: '2026-01-01T12:00:00Z'}}")(t, objects)
		}, "warning: Deployment/backend-worker: its pods have not read the values that the Secrets have: pod old is older"},
		"a failed rollout": {"2.16.3-external", field("Deployment/backend-listener", "status.conditions", "[{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]"), "error: Deployment/backend-listener: its last rollout failed (ProgressDeadlineExceeded)"},
	}
	pem, exports := testinput.NewPEM(t), map[string][]manifest.Object{}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			input := operatorExport(t, c.export, pem)
			if exports[c.export] == nil {
				var err error
				if exports[c.export], err = manifest.Read("export.yaml", []byte(input.text)); err != nil {
					t.Fatal(err)
				}
			}
			var objects []manifest.Object
			for _, o := range exports[c.export] {
				objects = append(objects, manifest.Object{Node: manifest.Clone(o.Node), File: o.File})
			}
			data, err := manifest.Write(c.fault(t, objects))
			if err != nil {
				t.Fatal(err)
			}
			input.text = string(data)
			issues := input.issues(t)
			if !slices.ContainsFunc(issues, func(i diag.Issue) bool {
				i.Pos = diag.Position{}
				return strings.HasPrefix(i.String(), c.want)
			}) {
				t.Errorf("want %s\ngot:\n%s", c.want, issues.Error())
			}
		})
	}
}
