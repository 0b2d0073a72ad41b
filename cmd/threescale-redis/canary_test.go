package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// shownCanaries are the word that every secret in these tests begins with, as it
// is and as base64 shows it behind "redis://:".
var shownCanaries = []string{"canary", "Y2FuYXJ5"}

// canarySpec is a spec with a place for the fields of spec.redis.
const canarySpec = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata:
  name: prod
spec:
  release: "2.7"
  profile: %s
  redis:
%s
  databases:
    backendStorage: {db: 0}
    backendQueues: {db: 1}
    system: {db: 2, namespace: system}
    messageBus: {db: 3, namespace: bus}
`

func canaryServer(password string) string {
	return fmt.Sprintf(canarySpec, "self-managed", "    host: redis.example.com\n    password: "+password)
}

func canarySentinels(password string) string {
	return fmt.Sprintf(canarySpec, "sentinel", "    masterGroup: mymaster\n    password: "+password+
		"\n    sentinels: {hosts: [a.example.com, b.example.com, c.example.com], password: "+password+"}")
}

// canarySpecs plant a secret through every source of a spec, right and wrong.
func canarySpecs() map[string]string {
	specs := map[string]string{
		"no database":       strings.Split(canaryServer("canary-1"), "    messageBus")[0] + "    other: {password: canary}\n",
		"unknown release":   strings.Replace(canaryServer("canary-1"), `"2.7"`, `"9.9"`, 1),
		"unknown profile":   strings.Replace(canaryServer("canary-1"), "self-managed", "self-manged", 1),
		"missing profile":   strings.Replace(canaryServer("canary-1"), "  profile: self-managed\n", "", 1),
		"password in host":  strings.Replace(canaryServer(`""`), "redis.example.com", "redis://:canary@redis.example.com", 1),
		"password in group": strings.Replace(canarySentinels("canary-1"), "mymaster", "redis://:canary@mymaster", 1),
		"sentinel URL":      strings.Replace(canarySentinels("canary-1"), "a.example.com", "'redis://:canary@a.example.com'", 1),
		"sentinel port":     strings.Replace(canarySentinels("canary-1"), "a.example.com", "a.example.com:canary", 1),
		"given twice":       canaryServer("canary-1\n    password: canary-2"),
		"own endpoint":      strings.Replace(canaryServer("canary-1"), "{db: 0}", "{db: 0, host: other.example.com}", 1),
		"bad base":          strings.Replace(canaryServer("canary-1"), "  databases:", "  base: {manifests: [base.yaml]}\n  databases:", 1),
		"bad kustomization": strings.Replace(canaryServer("canary-1"), "  databases:", "  base: {kustomization: kustomization}\n  databases:", 1),
		"good base":         strings.Replace(canaryServer("canary-1"), "  databases:", "  base: {manifests: [foreign.yaml]}\n  databases:", 1),
		"chart":             strings.Replace(canaryServer("canary-1"), "  databases:", "  base: {chart: chart, values: [values.yaml]}\n  databases:", 1),
		"failing chart":     strings.Replace(canaryServer("canary-1"), "  databases:", "  base: {chart: failing}\n  databases:", 1),
		"no file":           "canary",
		"two documents":     canaryServer("canary-1") + "---\n" + canaryServer("canary-2"),
		"external":          canaryServer("canary-1") + "  secrets: {delivery: ExternalSecret, store: {name: s}}\n",
		"none":              canaryServer("canary-1") + "  secrets: {delivery: None}\n",
		"stringData":        canaryServer("canary-1") + "  secrets: {encoding: stringData}\n",
		"template":          canaryServer("canary-1") + "  template: {file: template.yaml, parameters: {SECRET: canary-3, OTHER: {fromEnv: REDIS_PASSWORD}, UNKNOWN: canary-4}}\n",
		"bad parameter":     canaryServer("canary-1") + "  template: {file: template.yaml, parameters: {SECRET: [canary-3]}}\n",
	}
	for i, password := range []string{
		"canary-1", `"canary é#?/@"`, `"canary\n"`, `"canary\x01"`, `""`,
		"{fromEnv: REDIS_PASSWORD}", "{fromFile: password.txt}", "{fromFile: control.txt}", "{placeholder: '<path:canary#a>'}", "{placeholder: canary}",
		"{remoteRef: {key: redis, property: password}}",
		"{fromEnv: canary lost}", "{fromenv: canary}", "{canary: lost}", "{fromEnv: A, canary}", "{remoteRef: canary}", "{placeholder: [canary]}",
		"[canary]", "canary: lost", "*canary", "@canary", "%canary", "!canary x", "!!int canary", "&canary", "`canary`", `"canary`, "'canary", "|canary", "\tcanary", "{canary", "0xcanary",
		"golden-token.canary", "canary\x00", "canary\xff",
	} {
		specs[fmt.Sprintf("server %d", i)] = canaryServer(password)
		specs[fmt.Sprintf("sentinels %d", i)] = canarySentinels(password)
	}
	return specs
}

// canaryFiles stand beside each spec.
var canaryFiles = map[string]string{
	"password.txt":                     "canary-file\n",
	"control.txt":                      "canary\x02\n",
	"layer.yaml":                       "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nspec: {redis: {password: canary-layer}}\n",
	"bad-layer.yaml":                   "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nspec: {redis: {password: [canary-layer], other}}\n",
	"base.yaml":                        "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: canary: b}\n",
	"foreign.yaml":                     "apiVersion: v1\nkind: Secret\nmetadata: {name: system-redis}\nstringData: {URL: canary}\n",
	"chart/Chart.yaml":                 "apiVersion: v2\nname: a\nversion: 0.1.0\n",
	"chart/values.yaml":                "table: {a: canary}\n",
	"chart/templates/a.yaml":           "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: {{ .Values.secret }}}\n",
	"values.yaml":                      "table: canary\nsecret: canary\n",
	"failing/Chart.yaml":               "apiVersion: v2\nname: a\nversion: 0.1.0\n",
	"failing/values.yaml":              "secret: canary\n",
	"failing/templates/a.yaml":         "{{ fail .Values.secret }}",
	"kustomization/kustomization.yaml": "secretGenerator: [{name: x, literals: [canary]}]\n",
	"params.env":                       "SECRET=canary-file\nOTHER=x\n",
	"bad-params.env":                   "SECRET=canary-file\ncanary\n'=canary\n",
	"template.yaml": "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\n" +
		"parameters: [{name: SECRET, required: true, value: canary-default}, {name: OTHER}]\n" +
		"objects: [{apiVersion: v1, kind: Secret, metadata: {name: '${OTHER}'}, stringData: {a: '${SECRET}'}}]\n",
	"export.yaml":       canaryExport("redis://:canary-running@a.example.com:6379/0"),
	"bad-export.yaml":   canaryExport("redis://h:canary-running/x"),
	"cut-export.yaml":   canaryExport("canary")[:560],
	"bad-template.yaml": "apiVersion: template.openshift.io/v1\nkind: Template\nparameters: [{name: SECRET, value: [canary]}]\nobjects: canary\n",
}

// canaryExport is what runs, with a password in each of its values and in an env
// var that stands in place of a reference.
func canaryExport(value string) string {
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	secrets := "REDIS_STORAGE_URL: " + encoded + ", REDIS_STORAGE_SENTINEL_HOSTS: " + encoded + ", REDIS_QUEUES_URL: " + encoded
	return "apiVersion: v1\nkind: List\nitems:\n" +
		"- {apiVersion: v1, kind: Secret, metadata: {name: backend-redis, namespace: a}, data: {" + secrets + ", MINE: " + encoded + "}}\n" +
		"- {apiVersion: v1, kind: Secret, metadata: {name: system-redis, namespace: a}, data: {URL: " + encoded + "}}\n" +
		"- apiVersion: apps.openshift.io/v1\n  kind: DeploymentConfig\n  metadata: {name: backend-listener, namespace: a}\n" +
		"  spec: {template: {spec: {containers: [{name: backend-listener, image: x, env: [{name: CONFIG_REDIS_PROXY, value: '" + value + "'}]}]}}}\n" +
		"  status: {}\n"
}

// canaryCommand is a command line; holds says that Secrets belong on its standard
// output, vars and stdin are its other input.
type canaryCommand struct {
	args  string
	holds bool
	vars  map[string]string
	stdin func(spec string) string
}

// resourceListOf puts a spec into a ResourceList, right as long as it is YAML.
func resourceListOf(spec string) string {
	return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: x}, data: {a: canary}}]\n" +
		"functionConfig:\n  " + strings.ReplaceAll(spec, "\n", "\n  ")
}

func canaryCommands() []canaryCommand {
	itself := func(spec string) string { return spec }
	parameters := func(json string) map[string]string { return map[string]string{parametersVar: json} }
	return []canaryCommand{
		{args: "check"},
		{args: "render", holds: true},
		{args: "render -o json", holds: true},
		{args: "render -o helm-values", holds: true},
		{args: "render -o patches"},
		{args: "render -o argocd-ignore"},
		{args: "render -o values"},
		{args: "render -o kustomize -d out"},
		{args: "render -d out"},
		{args: "render . --set spec.redis.password=canary"},
		{args: "render . --set spec.redis.password.fromEnv=REDIS_PASSWORD", holds: true},
		{args: "render . --set spec.redis.pasword=canary --set canary --set spec.redis.port=canary"},
		{args: "render . --set spec.allow=canary --set spec.redis.sentinels.hosts=canary,canary --set spec.redis.password.fromEnv={canary"},
		{args: "render -f layer.yaml -f threescale-redis.yaml", holds: true},
		{args: "render -f threescale-redis.yaml -f layer.yaml", holds: true},
		{args: "render -f threescale-redis.yaml -f bad-layer.yaml"},
		{args: "render -f -", holds: true, stdin: itself},
		{args: "check --format json"},
		{args: "check --format github"},
		{args: "golden ."},
		{args: "golden --update ."},
		{args: "golden ."},
		{args: "template template.yaml -f threescale-redis.yaml --accept-unpinned -p SECRET=canary -p OTHER=x", holds: true},
		{args: "template template.yaml -f threescale-redis.yaml -p SECRET=canary -p NIX=canary"},
		{args: "template template.yaml -f threescale-redis.yaml --accept-unpinned --param-file params.env", holds: true},
		{args: "template template.yaml -f threescale-redis.yaml --param-file bad-params.env -p canary"},
		{args: "template template.yaml -f threescale-redis.yaml --param-file bad-params.env"},
		{args: "template bad-template.yaml -f threescale-redis.yaml"},
		{args: "template parameters template.yaml", holds: true},
		{args: "template parameters bad-template.yaml"},
		{args: "verify export.yaml -f threescale-redis.yaml"},
		{args: "verify bad-export.yaml -f threescale-redis.yaml --format json"},
		{args: "verify export.yaml --release 2.7 --format github"},
		{args: "verify cut-export.yaml --release 2.7"},
		{args: "check --format sarif"},
		{args: "golden --format junit ."},
		{args: "verify bad-export.yaml -f threescale-redis.yaml --format sarif"},
		{args: "probe --timeout 1ms"},
		{args: "probe --watch --for 1ms --timeout 1ms"},
		{args: "probe --secrets export.yaml --release 2.7 --timeout 1ms --format junit"},
		{args: "probe --secrets bad-export.yaml --release 2.7 --timeout 1ms --format json"},
		{args: "probe --job --image registry.example.com/x"},
		{args: "explain spec.redis.password"},
		{args: "diff threescale-redis.yaml export.yaml"},
		{args: "diff bad-export.yaml threescale-redis.yaml --format json"},
		{args: "diff cut-export.yaml threescale-redis.yaml"},
		{args: "graph"},
		{args: "graph -o svg --set spec.release=2.16"},
		{args: "graph export.yaml --release 2.7"},
		{args: "graph bad-export.yaml --release 2.7 -o svg"},
		{args: "graph cut-export.yaml --release 2.7"},
		{args: "migrate --from export.yaml -f threescale-redis.yaml -d plan"},
		{args: "migrate --from bad-export.yaml -f threescale-redis.yaml -d plan2 --format json"},
		{args: "migrate --from threescale-redis.yaml -f export.yaml -d plan3"},
		{args: "releases list"},
		{args: "releases show 2.7"},
		{args: "releases extract template.yaml"},
		{args: "releases extract bad-template.yaml"},
		{args: "rules list"},
		{args: "rules show value-encoding"},
		{args: "schema"},
		{args: "completion bash"},
		{args: "man"},
		{args: "version"},
		{args: "__complete render --set spec.redis.password=canary -f"},
		{args: "init --from export.yaml"},
		{args: "init --from bad-export.yaml --release 2.7"},
		{args: "plugin generate", holds: true},
		{args: "plugin generate", vars: parameters(`canary`)},
		{args: "plugin generate", vars: parameters(`[{"name": "set", "map": {"spec.redis.password": "canary"}}]`)},
		{args: "plugin generate", vars: parameters(`[{"name": "set", "string": "canary"}, {"name": "canary canary"}]`)},
		{args: "plugin generate", vars: parameters(`[{"name": "files", "array": ["threescale-redis.yaml", "bad-layer.yaml"]}]`)},
		{args: "plugin parameters"},
		{args: "krm", holds: true, stdin: resourceListOf},
		{args: "krm", stdin: itself},
		{args: "post-render", holds: true, stdin: func(string) string { return canaryFiles["foreign.yaml"] }},
		{args: "post-render", stdin: func(string) string { return canaryFiles["base.yaml"] }},
		{args: "krm", stdin: func(spec string) string { return resourceListOf(spec) + "\ncanary: [" }},
	}
}

// TestCanary runs commands on specs at every verbosity: no secret on standard
// error, nor on a standard output that is not for Secrets. Each command meets the
// first spec, and each spec the first commands; the whole product is for Full.
func TestCanary(t *testing.T) {
	full := testinput.Full(t, "every command on every spec")
	specs := canarySpecs()
	for i, name := range slices.Sorted(maps.Keys(specs)) {
		commands := canaryCommands()
		if i > 0 && !full {
			commands = commands[:2]
		}
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeAll(t, canaryFiles)
			writeAll(t, map[string]string{"threescale-redis.yaml": specs[name]})
			for _, command := range commands {
				for _, verbosity := range []string{"", "-q", "-v"} {
					command.run(t, verbosity, specs[name])
				}
			}
		})
	}
}

// TestCanary_commands wants a canary for each command of the grammar.
func TestCanary_commands(t *testing.T) {
	met := map[string]bool{}
	for _, c := range canaryCommands() {
		if parsed, err := grammar(t).Parse(strings.Fields(c.args)); err == nil {
			met[parsed.Selected().FullPath()] = true
		}
	}
	for _, leaf := range grammar(t).Model.Leaves(false) {
		if !met[leaf.FullPath()] {
			t.Errorf("canaryCommands has no case for %q", leaf.FullPath())
		}
	}
}

// grammar parses command lines without running them.
func grammar(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(&cli{}, &Env{Stdout: io.Discard, Stderr: io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// TestCanary_golden puts secrets into a golden file, as somebody who commits what
// render prints: the difference masks them.
func TestCanary_golden(t *testing.T) {
	const url = "redis://:canary-old@redis.example.com:6379/0"
	encoded := base64.StdEncoding.EncodeToString([]byte(url))
	for _, line := range []string{`"` + encoded + `"`, encoded + " # " + url} {
		t.Chdir(t.TempDir())
		writeAll(t, map[string]string{"threescale-redis.yaml": canaryServer("canary-new")})
		canaryCommand{args: "golden --update ."}.run(t, "", "")
		file := filepath.Join("golden", "manifests.yaml")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := regexp.MustCompile(`REDIS_STORAGE_URL: .*`).ReplaceAll(data, []byte("REDIS_STORAGE_URL: "+line))
		writeAll(t, map[string]string{file: string(changed)})
		if out := (canaryCommand{args: "golden ."}).run(t, "-v", ""); !strings.Contains(out, "***") {
			t.Errorf("no difference is shown:\n%s", out)
		}
	}
}

// TestCanary_installation puts secrets into a real template.
func TestCanary_installation(t *testing.T) {
	data := testinput.Template(t, "2.7.1.GA", "amp.yml")
	t.Chdir(t.TempDir())
	writeAll(t, map[string]string{"threescale-redis.yaml": canaryServer("canary-1"), "amp.yml": string(data)})
	parameters := " -p WILDCARD_DOMAIN=example.com"
	for _, name := range []string{"ADMIN_PASSWORD", "MASTER_PASSWORD", "SYSTEM_BACKEND_PASSWORD"} {
		parameters += " -p " + name + "=canary-" + name
	}
	for _, verbosity := range []string{"", "-q", "-v"} {
		canaryCommand{args: "template amp.yml -f threescale-redis.yaml" + parameters, holds: true}.run(t, verbosity, "")
		canaryCommand{args: "template amp.yml -f threescale-redis.yaml -d out" + parameters}.run(t, verbosity, "")
	}
}

// run returns what is on both streams, and fails where a secret is.
func (c canaryCommand) run(t *testing.T, verbosity, spec string) string {
	t.Helper()
	args := strings.Fields(verbosity + " " + c.args)
	vars := map[string]string{"REDIS_PASSWORD": "canary-env", "ARGOCD_ENV_REDIS_PASSWORD": "canary-env"}
	for name, value := range c.vars {
		vars[name] = value
	}
	var out, errs bytes.Buffer
	env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, LookupEnv: func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}, Interruptible: func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) }}
	if c.stdin != nil {
		env.Stdin = strings.NewReader(c.stdin(spec))
	}
	func() {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("%v: a panic: %v\n%s", args, p, debug.Stack())
			}
		}()
		run(env, args)
	}()
	for _, canary := range shownCanaries {
		if strings.Contains(errs.String(), canary) {
			t.Errorf("%v: standard error shows a secret:\n%s", args, errs.String())
		}
		if !c.holds && strings.Contains(out.String(), canary) {
			t.Errorf("%v: standard output shows a secret:\n%s", args, out.String())
		}
	}
	return out.String() + errs.String()
}

func writeAll(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
