package docs_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const root = ".."

// block is a fenced block of a page.
type block struct {
	language string
	lines    []string
}

// fence is a line that opens or closes a block, which may stand in a list.
var fence = regexp.MustCompile("^( *)```([a-z]*)$")

// blocks are those of a page, in its order.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	open, indent := false, ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if m := fence.FindStringSubmatch(line); m != nil {
			if open = !open; open {
				indent = m[1]
				all = append(all, block{language: m[2]})
			}
		} else if open {
			last := &all[len(all)-1]
			last.lines = append(last.lines, strings.TrimPrefix(line, indent))
		}
	}
	if open {
		t.Fatalf("%s: a block does not end", page)
	}
	return all
}

// script is what a block runs. In a block of the language console, commands follow a
// "$ ", and the rest is what they print.
func (b block) script() (commands, prints []string) {
	if b.language != "console" {
		return b.lines, nil
	}
	goesOn := false
	for _, line := range b.lines {
		command, ok := strings.CutPrefix(line, "$ ")
		if ok || goesOn {
			commands = append(commands, command)
			goesOn = strings.HasSuffix(line, `\`)
			continue
		}
		prints = append(prints, line)
	}
	return commands, prints
}

// setup is what a page takes for granted.
type setup struct {
	// spec is ./threescale-redis.yaml.
	spec string
	// file is what stands there beside it; `oc get` prints export.yaml.
	file string
	read func(testing.TB) []byte
	// tools says that Helm and Kustomize are needed, git that all is in a repository.
	tools, git bool
	// exits are blocks that end with another exit code than 0, by their last line.
	exits map[string]int
	// elsewhere are blocks that another test runs, by their first line.
	elsewhere map[string]string
}

const head = "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nmetadata: {name: prod, namespace: threescale}\n"

// exportFile is where the pages write an export.
const exportFile = "export.yaml"

const selfManaged = head + `spec:
  release: "2.11"
  profile: self-managed
  redis: {host: redis.example.com, password: {fromEnv: REDIS_PASSWORD}}
  databases: {backendStorage: {db: 0}, backendQueues: {db: 1}, system: {db: 2}, messageBus: {db: 3}}
`

// pages are those with commands. A page that is not here has none.
var pages = map[string]setup{
	"README.md": {tools: true, elsewhere: map[string]string{
		"v=0.1.0 platform=linux_amd64": "test/release runs it with a release of its own",
	}},
	"charts/threescale-redis/README.md": {spec: selfManaged, tools: true},
	"docs/gitops.md":                    {git: true, exits: map[string]int{"git show HEAD:./threescale-redis.yaml | threescale-redis diff -": 1}},
	"docs/helm.md":                      {tools: true},
	"docs/migration.md": {
		spec: strings.Replace(selfManaged, `"2.11"`, `"2.6"`, 1) +
			"  data: {image: \"registry.example.com/redisshake@sha256:" + strings.Repeat("0", 64) + "\"}\n",
		file: exportFile, read: func(t testing.TB) []byte { return testinput.Export(t, "installed-2.6.0.GA.yaml") },
		exits: map[string]int{
			"oc -n threescale get dc,secret -o yaml | threescale-redis verify - -f threescale-redis.yaml": 1, // nobody has run the plan
		},
	},
	"docs/operator.md": {
		spec: strings.NewReplacer(`"2.11"`, `"2.15"`, ", messageBus: {db: 3}", "").Replace(selfManaged),
		file: exportFile, read: func(t testing.TB) []byte { return testinput.Export(t, "operator/2.15.1-internal.yaml") },
		exits: map[string]int{"threescale-redis verify export.yaml -f threescale-redis.yaml": 1},
	},
	"docs/probe.md": {spec: selfManaged, elsewhere: map[string]string{
		"threescale-redis probe -f threescale-redis.yaml":                                                    "it needs real servers: the tests of probe have some",
		"oc get secret -n threescale -o yaml | threescale-redis probe --secrets - --release 2.12":            "the same",
		"threescale-redis probe --watch --for 60s --max-gap 10s --svg failover.svg -f threescale-redis.yaml": "the same",
	}},
	"docs/redis.md":   {},
	"docs/secrets.md": {spec: strings.Replace(selfManaged, "{fromEnv: REDIS_PASSWORD}", `{placeholder: "<path:secret/data/redis#password>"}`, 1) + "  secrets: {encoding: stringData}\n", file: "p.txt", read: func(testing.TB) []byte { return []byte("p\n") }},
	"docs/template.md": {
		file: "amp.yml", read: func(t testing.TB) []byte { return testinput.Template(t, "3scale-2.11.1-GA", "amp.yml") },
		elsewhere: map[string]string{"export REDIS_PASSWORD=... SENTINEL_PASSWORD=...\nthreescale-redis probe": "it needs real servers: the tests of probe have some"},
	},
	"examples/README.md":        {tools: true},
	"examples/argocd/README.md": {},
}

// programs stand for those that need a cluster, a registry or a key.
var programs = map[string]string{
	"oc": `case " $* " in
*" get "*) cat "$CLUSTER" ;;
*" apply "* | *" create -f "*) cat > "$CLUSTER" && grep -q "^kind: " "$CLUSTER" ;;
esac`,
	"less":       `cat "$1"`,
	"cosign":     `:`,
	"helm":       `case $1 in upgrade | install | plugin) ;; *) exec "$HELM" "$@" ;; esac`,
	"kubectl":    `:`,
	"age-keygen": `echo key > "$2"; echo "Public key: age1..."`,
	"sops":       `if [ "$1" = --encrypt ]; then cat; else cat "$2"; fi`,
	"redis-cli":  `echo stats/{service:1}/usage`,
}

// TestCommands runs all commands of each page from its top to its end, each block in the
// folder of the repository.
func TestCommands(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "threescale-redis"), "./cmd/threescale-redis")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/bash\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for page, setup := range pages {
		t.Run(page, func(t *testing.T) { runPage(t, bin, page, setup) })
	}
	for _, page := range markdown(t) {
		if _, ok := pages[page]; !ok && slices.ContainsFunc(blocks(t, page), block.runs) {
			t.Errorf("no test runs the commands of %s", page)
		}
	}
}

func (b block) runs() bool { return b.language == "sh" || b.language == "console" }

func runPage(t *testing.T, bin, page string, setup setup) {
	dir := t.TempDir()
	for _, name := range []string{"examples", "charts"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	if setup.spec != "" {
		write(t, filepath.Join(dir, "threescale-redis.yaml"), setup.spec)
	}
	if setup.read != nil {
		data := string(setup.read(t))
		write(t, filepath.Join(dir, setup.file), data)
		write(t, filepath.Join(dir, ".cluster"), data)
	}
	if setup.tools {
		tools := t.TempDir()
		if err := os.Symlink(testinput.Program(t, "kustomize-v5.8.2"), filepath.Join(tools, "kustomize")); err != nil {
			t.Fatal(err)
		}
		bin += ":" + tools
		t.Setenv("HELM", testinput.Program(t, "helm-v4.3.1"))
	}
	if setup.git {
		if out, err := exec.Command("git", "init", "--quiet", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "CLUSTER="+filepath.Join(dir, ".cluster"),
		"REDIS_PASSWORD=...", "SENTINEL_PASSWORD=...", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	for _, b := range blocks(t, page) {
		if b.language == "yaml" {
			if name, ok := strings.CutPrefix(b.lines[0], "# "); ok && filepath.Ext(name) == ".yaml" {
				write(t, filepath.Join(dir, name), strings.Join(b.lines, "\n")+"\n")
			}
		}
		if !b.runs() {
			continue
		}
		commands, prints := b.script()
		text := strings.Join(commands, "\n")
		if _, ok := setup.elsewhere[commands[0]]; ok || setup.elsewhere[text] != "" {
			continue
		}
		cmd := exec.Command("bash", "-euo", "pipefail", "-c", text)
		cmd.Dir, cmd.Env = dir, env
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		code := 0
		var exit *exec.ExitError
		if err := cmd.Run(); errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if want := setup.exits[commands[len(commands)-1]]; code != want {
			t.Errorf("exits %d, want %d:\n%s\n%s", code, want, text, errs.String())
		}
		for _, line := range prints {
			if !strings.Contains(out.String()+errs.String(), line) {
				t.Errorf("does not print %q:\n%s\n%s%s", line, text, out.String(), errs.String())
			}
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// markdown are the pages of the repository.
func markdown(t *testing.T) []string {
	t.Helper()
	var pages []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "dist" || d.Name() == "bin"):
			return fs.SkipDir
		case filepath.Ext(path) == ".md":
			pages = append(pages, path)
		}
		return nil
	})
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	return pages
}
