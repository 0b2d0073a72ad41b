package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/probe"
	"github.com/threescale-redis/threescale-redis/generator/probe/connect"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/resolve"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// probeCmd asks the live Redis servers of a spec, or of Secrets.
type probeCmd struct {
	specFlags
	Secrets  []string `sep:"none" placeholder:"EXPORT" help:"Probe what Secrets say in place of a spec: an export, as of verify, or a directory with mounted Secrets. May be repeated." predictor:"file"`
	Release  string   `placeholder:"RELEASE" help:"The release whose programs read the Secrets, where no APIManager says it." predictor:"release"`
	Timeout  duration `default:"30s" placeholder:"DURATION" help:"How long all checks together may take: 30s."`
	ReadOnly bool     `help:"Write nothing, not even the one key that expires."`
	Format   string   `enum:"text,json,junit" default:"text" help:"text, json or junit."`
	Job      bool     `help:"Print a Job that runs the probe inside the cluster, with the Secrets that are there."`
	Image    string   `placeholder:"IMAGE" help:"The image of this program, for --job."`
	watchFlags
}

// Help implements kong.HelpProvider.
func (c *probeCmd) Help() string {
	return `Connects to each Redis server and Sentinel of a spec, as the programs of the release
do, before 3scale does: do they answer, with these credentials, and after a failover?
Exits 1 if a check fails, or was not made in time. Ctrl-C prints what is known.

One key is written to each database. It expires after a minute, with --watch after an
hour, and is deleted at the end.

` + watchHelp + `

Examples:
  threescale-redis probe -f threescale-redis.yaml
  threescale-redis probe --watch --for 60s --max-gap 10s --svg failover.svg
  threescale-redis probe --read-only --timeout 10s --format junit > probe.xml
  oc get secret -o yaml | threescale-redis probe --secrets - --release 2.12
  threescale-redis probe --job --image IMAGE | oc create -f -`
}

// Validate is called by kong.
func (c *probeCmd) Validate() error {
	if err := errors.Join(c.specFlags.Validate(), c.watchFlags.Validate()); err != nil {
		return err
	}
	switch {
	case len(c.Secrets) > 0 && len(c.File)+len(c.Set) > 0:
		return errors.New("a probe is of a spec or of Secrets: leave out -f and --set, or --secrets")
	case len(c.Secrets) == 0 && c.Release != "" && !c.Job:
		return errors.New("--release is for --secrets: a spec says its release")
	case c.Job && len(c.Secrets) > 0:
		return errors.New("the Job of --job reads the Secrets of the cluster: leave out --secrets")
	case c.Job && c.Release != "" && len(c.File)+len(c.Set) > 0:
		return errors.New("--release is for --job without a spec: leave out -f and --set")
	case c.Job && !image.MatchString(c.Image):
		return errors.New("--job needs --image, the image of this program: registry.example.com/threescale-redis:1")
	case !c.Job && c.Image != "":
		return errors.New("--image is for --job")
	case c.Job && c.SVG != "":
		return errors.New("--svg is not for --job: the file would stay in the pod")
	case c.Watch && c.Format == "junit":
		return errors.New("--watch prints text or json")
	}
	return nil
}

// image matches the name of an image, with its tag or digest.
var image = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@-]*$`)

// Run makes the checks and prints what they saw.
func (c *probeCmd) Run(env *Env, report *report) error {
	if c.Job {
		return c.job(env, report)
	}
	asked, err := c.asked(env, report)
	if err != nil {
		return err
	}
	ctx, stop := env.Interruptible()
	defer stop()
	if c.Watch {
		issues := asked.issues()
		report.issues(issues)
		if err := c.watchFlags.run(ctx, env, report, asked.steady(), time.Duration(c.Timeout), c.ReadOnly, c.Format); err != nil {
			return err
		}
		if issues.Failed() {
			return errDiffers
		}
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(c.Timeout), fmt.Errorf("not all checks finished within %s", c.Timeout))
	defer cancel()
	p := probe.Prober{Release: asked.release, Timeout: min(time.Duration(c.Timeout), answerTimeout), ReadOnly: c.ReadOnly, Now: env.now, Progress: report.progress(env, "checks")}
	results := append(asked.results, p.Run(ctx, asked.targets)...)
	if err := printProbe(env, report, c.Format, asked.release, results); err != nil {
		return err
	}
	if ctx.Err() != nil {
		report.say("%s", context.Cause(ctx))
		return errDiffers
	}
	if slices.ContainsFunc(results, func(r probe.Result) bool { return r.Status == probe.Failed }) {
		return errDiffers
	}
	return nil
}

// answerTimeout bounds one answer. The clients of 3scale wait for 5 seconds or less.
const answerTimeout = 5 * time.Second

// asked is what there is to ask.
type asked struct {
	release releases.Release
	targets []connect.Target
	// results are of the values, before anything is asked.
	results []probe.Result
}

// issues are the results of the values, each once: two programs can say the same.
func (a asked) issues() diag.Issues {
	var issues diag.Issues
	for _, r := range a.results {
		issue := diag.Issue{Path: strings.Join(r.Databases, ", "), Message: r.Saw, Hint: r.Do}
		if r.Status != probe.Failed {
			issue.Severity = diag.Warning
		}
		if !slices.Contains(issues, issue) {
			issues = append(issues, issue)
		}
	}
	return issues
}

// steady are the targets of programs that stay connected: the operator checks once.
func (a asked) steady() []connect.Target {
	return slices.DeleteFunc(slices.Clone(a.targets), func(t connect.Target) bool {
		return slices.Equal(t.Programs, []string{string(clients.Operator)})
	})
}

func (c *probeCmd) asked(env *Env, report *report) (asked, error) {
	if len(c.Secrets) > 0 {
		return c.ofSecrets(env, report)
	}
	checked, err := oneSpec(env, c.specFlags, env.lookup)
	if err != nil {
		return asked{}, err
	}
	report.issues(withoutNotes(checked))
	values, err := revealed(checked)
	if err != nil {
		return asked{}, err
	}
	a := asked{release: checked.Release}
	a.targets, a.results = probe.Targets(a.release, values, meant(checked), func(clients.Reading) bool { return true })
	return a, nil
}

// revealed are the values that the Secrets of a spec get.
func revealed(c *generator.Checked) (clients.Values, error) {
	values := clients.Values{}
	for _, s := range c.Secrets {
		values[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			text, known := f.Reveal()
			if !known || slices.ContainsFunc(f.Parts, func(p redis.Part) bool { return p.Secret.IsSet() && !p.Secret.Final() }) {
				return nil, diag.Issues{{
					Pos: c.Metadata.Name.Pos, Path: s.Name + "/" + f.Key, Message: "needs a password that something else fills in later",
					Hint: "probe the Secret in the cluster: with --secrets and what `oc get secret -o yaml` prints, or with --job",
				}}
			}
			values[s.Name][f.Key] = text
		}
	}
	return values, nil
}

// meant are the connections as the spec says them.
func meant(c *generator.Checked) []redis.Named {
	if c.Profile.Reach == profiles.InTemplate {
		return nil // the template says them
	}
	var all []redis.Named
	connections := resolve.Connections(c.Databases)
	for _, name := range redis.Used(c.Release) {
		all = append(all, redis.Named{Database: name, Connection: connections[name]})
	}
	return all
}

// job prints the Job.
func (c *probeCmd) job(env *Env, report *report) error {
	j := probe.Job{Image: c.Image, Args: []string{"--timeout", c.Timeout.String(), "--format", c.Format}}
	if c.ReadOnly {
		j.Args = append(j.Args, "--read-only")
	}
	j.Args = append(j.Args, c.watchFlags.args()...)
	if c.Release != "" {
		rel, err := releases.Find(c.Release)
		if err != nil {
			return usageError{named("release "+c.Release, err)}
		}
		j.Release = rel
	} else {
		checked, err := oneSpec(env, c.specFlags, env.lookupIfThere)
		if err != nil {
			return err
		}
		report.issues(withoutNotes(checked))
		j.Release, j.Namespace = checked.Release, checked.Metadata.Namespace.Value
	}
	data, err := j.Manifest()
	if err != nil {
		return err
	}
	_, err = env.Stdout.Write(data)
	return err
}
