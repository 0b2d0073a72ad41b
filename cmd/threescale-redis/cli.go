package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles"
)

// The exit codes: fine; the input is wrong, a render failed or something
// differs; the command line is wrong.
const (
	exitOK    = 0
	exitWrong = 1
	exitUsage = 2
)

const program = "threescale-redis"

const description = `Point Red Hat 3scale API Management at a Redis outside of its cluster.

One small file, threescale-redis.yaml, says which Redis a 3scale installation
uses and which 3scale release it runs. Start with "threescale-redis init sentinel".

Exit codes: 0 fine; 1 the input is wrong, a render failed or something differs;
2 the command line is wrong.`

// cli is the grammar of the command line: one field per command.
type cli struct {
	Quiet   bool   `short:"q" help:"Print errors only on standard error."`
	Verbose bool   `short:"v" help:"Print notes too on standard error."`
	Color   string `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"Color standard error: auto (a terminal, unless NO_COLOR is set), always or never."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`

	Init       initCmd       `cmd:"" group:"spec" help:"Print a commented spec for a profile."`
	Render     renderCmd     `cmd:"" group:"spec" help:"Render specs into Secrets and env patches."`
	Check      checkCmd      `cmd:"" group:"spec" help:"Check specs against all rules; needs no secret."`
	Diff       diffCmd       `cmd:"" group:"spec" help:"Explain what a change of a spec does."`
	Golden     goldenCmd     `cmd:"" group:"spec" help:"Compare specs with the files committed beside them."`
	Template   templateCmd   `cmd:"" group:"cluster" help:"Render a whole installation from a 3scale OpenShift template."`
	Migrate    migrateCmd    `cmd:"" group:"cluster" help:"Plan the way from what runs to a spec."`
	Verify     verifyCmd     `cmd:"" group:"cluster" help:"Compare what runs with a spec."`
	Probe      probeCmd      `cmd:"" group:"cluster" help:"Ask the live Redis of a spec whether 3scale can use it."`
	Graph      graphCmd      `cmd:"" group:"cluster" help:"Draw who reaches which Redis, in a spec or in what runs."`
	Plugin     pluginCmd     `cmd:"" group:"doors" help:"Serve Argo CD as a config management plugin."`
	KRM        krmCmd        `cmd:"" group:"doors" help:"Serve Kustomize and kpt as a KRM function."`
	PostRender postRenderCmd `cmd:"" group:"doors" help:"Serve Helm as a post-renderer."`
	Explain    explainCmd    `cmd:"" group:"facts" help:"Explain a field of the spec, a key or an env var."`
	Releases   releasesCmd   `cmd:"" group:"facts" help:"Show the 3scale releases that are built in."`
	Rules      rulesCmd      `cmd:"" group:"facts" help:"Show the rules that are built in."`
	Schema     schemaCmd     `cmd:"" group:"facts" help:"Print the JSON Schema of the spec."`
	Completion completionCmd `cmd:"" group:"tool" help:"Print a completion script for a shell."`
	Version    versionCmd    `cmd:"" group:"tool" help:"Print the version."`
	Complete   completeCmd   `cmd:"" hidden:"" name:"__complete"`
	Man        manCmd        `cmd:"" hidden:"" help:"Print the manual page."`
}

// groups are the headings of the help.
var groups = []kong.Group{
	{Key: "spec", Title: "Work with specs:"},
	{Key: "cluster", Title: "Work with installations:"},
	{Key: "doors", Title: "Called by other programs:"},
	{Key: "facts", Title: "What is built in:"},
	{Key: "tool", Title: "The tool:"},
}

// errDiffers makes a command exit 1 without another word: what differs is
// printed already.
var errDiffers = errors.New("differs")

// usageError is a mistake on the command line.
type usageError struct{ error }

func usagef(message string, args ...any) error { return usageError{fmt.Errorf(message, args...)} }

// run is the whole program but for the process: it returns the exit code.
func run(env *Env, args []string) int {
	var grammar cli
	exited := -1
	parser, err := newParser(&grammar, env, func(code int) { exited = code })
	if err != nil {
		panic(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if args[0] == "help" { // of a command, as helm and kubectl have it
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help, --version
	}
	report := &report{
		out: env.Stderr, quiet: grammar.Quiet, verbose: grammar.Verbose, limit: maxErrors,
		colored: env.colored(grammar.Color), patience: time.Second,
	}
	if err != nil {
		report.usage(otherwise(err, args[0]), parser.Model.Name, commandOf(err))
		return exitUsage
	}
	err = parsed.Run(env, report, parser)
	var usage usageError
	var path *fs.PathError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDiffers):
		return exitWrong
	case errors.As(err, &usage):
		report.usage(usage.error, parser.Model.Name, parsed.Command())
		return exitUsage
	case errors.As(err, &path):
		report.issue(diag.Issue{Pos: diag.Position{File: path.Path}, Message: path.Err.Error()})
		return exitWrong
	default:
		report.issues(diag.From(err))
		return exitWrong
	}
}

func newParser(grammar *cli, env *Env, exit func(int)) (*kong.Kong, error) {
	name := cmp.Or(env.Name, program)
	parser, err := kong.New(grammar,
		kong.Name(name),
		kong.Description(description),
		kong.Writers(env.Stdout, env.Stderr),
		kong.Exit(exit),
		kong.Vars{
			"formats":  strings.Join(format.Names(), ", "),
			"profiles": strings.Join(profiles.Names(), ", "),
			"version":  versionLine(),
		},
		kong.ExplicitGroups(groups),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		return nil, err
	}
	rename(parser.Model.Node, name)
	return parser, nil
}

// elsewhere are commands of other tools, and what does their job here.
var elsewhere = map[string]string{
	"apply": "render", "build": "render", "generate": "render", "install": "template", "lint": "check", "plan": "migrate",
	"test": "golden", "validate": "check",
}

// otherwise is the error for a command that is named otherwise here.
func otherwise(err error, command string) error {
	if here := elsewhere[command]; here != "" {
		return fmt.Errorf("there is no command %s: %s does that", command, here)
	}
	return err
}

// commandOf returns the command that a parse error is about, or "".
func commandOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		return parse.Context.Command()
	}
	return ""
}
