package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){program: main})
}

// TestScripts runs the program as users do. UPDATE_GOLDEN=1 puts what it prints
// into the files that the scripts compare with.
func TestScripts(t *testing.T) {
	dir, err := filepath.Abs(filepath.Join("testdata", "script")) // runs in this process change the working directory
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("COLUMNS", "80") // kong asks this process for the width of the help
	scripted := scripted{processes: testinput.Full(t, "a process of its own for each command of a script")}
	testscript.Run(t, testscript.Params{
		RequireExplicitExec: true,
		Dir:                 dir,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_GOLDEN") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOGC", os.Getenv("GOGC")) // until the program sets its own
			env.Setenv("COLUMNS", os.Getenv("COLUMNS"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"append":             appendTo,
			"exits":              scripted.exits,
			"installation":       installation,
			"mode":               mode,
			"openshift-template": openshiftTemplate,
			"pem":                pemFiles,
			"repeat":             repeat,
			"run":                scripted.run,
		},
	})
}

// scripted runs the commands of scripts. To start the program takes most of their
// time, so it runs in the process of the test where that makes no difference. An env
// var that is set and empty counts as not set there: exits 1 env NAME= threescale-redis render.
type scripted struct {
	processes bool
}

// run runs a program, which must exit with 0, or with another code after "!".
func (s scripted) run(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: run PROGRAM [ARG]...")
	}
	if code := s.start(ts, args); (code != exitOK) != neg {
		ts.Fatalf("exit code %d", code)
	}
}

// exits runs a program and fails unless it exits with the code: exits 1 threescale-redis render.
func (s scripted) exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := s.start(ts, args[1:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func (s scripted) start(ts *testscript.TestScript, command []string) int {
	if s.processes || command[0] != program || readsStdin(command[1:]) {
		return runProcess(ts, command)
	}
	return runHere(ts, command[1:])
}

// readsStdin reports whether a command reads standard input, which scripts hand to
// processes alone.
func readsStdin(args []string) bool {
	return slices.Contains(args, stdin) || slices.Contains(args, "krm") || slices.Contains(args, "post-render")
}

func runProcess(ts *testscript.TestScript, command []string) int {
	err := ts.Exec(command[0], command[1:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

// here is held by the script whose folder is the working directory of the process.
var here sync.Mutex

func runHere(ts *testscript.TestScript, args []string) int {
	here.Lock()
	defer here.Unlock()
	before, err := os.Getwd()
	ts.Check(err)
	ts.Check(os.Chdir(ts.MkAbs(".")))
	defer func() { ts.Check(os.Chdir(before)) }()
	return run(&Env{
		Stdin:  strings.NewReader(""),
		Stdout: ts.Stdout(),
		Stderr: ts.Stderr(),
		LookupEnv: func(name string) (string, bool) {
			value := ts.Getenv(name)
			return value, value != ""
		},
		Interruptible: func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) },
		Now:           time.Now(),
	}, args)
}

// appendTo puts a file at the end of another: append amp.yml more.yml.
func appendTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: append FILE OTHER")
	}
	text := ts.ReadFile(args[0]) + ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// mode fails unless a file has the permissions: mode 600 out/secret.yaml.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// repeat writes a file that is too long for a script: COUNT times TEXT, in which
// \n and \x00 are as in Go.
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat FILE COUNT TEXT")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := strconv.Unquote(`"` + args[2] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(text, n)), 0o644))
}
