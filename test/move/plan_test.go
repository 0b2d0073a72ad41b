package move_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// cli builds the program once, into a folder that TestMain removes.
var cli = sync.OnceValues(func() (string, error) {
	file := filepath.Join(built, "threescale-redis")
	out, err := exec.Command("go", "build", "-o", file, "../../cmd/threescale-redis").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

// step is a step of a plan with its commands.
type step struct {
	title    string
	commands []string
}

// plan is a plan in a folder, and a shell in which its commands run.
type plan struct {
	dir     string
	forward []step
	// early and late are the ways back before the consumers have run on the other side,
	// back that afterwards.
	early, late, back []step
}

// migrate plans the way to a spec, with env vars for its passwords.
func (in *installation) migrate(spec string, env []string, flags ...string) *plan {
	in.t.Helper()
	dir := in.t.TempDir()
	for name, text := range map[string]string{"export.json": string(in.export()), "spec.yaml": spec} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			in.t.Fatal(err)
		}
	}
	program, err := cli()
	if err != nil {
		in.t.Fatal(err)
	}
	p := &plan{dir: filepath.Join(dir, "plan")}
	c := exec.Command(program, append([]string{"migrate", "--from", "export.json", "-f", "spec.yaml", "-d", p.dir, "--plain-secrets"}, flags...)...)
	c.Dir, c.Env = dir, append(c.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil {
		in.t.Fatalf("%v: %s", err, out)
	}
	p.read(in.t)
	return p
}

// read reads the steps of PLAN.md.
func (p *plan) read(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, "PLAN.md"))
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(string(data), "\n## ") {
		switch title, text, _ := strings.Cut(section, "\n"); title {
		case "Steps":
			p.forward = stepsOf(text)
		case "The way back after the step Up":
			p.back = stepsOf(text)
		case "The way back before the step Secrets":
			p.early = stepsOf(text)
		case "The way back from the step Secrets on, and before the step Up":
			p.late = stepsOf(text)
		}
	}
}

var heading = regexp.MustCompile(`^### \d+\. (.*)$`)

func stepsOf(text string) []step {
	var steps []step
	commands := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch m := heading.FindStringSubmatch(line); {
		case m != nil:
			steps = append(steps, step{title: m[1]})
		case line == "```sh" && len(steps) > 0:
			commands = true
		case line == "```":
			commands = false
		case commands:
			last := &steps[len(steps)-1]
			last.commands = append(last.commands, line)
		}
	}
	return steps
}

// shell is a shell in which somebody types commands, one after the other.
type shell struct {
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Reader
	stop func(error) error
}

// shell starts a shell in the folder of a plan.
func (in *installation) shell(dir string) *shell {
	in.t.Helper()
	c := exec.Command("sh")
	c.Dir, c.Env = dir, append(os.Environ(), serveOC(in.t, in.oc)...)
	stdin, err := c.StdinPipe()
	if err != nil {
		in.t.Fatal(err)
	}
	r, w := io.Pipe()
	c.Stdout, c.Stderr = w, w
	if err := c.Start(); err != nil {
		in.t.Fatal(err)
	}
	s := &shell{t: in.t, in: stdin, out: bufio.NewReader(r), stop: r.CloseWithError}
	go func() { _ = w.CloseWithError(fmt.Errorf("the shell has ended: %w", c.Wait())) }()
	in.t.Cleanup(func() { _ = stdin.Close() })
	return s
}

// patience is how long a command may take: some wait for what never comes, and what
// the programs have logged until then shows why.
const patience = 2 * time.Minute

// ended follows the output of a command, with its exit code.
const ended = "-- ended with "

// run runs a command, and returns what it prints and whether it has succeeded.
func (s *shell) run(command string) (string, bool) {
	s.t.Helper()
	fmt.Fprintf(s.in, "{ %s\n} </dev/null\nprintf '\\n"+ended+"%%d\\n' $?\n", command)
	late := time.AfterFunc(patience, func() { _ = s.stop(errors.New("does not end")) })
	defer late.Stop()
	var out strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			s.t.Fatalf("%s: %v\n%s", command, err, out.String())
		}
		if code, last := strings.CutPrefix(line, ended); last {
			s.t.Logf("$ %s\n%s", command, strings.TrimSpace(out.String()))
			return out.String(), code == "0\n"
		}
		out.WriteString(line)
	}
}

// must runs a command that must succeed.
func (s *shell) must(command string) string {
	s.t.Helper()
	out, ok := s.run(command)
	if !ok {
		s.t.Fatalf("%s:\n%s", command, out)
	}
	return out
}

// fails runs a check that must fail, and say why.
func (s *shell) fails(command string) {
	s.t.Helper()
	out, ok := s.run(command)
	if ok || !strings.Contains(out, "NOT OK: ") {
		s.t.Errorf("%s must fail with a reason:\n%s", command, out)
	}
}

// split splits steps before the first command that contains a text.
func split(t *testing.T, steps []step, text string) (before, after []step) {
	t.Helper()
	for i, s := range steps {
		for j, c := range s.commands {
			if strings.Contains(c, text) {
				before = append(slices.Clone(steps[:i]), step{s.title, s.commands[:j]})
				return before, append([]step{{s.title, s.commands[j:]}}, steps[i+1:]...)
			}
		}
	}
	t.Fatalf("no command contains %q", text)
	return nil, nil
}

// steps runs all commands of steps.
func (s *shell) steps(steps []step) {
	s.t.Helper()
	if len(steps) == 0 {
		s.t.Fatal("the plan has no steps")
	}
	for _, step := range steps {
		s.t.Log("step: ", step.title)
		for _, command := range step.commands {
			s.must(command)
		}
	}
}
