package release_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

const example = root + "/examples/ci"

// workspace is a copy of the example repository on a runner of a forge.
type workspace struct {
	dir, path string
	// env is what the runner sets.
	env []string
}

func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	inDir(t, dir, "git", "init", "--quiet")
	return &workspace{dir: dir, path: "/usr/local/bin:/usr/bin:/bin"}
}

// spoil makes the spec of the example wrong.
func (w *workspace) spoil(t *testing.T) {
	t.Helper()
	w.replace(t, "profile: self-managed", "profile: nonsense")
}

// replace changes the spec of the example.
func (w *workspace) replace(t *testing.T, old, text string) {
	t.Helper()
	name := filepath.Join(w.dir, "environments/prod/threescale-redis.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not say %s", name, old)
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(data), old, text)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// bash runs a script as a runner does.
func (w *workspace) bash(script string, env ...string) (string, error) {
	cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir = w.dir
	cmd.Env = append(append([]string{"PATH=" + w.path, "HOME=" + w.dir}, w.env...), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// serve publishes dist as the forge publishes a release.
func serve(t *testing.T) string {
	t.Helper()
	artifacts(t, "Archive")
	mux := http.NewServeMux()
	mux.Handle("/v"+version(t)+"/", http.StripPrefix("/v"+version(t)+"/", http.FileServer(http.Dir(dist))))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func parse(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// step is a step of a workflow or of an action.
type step struct {
	Name, If, Uses, Run, Shell string
	Env, With                  map[string]string
}

type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct{ Steps []step }
}

// used is what the workflow of the example says to the action.
func used(t *testing.T) map[string]string {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct{ Steps []step }
	}
	parse(t, filepath.Join(example, ".github/workflows/threescale-redis.yaml"), &workflow)
	for _, s := range workflow.Jobs["check"].Steps {
		if strings.HasPrefix(s.Uses, "threescale-redis/threescale-redis@v") {
			return s.With
		}
	}
	t.Fatal("the workflow of the example does not use the action")
	return nil
}

// runAction runs the steps of action.yml for the example. It returns what each step
// printed, and the names of those that failed.
func runAction(t *testing.T, w *workspace, with map[string]string) (output map[string]string, failed []string) {
	t.Helper()
	var a action
	parse(t, filepath.Join(root, "action.yml"), &a)
	inputs := map[string]string{}
	for name, input := range a.Inputs {
		inputs[name] = input.Default
	}
	for _, values := range []map[string]string{used(t), with} {
		for name, value := range values {
			if _, ok := a.Inputs[name]; !ok {
				t.Fatalf("the action has no input %s", name)
			}
			inputs[name] = value
		}
	}
	added := filepath.Join(t.TempDir(), "path")
	w.env = []string{"RUNNER_TEMP=" + t.TempDir(), "RUNNER_OS=Linux", "RUNNER_ARCH=" + map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH], "GITHUB_PATH=" + added}
	output = map[string]string{}
	for _, s := range a.Runs.Steps {
		if !holds(t, s.If, inputs, len(failed) > 0) {
			continue
		}
		if s.Shell != "bash" {
			t.Fatalf("step %s: a step of an action needs a shell", s.Name)
		}
		var env []string
		for name, value := range s.Env {
			env = append(env, name+"="+expand(t, value, inputs))
		}
		out, err := w.bash(s.Run, env...)
		output[s.Name] = out
		if err != nil {
			failed = append(failed, s.Name)
		}
		if dirs, err := os.ReadFile(added); err == nil {
			w.path = strings.TrimSpace(string(dirs)) + ":/usr/local/bin:/usr/bin:/bin"
		}
	}
	return output, failed
}

var (
	inputExpression = regexp.MustCompile(`^\$\{\{ inputs\.(\w+)(?: \|\| github\.action_ref)? \}\}$`)
	condition       = regexp.MustCompile(`^(?:\$\{\{ )?(!cancelled\(\) && )?inputs\.(\w+) (==|!=) '(.*?)'(?: \}\})?$`)
)

// expand returns the value of an expression; the action itself has the ref of the
// release in dist.
func expand(t *testing.T, expression string, inputs map[string]string) string {
	t.Helper()
	m := inputExpression.FindStringSubmatch(expression)
	if m == nil {
		t.Fatalf("the test does not know the expression %s", expression)
	}
	value, ok := inputs[m[1]]
	if !ok {
		t.Fatalf("%s: the action has no such input", expression)
	}
	if value == "" && strings.Contains(expression, "action_ref") {
		return "v" + version(t)
	}
	return value
}

// holds reports whether a step runs. By itself it does not after a failure.
func holds(t *testing.T, expression string, inputs map[string]string, failed bool) bool {
	t.Helper()
	if expression == "" {
		return !failed
	}
	m := condition.FindStringSubmatch(expression)
	if m == nil {
		t.Fatalf("the test does not know the condition %s", expression)
	}
	if failed && m[1] == "" {
		return false
	}
	return (inputs[m[2]] == m[4]) == (m[3] == "==")
}

func TestAction(t *testing.T) {
	releases := serve(t)
	w := newWorkspace(t)
	out, failed := runAction(t, w, map[string]string{"releases": releases})
	if len(failed) > 0 || len(out) != 4 {
		t.Fatalf("failed: %v of\n%v", failed, out)
	}
	if sarif := w.read(t, "threescale-redis.sarif"); !strings.Contains(sarif, `"version": "2.1.0"`) {
		t.Errorf("no SARIF:\n%s", sarif)
	}
	t.Run("wrong spec", func(t *testing.T) {
		w := newWorkspace(t)
		w.spoil(t)
		out, failed := runAction(t, w, map[string]string{"releases": releases})
		if strings.Join(failed, ", ") != "Check, Compare golden files" || !strings.Contains(out["Check"], "::error file=environments/prod/threescale-redis.yaml,line=") {
			t.Errorf("want an annotation; failed: %v of\n%v", failed, out)
		}
		if sarif := w.read(t, "threescale-redis.sarif"); !strings.Contains(sarif, `"level": "error"`) {
			t.Errorf("no finding for code scanning:\n%s", sarif)
		}
	})
	t.Run("golden file differs", func(t *testing.T) {
		w := newWorkspace(t)
		w.replace(t, "backendQueues: {db: 1}", "backendQueues: {db: 7}")
		out, failed := runAction(t, w, map[string]string{"releases": releases})
		if strings.Join(failed, ", ") != "Compare golden files" {
			t.Errorf("failed: %v of\n%v", failed, out)
		}
		if out, failed := runAction(t, w, map[string]string{"releases": releases, "golden": "false"}); len(failed) > 0 {
			t.Errorf("without golden files, failed: %v of\n%v", failed, out)
		}
	})
	t.Run("strict", func(t *testing.T) {
		out, failed := runAction(t, newWorkspace(t), map[string]string{"releases": releases, "strict": "true"})
		if strings.Join(failed, ", ") != "Check" || !strings.Contains(out["Check"], "::warning ") {
			t.Errorf("the warning of the example does not fail; failed: %v of\n%v", failed, out)
		}
	})
	t.Run("changed archive", func(t *testing.T) {
		mirror := filepath.Join(t.TempDir(), "v"+version(t))
		for _, a := range append(artifacts(t, "Archive"), artifacts(t, "Checksum")...) {
			data := distFile(t, a.Name)
			if a.Type == "Archive" {
				data[len(data)/2] ^= 1
			}
			if err := os.MkdirAll(mirror, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(mirror, a.Name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		out, failed := runAction(t, newWorkspace(t), map[string]string{"releases": "file://" + filepath.Dir(mirror)})
		if len(failed) == 0 || failed[0] != "Install" || len(out["Check"]) > 0 {
			t.Errorf("a changed archive is used; failed: %v of\n%v", failed, out)
		}
	})
}

func (w *workspace) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestGitLab runs the job of the template, with the inputs that the example gives.
func TestGitLab(t *testing.T) {
	releases := serve(t)
	var config struct {
		Include []struct {
			Remote string
			Inputs map[string]string
		}
	}
	parse(t, filepath.Join(example, ".gitlab-ci.yml"), &config)
	if len(config.Include) != 1 || !strings.HasSuffix(config.Include[0].Remote, "/templates/gitlab-ci.yaml") {
		t.Fatalf("the example does not include the template: %+v", config)
	}
	template, err := os.ReadFile(filepath.Join(root, "templates/gitlab-ci.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, body, found := strings.Cut(string(template), "\n---\n")
	if !found {
		t.Fatal("the template has no header")
	}
	var header struct {
		Spec struct {
			Inputs map[string]struct{ Default *string }
		}
	}
	if err := yaml.Unmarshal([]byte(head), &header); err != nil {
		t.Fatal(err)
	}
	given := config.Include[0].Inputs
	given["version"], given["releases"] = version(t), releases
	for name := range given {
		if _, ok := header.Spec.Inputs[name]; !ok {
			t.Errorf("the template has no input %s", name)
		}
	}
	for name, input := range header.Spec.Inputs {
		value, ok := given[name]
		if !ok && input.Default == nil {
			t.Fatalf("the input %s is required", name)
		}
		if !ok {
			value = *input.Default
		}
		body = strings.ReplaceAll(body, "$[[ inputs."+name+" ]]", value)
	}
	var jobs map[string]struct {
		Variables    map[string]string
		BeforeScript []string `json:"before_script"`
		Script       []string
		Artifacts    struct{ Reports struct{ JUnit []string } }
	}
	if err := yaml.Unmarshal([]byte(body), &jobs); err != nil {
		t.Fatal(err)
	}
	job := jobs["threescale-redis"]
	var env []string
	for name, value := range job.Variables {
		env = append(env, name+"="+value)
	}
	script := strings.Join(append(job.BeforeScript, job.Script...), "\n")
	run := func(w *workspace, want string, ok bool) {
		t.Helper()
		out, err := w.bash(script, env...)
		if (err == nil) != ok {
			t.Errorf("%v\n%s", err, out)
		}
		if len(job.Artifacts.Reports.JUnit) != 2 {
			t.Errorf("want two reports: %v", job.Artifacts.Reports.JUnit)
		}
		for _, report := range job.Artifacts.Reports.JUnit {
			if text := w.read(t, report); !strings.Contains(text, want) {
				t.Errorf("%s does not say %s:\n%s", report, want, text)
			}
		}
	}
	run(newWorkspace(t), `failures="0"`, true)
	w := newWorkspace(t)
	w.spoil(t)
	run(w, "<failure", false)
}

// TestPreCommit runs the hooks that the example names, with the program of the release.
func TestPreCommit(t *testing.T) {
	dir := here(t)
	var config struct {
		Repos []struct{ Hooks []struct{ ID string } }
	}
	parse(t, filepath.Join(example, ".pre-commit-config.yaml"), &config)
	var hooks []struct {
		ID, Entry, Language string
		Args, Types         []string
		PassFilenames       *bool `json:"pass_filenames"`
	}
	parse(t, filepath.Join(root, ".pre-commit-hooks.yaml"), &hooks)
	ran := 0
	for _, wanted := range config.Repos[0].Hooks {
		for _, h := range hooks {
			if h.ID != wanted.ID {
				continue
			}
			ran++
			// Files may be layers and bases: it is not for the hook to say which they are.
			if h.Language != "system" || !slices.Equal(h.Types, []string{"yaml"}) || h.PassFilenames == nil || *h.PassFilenames {
				t.Errorf("%s does not run the installed program on all specs", h.ID)
			}
			script := h.Entry + " " + strings.Join(h.Args, " ")
			w := newWorkspace(t)
			w.path = dir + ":" + w.path
			if out, err := w.bash(script); err != nil {
				t.Errorf("%s: %v\n%s", h.ID, err, out)
			}
			w.spoil(t)
			if out, err := w.bash(script); err == nil {
				t.Errorf("%s takes a wrong spec:\n%s", h.ID, out)
			}
		}
	}
	if ran != len(config.Repos[0].Hooks) || ran == 0 {
		t.Errorf("%d of the hooks of the example are there: %v", ran, config.Repos[0].Hooks)
	}
	for _, h := range hooks {
		if h.Language == "system" != strings.HasSuffix(h.ID, "-system") {
			t.Errorf("%s: -system stands for the program that is installed", h.ID)
		}
	}
}

// TestWorkflows takes the workflow files through actionlint, which runs ShellCheck
// over their scripts.
func TestWorkflows(t *testing.T) {
	var files []string
	for _, dir := range []string{root, example} {
		found, err := filepath.Glob(filepath.Join(dir, ".github/workflows/*.yaml"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no workflows in %s (%v)", dir, err)
		}
		files = append(files, found...)
	}
	if out, err := exec.Command(testinput.Program(t, "actionlint-v1.7.12"), files...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
